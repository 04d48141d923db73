"""Reads a worksheet row by row in bounded memory: the rows are never all there at once.

A sheet of 200,000 rows by 30 columns is a quarter of a gigabyte of XML; readers that hold its cells need a gigabyte
(STACK B3). Here the part is unpacked in pieces, cut behind </row>, and each piece is taken apart by one regular
expression: what Excel, WPS and the writer libraries produce is regular enough, and what is not is `damaged`. The
table of shared strings is kept as one block of bytes with offsets, a fifth of what as many str objects take.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import IO

from app.sheets.cells import Cell
from app.sheets.container import Part, Workbook, attributes, open_package, read_workbook
from app.sheets.problems import SheetError

_PIECE = 1 << 19
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?row>)", re.DOTALL)
# The tempered dots keep a hostile part, thousands of opening tags without an end, from taking quadratic time.
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>((?:(?!<(?:\w+:)?c\b).)*?)</(?:\w+:)?c>)", re.DOTALL)
# What nearly every cell of nearly every writer looks like: taken apart in one go, row by row.
_USUAL = re.compile(
    rb'<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d+)")?(?: t="(s|n|b|str|inlineStr)")?\s*'
    rb"(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: [^>]*)?>([^<]*)</t></is>)</c>)"
)
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})\d{1,7}"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</(?:\w+:)?v>")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?t>)")
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b(?:(?!<(?:\w+:)?rPh\b).)*?</(?:\w+:)?rPh>", re.DOTALL)
_STRING = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"')
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})  # built in, East Asian too
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how OOXML writes control characters
_MAX_COLUMNS = 256
_MAX_ELEMENT = 8 << 20  # a row of 256 cells with all the text Excel lets a cell hold
_EXACT_DIGITS = 15  # Excel keeps no more of a number


@dataclass(slots=True)
class RawRow:
    """`number` as Excel shows it; `cells` column position → value; `bad` column position → problem code."""

    number: int
    cells: dict[int, Cell]
    bad: dict[int, str]


class _Strings:
    """The shared strings as one block of UTF-8 with the offset of each."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._ends = array("Q", [0])

    def add(self, item: bytes) -> None:
        if b"<" in item and b"rPh" in item:
            item = _PHONETIC.sub(b"", item)
        self._block += b"".join(_TEXT.findall(item))
        self._ends.append(len(self._block))

    def __getitem__(self, index: int) -> str:
        return _text_of(bytes(self._block[self._ends[index] : self._ends[index + 1]]))


class Book:
    """An opened workbook. Everything it raises is SheetError `damaged`; call `container.check_container` before."""

    def __init__(self, file: IO[bytes]) -> None:
        self._package = open_package(file)
        try:
            self._workbook: Workbook = read_workbook(self._package)
            self._date_styles = self._read_date_styles()
        except _BROKEN as error:
            raise SheetError("damaged") from error
        self._strings: _Strings | None = None
        epoch = datetime(1904, 1, 1) if self._workbook.is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - civil
        self._epoch = epoch

    @property
    def sheets(self) -> tuple[Part, ...]:
        """The visible worksheets."""
        return self._workbook.sheets

    def rows(self, part: Part) -> Iterator[RawRow]:
        """Every row that has cells, top down."""
        try:
            if self._strings is None:
                self._strings = self._read_strings()
            number = 0
            with self._package.open(part.path) as content:
                for piece in _pieces(content, b"row>"):
                    for head, body in _ROW.findall(piece):
                        stated = _ROW_NUMBER.search(head)
                        number = int(stated[1]) if stated else number + 1
                        yield self._row(number, body)
        except _BROKEN as error:
            raise SheetError("damaged") from error

    def heads(self, part: Part) -> tuple[frozenset[int], tuple[str, ...]]:
        """(positions of the hidden columns, references of the merged cells). Goes through the whole part, quickly."""
        hidden: set[int] = set()
        merged: list[str] = []
        try:
            with self._package.open(part.path) as content:
                before, is_head = b"", True
                while piece := content.read(_PIECE):
                    if is_head:
                        hidden.update(_hidden_columns(piece.partition(b"sheetData")[0]))
                        is_head = False
                    if b"mergeCell" in (window := before + piece):
                        merged += [found.decode() for found in _MERGE.findall(window)]
                    before = piece[-60:]
        except _BROKEN as error:
            raise SheetError("damaged") from error
        return frozenset(hidden), tuple(dict.fromkeys(merged))

    def _row(self, number: int, body: bytes) -> RawRow:
        row = RawRow(number, {}, {})
        usual = _USUAL.findall(body)
        if len(usual) == body.count(b"<c ") and (usual or b":c" not in body):
            cells = row.cells
            for letters, style, kind, value, inline in usual:
                at = _columns.get(letters)
                if value:
                    cells[_column(letters) if at is None else at] = self._value(kind, value, style)
                elif inline:
                    cells[_column(letters) if at is None else at] = _text_of(inline)
            return row
        at = -1
        for head, content in _CELL.findall(body):
            reference = _REFERENCE.search(head)
            at = _column(reference[1]) if reference else at + 1
            if content and at < _MAX_COLUMNS:
                self._take_odd(row, at, head, content)
        return row

    def _take_odd(self, row: RawRow, at: int, head: bytes, content: bytes) -> None:
        """Text inside the cell, formulas, errors, name spaces, attributes in another order."""
        kind = _TYPE.search(head)
        kind_word = kind[1] if kind else b""
        if kind_word == b"inlineStr":
            row.cells[at] = _text_of(b"".join(_TEXT.findall(_PHONETIC.sub(b"", content))))
            return
        value = _VALUE.search(content)
        if value is None or not value[1]:
            if kind_word == b"e":
                row.bad[at] = "cell_error"
            elif b"f" in content and _FORMULA.search(content) and kind_word != b"str":
                row.bad[at] = "formula_without_value"
            return
        if kind_word == b"e":
            row.bad[at] = "cell_error"
            return
        style = _STYLE.search(head)
        row.cells[at] = self._value(kind_word, value[1], style[1] if style else b"")

    def _value(self, kind: bytes, value: bytes, style: bytes) -> Cell:
        if kind == b"s":
            assert self._strings is not None
            return self._strings[int(value)]
        if kind in (b"", b"n"):
            return self._number(value, style)
        if kind == b"b":
            return value == b"1"
        return _text_of(value)  # str, the result of a formula, and d, an ISO date

    def _number(self, digits: bytes, style: bytes) -> Cell:
        """A date where the cell's format is one. Digits beyond Excel's fifteen that were written out stay whole."""
        if style and int(style) in self._date_styles:
            return self._epoch + timedelta(days=float(digits))
        if digits.isdigit():
            if len(digits) > _EXACT_DIGITS and not digits.endswith(b"000"):
                return digits.decode()  # no spreadsheet wrote this: a library did, from a whole number
            return int(digits)
        number = float(digits)
        return int(number) if number.is_integer() and abs(number) < 10**_EXACT_DIGITS else number

    def _read_date_styles(self) -> frozenset[int]:
        if self._workbook.styles is None or self._workbook.styles not in self._package.namelist():
            return frozenset()
        styles = self._package.read(self._workbook.styles)
        own = {}
        for tag in re.findall(rb"<(?:\w+:)?numFmt\b[^>]*>", styles):
            found = attributes(tag)
            own[int(found["numFmtId"])] = _is_date_format(found.get("formatCode", ""))
        cells = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
        tags = re.findall(rb"<(?:\w+:)?xf\b[^>]*>", cells[0]) if cells else []
        formats = [int(attributes(tag).get("numFmtId", "0")) for tag in tags]
        return frozenset(at for at, code in enumerate(formats) if own.get(code, code in _DATE_FORMATS))

    def _read_strings(self) -> _Strings:
        strings = _Strings()
        if self._workbook.shared_strings in self._package.namelist():
            with self._package.open(str(self._workbook.shared_strings)) as content:
                for piece in _pieces(content, b"si>"):
                    for item in _STRING.findall(piece):
                        strings.add(item)
        return strings


_BROKEN = (KeyError, IndexError, ValueError, OverflowError, zipfile.BadZipFile, OSError, EOFError, NotImplementedError)


def _pieces(content: IO[bytes], end: bytes) -> Iterator[bytes]:
    """The part cut behind the closing tags that end so; nothing is torn apart."""
    rest = b""
    while piece := content.read(_PIECE):
        rest += piece
        cut = rest.rfind(b"/" + end) if b"</" + end in rest else rest.rfind(b":" + end)
        if cut >= 0:
            cut += len(end) + 1
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > _MAX_ELEMENT:
            raise ValueError("an element without an end")
    # What follows the last closing tag holds no element with content.


def _text_of(content: bytes) -> str:
    text = content.decode()
    if "&" in text:
        text = unescape(text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


_columns: dict[bytes, int] = {}


def _column(letters: bytes) -> int:
    found = _columns.get(letters)
    if found is None:
        found = 0
        for letter in letters:
            found = found * 26 + letter - 64
        found -= 1
        _columns[letters] = found
    return found


def position(reference: str) -> tuple[int, int]:
    """(row, column), both from 0, of a reference such as B7."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, _column(letters.encode())


def _hidden_columns(head: bytes) -> set[int]:
    found: set[int] = set()
    for tag in re.findall(rb"<(?:\w+:)?col\b[^>]*>", head):
        values = attributes(tag)
        if values.get("hidden") in ("1", "true"):
            # A "hide everything to the right" goes up to column 16384; nobody's sheet does.
            found.update(range(int(values["min"]) - 1, min(int(values["max"]), _MAX_COLUMNS)))
    return found


def _is_date_format(code: str) -> bool:
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code).lower()
    return any(letter in plain for letter in "ydh") or "mm" in plain
