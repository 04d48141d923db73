"""The sweeper: ask the carrier about every attempt that has been quiet for too long (TELEPHONY 1.9, I6).

Nothing is lost with a lost callback, and nothing is dialled twice: an intent whose fate is unknown is looked up at the
carrier by number and time, which is unambiguous because a number has at most one live call (I1). Like dialling it comes
in three: take (transaction), ask (HTTP, none open), settle (transaction).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState
from app.domain.transitions import can_move, is_terminal
from app.extensions import clock
from app.models import Attempt
from app.services import carriers, opt_outs, outreach_texts, pacing, prices, text_retries
from app.services.attempts import finish, lock_attempt
from app.services.call_states import CallNews, apply_call_state
from app.services.contacts import OPEN_STATES
from app.services.sms_states import SmsNews, apply_sms_state, give_up
from telephony.errors import CarrierError
from telephony.ports import CallSnapshot, CallState, Channel, SmsSnapshot

log = logging.getLogger(__name__)

BATCH = 50
CHECK_LEASE_S = 45.0  # wall seconds one worker has for its question
LOOK_AGAIN_S = 30.0  # wall seconds between the two looks after which a request surely never arrived
RETRY_S = 5.0  # wall seconds until a carrier that did not answer is asked again
STILL_LIVE = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=26)  # a carrier queues at most 24 h and talks at most 4 (TELEPHONY 2)
NOT_LISTED = "not_listed"  # raw_state after the first look in vain


class Action(StrEnum):
    FIND = "find"  # did the request arrive?
    FETCH = "fetch"  # how far is it?
    CANCEL = "cancel"  # it must not ring any more


@dataclass(frozen=True, slots=True)
class Check:
    """One question for a carrier. `number` E.164; `body` of a text, to recognise it by."""

    attempt_id: int
    action: Action
    channel: Channel
    carrier: str
    carrier_id: str | None
    number: str
    since: datetime
    body: str = ""


Found = CallSnapshot | SmsSnapshot | None
Answer = list[CallSnapshot] | list[SmsSnapshot] | Found | CarrierError


def take_checks(session: Session, now: datetime, limit: int = BATCH) -> list[Check]:
    """Attempts whose `next_check_at` has passed, each taken for a while so that no other worker asks the same."""
    query = (
        select(Attempt)
        .where(Attempt.next_check_at <= now)
        .order_by(Attempt.next_check_at, Attempt.id)
        .limit(limit)
        .with_for_update(of=Attempt, skip_locked=True)
    )
    checks = []
    for attempt in session.scalars(query, execution_options={"populate_existing": True}):
        if is_terminal(attempt.state) and not prices.is_awaited(attempt, now):
            attempt.next_check_at = None
            continue
        if attempt.state is AttemptState.INTENT:  # its lease ran out: the worker died or was overtaken by its slot
            attempt.state = AttemptState.UNKNOWN
        attempt.next_check_at = now + pacing.wall(CHECK_LEASE_S)
        checks.append(_check(session, attempt, now))
    session.flush()
    return checks


def ask(check: Check) -> Answer:
    """The HTTP part; no transaction may be open. A carrier's failure is returned, not raised."""
    carrier = carriers.get(check.carrier)
    try:
        if check.carrier_id is None:
            find = carrier.find_calls if check.channel is Channel.VOICE else carrier.find_messages
            return find(check.number, check.since)
        if check.channel is Channel.SMS:
            return carrier.fetch_message(check.carrier_id)
        found = carrier.fetch_call(check.carrier_id)
        if check.action is Action.CANCEL and found is not None and found.state in (CallState.QUEUED, CallState.RINGING):
            # Asked first: cancelling a call that is being answered would cut somebody off in mid-sentence.
            carrier.cancel_call(check.carrier_id)
            found = carrier.fetch_call(check.carrier_id)
        return found
    except CarrierError as error:
        return error


def settle(session: Session, check: Check, answer: Answer) -> None:
    """Apply what the carrier answered. Whatever it was, the attempt is either over or will be asked about again."""
    attempt, now = lock_attempt(session, check.attempt_id), clock.now()
    if is_terminal(attempt.state):
        prices.note(attempt, answer, now)
        return
    wait = STILL_LIVE
    if isinstance(answer, CarrierError):
        log.warning("attempt %s: carrier %s answered %s to a check", attempt.id, attempt.carrier, answer.code)
        wait = pacing.wall(RETRY_S)
    elif isinstance(answer, list):
        wait = _bind(session, attempt, answer, check.body)
    elif isinstance(answer, SmsSnapshot):
        apply_sms_state(session, attempt.id, _sms_news(answer))
    elif answer is not None:
        apply_call_state(session, attempt.id, _call_news(answer))
    if not is_terminal(attempt.state):
        _keep_alive(session, attempt, now, wait)


def must_cancel(session: Session, attempt: Attempt, now: datetime) -> bool:
    """A call that waits or rings at the carrier although its household is settled, its number has opted out, or (while
    it only waits) its window has closed. A conversation is never cut off."""
    if attempt.channel != Channel.VOICE.value or attempt.is_inbound:
        return False
    if attempt.state not in (AttemptState.DISPATCHED, AttemptState.RINGING, AttemptState.UNKNOWN):
        return False
    if attempt.contact is not None and attempt.contact.state not in OPEN_STATES:
        return True
    if opt_outs.is_opted_out(session, attempt.phone_hash):
        return True
    queued = attempt.state is not AttemptState.RINGING
    return queued and attempt.window_closes_at is not None and attempt.window_closes_at <= now


def _check(session: Session, attempt: Attempt, now: datetime) -> Check:
    channel = Channel(attempt.channel)
    action = Action.FETCH if attempt.carrier_id else Action.FIND
    if attempt.carrier_id and must_cancel(session, attempt, now):
        action = Action.CANCEL
    number = attempt.phone.e164 if attempt.phone is not None and action is Action.FIND else ""
    body = outreach_texts.text_for(session, attempt).body if channel is Channel.SMS and action is Action.FIND else ""
    return Check(attempt.id, action, channel, attempt.carrier, attempt.carrier_id, number, attempt.claimed_at, body)


def _bind(session: Session, attempt: Attempt, found: list[CallSnapshot] | list[SmsSnapshot], body: str) -> timedelta:
    """The earliest of the listed ones that belongs to no other attempt is ours; none twice over: it never arrived."""
    if attempt.carrier_id is not None:
        return STILL_LIVE  # a callback has told meanwhile
    ids = [one.carrier_id for one in found]
    taken = set(session.scalars(select(Attempt.carrier_id).where(Attempt.carrier_id.in_(ids))))
    ours = [one for one in found if one.carrier_id not in taken]
    ours = [one for one in ours if not isinstance(one, SmsSnapshot) or one.body == body]
    if not ours:
        return _note_absence(session, attempt)
    first = min(ours, key=lambda one: (one.created_at or attempt.claimed_at, one.carrier_id))
    if isinstance(first, SmsSnapshot):
        apply_sms_state(session, attempt.id, _sms_news(first))
    else:
        apply_call_state(session, attempt.id, _call_news(first))
    return STILL_LIVE


def _note_absence(session: Session, attempt: Attempt) -> timedelta:
    """A request that is listed neither now nor half a minute later never arrived. Until then: when to look again."""
    if attempt.raw_state != NOT_LISTED:
        attempt.raw_state = NOT_LISTED
        return pacing.wall(LOOK_AGAIN_S)
    if attempt.channel == Channel.SMS.value:
        text_retries.send_again(session, attempt)
    else:
        attempt.state = AttemptState.FAILED
        finish(session, attempt, AttemptOutcome.CARRIER_ERROR)
    return STILL_LIVE


def _keep_alive(session: Session, attempt: Attempt, now: datetime, wait: timedelta) -> None:
    """Still going on: when to ask next, or that nobody will ever know."""
    if attempt.channel == Channel.SMS.value:
        if give_up(session, attempt):
            return
    elif now - attempt.claimed_at > LONGEST_LIFE and can_move(attempt.state, AttemptState.FAILED):
        attempt.state = AttemptState.FAILED
        finish(session, attempt, AttemptOutcome.UNKNOWN)
        return
    if attempt.carrier_id is not None and must_cancel(session, attempt, now):
        wait = min(wait, pacing.wall(RETRY_S))
    attempt.next_check_at = now + wait
    # A call that waits at the carrier is looked at no later than its window closes.
    closes_at = attempt.window_closes_at
    if attempt.state is AttemptState.DISPATCHED and closes_at is not None and closes_at > now:
        attempt.next_check_at = min(attempt.next_check_at, closes_at)


def _call_news(found: CallSnapshot) -> CallNews:
    at = found.ended_at if found.state.is_terminal else None
    return CallNews(found.state, raw=found.raw_state, source="sweeper", carrier_id=found.carrier_id, at=at,
                    answered_by=found.answered_by, duration_s=found.duration_s, price=found.price)  # fmt: skip


def _sms_news(found: SmsSnapshot) -> SmsNews:
    return SmsNews(found.state, raw=found.raw_state, carrier_id=found.carrier_id, error_code=found.error_code,
                   segments=found.segments, price=found.price)  # fmt: skip
