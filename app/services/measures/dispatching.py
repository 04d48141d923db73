"""分办: an item of the list of measures, or a project applied for, goes to a department that answers (D0-48, D3-18)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.measures.dates import limit_day
from app.domain.measures.words import Answer, DispatchState, ItemState, PlanState
from app.domain.msgids import N_
from app.models import Department, MeasureDispatch, PlanItem
from app.queries.policy import rules_for
from app.services.measures.items import item_of
from app.services.measures.plans import LONGEST, civil_today, locked, touch
from app.services.measures.problems import PlanError

ANSWER_LIMIT = "department_answer"  # of the policy's time limits


def answer_due(item: PlanItem) -> date | None:
    """The day by which a department has to answer what is sent today; None where no rule says."""
    limit = rules_for(item.node_id, civil_today()).deadline(ANSWER_LIMIT)
    return None if limit is None else limit_day(civil_today(), limit)


def send(
    session: Session, item_id: int, department_id: int, *, user_id: int | None, due_on: date, words: str = ""
) -> MeasureDispatch:
    """Ask a department. Raises PlanError for a plan that is not in force, an item that waits already or has begun, a
    department that is gone, or a day in the past."""
    item = item_of(session, item_id)
    plan = locked(session, item.line.plan_id)
    if plan.state is not PlanState.IN_FORCE:
        raise PlanError(N_("The plan is not in force yet: nothing is sent before it was checked."))
    if item.state is ItemState.SENT:
        raise PlanError(N_("This lies with a department already."))
    if item.state not in (ItemState.PLANNED, ItemState.REFUSED):
        raise PlanError(N_("Only what has not begun is sent to a department."))
    today = civil_today()
    department = session.get(Department, department_id)
    if department is None or (department.to_on is not None and department.to_on < today):
        raise PlanError(N_("Choose a department that still works."), "department")
    if due_on < today:
        raise PlanError(N_("The day lies in the past."), "due_on")
    dispatch = MeasureDispatch(item_id=item.id, household_id=item.household_id,
                               department_id=department.id, sent_on=today, due_on=due_on, sent_by_id=user_id,
                               words=words.strip()[:LONGEST] or None, state=DispatchState.WAITING,
                               is_demo=item.is_demo)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(dispatch)
    except IntegrityError as error:  # the other click was first
        raise PlanError(N_("This lies with a department already.")) from error
    item.state = ItemState.SENT
    touch(plan)
    session.flush()
    session.expire(item, ["dispatches"])
    return dispatch


def waiting(session: Session, dispatch_id: int) -> MeasureDispatch:
    """Locked until the commit. Raises LookupError for an unknown one, PlanError for one that is settled."""
    found = session.get(MeasureDispatch, dispatch_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise LookupError(f"no dispatch {dispatch_id}")
    if found.state is not DispatchState.WAITING:
        raise PlanError(N_("This was settled meanwhile."))
    return found


def answer(
    session: Session, dispatch_id: int, *, user_id: int | None, said: Answer, words: str, on: date | None = None
) -> MeasureDispatch:
    """The department has answered. Granted, the item may begin; otherwise something else has to be found."""
    found, day = waiting(session, dispatch_id), on or civil_today()
    if not found.sent_on <= day <= civil_today():
        raise PlanError(N_("Answered on a day between the dispatch and today."), "on")
    if not words.strip():
        raise PlanError(N_("Write what the department answered."), "words")
    found.answer = said
    granted = said is Answer.GRANTED
    return _settle(session, found, DispatchState.ANSWERED, words, day, user_id,
                   ItemState.PLANNED if granted else ItemState.REFUSED)  # fmt: skip


def send_back(session: Session, dispatch_id: int, *, user_id: int | None, reason: str) -> MeasureDispatch:
    """退回: it is not theirs, or something is missing. The item may be sent elsewhere."""
    found = waiting(session, dispatch_id)
    if not reason.strip():
        raise PlanError(N_("Say why it is returned."), "words")
    return _settle(session, found, DispatchState.RETURNED, reason, civil_today(), user_id, ItemState.PLANNED)


def withdraw(session: Session, dispatch_id: int, *, user_id: int | None, reason: str) -> MeasureDispatch:
    """Whoever sent it takes it back."""
    found = waiting(session, dispatch_id)
    if not reason.strip():
        raise PlanError(N_("Say why it is withdrawn."), "words")
    return _settle(session, found, DispatchState.WITHDRAWN, reason, civil_today(), user_id, ItemState.PLANNED)


def _settle(
    session: Session, found: MeasureDispatch, state: DispatchState, words: str, on: date, user_id: int | None,
    item_state: ItemState,
) -> MeasureDispatch:  # fmt: skip
    found.state, found.answered_on, found.answered_by_id = state, on, user_id
    found.answer_words = words.strip()[:LONGEST]
    found.item.state = item_state
    touch(locked(session, found.item.line.plan_id))
    session.flush()
    return found
