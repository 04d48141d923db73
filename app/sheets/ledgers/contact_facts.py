"""What the ledger of contacts tells of each household, read in blocks of whole units.

Every block costs the same few statements whatever it holds, and is let go before the next one is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.domain.enums import AttemptOutcome, ClueKind, Disposition, Duty, PhoneState, VisitChannel
from app.domain.quarters import Quarter
from app.models import (
    Absence,
    Assignment,
    Attempt,
    Clue,
    Contact,
    GridNode,
    GridWorker,
    Household,
    Phone,
    Visit,
)
from app.queries.scope import scoped, today, vouched

BLOCK = 1000  # households; also far below the number of parameters a database takes
LEVELS = tuple(f"l{depth}_id" for depth in range(1, 6))
CALLABLE = (PhoneState.ACTIVE, PhoneState.SUSPENDED, PhoneState.POWERED_OFF)
household, absence = Household.__table__, Absence.__table__


@dataclass(slots=True)
class Entry:
    """What is known of one household in the quarter, before it becomes cells."""

    row: Any  # of the household: id, code, head_name, category, visit_only, node_id and levels
    place: str = ""
    ended_on: Any = None
    visits: list[Any] = field(default_factory=list)  # oldest first
    attempts: list[Any] = field(default_factory=list)  # ended without a visit
    clues: list[ClueKind] = field(default_factory=list)
    disposition: Disposition | None = None
    number: str = ""
    units: list[str] = field(default_factory=list)  # names from the county down
    worker: str = ""

    @property
    def count(self) -> int:
        return len(self.visits) + len(self.attempts)

    @property
    def result(self) -> Disposition:
        """A visit that closes the duty outweighs what the telephone says: the worker may have gone there since."""
        if any(visit.closes_duty for visit in self.visits):
            return Disposition.REACHED
        return self.disposition or Disposition.PENDING

    @property
    def last(self) -> tuple[datetime, VisitChannel] | None:
        """When and how the household was last tried."""
        events = [(visit.happened_at, visit.channel) for visit in self.visits]
        events += [(call.ended_at, VisitChannel.SMS if call.channel == "sms" else VisitChannel.AUTO_CALL)
                   for call in self.attempts]  # fmt: skip
        return max(events) if events else None


@dataclass(frozen=True, slots=True)
class UnitCount:
    """A unit with households of the ledger directly in it."""

    code: str
    node_id: int
    households: int


def list_units(session: Any, quarter: Quarter, node: Any = None) -> list[UnitCount]:
    """The units of the current access, and of `node` (a row of grid_node) inside it, by code."""
    unit = GridNode.__table__
    query = (
        select(unit.c.code, unit.c.id, func.count())
        .join_from(household, unit, unit.c.id == household.c.node_id)
        .where(_is_listed(quarter))
        .group_by(unit.c.code, unit.c.id)
    )
    if node is not None:
        query = query.where(household.c[f"l{node.depth}_id"] == node.id)
    found = [UnitCount(*row) for row in session.execute(scoped(query, Household))]
    return sorted(found, key=lambda unit: unit.code)  # not in SQL: the order must not follow the server's language


def iterate_entries(session: Any, quarter: Quarter, units: list[UnitCount]) -> Iterator[Entry]:
    """By code of the unit, then of the household."""
    names = _Names(session, quarter)
    for block in _blocks(units):
        order = {unit.node_id: position for position, unit in enumerate(block)}
        columns = [household.c[name] for name in ("id", "code", "head_name", "category", "visit_only", "node_id")]
        query = select(*columns, *(household.c[name] for name in LEVELS))
        query = query.where(household.c.node_id.in_(order), _is_listed(quarter))
        rows = sorted(session.execute(scoped(query, Household)), key=lambda row: (order[row.node_id], row.code))
        for start in range(0, len(rows), BLOCK):  # a single unit may hold more than a block
            yield from _entries(session, quarter, rows[start : start + BLOCK], names)


def _blocks(units: list[UnitCount]) -> Iterator[list[UnitCount]]:
    block: list[UnitCount] = []
    filled = 0
    for unit in units:
        if block and filled + unit.households > BLOCK:
            yield block
            block, filled = [], 0
        block.append(unit)
        filled += unit.households
    if block:
        yield block


def _is_listed(quarter: Quarter) -> ColumnElement[bool]:
    """Somebody of the household was away on a day of the quarter, and the household still existed in it."""
    away = exists().where(absence.c.household_id == household.c.id, _overlaps(quarter))
    return and_(away, or_(household.c.gone_on.is_(None), household.c.gone_on >= quarter.first_on))


def _overlaps(quarter: Quarter) -> ColumnElement[bool]:
    return and_(absence.c.since_on <= quarter.last_on,
                or_(absence.c.ended_on.is_(None), absence.c.ended_on >= quarter.first_on))  # fmt: skip


def _entries(session: Any, quarter: Quarter, rows: list[Any], names: _Names) -> list[Entry]:
    entries = {row.id: Entry(row) for row in rows}
    read = _Reader(session, list(entries))
    _add_absences(read, quarter, entries)
    _add_contacts(read, quarter, entries)
    _add_clues(read, quarter, entries)
    _add_phones(read, entries)
    found = list(entries.values())
    names.give(found)
    return found


class _Reader:
    """Rows that hang on households which came through the scope: they need no second look.

    Sorted by the caller, not in SQL: asked for an order, SQLite may walk a whole index to be spared a sort.
    """

    def __init__(self, session: Any, ids: list[int]) -> None:
        self._session = session
        self._ids = ids

    def __call__(self, table: Any, names: tuple[str, ...], *conditions: ColumnElement[bool]) -> list[Any]:
        query = select(table.c.household_id, *(table.c[name] for name in names))
        query = query.where(table.c.household_id.in_(self._ids), *conditions)
        return list(self._session.execute(vouched(query)))


def _add_absences(read: _Reader, quarter: Quarter, entries: dict[int, Entry]) -> None:
    """Two absences in one quarter are one household: the later one tells where they are."""
    rows = read(absence, ("since_on", "id", "place", "ended_on"), _overlaps(quarter))
    for row in sorted(rows, key=lambda row: (row.since_on, row.id)):
        entry = entries[row.household_id]
        entry.place, entry.ended_on = row.place, row.ended_on


def _add_contacts(read: _Reader, quarter: Quarter, entries: dict[int, Entry]) -> None:
    start, end = quarter.bounds_at()
    visit, attempt, contact = (model.__table__ for model in (Visit, Attempt, Contact))
    visits = read(visit, ("happened_at", "id", "channel", "closes_duty", "worker_id", "attempt_id"),
                  visit.c.happened_at >= start, visit.c.happened_at < end)  # fmt: skip
    answered = set()
    for row in sorted(visits, key=lambda row: (row.happened_at, row.id)):
        entries[row.household_id].visits.append(row)
        answered.add(row.attempt_id)
    # A withdrawn call and a notice nobody has to answer are no contacts.
    attempts = read(attempt, ("id", "channel", "ended_at"), attempt.c.ended_at >= start, attempt.c.ended_at < end,
                    attempt.c.outcome != AttemptOutcome.CANCELLED, attempt.c.purpose != "notice")  # fmt: skip
    for row in attempts:
        if row.id not in answered:
            entries[row.household_id].attempts.append(row)
    for row in read(contact, ("disposition",), contact.c.quarter == str(quarter)):
        entries[row.household_id].disposition = row.disposition


def _add_clues(read: _Reader, quarter: Quarter, entries: dict[int, Entry]) -> None:
    start, end = quarter.bounds_at()
    clue = Clue.__table__
    rows = read(clue, ("id", "kind"), clue.c.raised_at >= start, clue.c.raised_at < end)
    for row in sorted(rows, key=lambda row: row.id):
        kinds = entries[row.household_id].clues
        if row.kind not in kinds:
            kinds.append(row.kind)


def _add_phones(read: _Reader, entries: dict[int, Entry]) -> None:
    phone = Phone.__table__
    rows = read(phone, ("priority", "id", "e164"), phone.c.state.in_(CALLABLE))
    for row in sorted(rows, key=lambda row: (row.priority, row.id), reverse=True):
        entries[row.household_id].number = row.e164  # the first in dialling order comes last


class _Names:
    """Names of units and workers, each asked for once: blocks that follow share townships and workers."""

    def __init__(self, session: Any, quarter: Quarter) -> None:
        self._session = session
        # Who serves on the last day of the quarter, or today while it runs.
        self._on = min(quarter.last_on, max(today(), quarter.first_on))
        self._units: dict[int, str] = {}
        self._workers: dict[int, str | None] = {}
        self._served_by: dict[int, str] = {}

    def give(self, entries: list[Entry]) -> None:
        """Names of the units, and of who made the last visit or else of the unit's grid worker."""
        chains = [[key for name in LEVELS if (key := getattr(entry.row, name)) is not None] for entry in entries]
        self._learn(GridNode.__table__, self._units, {key for chain in chains for key in chain})
        by = {visit.worker_id for entry in entries for visit in entry.visits if visit.worker_id is not None}
        self._learn(GridWorker.__table__, self._workers, by)
        self._learn_duties({entry.row.node_id for entry in entries})
        for entry, chain in zip(entries, chains, strict=True):
            entry.units = [self._units[key] for key in chain if key in self._units]
            visitors = [name for visit in entry.visits if (name := self._workers.get(visit.worker_id))]
            entry.worker = visitors[-1] if visitors else self._served_by.get(entry.row.node_id, "")

    def _learn(self, table: Any, known: dict[int, Any], wanted: set[int]) -> None:
        missing = wanted - known.keys()
        if missing:
            query = select(table.c.id, table.c.name).where(table.c.id.in_(missing))
            known.update(self._session.execute(vouched(query)).all())

    def _learn_duties(self, node_ids: set[int]) -> None:
        missing = node_ids - self._served_by.keys()
        if not missing:
            return
        duty, worker = Assignment.__table__, GridWorker.__table__
        query = (
            select(duty.c.node_id, worker.c.name)
            .join_from(duty, worker, worker.c.id == duty.c.worker_id)
            .where(duty.c.node_id.in_(missing), duty.c.duty == Duty.GRID_WORKER, duty.c.from_on <= self._on)
            .where(or_(duty.c.to_on.is_(None), duty.c.to_on >= self._on))
            .order_by(duty.c.from_on.desc(), duty.c.id.desc())
        )
        self._served_by.update(dict.fromkeys(missing, ""))
        self._served_by.update(self._session.execute(vouched(query)).all())
