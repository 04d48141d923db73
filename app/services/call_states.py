"""What a carrier says about a call, applied once and in order to a locked attempt (HOUSE rule 7).

Callbacks and the sweeper both come through `apply_call_state`. Late and out-of-order news is kept by the caller and not
applied; a terminal state never regresses (I9).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState
from app.domain.transitions import can_move, is_terminal
from app.extensions import clock
from app.models import Attempt
from app.services import call_outcomes, prices, scheduling
from app.services.contacts import held_lock, lock_contact, note_lock
from telephony.ports import AnsweredBy, CallState

log = logging.getLogger(__name__)

RING_CHECK = timedelta(seconds=90)  # the longest ringing and the carrier's own five seconds, twice over
TALK_CHECK = timedelta(seconds=120)
_STATES = {
    CallState.QUEUED: AttemptState.DISPATCHED,
    CallState.RINGING: AttemptState.RINGING,
    CallState.IN_PROGRESS: AttemptState.IN_DIALOGUE,
    CallState.COMPLETED: AttemptState.DONE,
    CallState.BUSY: AttemptState.DONE,
    CallState.NO_ANSWER: AttemptState.DONE,
    CallState.FAILED: AttemptState.FAILED,
    CallState.CANCELLED: AttemptState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class CallNews:
    """One thing a carrier said. `at` when it happened (default: now); `sip_code` the network's final answer."""

    state: CallState
    raw: str = ""
    source: str = "callback"  # callback | sweeper | create
    carrier_id: str | None = None
    at: datetime | None = None
    answered_by: AnsweredBy | None = None
    duration_s: int | None = None
    sip_code: int | None = None
    error_code: str | None = None
    price: Decimal | None = None


def apply_call_state(session: Session, attempt_id: int, news: CallNews) -> bool:
    """Apply `news` to the attempt. True when its state moved; False when the news was a repeat, late, out of order,
    about another call, or in a word we do not know (then it is stored raw and logged).

    On the first terminal state the outcome is decided and `scheduling.after_attempt` draws the consequence, in the same
    transaction. Raises NoResultFound for an unknown attempt.
    """
    attempt = lock_attempt(session, attempt_id)
    if news.carrier_id and attempt.carrier_id not in (None, news.carrier_id):
        log.warning("attempt %s: news about another call was not applied", attempt.id)
        return False
    if news.carrier_id and attempt.carrier_id is None:
        attempt.carrier_id = news.carrier_id
    _supplement(attempt, news)
    state = _STATES.get(news.state)
    if state is None:
        attempt.raw_state = news.raw[:40]
        log.error("attempt %s: carrier %s said an unknown word", attempt.id, attempt.carrier)
        return False
    if attempt.state is state or not can_move(attempt.state, state):
        return False
    _move(attempt, state, news)
    if is_terminal(state):
        finish_call(session, attempt, call_outcomes.decide(session, attempt, news.state, news.sip_code))
    return True


def finish_call(session: Session, attempt: Attempt, outcome: AttemptOutcome) -> None:
    """Write the outcome of an attempt that is terminal (row locked) and draw its consequence, exactly once."""
    if attempt.outcome is None:
        attempt.outcome = outcome
    attempt.lease_until = None
    attempt.ended_at = attempt.ended_at or clock.now()
    attempt.next_check_at = prices.first_ask_at(attempt, clock.now())
    session.flush()
    scheduling.after_attempt(session, attempt)


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


def _supplement(attempt: Attempt, news: CallNews) -> None:
    """Facts that come late (the price does) are taken whatever the state; what is known is not overwritten."""
    if news.answered_by is not None and attempt.answered_by is None:
        attempt.answered_by = str(news.answered_by)
    if news.duration_s is not None and news.state.is_terminal and attempt.duration_s is None:
        attempt.duration_s = news.duration_s
    if news.price is not None:
        attempt.price = news.price
    if news.error_code and not attempt.error_code:
        attempt.error_code = news.error_code[:20]


def _move(attempt: Attempt, state: AttemptState, news: CallNews) -> None:
    now = clock.now()
    at = news.at or now
    attempt.state, attempt.raw_state = state, news.raw[:40]
    attempt.submitted_at = attempt.submitted_at or min(at, now)
    if state is AttemptState.DISPATCHED:
        attempt.next_check_at = min(now + RING_CHECK, attempt.window_closes_at or now + RING_CHECK)
    elif state is AttemptState.RINGING:
        attempt.ringing_at, attempt.next_check_at = at, now + RING_CHECK
    elif state is AttemptState.IN_DIALOGUE:
        attempt.answered_at, attempt.next_check_at = at, now + TALK_CHECK
        attempt.ringing_at = attempt.ringing_at or at
    else:
        _end(attempt, at, news)


def _end(attempt: Attempt, at: datetime, news: CallNews) -> None:
    attempt.ended_at = at
    if news.state is CallState.COMPLETED and attempt.answered_at is None:
        # The callback that it was picked up got lost; the carrier's own seconds tell when that was.
        attempt.answered_at = max(attempt.submitted_at or at, at - timedelta(seconds=attempt.duration_s or 0))
    if news.state in (CallState.COMPLETED, CallState.NO_ANSWER):
        attempt.ringing_at = attempt.ringing_at or attempt.answered_at
