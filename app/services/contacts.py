"""A contact's row: lock it, move it through its table, clear its schedule, call back what a carrier still holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.domain.enums import AttemptState, ContactState
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import Attempt, Contact

OPEN_STATES = (ContactState.PLANNED, ContactState.CALLING, ContactState.WAITING)
AT_CARRIER = (AttemptState.DISPATCHED, AttemptState.RINGING, AttemptState.UNKNOWN)


def lock_contact(session: Session, contact_id: int) -> Contact:
    """The row as it is now, locked until the transaction ends. Raises NoResultFound."""
    session.flush()
    query = select(Contact).where(Contact.id == contact_id).with_for_update(of=Contact)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def move(contact: Contact, state: ContactState) -> None:
    """Through the transition table; staying is no move. Raises InvalidTransition."""
    if contact.state is not state:
        require_move(contact.state, state)
        contact.state = state


def clear_next(contact: Contact) -> None:
    """Nothing is due for this contact any more."""
    contact.next_attempt_at = contact.next_kind = contact.next_phone_id = None
    contact.next_reason = ""


def request_cancellations(session: Session, contact: Contact) -> int:
    """Mark what the carrier still holds for this contact; a worker cancels it soon. Number of marked attempts."""
    return _wake_sweeper(session, Attempt.contact_id == contact.id)


def request_number_cancellations(session: Session, e164_hash: str) -> int:
    """The same for a number that has just opted out, whichever household it was called for (I3)."""
    return _wake_sweeper(session, Attempt.phone_hash == e164_hash)


def _wake_sweeper(session: Session, condition: ColumnElement[bool]) -> int:
    """That an attempt is to be cancelled is derived from contact, ledger and window; this only makes it soon."""
    result: Any = session.execute(
        update(Attempt)
        .where(condition, Attempt.state.in_(AT_CARRIER), Attempt.is_inbound.is_(False))
        .values(next_check_at=clock.now()),
        execution_options={"synchronize_session": "fetch"},
    )
    return int(result.rowcount)
