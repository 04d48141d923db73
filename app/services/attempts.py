"""An attempt's row, call or text: lock it, tell whether a carrier's news concern it and move it, end it.

What the news of each channel say beyond that is call_states' and sms_states'.
"""

from __future__ import annotations

import logging

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState
from app.domain.transitions import can_move
from app.extensions import clock
from app.models import Attempt
from app.services import prices, scheduling
from app.services.contacts import held_lock, lock_contact, note_lock

log = logging.getLogger(__name__)

_CONTACT_OF = select(Attempt.contact_id).where(Attempt.id == bindparam("attempt_id"))
_LOCK = (
    select(Attempt)
    .where(Attempt.id == bindparam("attempt_id"))
    .with_for_update(of=Attempt)
    .execution_options(populate_existing=True)
)


def lock_attempt(session: Session, attempt_id: int) -> Attempt:
    """The row as it is now, locked until the transaction ends, its contact before it: always in this order, so that a
    callback and a worker's visit never wait for each other. Raises NoResultFound."""
    held = held_lock(session, Attempt, attempt_id)
    if held is not None:
        return held
    session.flush()
    row = {"attempt_id": attempt_id}
    contact_id = session.execute(_CONTACT_OF, row).scalar_one()
    if contact_id is not None:
        lock_contact(session, contact_id)
    return note_lock(session, session.execute(_LOCK, row).scalar_one())


def is_about(attempt: Attempt, carrier_id: str | None) -> bool:
    """Do news that carry `carrier_id` concern this attempt? The first id it is told of is its own from then on."""
    if carrier_id and attempt.carrier_id not in (None, carrier_id):
        log.warning("attempt %s: news about another %s was not applied", attempt.id, attempt.channel)
        return False
    attempt.carrier_id = attempt.carrier_id or carrier_id
    return True


def find_move(attempt: Attempt, state: AttemptState | None, raw: str) -> AttemptState | None:
    """`state` when the attempt may move there; None for a repeat and for what comes late or out of order. A word of the
    carrier we do not know (`state` None) is stored as it is (`raw`) and logged, never guessed."""
    if state is None:
        attempt.raw_state = raw[:40]
        log.error("attempt %s: carrier %s said an unknown word", attempt.id, attempt.carrier)
        return None
    return state if attempt.state is not state and can_move(attempt.state, state) else None


def finish(session: Session, attempt: Attempt, outcome: AttemptOutcome) -> None:
    """Write the outcome of an attempt that is terminal (row locked) and draw its consequence, exactly once."""
    if attempt.outcome is None:
        attempt.outcome = outcome
    attempt.lease_until = None
    attempt.ended_at = attempt.ended_at or clock.now()
    attempt.next_check_at = prices.first_ask_at(attempt, clock.now())
    session.flush()
    scheduling.after_attempt(session, attempt)
