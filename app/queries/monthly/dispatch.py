"""月调度: what lies open, unit by unit, to be handed on in a meeting (D3-12, D3-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.domain.casework.words import CaseState
from app.models import Case, Clue, GridNode, Resolution
from app.queries.duties.today import OPEN_CLUES
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
    late = [Case.state == CaseState.OPEN, Case.step_due_at < now]
    clues = _within(select(Clue).where(Clue.state.in_(OPEN_CLUES)), Clue, node)
    cases = _within(select(Case).where(*late), Case, node)
    return Open(
        list(session.scalars(clues.options(joinedload(Clue.household)).order_by(Clue.raised_at, Clue.id).limit(MOST))),
        session.scalar(_within(select(func.count(Clue.id)).where(Clue.state.in_(OPEN_CLUES)), Clue, node)) or 0,
        list(session.scalars(cases.options(joinedload(Case.household)).order_by(Case.step_due_at, Case.id)
                             .limit(MOST))),
        session.scalar(_within(select(func.count(Case.id)).where(*late), Case, node)) or 0,
        list_resolutions(session, Shelf.OVERDUE, today, node, limit=MOST),
        count_on(session, Shelf.OVERDUE, today, node),
    )  # fmt: skip


def _within(query: Any, model: type[Any], node: GridNode | None) -> Any:
    return query if node is None else query.where(getattr(model, f"l{node.depth}_id") == node.id)
