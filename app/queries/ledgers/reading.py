"""What is asked of a ledger: its rows one after the other, how many there are, and its sums by unit."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Select, select, true

from app.domain.ledgers.columns import PLACES
from app.domain.ledgers.registry import LEDGERS
from app.domain.ledgers.sums import Figures, roll_up
from app.domain.ledgers.words import LedgerCode
from app.queries.duties.places import plan_plainly
from app.queries.ledgers import documents, households, office, people, work
from app.queries.ledgers.listing import (
    DEPTHS,
    Ask,
    Listing,
    count_statement,
    first_statement,
    is_plain,
    rows_statement,
    sums_statements,
)
from app.queries.scope import vouched

PAGE = 2000  # rows fetched at once: what a ledger holds in memory
L = LedgerCode
LISTINGS: Mapping[LedgerCode, Callable[[Ask], Listing]] = {
    L.GRID: people.grid, L.HOUSEHOLDS: households.every, L.OUT_OF_POVERTY: households.out_of_poverty,
    L.MONITORED: households.monitored, L.EARLY_WARNING: households.early_warning, L.WATCH: households.watch,
    L.ABSENT: households.absent, L.VISITS: work.visits, L.CLUES: work.clues, L.MEASURES: work.measures,
    L.PUBLICITY: work.publicity, L.TRAINING: people.training, L.PAY: people.pay, L.PLATFORM: office.platform,
    L.MEETINGS: office.meetings, L.ISSUES: office.issues, L.INSPECTIONS: office.inspections,
}  # fmt: skip
# Where what a ledger lists lies in two tables: listed after the first.
ALSO: Mapping[LedgerCode, Callable[[Ask], Listing]] = {L.CLUES: work.warnings}
AVAILABLE = frozenset((*LISTINGS, L.DOCUMENTS))  # the directory is put together from many records, not listed


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows a ledger has and when the newest of them changed; None where its rows keep no time."""

    code: LedgerCode
    rows: int
    updated_at: datetime | None


def rows_of(session: Any, code: LedgerCode, ask: Ask, limit: int | None = None) -> Iterator[Any]:
    """The rows, streamed: no more than PAGE of them are held at a time."""
    with closing(pages_of(session, code, ask, limit)) as pages:
        for page in pages:
            yield from page


def pages_of(
    session: Any, code: LedgerCode, ask: Ask, limit: int | None = None
) -> Generator[Sequence[Any], None, None]:
    """The same, up to PAGE rows at once and never none. With a `limit` what is told of the rows is worked out for their
    households alone."""
    if code is L.DOCUMENTS:
        lines = list(_directory(session, ask))
        if lines:
            yield lines
        return
    plan_plainly(session)
    for number, listing in enumerate(_listings(code, ask)):
        if limit is None or listing.household is None:
            statement = rows_statement(LEDGERS[code], listing, ask).limit(limit)
        else:
            statement = _few(session, code, number, ask, limit)
        found = session.execute(statement.execution_options(stream_results=True, yield_per=PAGE))
        try:
            for page in found.partitions():
                limit = limit if limit is None else limit - len(page)
                yield page
        finally:
            found.close()  # a reader that stops early must not keep the cursor open
        if limit == 0:
            return


def _few(session: Any, code: LedgerCode, number: int, ask: Ask, limit: int) -> Select[Any]:
    """The first rows of a ledger's listing: found by their order first, then told."""
    first = session.execute(first_statement(_listings(code, ask)[number], ask, limit)).all()
    narrow = replace(ask, households=tuple(sorted({row.household for row in first if row.household is not None})))
    listing = _listings(code, narrow)[number]
    return rows_statement(LEDGERS[code], listing, ask).where(listing.table.c.id.in_([row.id for row in first]))


def _listings(code: LedgerCode, ask: Ask) -> tuple[Listing, ...]:
    return (LISTINGS[code](ask), *((ALSO[code](ask),) if code in ALSO else ()))


def read_count(session: Any, code: LedgerCode, ask: Ask) -> int:
    if code is L.DOCUMENTS:
        return len(documents.lines(session, ask))
    return _standings(session, ask, [code])[0].rows


def list_standings(session: Any, ask: Ask, codes: list[LedgerCode]) -> list[Standing]:
    """Of several ledgers in one statement (the directory of documents apart), in the order asked for."""
    wanted = [code for code in codes if code is not L.DOCUMENTS]
    found = {one.code: one for one in _standings(session, ask, wanted)} if wanted else {}
    if L.DOCUMENTS in codes:
        found[L.DOCUMENTS] = Standing(L.DOCUMENTS, read_count(session, L.DOCUMENTS, ask), None)
    return [found[code] for code in codes]


def _standings(session: Any, ask: Ask, codes: Sequence[LedgerCode]) -> list[Standing]:
    plan_plainly(session)
    listed = [(code, listing) for code in codes for listing in _listings(code, ask)]
    rows, newest = dict.fromkeys(codes, 0), dict[LedgerCode, datetime | None]()
    groups = _by_table(listed)
    counts = (count_statement([listing for _, listing in group], ask) for group in groups)
    counted = [one.subquery(f"counts_{n}") for n, one in enumerate(counts)]
    source: Any = counted[0]
    for table in counted[1:]:
        source = source.join(table, true())  # each is one row
    row = iter(session.execute(vouched(select(*counted).select_from(source))).one())
    for code, _listing in chain.from_iterable(groups):
        rows[code] += next(row)
        newest[code] = max((at for at in (newest.get(code), next(row)) if at is not None), default=None)
    return [Standing(code, rows[code], newest[code]) for code in codes]


def _by_table(listed: Sequence[tuple[LedgerCode, Listing]]) -> list[list[tuple[LedgerCode, Listing]]]:
    """Those together that one reading of one table counts: most of the ledgers of households."""
    groups: dict[Any, list[tuple[LedgerCode, Listing]]] = {}
    for number, (code, listing) in enumerate(listed):
        groups.setdefault(listing.table if is_plain(listing) else number, []).append((code, listing))
    return list(groups.values())


def read_sums(session: Any, code: LedgerCode, ask: Ask) -> dict[int, Figures]:
    """{unit id: (rows, sum of each summed column)} for the unit and all units in it that have rows, and their
    ancestors: grouped by the lowest places, added up along the grid."""
    if code is L.DOCUMENTS:
        found = documents.lines(session, ask)
        return {ask.place.id: (len(found), sum(one.wanted for one in found), sum(one.there for one in found))}
    plan_plainly(session)
    return roll_up(chain.from_iterable(_leaves(session, code, listing, ask) for listing in _listings(code, ask)))


def _leaves(
    session: Any, code: LedgerCode, listing: Listing, ask: Ask
) -> Iterator[tuple[Sequence[int | None], Figures]]:
    width = len(DEPTHS)
    for statement in sums_statements(LEDGERS[code], listing, ask):
        for row in session.execute(statement):
            yield row[:width], (row[width], *(value or 0 for value in row[width + 1 :]))


def _directory(session: Any, ask: Ask) -> Iterator[tuple[Any, ...]]:
    """Its lines with the names of the places in front, as every ledger has them."""
    own = {f"place_{kind.value}": "" for kind in ask.place.kinds} | {f"place_{ask.place.kind.value}": ask.place.name}
    places = [own[column.key] for kind, column in PLACES if kind in ask.place.kinds]
    return ((*places, *line) for line in documents.lines(session, ask))
