"""What lies open in a unit: the things a successor must take over without losing one (D0-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.domain.enums import ClueState, ContactState, WorkTaskState
from app.models import Clue, Contact, GridNode, Household, Participation, WorkTask

OPEN_CONTACTS = (ContactState.PLANNED, ContactState.CALLING, ContactState.WAITING, ContactState.MISSED)
OPEN_CLUES = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING)
KINDS = ("tasks", "contacts", "clues", "participations")


@dataclass(frozen=True, slots=True)
class OpenWork:
    """`items`: {kind: ids in order}; `households`: how many the unit has."""

    items: dict[str, list[int]]
    households: int

    def counts(self) -> dict[str, int]:
        return {kind: len(ids) for kind, ids in self.items.items()}


def open_work(session: Any, node: GridNode, worker_id: int) -> OpenWork:
    """Open tasks, due contacts and open clues of the unit, and the checks and measures this worker is named for."""

    def inside(model: Any) -> Any:
        return getattr(model, f"l{node.depth}_id") == node.id

    queries = {
        "tasks": select(WorkTask.id).where(inside(WorkTask), WorkTask.state == WorkTaskState.OPEN),
        "contacts": select(Contact.id).where(inside(Contact), Contact.state.in_(OPEN_CONTACTS)),
        "clues": select(Clue.id).where(inside(Clue), Clue.state.in_(OPEN_CLUES)),
        "participations": select(Participation.id).where(
            inside(Participation), Participation.worker_id == worker_id, Participation.done_on.is_(None)
        ),
    }
    items = {kind: sorted(session.scalars(query)) for kind, query in queries.items()}
    alive = select(func.count(Household.id)).where(inside(Household), Household.gone_on.is_(None))
    return OpenWork(items, session.scalar(alive) or 0)
