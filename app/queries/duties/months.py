"""月监测: what a month brought, unit by unit, from the records (D3-12, D4-13). Nothing is filled in by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.duties.judging import start_of
from app.domain.duties.windows import period_of
from app.domain.enums import Urgency
from app.domain.policy.kinds import Every, Target
from app.models import Clue, GridNode, Visit
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.duties.standing import at
from app.queries.duties.units import Coverage, Span, coverage_of
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One unit's month. `monitored`, `everybody`: coverage; `visits` over any channel; `clues` raised, of these
    `emergencies`. All 0 is a report as well (零报告, D2-14)."""

    node_id: int
    monitored: Coverage
    everybody: Coverage
    visits: int = 0
    clues: int = 0
    emergencies: int = 0


def month_of(on: date) -> tuple[date, date]:
    """First and last day of the month `on` lies in."""
    period = period_of(Every.MONTH, on)
    return period.first_on, period.due_on


def list_month(session: Session, on: date, depth: int, node: GridNode | None = None) -> dict[int, MonthLine]:
    """Unit id → its month, for the units of `depth`. Five grouped statements."""
    first, last = month_of(on)
    none = Coverage(0, 0)
    monitored = _by_unit(session, Span(first, last, Target.MONITORED, node=node), depth)
    everybody = _by_unit(session, Span(first, last, node=node), depth)
    visits = _visits(session, first, last, depth, node)
    clues = _clues(session, first, last, depth, node)
    units = {*monitored, *everybody, *visits, *clues}
    return {
        unit: MonthLine(unit, monitored.get(unit, none), everybody.get(unit, none), visits.get(unit, 0),
                        *clues.get(unit, (0, 0)))
        for unit in units
    }  # fmt: skip


def _by_unit(session: Session, span: Span, depth: int) -> dict[int, Coverage]:
    return {one.node_id: one for one in coverage_of(session, span, depth) if one.node_id is not None}


def _visits(session: Session, first: date, last: date, depth: int, node: GridNode | None) -> dict[int, int]:
    unit = getattr(Visit, f"l{depth}_id")
    query = select(unit, func.count(Visit.id)).where(
        criterion(current_access(), Visit), Visit.closes_duty, Visit.happened_at >= at(start_of(first)),
        Visit.happened_at < at(start_of(last + timedelta(days=1))),
    )  # fmt: skip
    if node is not None:
        query = query.where(getattr(Visit, f"l{node.depth}_id") == node.id)
    return {row[0]: row[1] for row in session.execute(vouched(query.group_by(unit))) if row[0] is not None}


def _clues(session: Session, first: date, last: date, depth: int, node: GridNode | None) -> dict[int, tuple[int, int]]:
    unit = getattr(Clue, f"l{depth}_id")
    emergencies = func.count(Clue.id).filter(Clue.urgency == Urgency.EMERGENCY)
    query = select(unit, func.count(Clue.id), emergencies).where(
        criterion(current_access(), Clue), Clue.raised_at >= at(start_of(first)),
        Clue.raised_at < at(start_of(last + timedelta(days=1))),
    )  # fmt: skip
    if node is not None:
        query = query.where(getattr(Clue, f"l{node.depth}_id") == node.id)
    return {row[0]: (row[1], row[2]) for row in session.execute(vouched(query.group_by(unit))) if row[0] is not None}
