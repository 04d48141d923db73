"""What a grid worker has to do: opening, ordering and closing the entries of the worker's list.

At most one open task of a kind a household (unique in the database): asking twice leaves one entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager

from app.domain.enums import Urgency, WorkTaskKind, WorkTaskState
from app.domain.quarters import CHINA, Quarter
from app.domain.transitions import require_move
from app.domain.urgency import rank_of
from app.extensions import clock
from app.models import Clue, Contact, Household, Recording, SmsMessage, WorkTask
from app.queries.worklist import matter_of

_K = WorkTaskKind
# Days until a task is due. Anhui gives two working days from an application to the visit; a spoken or written cry for
# help is not left over night. Kinds that are not here are due when the quarter ends.
_DAYS: Mapping[WorkTaskKind, int] = {
    _K.WANTS_TO_APPLY: 2, _K.CALL_BACK: 1, _K.LISTEN_MESSAGE: 1, _K.CLUE_FOLLOWUP: 3, _K.CHANGE_REQUEST_CHECK: 7,
}  # fmt: skip
_BATCH = 1000


def today() -> date:
    return clock.now().astimezone(CHINA).date()


def open_task(
    session: Session,
    household: Household,
    kind: WorkTaskKind,
    reason: str,
    contact: Contact | None = None,
    due_on: date | None = None,
    detail: Mapping[str, Any] | None = None,
    *,
    clue: Clue | None = None,
    recording: Recording | None = None,
    sms: SmsMessage | None = None,
    urgency: Urgency = Urgency.NORMAL,
) -> WorkTask:
    """The household's open task of `kind`, made if there is none.

    `reason`: a code of domain.urgency.ReasonCode; `detail`: plain JSON without personal data ("rounds": quarters
    missed in a row). `due_on`: default by kind. An open task keeps its place, unless the new reason is more urgent.
    """
    known = find_open(session, household.id, kind)
    if known is not None:
        return _sharpened(known, household, urgency)
    day = today()
    task = WorkTask(household_id=household.id, household=household, contact_id=contact.id if contact else None,
                    clue_id=clue.id if clue else None, recording_id=recording.id if recording else None,
                    sms_message_id=sms.id if sms else None, kind=kind, reason=str(reason), state=WorkTaskState.OPEN,
                    reason_detail={**(detail or {}), "urgency": urgency.value},
                    due_on=due_on or _due_on(kind, urgency, day), is_demo=household.is_demo)  # fmt: skip
    task.rank = rank_of(matter_of(task, household.category, day))
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:  # two requests opened it at once; theirs came first
        known = find_open(session, household.id, kind)
        if known is None:
            raise
        return _sharpened(known, household, urgency)
    return task


def find_open(session: Session, household_id: int, kind: WorkTaskKind) -> WorkTask | None:
    query = select(WorkTask).where(WorkTask.household_id == household_id, WorkTask.kind == kind,
                                   WorkTask.state == WorkTaskState.OPEN)  # fmt: skip
    return session.scalars(query).first()


def _sharpened(task: WorkTask, household: Household, urgency: Urgency) -> WorkTask:
    order = list(Urgency)
    if order.index(urgency) < order.index(Urgency(task.reason_detail.get("urgency", "normal"))):
        task.reason_detail = {**task.reason_detail, "urgency": urgency.value}
        if urgency is Urgency.EMERGENCY:
            task.due_on = today()
        task.rank = rank_of(matter_of(task, household.category, today()))
    return task


def _due_on(kind: WorkTaskKind, urgency: Urgency, day: date) -> date:
    if urgency is Urgency.EMERGENCY:
        return day
    return day + timedelta(days=_DAYS[kind]) if kind in _DAYS else Quarter.of(day).last_on


def close_task(
    session: Session,
    task_id: int,
    *,
    result: str,
    user_id: int | None = None,
    visit_id: int | None = None,
    state: WorkTaskState = WorkTaskState.DONE,
    at: datetime | None = None,
) -> WorkTask:
    """End one task. `result`: a short code. Raises LookupError when unknown, InvalidTransition when closed already."""
    task = session.get(WorkTask, task_id, with_for_update=True)
    if task is None:
        raise LookupError(f"no task {task_id}")
    require_move(task.state, state)
    task.state, task.result, task.closed_by_id, task.visit_id = state, result[:40], user_id, visit_id
    task.closed_at = at or clock.now()
    session.flush()
    return task


def close_if_open(
    session: Session,
    household_id: int,
    kind: WorkTaskKind,
    *,
    result: str,
    user_id: int | None = None,
    visit_id: int | None = None,
    state: WorkTaskState = WorkTaskState.DONE,
    at: datetime | None = None,
) -> WorkTask | None:
    """End the household's open task of `kind`; None when there is none."""
    task = find_open(session, household_id, kind)
    if task is None:
        return None
    return close_task(session, task.id, result=result, user_id=user_id, visit_id=visit_id, state=state, at=at)


def refresh_ranks(session: Session, on: date | None = None) -> int:
    """Put the open tasks in the order of civil date `on` (default today): days passed, so more are overdue. Runs daily;
    returns how many moved."""
    on = on or today()
    moved = 0
    for task in _open_tasks(session):
        rank = rank_of(matter_of(task, task.household.category, on))
        if rank != task.rank:
            task.rank = rank
            moved += 1
    session.flush()
    return moved


def _open_tasks(session: Session) -> Iterator[WorkTask]:
    after = 0
    while True:
        query = (
            select(WorkTask)
            .join(WorkTask.household)
            .options(contains_eager(WorkTask.household))
            .where(WorkTask.state == WorkTaskState.OPEN, WorkTask.id > after)
            .order_by(WorkTask.id)
            .limit(_BATCH)
        )
        batch = session.scalars(query).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].id
        session.flush()
