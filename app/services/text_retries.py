"""A text that surely did not reach the carrier is sent again a little later, a few times, and never doubled.

Refused with 429 or 5xx, or listed nowhere after a time-out: the attempt ends as withdrawn, and its contact is due for
the same text again. A new attempt is then claimed as ever: window, ledger, pace and all.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState, ContactState
from app.extensions import clock
from app.models import Attempt, Contact
from app.services.attempts import finish

MOST_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)  # then twice as long each time: a quarter of an hour for a carrier to recover


def send_again(session: Session, attempt: Attempt) -> None:
    """End a text that never got to the carrier (row locked) and put its contact back into the queue; after
    `MOST_TRIES` it counts as not delivered and what follows it is next."""
    attempt.segments = None  # nothing of it is billed
    if attempt.number >= MOST_TRIES:
        attempt.state = AttemptState.FAILED
        finish(session, attempt, AttemptOutcome.UNDELIVERED)
        return
    attempt.state, attempt.submitted_at = AttemptState.CANCELLED, None
    finish(session, attempt, AttemptOutcome.CANCELLED)
    if attempt.contact is not None and attempt.contact.state is ContactState.WAITING:
        _queue(attempt, attempt.contact)


def _queue(attempt: Attempt, contact: Contact) -> None:
    at = clock.now() + FIRST_WAIT * 2 ** (attempt.number - 1)
    scheduled = contact.next_attempt_at
    if scheduled is None:
        return
    if contact.next_kind == "sms":  # the retry matrix has just asked for it once more
        contact.next_attempt_at = max(scheduled, at)
    elif attempt.purpose == "notice" and contact.next_kind == "call" and not contact.attempts_made and at < scheduled:
        contact.next_attempt_at, contact.next_kind = at, "notice"
