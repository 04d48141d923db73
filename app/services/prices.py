"""What a call or text cost: carriers tell it after the end, and in no callback, so the sweeper asks for it.

Bounded: two minutes after the end, then ever more seldom, and no longer than two days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.enums import AttemptState
from app.models import Attempt
from telephony.ports import CallSnapshot, SmsSnapshot

FIRST_ASK = timedelta(minutes=2)
LONGEST = timedelta(days=2)


def is_awaited(attempt: Attempt, now: datetime) -> bool:
    """Was something billed whose price is not known yet, and may it still come? Calls nobody answered cost nothing."""
    if attempt.price is not None or attempt.carrier_id is None or attempt.ended_at is None:
        return False
    if now - attempt.ended_at > LONGEST:
        return False
    return attempt.answered_at is not None if attempt.channel == "voice" else attempt.state is AttemptState.DONE


def first_ask_at(attempt: Attempt, now: datetime) -> datetime | None:
    """For an attempt that has just ended; None when nothing is to be asked."""
    return now + FIRST_ASK if is_awaited(attempt, now) else None


def note(attempt: Attempt, answer: object, now: datetime) -> None:
    """Keep the price the carrier answered with, or ask again after as long as it has been waited for already."""
    if isinstance(answer, CallSnapshot | SmsSnapshot) and answer.price is not None:
        attempt.price = answer.price
    if not is_awaited(attempt, now) or attempt.ended_at is None:
        attempt.next_check_at = None
        return
    attempt.next_check_at = now + max(FIRST_ASK, now - attempt.ended_at)
