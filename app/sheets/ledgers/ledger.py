"""One of the 18 ledgers as a workbook ready to print: title, unit, day, headings on every page, totals at the foot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import IO, Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.domain.date_words import civil_words, moment_words
from app.domain.ledgers.columns import RIGHT, Column
from app.domain.ledgers.registry import LEDGERS
from app.domain.ledgers.words import LedgerCode
from app.domain.policy.rules import Rules
from app.extensions import clock
from app.queries.ledgers import Ask, pages_of
from app.queries.policy import rules_for
from app.sheets.ledgers.printed import Frame, write_printed
from app.sheets.ledgers.values import readers
from app.sheets.writer import MAX_SHEET_ROWS, OutColumn, TooManyRows

PAPER = "zh_Hans"  # the ledgers are the documents' own paper: Chinese for everybody
_NO_SHEET_NAME = re.compile(r"[\\/*?:\[\]]")
Beat = Callable[[int], None]


def write_ledger(session: Any, target: IO[bytes], code: LedgerCode, ask: Ask, beat: Beat | None = None) -> int:
    """Write the ledger of the current access in the unit; the number of rows. Holds a page of rows at a time.

    `beat` is told after each page how many rows are written. Raises TooManyRows above a million rows.
    """
    with force_locale(PAPER):
        columns = LEDGERS[code].columns_of(ask.place.kinds)
        rules = rules_for(ask.place.id, ask.span.as_of)
        rows = _cells(session, code, ask, columns, rules, beat)
        return write_printed(target, frame_of(code, ask, columns), rows, _Totals(columns))


def frame_of(code: LedgerCode, ask: Ask, columns: Sequence[Column]) -> Frame:
    """Title, remark and headings in the language in force."""
    title = str(_(LEDGERS[code].title))
    heads = [OutColumn(str(_("No.")), 6, is_number=True)]
    heads += [OutColumn(str(_(column.heading)), column.width, column.kind in RIGHT) for column in columns]
    return Frame(_NO_SHEET_NAME.sub("", title)[:31], f"{ask.place.name}{title}", _remark(code, ask), heads)


def _remark(code: LedgerCode, ask: Ask) -> str:
    said = [str(_("Unit: %(unit)s", unit=ask.place.name))]
    if LEDGERS[code].is_of_the_year:
        said.append(str(_("From %(start)s to %(end)s", start=_day(ask.span.from_on), end=_day(ask.span.as_of))))
    else:
        said.append(str(_("As of %(day)s", day=_day(ask.span.as_of))))
    said.append(str(_("Written %(at)s", at=moment_words(clock.now(), chinese=True))))
    if ask.masked:
        said.append(str(_("Numbers are masked")))
    return "　".join(said)


def _day(on: date) -> str:
    return civil_words(on, chinese=True)


def _cells(
    session: Any, code: LedgerCode, ask: Ask, columns: Sequence[Column], rules: Rules, beat: Beat | None
) -> Iterator[tuple[Any, ...]]:
    """A page is read column by column: one function for thousands of values."""
    read = readers(columns, rules, masked=ask.masked, chinese=True)
    done = 0
    for page in pages_of(session, code, ask):
        first, done = done + 1, done + len(page)
        if done > MAX_SHEET_ROWS:
            raise TooManyRows(f"a sheet holds at most {MAX_SHEET_ROWS} rows; choose a smaller area")
        cells = [map(one, values) for one, values in zip(read, zip(*page, strict=True), strict=True)]
        yield from zip(range(first, done + 1), *cells, strict=True)
        if beat is not None:
            beat(done)


class _Totals:
    """Counted from the cells as they are written."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._rows = 0
        self._width = len(columns) + 1
        self._sums: dict[int, float] = {n: 0 for n, column in enumerate(columns, start=1) if column.is_summed}

    def add(self, row: Sequence[Any]) -> None:
        self._rows += 1
        for position in self._sums:
            value = row[position]
            if value != "":
                self._sums[position] += value

    def cells(self) -> list[Any]:
        found: list[Any] = [""] * self._width
        for position, total in self._sums.items():
            found[position] = round(total, 2) if isinstance(total, float) else total
        found[0], found[1] = str(_("Total")), str(_("%(count)s rows", count=self._rows))
        return found
