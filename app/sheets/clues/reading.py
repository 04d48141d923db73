"""A short list in XLSX: the heading row found by its words, every row read, every fault kept with its row number."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from app.sheets.cells import Cell, text
from app.sheets.columns import Column, heading_key
from app.sheets.container import Part, check_container
from app.sheets.problems import SheetError
from app.sheets.reader import HEADING_ROWS, MOST_SHEETS, is_filled, refuse_merged
from app.sheets.stream import Book, RawRow

MOST_ROWS = 20_000  # a department's list for one county


@dataclass(frozen=True, slots=True)
class ListRow:
    """`number` as Excel shows it; `cells` by column key; `bad` column key → problem code."""

    number: int
    cells: dict[str, Cell]
    bad: dict[str, str]


def read_list(data: bytes, columns: Sequence[Column]) -> list[ListRow]:
    """All rows that are not empty. Raises SheetError for a file that cannot be read as a whole: no workbook, no
    headings, a required one missing, one twice, no rows, too many."""
    file = io.BytesIO(data)
    check_container(file)
    book = Book(file)
    known = {heading_key(word): column for column in columns for word in (column.heading, *column.also)}
    required = [column for column in columns if column.is_required]
    for part in book.sheets[:MOST_SHEETS]:
        for row in book.rows(part):
            if row.number > HEADING_ROWS:
                break
            found = _headings(row, known)
            if len(found) >= min(2, len(required)):
                _check(found, required)
                refuse_merged(book.heads(part)[1], row.number)
                return _rows(book, part, row.number, found)
    raise SheetError("no_headings", rows=HEADING_ROWS)


def _headings(row: RawRow, known: dict[str, Column]) -> dict[int, Column]:
    words = {at: heading_key(text(cell)) for at, cell in row.cells.items() if isinstance(cell, str)}
    return {at: known[word] for at, word in words.items() if word in known}


def _check(found: dict[int, Column], required: Sequence[Column]) -> None:
    names = [column.heading for column in found.values()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SheetError("duplicate_headings", columns="、".join(twice))
    missing = [column.heading for column in required if column not in found.values()]
    if missing:
        raise SheetError("missing_headings", columns="、".join(missing))


def _rows(book: Book, part: Part, heading_row: int, columns: dict[int, Column]) -> list[ListRow]:
    rows: list[ListRow] = []
    for row in book.rows(part):
        if row.number <= heading_row:
            continue
        cells = {column.key: row.cells.get(at) for at, column in columns.items()}
        bad = {column.key: row.bad[at] for at, column in columns.items() if at in row.bad}
        if not bad and not any(map(is_filled, cells.values())):
            continue
        if len(rows) >= MOST_ROWS:
            raise SheetError("too_many_rows", limit=MOST_ROWS)
        rows.append(ListRow(row.number, cells, bad))
    if not rows:
        raise SheetError("no_rows")
    return rows
