"""A contact's row: lock it, move it through its table, clear its schedule, call back what a carrier still holds."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session, joinedload, scoped_session

from app.domain.enums import AttemptState, ContactState
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import Attempt, Contact

READY_STATES = (ContactState.PLANNED, ContactState.WAITING)  # due as soon as next_attempt_at has come
OPEN_STATES = (*READY_STATES, ContactState.CALLING)
Row = TypeVar("Row", Contact, Attempt)
_HELD = "shouwang.held_locks"
AT_CARRIER = (AttemptState.DISPATCHED, AttemptState.RINGING, AttemptState.UNKNOWN)


# Built once: these run several times for every callback.
_LOCK = (
    select(Contact)
    .where(Contact.id == bindparam("contact_id"))
    .options(joinedload(Contact.campaign, innerjoin=True))
    .with_for_update(of=Contact)
    .execution_options(populate_existing=True)
)


def lock_contact(session: Session, contact_id: int) -> Contact:
    """The row as it is now, with its campaign, locked until the transaction ends. Raises NoResultFound."""
    held = held_lock(session, Contact, contact_id)
    if held is not None:
        return held
    session.flush()
    return note_lock(session, session.execute(_LOCK, {"contact_id": contact_id}).scalar_one())


def held_lock(session: Session, model: type[Row], row_id: int) -> Row | None:
    """The row when this very transaction has locked it already: nobody else can have changed it since."""
    session = _plain(session)
    transaction, rows = session.info.get(_HELD, (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        return None
    found: Row | None = rows.get((model, row_id))
    return found


def note_lock(session: Session, row: Row) -> Row:
    """Remember for `held_lock` that this transaction holds the row. What a savepoint locks is not remembered: its
    roll-back would let go of the lock."""
    session = _plain(session)
    transaction = session.get_transaction()
    if session.in_nested_transaction():
        return row
    held = session.info.get(_HELD)
    if held is None or held[0] is not transaction:
        rows: dict[tuple[type[Row], int], Row] = {}
        held = session.info[_HELD] = (transaction, rows)
    held[1][type(row), row.id] = row
    return row


def _plain(session: Session | scoped_session[Session]) -> Session:
    """`db.session` stands for a session a thread."""
    return session() if isinstance(session, scoped_session) else session


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


def request_campaign_cancellations(session: Session, campaign_id: int) -> int:
    """The same for a campaign that has just been closed."""
    return _wake_sweeper(session, Attempt.campaign_id == campaign_id)


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
