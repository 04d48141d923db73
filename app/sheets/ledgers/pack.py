"""A pack: the ledgers of a unit as workbooks in one zip, with a page that says what is in it and sums that agree."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from flask_babel import force_locale
from flask_babel import gettext as _
from openpyxl.styles import Alignment, Font
from sqlalchemy import select

from app.domain.date_words import civil_words, moment_words
from app.domain.labels import label_of
from app.domain.ledgers.sums import Figures, below
from app.domain.ledgers.words import LedgerCode
from app.extensions import clock
from app.models import GridNode
from app.queries.ledgers import Ask, list_standings, read_sums
from app.queries.scope import scoped
from app.sheets.ledgers.ledger import PAPER, write_ledger
from app.sheets.writer import OutColumn, TooManyRows, new_book, set_up_print, to_bytes, write_cells, write_headings

CONTENTS = "00 目录.xlsx"
_HEADING_ROW = 3
Beat = Callable[[LedgerCode, int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A ledger of the pack. `rows` None: too long for a sheet."""

    code: LedgerCode
    title: str
    file_name: str
    rows: int | None
    updated: str


def write_pack(session: Any, target: IO[bytes], codes: Sequence[LedgerCode], ask: Ask, beat: Beat) -> dict[str, Any]:
    """Write the zip; {ledger: rows, None where it is too long for a sheet}. One ledger is held in memory at a time.

    `beat` is told now and then which ledger is being written and how many rows of the pack are done.
    """
    standings = {one.code: one for one in list_standings(session, ask, list(codes))}
    lines, done = [], 0
    with force_locale(PAPER), zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for number, code in enumerate(codes, start=1):
            title = str(_(label_of(code)))
            name = f"{number:02d} {title}.xlsx"
            beat(code, done)
            rows = _write_one(session, file, name, code, ask, partial(_tell, beat, code, done))
            at = standings[code].updated_at
            lines.append(Line(code, title, name, rows, moment_words(at, chinese=True) if at else ""))
            done += rows or 0
        file.writestr(_entry(CONTENTS), _contents(session, ask, lines))
    return {line.code.value: line.rows for line in lines}


def _tell(beat: Beat, code: LedgerCode, before: int, so_far: int) -> None:
    beat(code, before + so_far)


def _write_one(
    session: Any, file: zipfile.ZipFile, name: str, code: LedgerCode, ask: Ask, beat: Callable[[int], None]
) -> int | None:
    buffer = io.BytesIO()
    try:
        rows = write_ledger(session, buffer, code, ask, beat)
    except TooManyRows:
        return None
    file.writestr(_entry(name), buffer.getbuffer())
    return rows


def _entry(name: str) -> zipfile.ZipInfo:
    """Dated by the one clock."""
    local = clock.now().timetuple()
    return zipfile.ZipInfo(name, date_time=(local.tm_year, local.tm_mon, local.tm_mday, local.tm_hour, local.tm_min, 0))


def _contents(session: Any, ask: Ask, lines: Sequence[Line]) -> bytes:
    heads = [OutColumn(str(_("No.")), 6, is_number=True), OutColumn(str(_("Ledger")), 30),
             OutColumn(str(_("Number of rows")), 10, is_number=True), OutColumn(str(_("Last changed")), 20),
             OutColumn(str(_("File")), 40)]  # fmt: skip
    title = str(_("Contents of the pack of ledgers"))
    book, sheet = new_book(str(_("Contents")))
    _head(sheet, ask, title, len(heads))
    write_headings(sheet, _HEADING_ROW, heads)
    for number, line in enumerate(lines, start=1):
        too_long = str(_("Too long for one sheet: order it for each unit below."))
        values = [number, line.title, "" if line.rows is None else line.rows, line.updated,
                  too_long if line.rows is None else line.file_name]  # fmt: skip
        write_cells(sheet, _HEADING_ROW + number, heads, values)
    set_up_print(sheet, _HEADING_ROW, len(heads))
    _sums(book.create_sheet(str(_("Sums by unit"))), session, ask, lines)
    return to_bytes(book)


def _sums(sheet: Any, session: Any, ask: Ask, lines: Sequence[Line]) -> None:
    """Rows of each ledger by unit; the last line is the whole, and every column adds up to it."""
    table = GridNode.__table__
    query = select(table.c.id, table.c.name).where(table.c.parent_id == ask.place.id).order_by(table.c.code)
    units = [(key, name) for key, name in session.execute(scoped(query, GridNode))]
    heads = [OutColumn(str(_("Unit concerned")), 18), *(OutColumn(line.title, 12, is_number=True) for line in lines)]
    _head(sheet, ask, str(_("Sums by unit")), len(heads))
    write_headings(sheet, _HEADING_ROW, heads)
    found = {line.code: read_sums(session, line.code, ask) for line in lines}
    nothing: Figures = (0,)
    children = [key for key, _name in units]
    parts = {code: below(sums, ask.place.id, children, 1) for code, sums in _counts(found).items()}
    row = _HEADING_ROW
    for key, name in units:
        row += 1
        values = [name, *(int(found[line.code].get(key, nothing)[0]) for line in lines)]
        write_cells(sheet, row, heads, values)
    direct = [int(parts[line.code][1][0]) for line in lines]
    if any(direct):
        row += 1
        write_cells(sheet, row, heads, [str(_("Directly in %(unit)s", unit=ask.place.name)), *direct])
    whole = [int(parts[line.code][0][0]) for line in lines]
    write_cells(sheet, row + 1, heads, [str(_("Total")), *whole], bold=True)
    set_up_print(sheet, _HEADING_ROW, len(heads))


def _counts(found: dict[LedgerCode, dict[int, Figures]]) -> dict[LedgerCode, dict[int, Figures]]:
    return {code: {key: figures[:1] for key, figures in sums.items()} for code, sums in found.items()}


def _head(sheet: Any, ask: Ask, title: str, width: int) -> None:
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=width)
    heading, remark = sheet.cell(1, 1, f"{ask.place.name}{title}"), sheet.cell(2, 1)
    remark.value = str(_("As of %(day)s", day=civil_words(ask.span.as_of, chinese=True)))
    heading.font, remark.alignment = Font(bold=True, size=16), Alignment(horizontal="right")
    heading.alignment = Alignment(horizontal="center", vertical="center")
    heading.data_type = remark.data_type = "s"  # a unit's name is data too
