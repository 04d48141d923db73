"""What a withdrawn visit had closed is open again: its campaign's contact, and with it the task for the worker."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import ContactState, WorkTaskKind
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Contact, Visit
from app.services import histories, worklist
from app.services.contacts import lock_contact, move


def reopen_contact(session: Session, visit: Visit) -> bool:
    """The contact of the quarter that the withdrawn `visit` (flushed) had closed is missed again, unless another valid
    visit stands. No carrier calls by itself: the grid worker gets the task. False when there is nothing to open."""
    if visit.contact_id is None:
        return False
    contact = lock_contact(session, visit.contact_id)
    if contact.state is not ContactState.REACHED:
        return False
    other = _other_visit(session, contact, visit)
    if other is not None:
        contact.closed_at, contact.closed_channel = other.happened_at, other.channel.value
        return False
    move(contact, ContactState.MISSED)
    outcomes = histories.list_outcomes(session, contact)
    contact.disposition, contact.closed_at = disposition_of(ContactState.MISSED, outcomes), clock.now()
    contact.closed_channel = None
    worklist.open_task(session, contact.household, WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED, contact=contact)
    session.flush()
    return True


def _other_visit(session: Session, contact: Contact, visit: Visit) -> Visit | None:
    query = select(Visit).where(Visit.contact_id == contact.id, Visit.id != visit.id, Visit.closes_duty)
    return session.scalars(query.order_by(Visit.happened_at.desc()).limit(1)).first()
