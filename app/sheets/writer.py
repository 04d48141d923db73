"""Writes XLSX: plain tables of any length row by row, and small styled ones that are read and printed.

Every text is neutralised (HOUSE rule 14): a cell that begins with = + - @ never becomes a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import rustpy_xlsxwriter
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from app.sheets.cells import neutral

MAX_SHEET_ROWS = 1_000_000  # Excel's limit is 1,048,576; beyond it the file would not open
HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
THIN = Side(style="thin", color="9AA5B1")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
PLAIN, BOLD = Font(), Font(bold=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True)
Target = str | Path | IO[bytes]


class TooManyRows(ValueError):
    """More rows than a sheet holds."""


@dataclass(frozen=True, slots=True)
class OutColumn:
    """`width` in characters; `is_number` cells are right-aligned."""

    heading: str
    width: int = 12
    is_number: bool = False


def write_table(target: Target, sheet_name: str, columns: Sequence[OutColumn], rows: Iterable[Sequence[Any]]) -> int:
    """A heading row and the rows, streamed in constant memory. The number of rows. Raises TooManyRows.

    A file at `target` is only put there whole: an export that dies half way leaves no half file.
    """
    count = 0

    def records() -> Iterable[dict[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            if count > MAX_SHEET_ROWS:
                raise TooManyRows(f"a sheet holds at most {MAX_SHEET_ROWS} rows; choose a smaller area")
            yield {column.heading: neutral(value) for column, value in zip(columns, row, strict=True)}

    source = iter(records())
    first = next(iter(source), None)
    buffer = io.BytesIO()
    if first is None:
        _write_headings_only(buffer, sheet_name, columns)
    else:
        rustpy_xlsxwriter.write_worksheet(
            _chain(first, source), buffer, sheet_name=sheet_name, freeze_row=1, bold_headers=True, autofilter=True,
            column_widths={column.heading: column.width for column in columns}, datetime_format="yyyy-mm-dd",
            ignore_errors=[column.heading for column in columns if not column.is_number],
        )  # fmt: skip
    deliver(target, buffer.getvalue())
    return count


def _chain(first: dict[str, Any], rest: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    yield first
    yield from rest


def _write_headings_only(buffer: IO[bytes], sheet_name: str, columns: Sequence[OutColumn]) -> None:
    """The fast writer learns its headings from the first row; an empty table has none."""
    book, sheet = new_book(sheet_name)
    write_headings(sheet, 1, columns)
    book.save(buffer)


def deliver(target: Target, content: bytes) -> None:
    if isinstance(target, str | Path):
        path = Path(target)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    else:
        target.write(content)


def new_book(sheet_name: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = sheet_name
    return book, sheet


def write_headings(sheet: Worksheet, row: int, columns: Sequence[OutColumn]) -> None:
    for position, column in enumerate(columns, start=1):
        cell = sheet.cell(row, position, column.heading)
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD_FILL, BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(position)].width = column.width


def write_cells(
    sheet: Worksheet, row: int, columns: Sequence[OutColumn], values: Sequence[Any], *, bold: bool = False
) -> None:
    """One bordered row; text that looks like a formula stays text."""
    for position, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
        cell = sheet.cell(row, position)
        cell.value = neutral(value)
        if isinstance(value, str):
            cell.data_type = "s"
        style_cell(cell, column, is_text=isinstance(value, str), bold=bold)


def style_cell(cell: StyleableObject, column: OutColumn, *, is_text: bool, bold: bool = False) -> None:
    """The look of a bordered cell. Text has the text format, so that editing it makes no number of a code."""
    if is_text:
        cell.number_format = "@"
    cell.border = BOX
    cell.font = BOLD if bold else PLAIN
    cell.alignment = RIGHT if column.is_number else LEFT


def set_up_print(sheet: Worksheet, heading_row: int, last_column: int) -> None:
    """A4 landscape, one page wide, headings on every page, page numbers (UX check 23)."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{heading_row}"
    sheet.print_area = f"A1:{get_column_letter(last_column)}{sheet.max_row}"
    footer = sheet.oddFooter
    assert footer is not None  # made by the library with the sheet
    footer.center.text = "第 &P 页 共 &N 页"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    sheet.freeze_panes = f"A{heading_row + 1}"


def to_bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
