"""Counts over whole areas: who is overdue by unit and by reason, and who was contacted within a period (D0-27)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from app.domain.duties.judging import start_of
from app.domain.duties.words import RuleWord
from app.domain.enums import VisitChannel
from app.domain.policy.kinds import Target
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Absence, GridNode, Household, LastContact, Visit
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.duties.lists import DueFilter, rows_of
from app.queries.duties.standing import DUE, OVERDUE, at
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


def count_by_unit(
    session: Session, depth: int | None, chosen: DueFilter | None = None, now: datetime | None = None
) -> list[UnitCount]:
    """One row a unit of `depth` (1 the root), without names; one row in all when None. One statement."""
    chosen, now = chosen or DueFilter(), now or clock.now()
    rows = rows_of(session, chosen, now)
    unit: Any = rows.c[f"l{depth}_id"] if depth is not None else None
    counts = (func.count(), _sum(rows.c.state == OVERDUE), _sum(rows.c.state == DUE))
    if unit is None:
        row = session.execute(vouched(select(*counts).select_from(rows))).one()
        return [UnitCount(None, row[0], row[1] or 0, row[2] or 0)]
    query = select(unit, *counts).select_from(rows).group_by(unit).order_by(unit)
    return [UnitCount(row[0], row[1], row[2] or 0, row[3] or 0) for row in session.execute(vouched(query))]


@dataclass(frozen=True, slots=True)
class WordCounts:
    """`total` of the area; `by_word`: each reason by itself (a household may have several)."""

    total: UnitCount
    by_word: dict[RuleWord, UnitCount]


def count_by_word(session: Session, chosen: DueFilter | None = None, now: datetime | None = None) -> WordCounts:
    """How many households are overdue and due, in all and for each reason, in one statement."""
    chosen, now = chosen or DueFilter(), now or clock.now()
    rows = rows_of(session, chosen, now)
    words = [word for word in RuleWord if f"word_{word}" in rows.c]
    columns = [func.count(), _sum(rows.c.state == OVERDUE), _sum(rows.c.state == DUE)]
    for word in words:
        columns += [_sum(rows.c[f"word_{word}"] == OVERDUE), _sum(rows.c[f"word_{word}"] == DUE)]
    row = session.execute(vouched(select(*columns).select_from(rows))).one()
    found = {word: UnitCount(None, row[0], row[3 + 2 * n] or 0, row[4 + 2 * n] or 0) for n, word in enumerate(words)}
    return WordCounts(UnitCount(None, row[0], row[1] or 0, row[2] or 0), found)


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
    unit: Any = getattr(Household, f"l{depth}_id") if depth is not None else None
    inside = select(Household.id, *([unit.label("unit")] if depth is not None else []),
                    _contacted(span).label("contacted")).where(*_to_contact(span)).subquery()  # fmt: skip
    counts = (func.count(), _sum(inside.c.contacted))
    if depth is None:
        row = session.execute(vouched(select(*counts).select_from(inside))).one()
        return [Coverage(row[0], row[1] or 0)]
    query = select(inside.c.unit, *counts).group_by(inside.c.unit).order_by(inside.c.unit)
    return [Coverage(row[1], row[2] or 0, row[0]) for row in session.execute(vouched(query))]


def list_uncovered(session: Session, span: Span, after: int = 0, limit: int = 50) -> list[Household]:
    """Households nobody contacted in time, by id: those after `after`, at most `limit`."""
    query = select(Household).where(*_to_contact(span), ~_contacted(span), Household.id > after)
    return list(session.scalars(query.order_by(Household.id).limit(limit)))


def _to_contact(span: Span) -> list[ColumnElement[bool]]:
    until = start_of(span.to_on + timedelta(days=1))
    conditions = [criterion(current_access(), Household), Household.created_at < until,
                  or_(Household.gone_on.is_(None), Household.gone_on > span.to_on)]  # fmt: skip
    if span.node is not None:
        conditions.append(getattr(Household, f"l{span.node.depth}_id") == span.node.id)
    if span.target is Target.MONITORED:
        conditions.append(Household.category.in_(sorted(MONITORED_CATEGORIES)))
    elif span.target is Target.LONG_ABSENT:
        away = Absence.__table__
        conditions.append(exists().where(away.c.household_id == Household.id, away.c.ended_on.is_(None)))
    elif span.target is not Target.EVERYONE:
        conditions.append(Household.category == span.target.value)
    return conditions


def _contacted(span: Span) -> ColumnElement[bool]:
    """A period that still runs is answered by the last contacts, one that is over by the visits themselves."""
    start, end = at(start_of(span.from_on)), at(start_of(span.to_on + timedelta(days=1)))
    channels = sorted((span.channels or frozenset(VisitChannel)) - {VisitChannel.RELAY})
    if span.to_on >= clock.now().astimezone(CHINA).date():
        last = LastContact.__table__
        return Household.id.in_(
            select(last.c.household_id).where(last.c.last_at >= start, last.c.channel.in_(channels), _mine(LastContact))
        )
    visit = Visit.__table__
    return Household.id.in_(
        select(visit.c.household_id).where(
            and_(visit.c.happened_at >= start, visit.c.happened_at < end, visit.c.closes_duty.is_(true())),
            visit.c.channel.in_(channels), _mine(Visit),
        )
    )  # fmt: skip


def _mine(model: type[Any]) -> ColumnElement[bool]:
    return criterion(current_access(), model)


def names_of(session: Session, node_ids: Iterable[int | None]) -> dict[int, str]:
    """Unit names, also of units above the user's area: names of places are no secret."""
    node = GridNode.__table__
    wanted = [one for one in node_ids if one is not None]
    rows = session.execute(vouched(select(node.c.id, node.c.name).where(node.c.id.in_(wanted))))
    return {row[0]: row[1] for row in rows}
