"""The figures of a month or a quarter by unit, counted from the records; nothing of it is ever typed (D2-14, D4-13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.domain.casework.words import CaseState
from app.domain.duties.judging import start_of
from app.domain.meetings.words import IN_WORK, NOT_CLOSED
from app.domain.policy.kinds import Target
from app.domain.transitions import OPEN_CLUES
from app.models import Case, ChangeRequest, Clue, GridNode, Meeting, Resolution, Visit
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.duties.standing import at
from app.queries.duties.units import Span, coverage_of
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one unit and one span of days. Households: registered, and contacted within it, by kind; then what happened
    in it (visits and calls, clues, changes, cases, meetings); then what lies open today."""

    households: int = 0
    contacted: int = 0
    monitored: int = 0
    monitored_contacted: int = 0
    visits: int = 0
    clues: int = 0
    changes: int = 0
    cases_opened: int = 0
    cases_closed: int = 0
    meetings: int = 0
    open_clues: int = 0
    open_cases: int = 0
    open_resolutions: int = 0
    overdue_resolutions: int = 0

    @property
    def uncovered(self) -> int:
        return self.households - self.contacted

    @property
    def is_quiet(self) -> bool:
        """Nothing to tell: no clue, no change, no case (零报告). Visits without a finding are no news."""
        return not (self.clues or self.changes or self.cases_opened or self.cases_closed)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def from_dict(stored: dict[str, Any]) -> Figures:
    """Figures as a report keeps them; a count it does not know is 0."""
    return Figures(**{one.name: int(stored.get(one.name, 0)) for one in fields(Figures)})


def total_of(rows: Iterable[Figures]) -> Figures:
    """The sum, column by column."""
    found = list(rows)
    return Figures(**{one.name: sum(getattr(row, one.name) for row in found) for one in fields(Figures)})


def list_figures(
    session: Any, first: date, last: date, depth: int, today: date, node: GridNode | None = None
) -> dict[int, Figures]:
    """Unit id → its figures between two civil days, both included, for the units of `depth` that have any record,
    within `node` or the reader's area. Some ten grouped statements, however many units."""
    counted = _Counting(session, depth, node, at(start_of(first)), at(start_of(last + timedelta(days=1))))
    found: dict[int, dict[str, int]] = {}

    def put(name: str, rows: dict[int, int]) -> None:
        for unit, count in rows.items():
            found.setdefault(unit, {})[name] = count

    for name, target in (("", Target.EVERYONE), ("monitored", Target.MONITORED)):
        for one in coverage_of(session, Span(first, last, target, node=node), depth):
            if one.node_id is not None:
                put(name or "households", {one.node_id: one.households})
                put(f"{name}_contacted" if name else "contacted", {one.node_id: one.contacted})
    put("visits", counted.happened(Visit, Visit.happened_at, Visit.closes_duty))
    put("clues", counted.happened(Clue, Clue.raised_at))
    put("changes", counted.happened(ChangeRequest, ChangeRequest.created_at))
    put("cases_opened", counted.by_unit(Case, Case.opened_on.between(first, last)))
    put("cases_closed", counted.happened(Case, Case.closed_at))
    put("meetings", counted.by_unit(Meeting, Meeting.held_on.between(first, last)))
    put("open_clues", counted.by_unit(Clue, Clue.state.in_(OPEN_CLUES)))
    put("open_cases", counted.by_unit(Case, Case.state == CaseState.OPEN))
    put("open_resolutions", counted.by_unit(Resolution, Resolution.state.in_(NOT_CLOSED)))
    put("overdue_resolutions", counted.by_unit(Resolution, Resolution.state.in_(IN_WORK), Resolution.due_on < today))
    return {unit: Figures(**values) for unit, values in found.items()}


def figures_of(session: Any, node: GridNode, first: date, last: date, today: date) -> Figures:
    """One unit's, with everything below it."""
    return list_figures(session, first, last, node.depth, today, node).get(node.id, Figures())


class _Counting:
    """Grouped counts within one area and span of time."""

    def __init__(self, session: Any, depth: int, node: GridNode | None, start: Any, end: Any) -> None:
        self._session, self._depth, self._node, self._start, self._end = session, depth, node, start, end

    def happened(self, model: type[Any], when: Any, *conditions: Any) -> dict[int, int]:
        return self.by_unit(model, when >= self._start, when < self._end, *conditions)

    def by_unit(self, model: type[Any], *conditions: Any) -> dict[int, int]:
        unit = getattr(model, f"l{self._depth}_id")
        query = select(unit, func.count(model.id)).where(criterion(current_access(), model), *conditions)
        if self._node is not None:
            query = query.where(getattr(model, f"l{self._node.depth}_id") == self._node.id)
        rows = self._session.execute(vouched(query.group_by(unit)))
        return {row[0]: row[1] for row in rows if row[0] is not None}
