"""Opens an uploaded XLSX and finds its heading row. Rows come as dicts keyed by column, with Excel's row numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import python_calamine as calamine
from openpyxl.utils import get_column_letter

from app.sheets import xml_peek
from app.sheets.cells import Cell, text
from app.sheets.columns import HOUSEHOLD_COLUMNS, IGNORED_HEADINGS, Column, find_column, heading_key
from app.sheets.problems import SheetError

MAX_ROWS = 100_000
HEADING_ROWS = 10  # how far down the headings may stand, below titles and remarks
_KNOWN_ENOUGH = 3  # this many known headings make a row the heading row


@dataclass(frozen=True, slots=True)
class SheetRow:
    """`number` as Excel shows it; `cells` keyed by column key; `bad` column key → problem code of unreadable cells."""

    number: int
    cells: dict[str, Cell]
    bad: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns`: position → known column; `hidden`, `unknown`: headings worth a remark on the preview."""

    name: str
    heading_row: int
    columns: dict[int, Column]
    hidden: tuple[str, ...]
    unknown: tuple[str, ...]
    _source: calamine.CalamineSheet
    _bad: dict[tuple[int, int], str]

    def rows(self) -> Iterator[SheetRow]:
        """Every row that is not empty. Raises SheetError too_many_rows behind the last one allowed, no_rows."""
        count = 0
        for index, values in enumerate(_all_rows(self._source)):
            if index < self.heading_row:
                continue
            bad = {column.key: self._bad[index, at] for at, column in self.columns.items() if (index, at) in self._bad}
            cells = {column.key: values[at] if at < len(values) else None for at, column in self.columns.items()}
            if not bad and not any(_is_filled(cell) for cell in cells.values()):
                continue
            count += 1
            if count > MAX_ROWS:
                raise SheetError("too_many_rows", limit=MAX_ROWS)
            yield SheetRow(index + 1, cells, bad)
        if count == 0:
            raise SheetError("no_rows")


def open_roster(data: bytes) -> Sheet:
    """The household sheet of an uploaded workbook. Raises SheetError with what is wrong and what to do."""
    xml_peek.check_container(data)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        metadata = workbook.sheets_metadata
        visible = [at for at, sheet in enumerate(metadata) if sheet.visible == calamine.SheetVisibleEnum.Visible
                   and sheet.typ == calamine.SheetTypeEnum.WorkSheet]  # fmt: skip
        sheets = [(at, workbook.get_sheet_by_index(at)) for at in visible[:5]]
    except calamine.PasswordError as error:
        raise SheetError("encrypted") from error
    except calamine.CalamineError as error:
        raise SheetError("damaged") from error
    if not sheets:
        raise SheetError("no_sheet")
    found = [(at, sheet, head) for at, sheet in sheets if (head := _find_headings(sheet)) is not None]
    if not found:
        raise SheetError("no_headings", rows=HEADING_ROWS)
    at, sheet, (row, headings) = found[0]
    return _describe(data, at, sheet, row, headings)


def _all_rows(sheet: calamine.CalamineSheet) -> Iterator[list[Cell]]:
    """Rows from the sheet's first, columns from A. The library gives all rows but leaves empty first columns out."""
    before: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield [*before, *row]


def _find_headings(sheet: calamine.CalamineSheet) -> tuple[int, list[str]] | None:
    for index, values in enumerate(_all_rows(sheet)):
        if index >= HEADING_ROWS:
            break
        headings = [text(value) if isinstance(value, str) else "" for value in values]
        if sum(find_column(heading) is not None for heading in headings if heading) >= _KNOWN_ENOUGH:
            return index, headings
    return None


def _describe(data: bytes, at: int, sheet: calamine.CalamineSheet, row: int, headings: list[str]) -> Sheet:
    columns: dict[int, Column] = {}
    twice: list[str] = []
    unknown: list[str] = []
    for position, heading in enumerate(headings):
        column = find_column(heading) if heading else None
        if column is None:
            if heading and heading_key(heading) not in IGNORED_HEADINGS:
                unknown.append(heading[:30])
        elif column in columns.values():
            twice.append(heading)
        else:
            columns[position] = column
    _refuse_merged(sheet, row)
    if twice:
        raise SheetError("duplicate_headings", columns="、".join(twice))
    present = set(columns.values())
    missing = [column.heading for column in HOUSEHOLD_COLUMNS if column.is_required and column not in present]
    if missing:
        raise SheetError("missing_headings", columns="、".join(missing))
    seen = xml_peek.peek(data, at)
    hidden = [columns[position].heading for position in sorted(seen.hidden_columns) if position in columns]
    return Sheet(sheet.name, row + 1, columns, tuple(hidden), tuple(unknown), sheet, seen.bad)


def _refuse_merged(sheet: calamine.CalamineSheet, row: int) -> None:
    merged = [
        f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top <= row <= bottom
    ]
    if merged:
        raise SheetError("merged_headings", columns="、".join(merged[:5]))


def _is_filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
