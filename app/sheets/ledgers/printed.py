"""A sheet to be printed, of any length: openpyxl makes the frame, the rows between go straight into the file.

The library keeps a style per cell and builds a tree per row, which takes minutes for a county. Title, headings, totals
and print set-up are a few cells and stay its work; a body row is text with the style numbers it gave out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Protocol

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.sheets.cells import neutral
from app.sheets.writer import OutColumn, new_book, set_up_print, style_cell, write_cells, write_headings

HEADING_ROW = 3
CONTENT_TYPES = "[Content_Types].xml"
SHEET = "xl/worksheets/sheet1.xml"
FLUSH = 512  # rows handed to the compressor at once
# XML 1.0 has no way to write these; a spreadsheet program calls a file that holds one damaged.
_ESCAPES: dict[int, str | None] = dict.fromkeys((*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))
_ESCAPES |= {0x09: "\t", 0x0A: "\n", 0x0D: "\n", ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the rows. `remark`: the line under the title, e.g. of what day the figures are."""

    sheet_name: str
    title: str
    remark: str
    columns: Sequence[OutColumn]


class Totals(Protocol):
    """Counts the rows as they pass, so that the figures below the table reconcile with it by construction."""

    def add(self, row: Sequence[Any]) -> None: ...

    def cells(self) -> list[Any]:
        """One value a column, when all rows have passed."""
        ...


def write_printed(target: IO[bytes], frame: Frame, rows: Iterable[Sequence[Any]], totals: Totals) -> int:
    """Title, remark, headings, `rows` and the totals row, on A4 landscape; the number of rows.

    `rows` is read once and never held; values are texts and numbers. `totals` has seen each row when it is asked.
    """
    book, sheet = _begin(frame)
    head = _parts(book)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as file:
        file.writestr(CONTENT_TYPES, head[CONTENT_TYPES])  # first, where programs look for it
        with file.open(SHEET, "w") as body:
            body.write(_until_rows_end(head[SHEET]))
            count = _stream(body, _Body(sheet, frame.columns), rows, totals)
            last = HEADING_ROW + 1 + count
            write_cells(sheet, last, frame.columns, totals.cells(), bold=True)
            set_up_print(sheet, HEADING_ROW, len(frame.columns))
            tail = _parts(book)
            body.write(_from_row(tail.pop(SHEET), last))
        for name, content in tail.items():
            if name != CONTENT_TYPES:
                file.writestr(name, content)
    return count


class _Body:
    """Body rows as XML, one style a column."""

    def __init__(self, sheet: Worksheet, columns: Sequence[OutColumn]) -> None:
        self._texts: list[tuple[str, int]] = []
        self._numbers: list[int] = []
        for position, column in enumerate(columns, start=1):
            letter = get_column_letter(position)
            styles = []
            for is_text in (True, False):
                cell = Cell(sheet, row=1, column=position)  # a pattern only, not in the sheet
                style_cell(cell, column, is_text=is_text)
                styles.append(cell.style_id)
            self._texts.append((letter, styles[0]))
            self._numbers.append(styles[1])

    def row(self, number: int, values: Sequence[Any]) -> str:
        cells = []
        for (letter, style), number_style, value in zip(self._texts, self._numbers, values, strict=True):
            if isinstance(value, str):
                text = neutral(neutral(value).translate(_ESCAPES))  # a dropped sign may have hidden a formula
                if not text:
                    cells.append(f'<c r="{letter}{number}" s="{style}"/>')
                    continue
                space = "" if text == text.strip() else ' xml:space="preserve"'
                cells.append(f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>')
            elif isinstance(value, int | float):
                cells.append(f'<c r="{letter}{number}" s="{number_style}"><v>{value}</v></c>')
            else:
                raise TypeError(f"a printed cell holds text or a number, not {type(value).__name__}")
        return f'<row r="{number}">{"".join(cells)}</row>'


def _stream(out: IO[bytes], body: _Body, rows: Iterable[Sequence[Any]], totals: Totals) -> int:
    count, waiting = 0, []
    for count, row in enumerate(rows, start=1):
        totals.add(row)
        waiting.append(body.row(HEADING_ROW + count, row))
        if len(waiting) == FLUSH:
            out.write("".join(waiting).encode())
            waiting.clear()
    out.write("".join(waiting).encode())
    return count


def _begin(frame: Frame) -> tuple[Workbook, Worksheet]:
    book, sheet = new_book(frame.sheet_name)
    last = len(frame.columns)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    sheet.cell(1, 1, frame.title).font = Font(bold=True, size=16)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 30
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=last)
    sheet.cell(2, 1, frame.remark).alignment = Alignment(horizontal="right")
    for cell in (sheet.cell(1, 1), sheet.cell(2, 1)):
        cell.data_type = "s"  # a unit's name is data too
    write_headings(sheet, HEADING_ROW, frame.columns)
    set_up_print(sheet, HEADING_ROW, last)
    return book, sheet


def _parts(book: Workbook) -> dict[str, bytes]:
    """The frame as the library writes it: name in the archive → content. It numbers texts in the order of the cells,
    so a text of the head keeps its number when the totals have come."""
    buffer = BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as file:
        return {name: file.read(name) for name in file.namelist()}


def _until_rows_end(sheet: bytes) -> bytes:
    """Without the extent of the sheet, which is optional and not known yet."""
    head, mark, _ = sheet.partition(b"</sheetData>")
    if not mark:
        raise ValueError("the sheet of the frame has no rows")
    return re.sub(rb"<dimension [^>]*/>", b"", head, count=1)


def _from_row(sheet: bytes, number: int) -> bytes:
    _, mark, tail = sheet.rpartition(f'<row r="{number}"'.encode())
    if not mark:
        raise ValueError(f"the sheet of the frame has no row {number}")
    return mark + tail
