"""走访: one contact with a household, and everything that follows from what was said in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import ClueKind, ClueSource, VisitChannel, WorkTaskKind
from app.domain.urgency import ReasonCode
from app.models import Answer, Attempt, Contact, Household, Visit
from app.services import changes, clues, worklist
from app.services.contacts import lock_contact
from app.services.duties import last_contacts
from telephony.ivr.findings import Finding
from telephony.ivr.state import Answer as Given

_WANTS = {
    "callback": (WorkTaskKind.CALL_BACK, ReasonCode.CALL_BACK),
    "apply": (WorkTaskKind.WANTS_TO_APPLY, ReasonCode.WANTS_TO_APPLY),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What one contact brought. `answers`: question id → what was given, in the order asked; `found`: what it means."""

    respondent: str
    answers: Sequence[tuple[str, Given]]
    found: Sequence[Finding]


def find_for_attempt(session: Session, attempt_id: int) -> Visit | None:
    return session.scalars(select(Visit).where(Visit.attempt_id == attempt_id)).first()


def record(
    session: Session,
    household: Household,
    channel: VisitChannel,
    heard: Heard,
    *,
    at: datetime,
    closes_duty: bool,
    contact: Contact | None = None,
    attempt: Attempt | None = None,
    client_id: str | None = None,
    worker_id: int | None = None,
    note: str | None = None,
) -> Visit:
    """Store the visit, its answers and what it means for the household's last contacts (not its consequences). The
    caller has made sure that it is the first of its attempt or client id; the unique indexes see that it stays so."""
    if contact is not None:  # before any row of the household: whoever ends a call takes these locks in this order
        lock_contact(session, contact.id)
    visit = Visit(household_id=household.id, household=household, contact_id=contact.id if contact else None,
                  attempt_id=attempt.id if attempt else None, client_id=client_id, channel=channel, happened_at=at,
                  respondent=heard.respondent, worker_id=worker_id, note=note or None, closes_duty=closes_duty,
                  findings=plain_findings(heard.found), is_demo=household.is_demo)  # fmt: skip
    session.add(visit)
    session.flush()
    last_contacts.note(session, visit)
    store_answers(session, household, heard.answers, at=at, visit=visit, contact=contact, attempt=attempt)
    return visit


def store_answers(
    session: Session,
    household: Household,
    answers: Sequence[tuple[str, Given]],
    *,
    at: datetime,
    visit: Visit | None = None,
    contact: Contact | None = None,
    attempt: Attempt | None = None,
) -> None:
    """One row a question, with the digits exactly as they were pressed (I10)."""
    for question, given in answers:
        session.add(Answer(household_id=household.id, contact_id=contact.id if contact else None,
                           attempt_id=attempt.id if attempt else None, visit_id=visit.id if visit else None,
                           question=question, value=given.value[:40], digits=given.digits[:32],
                           is_confirmed=given.confirmed, sequence=given.seq, answered_at=at))  # fmt: skip
    session.flush()


def draw_consequences(
    session: Session,
    household: Household,
    found: Sequence[Finding],
    source: ClueSource,
    *,
    visit: Visit | None = None,
    contact: Contact | None = None,
    user_id: int | None = None,
) -> None:
    """Clues from confirmed risks, tasks from wishes, change requests from news. Safe to run twice for one visit.

    A risk that was not asked back (the line dropped before the yes) raises nothing by itself: the worker is asked to
    call back and hear it.
    """
    for finding in found:
        if finding.risk is not None and finding.confirmed:
            kind = ClueKind(finding.risk)
            clues.raise_clue(session, household, kind, source, visit=visit, contact=contact, user_id=user_id)
        elif finding.risk is not None:
            worklist.open_task(session, household, WorkTaskKind.CALL_BACK, ReasonCode.CALL_BACK, contact,
                               detail={"unconfirmed": finding.risk})  # fmt: skip
        if finding.wants is not None:
            task_kind, reason = _WANTS[finding.wants]
            worklist.open_task(session, household, task_kind, reason, contact)
        if finding.info_change is not None:
            said_over = visit.channel.value if visit is not None else source.value
            changes.propose(session, household, changes.ABSENCE, finding.info_change, source=said_over, visit=visit)


def plain_findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """As Visit.findings keeps them."""
    return [_plain(finding) for finding in found]


def _plain(finding: Finding) -> dict[str, Any]:
    plain: dict[str, Any] = {"question": finding.question, "value": finding.value, "confirmed": finding.confirmed}
    for name in ("risk", "wants", "info_change"):
        if (value := getattr(finding, name)) is not None:
            plain[name] = value
    if finding.is_recording:
        plain["is_recording"] = True
    return plain
