"""What a carrier says about a text we sent, applied once and in order to a locked attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState
from app.domain.transitions import can_move, is_terminal
from app.extensions import clock
from app.models import Attempt
from app.services.attempts import find_move, finish, is_about, lock_attempt
from telephony.ports import SmsState

RECEIPT_CHECK = timedelta(minutes=30)
GIVE_UP = timedelta(hours=12)  # no receipt by then: nobody knows, so it counts as not delivered
_STATES = {
    SmsState.QUEUED: AttemptState.DISPATCHED,
    SmsState.SENT: AttemptState.DISPATCHED,
    SmsState.DELIVERED: AttemptState.DONE,
    SmsState.RECEIVED: AttemptState.DONE,
    SmsState.UNDELIVERED: AttemptState.FAILED,
    SmsState.FAILED: AttemptState.FAILED,
    SmsState.CANCELLED: AttemptState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class SmsNews:
    """One thing a carrier said about a text. `at` when it happened (default: now)."""

    state: SmsState
    raw: str = ""
    carrier_id: str | None = None
    at: datetime | None = None
    error_code: str | None = None
    segments: int | None = None
    price: Decimal | None = None


def apply_sms_state(session: Session, attempt_id: int, news: SmsNews) -> bool:
    """Apply `news`. True when the attempt's state moved; False for repeats, late news, another text's, unknown words.

    Raises NoResultFound for an unknown attempt.
    """
    attempt = lock_attempt(session, attempt_id)
    if not is_about(attempt, news.carrier_id):
        return False
    _supplement(attempt, news)
    state = find_move(attempt, _STATES.get(news.state), news.raw)
    if state is None:
        return False
    _move(session, attempt, state, news)
    return True


def give_up(session: Session, attempt: Attempt) -> bool:
    """End a text whose receipt never came (row locked). False while it may still come."""
    sent_at = attempt.submitted_at or attempt.slot_at
    if clock.now() - sent_at < GIVE_UP or not can_move(attempt.state, AttemptState.FAILED):
        return False
    attempt.state = AttemptState.FAILED
    finish(session, attempt, AttemptOutcome.UNDELIVERED)
    return True


def _supplement(attempt: Attempt, news: SmsNews) -> None:
    if news.segments is not None:
        attempt.segments = news.segments  # the carrier bills by its own count
    if news.price is not None:
        attempt.price = news.price
    if news.error_code and not attempt.error_code:
        attempt.error_code = news.error_code[:20]


def _move(session: Session, attempt: Attempt, state: AttemptState, news: SmsNews) -> None:
    now = clock.now()
    attempt.state, attempt.raw_state = state, news.raw[:40]
    attempt.submitted_at = attempt.submitted_at or now
    if not is_terminal(state):
        attempt.next_check_at = now + RECEIPT_CHECK
        return
    attempt.ended_at = news.at or now
    done = state is AttemptState.DONE
    outcome = AttemptOutcome.CANCELLED if state is AttemptState.CANCELLED else AttemptOutcome.UNDELIVERED
    finish(session, attempt, AttemptOutcome.DELIVERED if done else outcome)
