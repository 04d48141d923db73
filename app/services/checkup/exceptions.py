"""Exceptions: a finding that is right as it is, said with a reason, approved by somebody else, for a time."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.checkup.words import ExceptionState
from app.domain.msgids import N_
from app.extensions import clock
from app.models import CheckupException, CheckupFinding
from app.queries.access import today

LONGEST = timedelta(days=366)
_LEAST_REASON, _LONGEST_REASON, _LONGEST_ANSWER = 4, 400, 200


class ExceptionRefused(ValueError):
    """What cannot be done. `field` names the entry ("" for the whole); the text is a msgid."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def request(session: Session, finding: CheckupFinding, reason: str, expires_on: date, user_id: int) -> CheckupException:
    """Ask for an exception until `expires_on` (civil day, included). Raises ExceptionRefused."""
    reason = reason.strip()
    if finding.closed_at is not None:
        raise ExceptionRefused("", N_("This finding is settled already."))
    if not _LEAST_REASON <= len(reason) <= _LONGEST_REASON:
        raise ExceptionRefused("reason", N_("Say in 4 to 400 characters why the record is right as it is."))
    if not today() < expires_on <= today() + LONGEST:
        raise ExceptionRefused("expires_on", N_("A day from tomorrow on, within a year."))
    made = CheckupException(finding_id=finding.id, household_id=finding.household_id, reason=reason,
                            expires_on=expires_on, requested_by_id=user_id)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise ExceptionRefused("", N_("An exception was asked for already and waits for approval.")) from error
    return made


def decide(session: Session, exception_id: int, approve: bool, answer: str, user_id: int) -> CheckupException:
    """Approve or refuse; never one's own. Raises ExceptionRefused, also when it was decided meanwhile."""
    query = select(CheckupException).where(CheckupException.id == exception_id).with_for_update()
    asked = session.scalars(query, execution_options={"populate_existing": True}).one()
    if asked.state is not ExceptionState.PENDING:
        raise ExceptionRefused("", N_("This was decided already."))
    if asked.requested_by_id == user_id:
        raise ExceptionRefused("", N_("Somebody else has to approve what you asked for."))
    if not approve and not answer.strip():
        raise ExceptionRefused("answer", N_("Say why not."))
    asked.state = ExceptionState.APPROVED if approve else ExceptionState.REFUSED
    asked.decided_at, asked.decided_by_id, asked.answer = clock.now(), user_id, answer.strip()[:_LONGEST_ANSWER]
    if approve:
        asked.finding.excepted_until = asked.expires_on
    session.flush()
    return asked
