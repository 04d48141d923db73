"""What a carrier says about a call, applied once and in order to a locked attempt (HOUSE rule 7).

Callbacks and the sweeper both come through `apply_call_state`. Late and out-of-order news is kept by the caller and not
applied; a terminal state never regresses (I9).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from app.domain.enums import AttemptState
from app.domain.transitions import is_terminal
from app.extensions import clock
from app.models import Attempt
from app.services import call_outcomes
from app.services.attempts import find_move, finish, is_about, lock_attempt
from telephony.ports import AnsweredBy, CallState

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
    if not is_about(attempt, news.carrier_id):
        return False
    _supplement(attempt, news)
    state = find_move(attempt, _STATES.get(news.state), news.raw)
    if state is None:
        return False
    _move(attempt, state, news)
    if is_terminal(state):
        finish(session, attempt, call_outcomes.decide(session, attempt, news.state, news.sip_code))
    return True


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
