"""Opens an uploaded XLSX and finds its heading row. Rows come as dicts keyed by column, with Excel's row numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from app.sheets.cells import Cell, text
from app.sheets.columns import HOUSEHOLD_COLUMNS, IGNORED_HEADINGS, Column, find_column, heading_key
from app.sheets.container import Part, check_container
from app.sheets.problems import SheetError
from app.sheets.stream import Book, RawRow, position

MAX_ROWS = 100_000
HEADING_ROWS = 10  # how far down the headings may stand, below titles and remarks
MOST_SHEETS = 5
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
    _book: Book
    _part: Part

    def rows(self) -> Iterator[SheetRow]:
        """Every row that is not empty. Raises SheetError too_many_rows behind the last one allowed, no_rows."""
        count = 0
        for row in self._book.rows(self._part):
            if row.number <= self.heading_row:
                continue
            bad = {column.key: row.bad[at] for at, column in self.columns.items() if at in row.bad}
            cells = {column.key: row.cells.get(at) for at, column in self.columns.items()}
            if not bad and not any(map(is_filled, cells.values())):
                continue
            count += 1
            if count > MAX_ROWS:
                raise SheetError("too_many_rows", limit=MAX_ROWS)
            yield SheetRow(row.number, cells, bad)
        if count == 0:
            raise SheetError("no_rows")


def open_roster(data: bytes) -> Sheet:
    """The household sheet of an uploaded workbook. Raises SheetError with what is wrong and what to do."""
    file = io.BytesIO(data)
    check_container(file)
    book = Book(file)
    if not book.sheets:
        raise SheetError("no_sheet")
    for part in book.sheets[:MOST_SHEETS]:
        headings = _find_headings(book, part)
        if headings is not None:
            return _describe(book, part, headings)
    raise SheetError("no_headings", rows=HEADING_ROWS)


def _find_headings(book: Book, part: Part) -> RawRow | None:
    for row in book.rows(part):
        if row.number > HEADING_ROWS:
            break
        known = sum(isinstance(cell, str) and find_column(text(cell)) is not None for cell in row.cells.values())
        if known >= _KNOWN_ENOUGH:
            return row
    return None


def _describe(book: Book, part: Part, row: RawRow) -> Sheet:
    columns: dict[int, Column] = {}
    twice: list[str] = []
    unknown: list[str] = []
    for at, cell in sorted(row.cells.items()):
        heading = text(cell) if isinstance(cell, str) else ""
        column = find_column(heading) if heading else None
        if column is None:
            if heading and heading_key(heading) not in IGNORED_HEADINGS:
                unknown.append(heading[:30])
        elif column in columns.values():
            twice.append(heading)
        else:
            columns[at] = column
    hidden_columns, merged = book.heads(part)
    refuse_merged(merged, row.number)
    if twice:
        raise SheetError("duplicate_headings", columns="、".join(twice))
    present = set(columns.values())
    missing = [column.heading for column in HOUSEHOLD_COLUMNS if column.is_required and column not in present]
    if missing:
        raise SheetError("missing_headings", columns="、".join(missing))
    hidden = [columns[at].heading for at in sorted(hidden_columns) if at in columns]
    return Sheet(part.name, row.number, columns, tuple(hidden), tuple(unknown), book, part)


def refuse_merged(merged: tuple[str, ...], heading_row: int) -> None:
    """Raises SheetError merged_headings, naming the ranges; merged titles above the headings are no matter."""
    touched = []
    for reference in merged:
        (top, left), (bottom, right) = map(position, f"{reference}:{reference}".split(":")[:2])
        if top < heading_row <= bottom + 1:
            touched.append(f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}")
    if touched:
        raise SheetError("merged_headings", columns="、".join(touched[:5]))


def is_filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
