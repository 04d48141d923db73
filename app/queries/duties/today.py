"""The figures of a person's day: few grouped statements over the reader's own area, each with a list behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.campaign_kinds import CHECKIN
from app.domain.duties.words import SweepState
from app.domain.enums import (
    CampaignState,
    ChangeRequestState,
    ClueState,
    Duty,
    Urgency,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.transitions import OPEN_CLUES
from app.models import Assignment, Campaign, ChangeRequest, Clue, GridNode, Sweep, WorkTask
from app.queries.campaigns import of_kind
from app.queries.duties.units import AreaCounts, count_area
from app.queries.scope import today


@dataclass(frozen=True, slots=True)
class Today:
    """Households owed a contact, open tasks by kind, open clues, those nobody has begun with and the emergencies among
    them, changes that wait for a decision, groups without a grid worker, sweeps and campaigns under way."""

    contacts: AreaCounts
    tasks: dict[WorkTaskKind, int]
    clues: int
    pending_clues: int
    emergencies: int
    changes: int
    groups_without_worker: int
    sweeps: int
    campaigns: int


def figures(session: Session, now: datetime, depth: int | None = None) -> Today:
    """Everything the page of the day shows but the coverage of sweeps. `depth`: contacts by unit of this level too."""
    clues = session.execute(
        select(
            func.count(Clue.id), func.count(Clue.id).filter(Clue.state == ClueState.PENDING),
            func.count(Clue.id).filter(Clue.urgency == Urgency.EMERGENCY, Clue.state == ClueState.PENDING),
        ).where(Clue.state.in_(OPEN_CLUES))
    ).one()  # fmt: skip
    tasks = select(WorkTask.kind, func.count(WorkTask.id)).where(WorkTask.state == WorkTaskState.OPEN)
    return Today(
        contacts=count_area(session, depth, now=now),
        tasks={row[0]: row[1] for row in session.execute(tasks.group_by(WorkTask.kind))},
        clues=clues[0],
        pending_clues=clues[1],
        emergencies=clues[2],
        changes=_count(session, ChangeRequest.id, ChangeRequest.state == ChangeRequestState.PENDING),
        groups_without_worker=len(groups_without_worker(session)),
        sweeps=_count(session, Sweep.id, Sweep.state == SweepState.OPEN),
        campaigns=_count(session, Campaign.id, (Campaign.state == CampaignState.RUNNING) & of_kind(CHECKIN)),
    )


def groups_without_worker(session: Session) -> list[GridNode]:
    """Units at the lowest level in use that nobody serves as grid worker today (D0-05), by code."""
    deepest = session.scalar(select(func.max(GridNode.depth)).where(GridNode.is_active))
    on = today()
    served = select(Assignment.node_id).where(Assignment.duty == Duty.GRID_WORKER, Assignment.from_on <= on,
                                              Assignment.to_on.is_(None) | (Assignment.to_on >= on))  # fmt: skip
    query = select(GridNode).where(GridNode.depth == deepest, GridNode.is_active, GridNode.id.not_in(served))
    return list(session.scalars(query.order_by(GridNode.code)))


def _count(session: Session, key: Any, condition: Any) -> int:
    return session.scalar(select(func.count(key)).where(condition)) or 0
