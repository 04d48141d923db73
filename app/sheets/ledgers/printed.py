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
from operator import getitem
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
_PLAIN = re.compile(r"[\w*][\w*：:、，。（） -]*")  # nothing to escape, nothing a formula begins with
KEPT = 2048  # cells of a column remembered


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
    """Body rows as XML, one style a column.

    A row is its number joined between what stands around it: `<row r="`, `"><c r="A`, and for each cell its end with
    the beginning of the next. So a cell is the same text in every row, and the many that repeat (names of places,
    types, days) are made once.
    """

    def __init__(self, sheet: Worksheet, columns: Sequence[OutColumn]) -> None:
        letters = [get_column_letter(position) for position in range(1, len(columns) + 1)]
        self._first = f'"><c r="{letters[0]}'
        self._ends = []
        for position, column in enumerate(columns, start=1):
            after = f'<c r="{letters[position]}' if position < len(columns) else "</row>"
            styles = [_style(sheet, column, is_text=is_text) for is_text in (True, False)]
            self._ends.append(_CellEnds(styles[0], styles[1], after))

    def row(self, number: int, values: Sequence[Any]) -> str:
        if len(values) != len(self._ends):
            raise ValueError(f"row {number} has {len(values)} values for {len(self._ends)} columns")
        return str(number).join(('<row r="', self._first, *map(getitem, self._ends, values)))


def _style(sheet: Worksheet, column: OutColumn, *, is_text: bool) -> int:
    """Its number in the book, found with a pattern that is not in the sheet."""
    cell = Cell(sheet, row=1, column=1)
    style_cell(cell, column, is_text=is_text)
    return cell.style_id


class _CellEnds(dict[Any, str]):
    """Of one column: value → what follows the row number in its cells, up to the next row number."""

    def __init__(self, text_style: int, number_style: int, after: str) -> None:
        self._empty = f'" s="{text_style}"/>{after}'
        self._text = f'" s="{text_style}" t="inlineStr"><is><t'
        self._number = f'" s="{number_style}"><v>'
        self._text_end, self._number_end = f"</t></is></c>{after}", f"</v></c>{after}"

    def __missing__(self, value: Any) -> str:
        if isinstance(value, str):
            end = self._of_text(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            end = f"{self._number}{value}{self._number_end}"
        else:
            raise TypeError(f"a printed cell holds text or a number, not {type(value).__name__}")
        if len(self) >= KEPT:
            self.clear()  # rows come in the order of the grid: what repeats is what was written just now
        self[value] = end
        return end

    def _of_text(self, value: str) -> str:
        text = value if _PLAIN.fullmatch(value) else neutral(neutral(value).translate(_ESCAPES))
        if not text:
            return self._empty
        space = "" if text == text.strip() else ' xml:space="preserve"'
        return f"{self._text}{space}>{text}{self._text_end}"


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
