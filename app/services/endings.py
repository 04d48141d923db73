"""How a contact ends: reached, not reached, or not to be called. What then follows is said by its kind of campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import ContactState, Disposition, ExclusionReason, VisitChannel
from app.extensions import clock
from app.models import Contact
from app.services import campaign_kinds, histories, worklist
from app.services.contacts import clear_next, move, request_cancellations


def end_reached(session: Session, contact: Contact, channel: VisitChannel, at: datetime) -> bool:
    """A valid contact over `channel`. The row is locked. False when it had been reached before."""
    if contact.state is ContactState.REACHED:
        return False
    move(contact, ContactState.REACHED)
    contact.disposition, contact.exclusion = Disposition.REACHED, None
    contact.closed_at, contact.closed_channel = at, str(channel)
    clear_next(contact)
    request_cancellations(session, contact)
    return True


def end_unreached(session: Session, contact: Contact, reason: str) -> None:
    """The campaign is through with this household without a valid contact. `reason`: a StepReason."""
    disposition = disposition_of(ContactState.MISSED, histories.list_outcomes(session, contact))
    if disposition is Disposition.OPTED_OUT:
        end_opted_out(session, contact)
        return
    move(contact, ContactState.MISSED)
    contact.disposition, contact.closed_at = disposition, clock.now()
    clear_next(contact)
    request_cancellations(session, contact)
    campaign_kinds.of(contact.campaign).missed(session, contact, reason, disposition)


def end_opted_out(session: Session, contact: Contact) -> None:
    """They asked not to be called: where a contact is owed, the worker visits."""
    end_excluded(session, contact, ExclusionReason.OPTED_OUT)


def end_excluded(session: Session, contact: Contact, reason: ExclusionReason) -> None:
    """Not to be called for `reason`; where a duty remains it goes to the grid worker as a visit."""
    move(contact, ContactState.EXCLUDED)
    contact.exclusion, contact.closed_at = reason, clock.now()
    contact.disposition = disposition_of(ContactState.EXCLUDED, (), reason)
    clear_next(contact)
    request_cancellations(session, contact)
    left = campaign_kinds.of(contact.campaign).left_to_worker.get(reason)
    if left is not None:
        kind, code = left
        worklist.open_task(session, contact.household, kind, code, contact=contact)
