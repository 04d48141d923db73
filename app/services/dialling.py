"""From an intent to a request at the carrier: prepare (transaction), submit (HTTP, none open), record (transaction).

The entry point (`tasks.dialling`) strings the three together. Whatever kills the process between them leaves an intent
whose lease runs out, and the sweeper asks the carrier before anything is dialled again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, AttemptState, CampaignState, ContactState
from app.domain.transitions import can_move
from app.extensions import clock
from app.models import Attempt
from app.services import carriers, opt_outs, outreach_texts, pacing, text_retries
from app.services.attempts import finish, lock_attempt
from app.services.call_states import CallNews, apply_call_state
from app.services.contacts import OPEN_STATES
from app.services.grid_care import notice_sending
from app.services.policies import policy_of
from app.services.sms_states import SmsNews, apply_sms_state
from telephony.errors import CarrierError, Verdict
from telephony.ports import CallState, Channel, OutboundCall, OutboundSms, SmsState, Submission

log = logging.getLogger(__name__)

REQUEST_S = 20.0  # wall seconds a request may take with all its time-outs
ASK_AGAIN_S = 10.0  # wall seconds until the carrier is asked about a request whose answer never came


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that may leave at `slot_at` and must not leave after `leave_by`; `request` is complete."""

    attempt_id: int
    carrier: str
    slot_at: datetime
    request: OutboundCall | OutboundSms
    leave_by: datetime
    segments: int | None = None


def prepare(session: Session, attempt_id: int, missed: datetime | None = None) -> Prepared | None:
    """Check once more, just before the request, and build it. None: it was withdrawn, or is not ours to send any more.

    `submitted_at` is set here, before the request: whoever comes second finds it set and sends nothing. Only the one
    that prepared it for the slot `missed`, and did not send it then, may prepare it again. An intent that missed its
    slot gets another one, so that late requests never crowd the account's rate.
    """
    attempt, now = lock_attempt(session, attempt_id), clock.now()
    if attempt.state is not AttemptState.INTENT:
        return None
    if attempt.submitted_at is not None and attempt.slot_at != missed:
        return None
    if attempt.lease_until is None or now + pacing.wall(REQUEST_S) >= attempt.lease_until:
        return None  # the sweeper's now: it may have asked the carrier already
    if pacing.is_late(attempt.slot_at, now):
        attempt.slot_at = pacing.take_new_slot(session, attempt.carrier, Channel(attempt.channel), now)
        attempt.lease_until = attempt.next_check_at = attempt.slot_at + pacing.wall(pacing.LEASE_S)
    if not _may_leave(session, attempt):
        withdraw(session, attempt)
        return None
    attempt.submitted_at = attempt.slot_at
    session.flush()
    return _call(attempt) if attempt.channel == Channel.VOICE.value else _sms(session, attempt)


def submit(prepared: Prepared) -> Submission | CarrierError:
    """The HTTP request. No transaction may be open. A carrier's refusal is returned, not raised."""
    carrier = carriers.get(prepared.carrier)
    try:
        if isinstance(prepared.request, OutboundCall):
            return carrier.place(prepared.request)
        return carrier.send(prepared.request)
    except CarrierError as error:
        return error


def record(session: Session, prepared: Prepared, result: Submission | CarrierError, requested_at: datetime) -> None:
    """Keep what the request came to, never over newer news that a callback brought meanwhile."""
    attempt_id, segments = prepared.attempt_id, prepared.segments
    attempt = lock_attempt(session, attempt_id)
    attempt.submitted_at = requested_at
    attempt.segments = segments if attempt.segments is None else attempt.segments
    if isinstance(result, CarrierError):
        _record_failure(session, attempt, result)
    elif isinstance(result.state, CallState):
        state = CallState.QUEUED if result.state is CallState.UNRECOGNISED else result.state
        news = CallNews(state, source="create", raw=str(result.state), carrier_id=result.carrier_id, at=requested_at)
        apply_call_state(session, attempt_id, news)
    else:
        sms_state = SmsState.QUEUED if result.state is SmsState.UNRECOGNISED else result.state
        apply_sms_state(session, attempt_id, SmsNews(sms_state, raw=str(result.state), carrier_id=result.carrier_id,
                                                     segments=result.segments))  # fmt: skip


def withdraw(session: Session, attempt: Attempt) -> None:
    """Nothing left us for this intent (row locked): it ends cancelled and its contact goes back into the queue."""
    if can_move(attempt.state, AttemptState.CANCELLED):
        attempt.state, attempt.submitted_at = AttemptState.CANCELLED, None
        finish(session, attempt, AttemptOutcome.CANCELLED)


def _record_failure(session: Session, attempt: Attempt, error: CarrierError) -> None:
    if attempt.state is not AttemptState.INTENT:
        return  # a callback told already that the carrier has it
    attempt.error_code = error.code[:20]
    log.warning("attempt %s: carrier %s answered %s (%s)", attempt.id, attempt.carrier, error.code, error.verdict)
    if error.verdict is Verdict.UNKNOWN:
        attempt.state = AttemptState.UNKNOWN
        attempt.next_check_at = clock.now() + pacing.wall(ASK_AGAIN_S)
        session.flush()
        return
    if error.verdict is Verdict.RETRYABLE and attempt.channel == Channel.SMS.value:
        text_retries.send_again(session, attempt)
        return
    attempt.state, attempt.segments = AttemptState.FAILED, None  # refused: nothing of it is billed
    outcome = AttemptOutcome.CARRIER_ERROR
    if error.verdict is Verdict.PERMANENT and error.blames_number:
        outcome = AttemptOutcome.INVALID_NUMBER if attempt.channel == "voice" else AttemptOutcome.UNDELIVERED
    elif attempt.channel == "sms":
        outcome = AttemptOutcome.UNDELIVERED
    finish(session, attempt, outcome)


def _may_leave(session: Session, attempt: Attempt) -> bool:
    """Contact, campaign, ledger and window as they are now."""
    if attempt.purpose == notice_sending.PURPOSE:
        return notice_sending.may_leave(session, attempt)
    contact = attempt.contact
    if contact is None or attempt.window_closes_at is None or attempt.slot_at >= attempt.window_closes_at:
        return False
    if contact.campaign.state is not CampaignState.RUNNING or opt_outs.is_opted_out(session, attempt.phone_hash):
        return False
    if attempt.purpose == "notice":  # nobody waits for it: the contact is queued for its first call already
        return contact.state in OPEN_STATES
    return contact.state is ContactState.CALLING


def _call(attempt: Attempt) -> Prepared:
    contact = attempt.contact
    assert contact is not None
    assert attempt.phone is not None
    policy, base = policy_of(contact.campaign), callback_base(attempt.carrier)
    request = OutboundCall(
        token=attempt.token,
        to=attempt.phone.e164,
        from_="",  # the carrier's own configured number
        answer_url=f"{base}/voice/answer/{attempt.token}",
        status_url=f"{base}/voice/status/{attempt.token}",
        machine_detection_url=f"{base}/voice/machine/{attempt.token}",
        ring_timeout_s=policy.ring_timeout_s,
        time_limit_s=policy.time_limit_s,
    )
    return Prepared(attempt.id, attempt.carrier, attempt.slot_at, request, _leave_by(attempt))


def _sms(session: Session, attempt: Attempt) -> Prepared:
    assert attempt.phone is not None
    text = outreach_texts.text_for(session, attempt)
    left = (attempt.window_closes_at or attempt.slot_at) - attempt.slot_at
    request = OutboundSms(
        token=attempt.token,
        to=attempt.phone.e164,
        body=text.body,
        status_url=f"{callback_base(attempt.carrier)}/sms/status/{attempt.token}",
        validity_s=int(max(left, timedelta(minutes=1)).total_seconds()),  # not delivered outside the window either
    )
    return Prepared(attempt.id, attempt.carrier, attempt.slot_at, request, _leave_by(attempt), text.segments)


def _leave_by(attempt: Attempt) -> datetime:
    """Before the lease ends with time for the answer, and before the window closes: a process may have been asleep."""
    assert attempt.lease_until is not None
    assert attempt.window_closes_at is not None
    return min(attempt.lease_until - pacing.wall(REQUEST_S), attempt.window_closes_at)


def callback_base(carrier: str) -> str:
    """Where this carrier's callbacks arrive: {PUBLIC_BASE_URL}/carrier/{name}."""
    settings = current_app.extensions["shouwang.settings"]
    return f"{settings.public_base_url}/carrier/{carrier}"
