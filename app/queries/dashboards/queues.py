"""The township's inbox (D0-19, D3-04): what waits in each of its five tasks, all counted in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseState
from app.domain.enums import ChangeRequestState, ClueState, Urgency
from app.domain.grid_care.words import GridTaskState, PublicityState, SyncState
from app.domain.meetings.words import IN_WORK, ResolutionState
from app.domain.register.words import AppealState
from app.models import Appeal, Case, ChangeRequest, Clue, GridTask, PublicityRecord, Resolution, SyncItem
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class Queues:
    """How many of each wait in the reader's area."""

    grid_tasks: int
    notices_due: int
    sync_waiting: int
    clues_pending: int
    emergencies: int
    cases_open: int
    cases_late: int
    resolutions_open: int
    resolutions_late: int
    resolutions_to_check: int
    appeals_open: int
    changes_pending: int


def read_queues(session: Session, now: datetime, on: date) -> Queues:
    clue, case_file, resolution = Clue.__table__, Case.__table__, Resolution.__table__
    pending, is_open = clue.c.state == ClueState.PENDING, case_file.c.state == CaseState.OPEN
    in_work = resolution.c.state.in_(IN_WORK)
    counts = (
        _count(GridTask, GridTask.__table__.c.state == GridTaskState.OPEN),
        _count(PublicityRecord, PublicityRecord.__table__.c.state == PublicityState.DUE),
        _count(SyncItem, SyncItem.__table__.c.state == SyncState.WAITING),
        _count(Clue, pending),
        _count(Clue, pending, clue.c.urgency == Urgency.EMERGENCY),
        _count(Case, is_open),
        _count(Case, is_open, case_file.c.step_due_at < now),
        _count(Resolution, in_work),
        _count(Resolution, in_work, resolution.c.due_on < on),
        _count(Resolution, resolution.c.state == ResolutionState.ANSWERED),
        _count(Appeal, Appeal.__table__.c.state == AppealState.OPEN),
        _count(ChangeRequest, ChangeRequest.__table__.c.state == ChangeRequestState.PENDING),
    )
    return Queues(*tuple(session.execute(vouched(select(*counts))).one()))


def _count(model: type[Any], *conditions: Any) -> Any:
    inside = criterion(current_access(), model)
    return select(func.count()).select_from(model.__table__).where(inside, *conditions).scalar_subquery()
