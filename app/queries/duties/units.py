"""Counts over whole areas: who is overdue by unit and by reason, and who was contacted within a period (D0-27)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from app.domain.duties.judging import start_of
from app.domain.duties.words import RuleWord
from app.domain.enums import HouseholdCategory, VisitChannel
from app.domain.policy.kinds import Target
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import ContactDates, GridNode, Household, Visit
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.duties.latest import last_contact
from app.queries.duties.lists import DueFilter
from app.queries.duties.places import list_places
from app.queries.duties.standing import DUE, NOTHING, OVERDUE, at, ranked_rows, tally_of
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class UnitCount:
    """Households of one unit: registered, overdue, and due without being overdue."""

    node_id: int | None
    households: int
    overdue: int
    due: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of `households` that are to be contacted, `contacted` were. `node_id`: None for the whole area."""

    households: int
    contacted: int
    node_id: int | None = None

    @property
    def uncovered(self) -> int:
        return self.households - self.contacted

    @property
    def percent(self) -> float | None:
        """None where there is nobody to contact."""
        return 100 * self.contacted / self.households if self.households else None


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """`total` of the area; `by_word`: each reason by itself (a household may have several); `by_unit`: by unit id.
    `kinds` and `unit_kinds`: how many households of each type are registered, in all and by unit id."""

    total: UnitCount
    by_word: dict[RuleWord, UnitCount]
    by_unit: dict[int, UnitCount]
    kinds: dict[HouseholdCategory, int]
    unit_kinds: dict[int, dict[HouseholdCategory, int]]


def count_area(
    session: Session, depth: int | None = None, chosen: DueFilter | None = None, now: datetime | None = None
) -> AreaCounts:
    """How many households are overdue and due: in all, for each reason, and by unit of `depth` (1 the root), which is
    empty when None. One statement, read once."""
    chosen, now = chosen or DueFilter(), now or clock.now()
    tally = tally_of(list_places(session, now), current_access(), chosen.part, depth)
    total, by_word, by_unit = _Sum(), {word: _Sum() for word in tally.words}, dict[int, _Sum]()
    kinds, unit_kinds = Counter[HouseholdCategory](), dict[int, Counter[HouseholdCategory]]()
    for unit, packed, count in session.execute(vouched(tally.query)):
        states = tally.states(packed)
        state = max(states.values(), default=NOTHING)
        total.add(state, count)
        if unit is not None:
            by_unit.setdefault(unit, _Sum()).add(state, count)
        for word, own in states.items():
            by_word[word].add(own, count)
        if (kind := tally.kind(packed)) is not None:
            kinds[kind] += count
            if unit is not None:
                unit_kinds.setdefault(unit, Counter())[kind] += count
    for one in by_word.values():
        one.households = total.households
    return AreaCounts(total.of(None), {word: one.of(None) for word, one in by_word.items()},
                      {unit: by_unit[unit].of(unit) for unit in sorted(by_unit)}, dict(kinds),
                      {unit: dict(counts) for unit, counts in unit_kinds.items()})  # fmt: skip


@dataclass
class _Sum:
    households: int = 0
    overdue: int = 0
    due: int = 0

    def add(self, state: int, count: int) -> None:
        self.households += count
        self.overdue += count if state == OVERDUE else 0
        self.due += count if state == DUE else 0

    def of(self, node_id: int | None) -> UnitCount:
        return UnitCount(node_id, self.households, self.overdue, self.due)


def count_due(
    session: Session, chosen: DueFilter | None = None, now: datetime | None = None, most: int | None = None
) -> int:
    """How many households `duties_due` lists over all its pages. `most`: count no further than one more than that."""
    rows = ranked_rows(list_places(session, now or clock.now()), current_access(), (chosen or DueFilter()).part)
    found = select(rows.c.id).limit(most + 1 if most is not None else None).subquery()
    return int(session.scalar(vouched(select(func.count()).select_from(found))) or 0)


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


# ---------------------------------------------------------------- coverage


@dataclass(frozen=True, slots=True)
class Span:
    """Whom to contact (`target`, within `node`) between two civil dates, both included, over which channels (empty:
    any). Households count from the day they were registered until the day they are gone."""

    from_on: date
    to_on: date
    target: Target = Target.EVERYONE
    channels: frozenset[VisitChannel] = frozenset()
    node: GridNode | None = None


def coverage_of(session: Session, span: Span, depth: int | None = None) -> list[Coverage]:
    """Contacted of all, by unit of `depth`; one row for the whole area when None. One statement."""
    unit: Any = getattr(ContactDates, f"l{depth}_id") if depth is not None else None
    inside = select(ContactDates.household_id, *([unit.label("unit")] if depth is not None else []),
                    _contacted(span).label("contacted")).where(*_to_contact(span)).subquery()  # fmt: skip
    counts = (func.count(), _sum(inside.c.contacted))
    if depth is None:
        row = session.execute(vouched(select(*counts).select_from(inside))).one()
        return [Coverage(row[0], row[1] or 0)]
    query = select(inside.c.unit, *counts).group_by(inside.c.unit).order_by(inside.c.unit)
    return [Coverage(row[1], row[2] or 0, row[0]) for row in session.execute(vouched(query))]


def list_uncovered(session: Session, span: Span, after: int = 0, limit: int = 50) -> list[Household]:
    """Households nobody contacted in time, by id: those after `after`, at most `limit`."""
    query = select(Household).join(ContactDates, ContactDates.household_id == Household.id)
    query = query.where(*_to_contact(span), ~_contacted(span), Household.id > after)
    return list(session.scalars(query.order_by(Household.id).limit(limit)))


def _to_contact(span: Span) -> list[ColumnElement[bool]]:
    until = start_of(span.to_on + timedelta(days=1))
    one = ContactDates
    conditions = [criterion(current_access(), one), one.registered_at < until,
                  or_(one.gone_on.is_(None), one.gone_on > span.to_on)]  # fmt: skip
    if span.node is not None:
        conditions.append(getattr(one, f"l{span.node.depth}_id") == span.node.id)
    if span.target is Target.MONITORED:
        conditions.append(one.category.in_(sorted(MONITORED_CATEGORIES)))
    elif span.target is Target.LONG_ABSENT:
        conditions.append(one.absent_since_on.is_not(None))
    elif span.target is not Target.EVERYONE:
        conditions.append(one.category == span.target.value)
    return conditions


def _contacted(span: Span) -> ColumnElement[bool]:
    """A period that still runs is answered by the last contacts, one that is over by the visits themselves."""
    start, end = at(start_of(span.from_on)), at(start_of(span.to_on + timedelta(days=1)))
    channels = sorted((span.channels or frozenset(VisitChannel)) - {VisitChannel.RELAY})
    if span.to_on >= clock.now().astimezone(CHINA).date():
        return func.coalesce(last_contact(channels) >= start, false())
    visit = Visit.__table__
    return ContactDates.household_id.in_(
        select(visit.c.household_id).where(
            and_(visit.c.happened_at >= start, visit.c.happened_at < end, visit.c.closes_duty.is_(true())),
            visit.c.channel.in_(channels), criterion(current_access(), Visit),
        )
    )  # fmt: skip
