"""Opens a national export: every visible sheet that has its headings, whatever titles stand above and columns beside.

Rows come as a stream: 200,000 of them need no more memory than 200.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from app.sheets.cells import Cell, text
from app.sheets.columns import IGNORED_HEADINGS, heading_key
from app.sheets.container import Part, check_container
from app.sheets.imports.national_columns import NATIONAL_COLUMNS, NationalColumn, find_national
from app.sheets.problems import SheetError
from app.sheets.reader import HEADING_ROWS, is_filled, refuse_merged
from app.sheets.stream import Book, RawRow

MAX_ROWS = 200_000
MAX_FILE_MB = 80
MOST_SHEETS = 60  # a county has at most so many townships
_KNOWN_ENOUGH = 4
_LONGEST_NOTE = 20


@dataclass(frozen=True, slots=True)
class PersonCells:
    """One row: `cells` by column key, `bad` column key → problem code."""

    sheet: str
    number: int
    cells: dict[str, Cell]
    bad: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    part: Part
    heading_row: int
    columns: dict[int, NationalColumn]


@dataclass(frozen=True, slots=True)
class NationalFile:
    """`ignored`: headings that are kept out; `skipped`: visible sheets without the headings; `hidden`: columns that
    are hidden and read as well."""

    tables: tuple[_Table, ...]
    ignored: tuple[str, ...]
    skipped: tuple[str, ...]
    hidden: tuple[str, ...]
    _book: Book

    @property
    def keys(self) -> frozenset[str]:
        """Columns that at least one sheet has: about the others the file is silent."""
        return frozenset(column.key for table in self.tables for column in table.columns.values())

    def rows(self) -> Iterator[PersonCells]:
        """Every row that is not empty. Raises SheetError too_many_rows behind the last one allowed, no_rows."""
        count = 0
        for table in self.tables:
            for row in self._book.rows(table.part):
                if row.number <= table.heading_row:
                    continue
                cells = {column.key: row.cells.get(at) for at, column in table.columns.items()}
                bad = {column.key: row.bad[at] for at, column in table.columns.items() if at in row.bad}
                if not bad and not any(map(is_filled, cells.values())):
                    continue
                count += 1
                if count > MAX_ROWS:
                    raise SheetError("too_many_rows", limit=MAX_ROWS)
                yield PersonCells(table.part.name[:31], row.number, cells, bad)
        if count == 0:
            raise SheetError("no_rows")


def open_national(file: IO[bytes]) -> NationalFile:
    """Raises SheetError with what is wrong and what to do; a missing column is named with the nearest one found."""
    check_container(file, max_mb=MAX_FILE_MB)
    book = Book(file)
    if not book.sheets:
        raise SheetError("no_sheet")
    tables: list[_Table] = []
    ignored: dict[str, None] = {}
    hidden: dict[str, None] = {}
    skipped: list[str] = []
    for part in book.sheets[:MOST_SHEETS]:
        row = _find_headings(book, part)
        if row is None:
            skipped.append(part.name)
            continue
        table, extra = _describe(part, row)
        hidden_columns, merged = book.heads(part)
        refuse_merged(merged, row.number)
        tables.append(table)
        ignored |= dict.fromkeys(extra)
        hidden |= {table.columns[at].heading: None for at in sorted(hidden_columns) if at in table.columns}
    if not tables:
        raise SheetError("no_headings", rows=HEADING_ROWS)
    return NationalFile(
        tuple(tables), tuple(ignored)[:_LONGEST_NOTE], tuple(skipped)[:_LONGEST_NOTE], tuple(hidden), book
    )


def _find_headings(book: Book, part: Part) -> RawRow | None:
    for row in book.rows(part):
        if row.number > HEADING_ROWS:
            break
        known = sum(isinstance(cell, str) and find_national(text(cell)) is not None for cell in row.cells.values())
        if known >= _KNOWN_ENOUGH:
            return row
    return None


def _describe(part: Part, row: RawRow) -> tuple[_Table, list[str]]:
    columns: dict[int, NationalColumn] = {}
    twice: list[str] = []
    extra: list[str] = []
    for at, cell in sorted(row.cells.items()):
        heading = text(cell) if isinstance(cell, str) else ""
        column = find_national(heading) if heading else None
        if column is None:
            if heading and heading_key(heading) not in IGNORED_HEADINGS:
                extra.append(heading[:30])
        elif column in columns.values():
            twice.append(heading)
        else:
            columns[at] = column
    if twice:
        raise SheetError("duplicate_headings", columns="、".join(twice))
    missing = [column for column in NATIONAL_COLUMNS if column.is_required and column not in columns.values()]
    if missing:
        raise SheetError("missing_national", sheet=part.name,
                         columns="、".join(_with_nearest(column, extra) for column in missing))  # fmt: skip
    return _Table(part, row.number, columns), extra


def _with_nearest(column: NationalColumn, headings: list[str]) -> str:
    """户编号（表中相近的：户号）"""
    names = (column.heading, *column.also)
    near = [heading for heading in headings if difflib.get_close_matches(heading_key(heading), names, 1, 0.5)]
    return f"{column.heading}（表中相近的：{'、'.join(near[:3])}）" if near else column.heading
