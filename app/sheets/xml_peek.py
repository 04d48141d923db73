"""What the reader library does not tell of an XLSX: hidden columns, formulas without a result, cells showing an error.

Works on the bytes of the sheet part, chunk by chunk, so that 100,000 rows cost megabytes, not gigabytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from app.sheets.problems import SheetError

MAX_FILE_MB = 30
MAX_UNPACKED_MB = 600
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_HAS_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>/]*>[^<]")
_SUSPECT = re.compile(rb'<(?:\w+:)?f\b|\bt="e"')
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Peek:
    """Columns and cells are 0-based; `bad` maps (row, column) to a cell problem code."""

    hidden_columns: frozenset[int]
    bad: dict[tuple[int, int], str]


def check_container(data: bytes) -> None:
    """Refuse what is no XLSX before anything parses it. Raises SheetError saying which."""
    if not data:
        raise SheetError("empty_file")
    if len(data) > MAX_FILE_MB << 20:
        raise SheetError("too_large", limit=MAX_FILE_MB)
    if data.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise SheetError("encrypted" if encrypted else "old_xls")
    if not data.startswith(b"PK"):
        raise SheetError("not_xlsx")
    with _open(data) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_MB << 20:
            raise SheetError("bomb", limit=MAX_UNPACKED_MB)
        if any(entry.flag_bits & 1 for entry in archive.infolist()):
            raise SheetError("encrypted")
        if "xl/workbook.xml" not in archive.namelist():
            raise SheetError("not_xlsx")


def peek(data: bytes, sheet_index: int) -> Peek:
    """Look into the sheet part with this position in the workbook. Raises SheetError damaged."""
    with _open(data) as archive:
        try:
            path = _sheet_path(archive, sheet_index)
            with archive.open(path) as part:
                return _scan(part)
        except (KeyError, IndexError, zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise SheetError("damaged") from error


def _open(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise SheetError("damaged") from error


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode().rpartition(":")[2]: unescape(value.decode()) for name, value in _ATTRIBUTE.findall(tag)}


def _sheet_path(archive: zipfile.ZipFile, index: int) -> str:
    workbook = archive.read("xl/workbook.xml")
    tags = re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", workbook)
    # `id` is the relation (r:id); `sheetId` is another attribute.
    relation = _attributes(tags[index])["id"]
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", archive.read("xl/_rels/workbook.xml.rels")):
        found = _attributes(tag)
        if found.get("Id") == relation:
            target = found["Target"]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(relation)


def _scan(part: io.BufferedIOBase | object) -> Peek:
    hidden: set[int] = set()
    bad: dict[tuple[int, int], str] = {}
    is_head = True
    for piece in _pieces(part):
        if is_head:
            hidden.update(_hidden_columns(piece.partition(b"sheetData")[0]))
            is_head = False
        if _SUSPECT.search(piece):
            _collect(piece, bad)
    return Peek(frozenset(hidden), bad)


def _pieces(part: object) -> Iterator[bytes]:
    """The part cut behind </row>, so that no cell is torn apart."""
    rest = b""
    while chunk := part.read(_CHUNK):  # type: ignore[attr-defined]
        rest += chunk
        cut = rest.rfind(b"row>")
        if cut >= 0:
            yield rest[: cut + 4]
            rest = rest[cut + 4 :]
    if rest:
        yield rest


def _hidden_columns(head: bytes) -> set[int]:
    found: set[int] = set()
    for tag in re.findall(rb"<(?:\w+:)?col\b[^>]*>", head):
        values = _attributes(tag)
        if values.get("hidden") in ("1", "true"):
            # A "hide everything to the right" goes up to column 16384; nobody's roster does.
            found.update(range(int(values["min"]) - 1, min(int(values["max"]), 256)))
    return found


def _collect(piece: bytes, bad: dict[tuple[int, int], str]) -> None:
    for cell in _CELL.finditer(piece):
        tag, body = cell[1], cell[2] or b""
        is_error = b't="e"' in tag
        if not is_error and not (_HAS_FORMULA.search(body) and not _HAS_VALUE.search(body)):
            continue
        position = _position(_attributes(tag).get("r", ""))
        if position is not None:
            bad[position] = "cell_error" if is_error else "formula_without_value"


def _position(reference: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1
