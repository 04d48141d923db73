"""信息变更: news about a household. The register changes only when somebody accepts it (D0-29)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import ChangeRequestState, WorkTaskKind
from app.domain.quarters import CHINA
from app.domain.transitions import require_move
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Absence, ChangeRequest, Household, Member, Visit
from app.services import worklist
from app.services.register.applying import apply_field

ABSENCE = "absence"
PHONE = "phone"
RETURNED = "returned"  # new_value of ABSENCE: the one who was away is home
RETURNING_SOON = "returning_soon"
WRONG_NUMBER = "wrong_number"  # new_value of PHONE: one of the numbers is somebody else's, nobody knows which
LONGEST_REASON = 200


def propose(
    session: Session,
    household: Household,
    field: str,
    new_value: str,
    *,
    source: str,
    visit: Visit | None = None,
    old_value: str | None = None,
    member: Member | None = None,
    reason: str = "",
    user_id: int | None = None,
) -> ChangeRequest:
    """Note what is new and ask the worker to check it. Idempotent per (visit, field and member); without a visit, per
    pending request of the same field, member and value. `source`: VisitChannel value of where it was said, or "worker".
    `field`: ABSENCE, PHONE, "moved" or a key of app.domain.register.fields, whose value has been read already."""
    known = _find_pending(session, household, field, new_value, visit, member)
    if known is not None:
        return known
    request = ChangeRequest(household_id=household.id, household=household, visit=visit, field=field,
                            old_value=old_value, new_value=new_value, source=source, member=member,
                            member_id=member.id if member else None, reason=reason[:LONGEST_REASON] or None,
                            proposed_by_id=user_id, is_demo=household.is_demo)  # fmt: skip
    session.add(request)
    session.flush()
    worklist.open_task(session, household, WorkTaskKind.CHANGE_REQUEST_CHECK, ReasonCode.CHANGE,
                             detail={"field": field})  # fmt: skip
    return request


def _find_pending(
    session: Session, household: Household, field: str, new_value: str, visit: Visit | None, member: Member | None
) -> ChangeRequest | None:
    query = select(ChangeRequest).where(ChangeRequest.household_id == household.id, ChangeRequest.field == field)
    query = query.where(ChangeRequest.member_id == member.id if member else ChangeRequest.member_id.is_(None))
    if visit is not None:
        return session.scalars(query.where(ChangeRequest.visit_id == visit.id)).first()
    pending = session.scalars(query.where(ChangeRequest.state == ChangeRequestState.PENDING))
    return next((request for request in pending if request.new_value == new_value), None)


def decide(
    session: Session,
    request_id: int,
    *,
    accept: bool,
    user_id: int | None,
    note: str = "",
    at: datetime | None = None,
) -> ChangeRequest:
    """Accept (and write the register, in this transaction) or reject. A returned absence ends on the civil day of the
    decision; a field of the register takes its new value; "moved" and a number are only noted, since they need the
    worker's own act (a new number is entered on the household's page).

    Raises InvalidTransition when it was decided before, LookupError when there is no such request, FieldError when the
    register can no longer hold the value, StaleChange when the field has changed since it was proposed.
    """
    at = at or clock.now()
    request = session.get(ChangeRequest, request_id, with_for_update=True)
    if request is None:
        raise LookupError(f"no change request {request_id}")
    state = ChangeRequestState.ACCEPTED if accept else ChangeRequestState.REJECTED
    require_move(request.state, state)
    request.state, request.decided_at, request.decided_by_id, request.note = state, at, user_id, note[:200]
    if accept and request.field == ABSENCE and request.new_value == RETURNED:
        _end_absence(session, request.household_id, at)
    elif accept:
        apply_field(session, request, at)
    session.flush()
    _close_check(session, request, user_id, at)
    return request


def withdraw(session: Session, request_id: int, *, user_id: int | None) -> ChangeRequest:
    """Whoever proposed it takes it back. Raises LookupError for another's or an unknown one, InvalidTransition."""
    request = session.get(ChangeRequest, request_id, with_for_update=True)
    if request is None or request.proposed_by_id is None or request.proposed_by_id != user_id:
        raise LookupError(f"no own change request {request_id}")
    require_move(request.state, ChangeRequestState.WITHDRAWN)
    at = clock.now()
    request.state, request.decided_at, request.decided_by_id = ChangeRequestState.WITHDRAWN, at, user_id
    session.flush()
    _close_check(session, request, user_id, at)
    return request


def _close_check(session: Session, request: ChangeRequest, user_id: int | None, at: datetime) -> None:
    """The task to check ends with the household's last pending change, not with its first."""
    waiting = select(ChangeRequest.id).where(
        ChangeRequest.household_id == request.household_id, ChangeRequest.state == ChangeRequestState.PENDING
    )
    if session.scalars(waiting).first() is None:
        worklist.close_if_open(session, request.household_id, WorkTaskKind.CHANGE_REQUEST_CHECK,
                               result=request.state.value, user_id=user_id, at=at)  # fmt: skip


def _end_absence(session: Session, household_id: int, at: datetime) -> None:
    query = select(Absence).where(Absence.household_id == household_id, Absence.ended_on.is_(None))
    absence = session.scalars(query.with_for_update()).first()
    if absence is not None:
        absence.ended_on = max(absence.since_on, at.astimezone(CHINA).date())
