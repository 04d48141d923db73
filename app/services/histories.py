"""What happened so far with one contact, in the terms the retry matrix decides on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome
from app.domain.phones import CHINA
from app.domain.retries import SMS_OUTCOMES, CalleeTimes, Past, PhoneChoice, daypart_of
from app.domain.windows import ChosenTime, PreferredHours
from app.models import Attempt, Contact, Household, Phone
from app.services import opt_outs
from app.services.policies import Policy

# Told by the carrier's own word whether it rang; every other outcome is judged by its rule.
_MAY_HAVE_RUNG = {AttemptOutcome.CANCELLED, AttemptOutcome.CARRIER_ERROR}


def list_finished(session: Session, contact: Contact) -> list[Attempt]:
    """The contact's own calls and fallback texts that ended, oldest first. Notices and returned calls are not tries."""
    query = (
        select(Attempt)
        .where(Attempt.contact_id == contact.id, Attempt.outcome.is_not(None), Attempt.is_inbound.is_(False))
        .where(Attempt.purpose.in_(("checkin", "fallback")))
        .order_by(Attempt.id)
    )
    return list(session.scalars(query))


def list_outcomes(session: Session, contact: Contact) -> list[AttemptOutcome]:
    """What came of everything that passed with the household, calls and texts of its own accord included."""
    query = select(Attempt.outcome).where(Attempt.contact_id == contact.id, Attempt.outcome.is_not(None))
    return [outcome for outcome in session.scalars(query) if outcome is not None]


def history_of(attempts: Sequence[Attempt], phone_zone: CalleeTimes) -> list[Past]:
    """What was withdrawn before any request left was no try: nobody was called, nothing was paid."""
    return [_past(attempt, phone_zone) for attempt in attempts if attempt.outcome is not None and _was_sent(attempt)]


def _was_sent(attempt: Attempt) -> bool:
    return attempt.outcome is not AttemptOutcome.CANCELLED or attempt.submitted_at is not None


def _past(attempt: Attempt, times: CalleeTimes) -> Past:
    assert attempt.outcome is not None
    at = attempt.submitted_at or attempt.slot_at
    rang = attempt.ringing_at is not None if attempt.outcome in _MAY_HAVE_RUNG else None
    return Past(attempt.outcome, at, attempt.phone_id or 0, daypart_of(at, times.zone), rang)


def count_rung(history: Sequence[Past], policy: Policy) -> int:
    rules = policy.retry.rules
    calls = (past for past in history if past.outcome not in SMS_OUTCOMES)
    return sum(rules[past.outcome].counts_as_ring if past.rang is None else past.rang for past in calls)


def dialable_phones(session: Session, household: Household) -> list[Phone]:
    """The household's numbers that did not opt out, in priority order (their states are the retry matrix's affair)."""
    refused = opt_outs.list_opted_out(session, [phone.e164_hash for phone in household.phones])
    return [phone for phone in household.phones if phone.e164_hash not in refused]


def choices(phones: Sequence[Phone]) -> list[PhoneChoice]:
    return [PhoneChoice(phone.id, phone.priority, phone.state) for phone in phones]


def callee_times(policy: Policy, household: Household, chosen_at: datetime | None, phone: Phone | None) -> CalleeTimes:
    """Everything that decides when `phone` of this household may ring (no phone: as if it were in China)."""
    preferred = None
    start, end = household.preferred_from, household.preferred_to
    if start is not None and end is not None and start < end:
        preferred = PreferredHours(((start, end),))
    chosen = ChosenTime(chosen_at) if chosen_at is not None else None
    zone = ZoneInfo(phone.zone) if phone is not None else CHINA
    return CalleeTimes(zone, policy.windows, preferred, chosen)
