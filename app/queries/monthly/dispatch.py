"""月调度: what lies open, unit by unit, to be handed on in a meeting (D3-12, D3-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.domain.casework.words import CaseState
from app.domain.transitions import OPEN_CLUES
from app.models import Case, Clue, GridNode, Resolution
from app.queries.meetings.resolutions import Shelf, count_on, list_resolutions

MOST = 50  # of each kind: what a meeting can talk about; the numbers lead to the whole lists


@dataclass(frozen=True, slots=True)
class Open:
    """What lies open in an area, the longest first; the counts are of everything, the lists of the first of it."""

    clues: list[Clue]
    clue_count: int
    cases: list[Case]
    case_count: int
    resolutions: list[Resolution]
    resolution_count: int

    @property
    def is_clear(self) -> bool:
        """动态清零: nothing waits (D3-13)."""
        return not (self.clue_count or self.case_count or self.resolution_count)


def list_open_items(session: Any, node: GridNode | None, now: datetime, today: Any) -> Open:
    """Clues nobody has settled, cases past the time limit of their step, resolutions past their day."""
    return Open(
        *list_open_clues(session, node),
        *list_late_cases(session, node, now),
        list_resolutions(session, Shelf.OVERDUE, today, node, limit=MOST),
        count_on(session, Shelf.OVERDUE, today, node),
    )


def list_open_clues(
    session: Any, node: GridNode | None, *, after: int = 0, limit: int = MOST
) -> tuple[list[Clue], int]:
    """(clues nobody has settled, how many there are), the longest first; `after` rows are left out."""
    return _part(session, Clue, [Clue.state.in_(OPEN_CLUES)], Clue.raised_at, node, after, limit)


def list_late_cases(
    session: Any, node: GridNode | None, now: datetime, *, after: int = 0, limit: int = MOST
) -> tuple[list[Case], int]:
    """(cases past the time limit of their step, how many there are), the latest first; `after` rows are left out."""
    late = [Case.state == CaseState.OPEN, Case.step_due_at < now]
    return _part(session, Case, late, Case.step_due_at, node, after, limit)


def _part(
    session: Any, model: Any, wanted: list[Any], first: Any, node: GridNode | None, after: int, limit: int
) -> tuple[list[Any], int]:
    rows = _within(select(model).where(*wanted), model, node).options(joinedload(model.household))
    count = _within(select(func.count(model.id)).where(*wanted), model, node)
    found = session.scalars(rows.order_by(first, model.id).offset(after).limit(limit))
    return list(found), int(session.scalar(count) or 0)


def _within(query: Any, model: type[Any], node: GridNode | None) -> Any:
    return query if node is None else query.where(getattr(model, f"l{node.depth}_id") == node.id)
