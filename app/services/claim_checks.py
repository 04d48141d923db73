"""Everything that must hold at dial time for one due contact, and the intent that is written when it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.enums import AttemptState, ContactState, ExclusionReason, StepReason, WorkTaskKind
from app.domain.phones import PhoneError, parse_phone
from app.domain.retries import DIALLABLE
from app.domain.urgency import ReasonCode
from app.models import Attempt, Contact, Household, OptOut, Phone
from app.models.attempts import LIVE_CALL
from app.services import campaign_kinds, closings, endings, histories, pacing, routes, scheduling, tokens, worklist
from app.services.contacts import clear_next, move
from app.services.pacing import Allowance
from app.services.policies import Policy, policy_of
from telephony.ports import Channel
from telephony.routing import Route

PURPOSE = {"call": "checkin", "notice": "notice", "sms": "fallback"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """An intent that was written: dial (or send) it at `slot_at`, after the commit."""

    attempt_id: int
    channel: Channel
    slot_at: datetime


@dataclass
class Desk:
    """What one claim knows: the hour, the routes, what each carrier may still take, and which numbers are taken."""

    session: Session
    now: datetime
    routes: list[Route]
    allowances: dict[str, Allowance]
    seen: set[int] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    put_off: int = 0  # contacts put off beside those looked at, by set-based SQL
    phones: dict[int, Phone] = field(default_factory=dict)
    households: list[Household] = field(default_factory=list)  # kept, or the session would forget and reload them

    def look_up(self, contacts: Sequence[Contact]) -> None:
        """Households, numbers, ledger and live calls of a batch, in four queries."""
        self.seen.update(contact.id for contact in contacts)
        household_ids = [contact.household_id for contact in contacts]
        self.households.extend(self.session.scalars(select(Household).where(Household.id.in_(household_ids))))
        found = self.session.scalars(select(Phone).where(Phone.household_id.in_(household_ids))).all()
        self.phones.update((phone.id, phone) for phone in found)
        hashes = {phone.e164_hash for phone in found}
        ledger = select(OptOut.e164_hash).where(OptOut.e164_hash.in_(hashes), OptOut.revoked_at.is_(None))
        self.refused.update(self.session.scalars(ledger))
        live = select(Attempt.phone_hash).where(Attempt.phone_hash.in_(hashes), text(LIVE_CALL))
        self.busy.update(self.session.scalars(live))

    @property
    def is_exhausted(self) -> bool:
        """No carrier can take another call in this claim."""
        return all(allowance.is_spent for allowance in self.allowances.values())


def claim(desk: Desk, contact: Contact) -> Claimed | None:
    """Write the intent, or put the contact off, hand it over or end it. None also without a free slot."""
    excluded = _find_exclusion(contact)
    if excluded is not None:
        scheduling.exclude(desk.session, contact, excluded)
        return None
    if contact.next_kind == "worklist":  # the wait for an answer to the text is over, or a number was learnt
        scheduling.decide_next(desk.session, contact)
        return None
    phone = desk.phones.get(contact.next_phone_id or 0)
    if phone is None or phone.state not in DIALLABLE or phone.e164_hash in desk.refused:
        scheduling.decide_next(desk.session, contact)  # the number is no longer to be called; perhaps another one is
        return None
    policy = policy_of(contact.campaign)
    times = histories.callee_times(policy, contact.household, contact.chosen_at, phone)
    closes_at = policy.closing_of(times, desk.now)
    if closes_at is None:
        opens_at = policy.opening_for(times, desk.now)
        if opens_at is not None and contact.chosen_at is None:
            desk.put_off += closings.postpone_alike(desk.session, contact, phone.zone, opens_at, desk.now, desk.seen)
        scheduling.postpone(desk.session, contact, opens_at, contact.next_kind or "call", contact.next_reason)
        return None
    if contact.next_kind == "call":
        return _claim_call(desk, contact, phone, closes_at, desk.now.astimezone(times.zone).hour)
    return _claim_text(desk, contact, phone, closes_at, policy)


def _find_exclusion(contact: Contact) -> ExclusionReason | None:
    """Why the household is not to be called after all: the register changed since the plan."""
    household, reasons = contact.household, campaign_kinds.of(contact.campaign).exclusions
    if household.gone_on is not None:
        return ExclusionReason.DECEASED_OR_MOVED
    if household.visit_only and ExclusionReason.VISIT_ONLY in reasons:
        return ExclusionReason.VISIT_ONLY
    return None


def _claim_call(desk: Desk, contact: Contact, phone: Phone, closes_at: datetime, hour: int) -> Claimed | None:
    if phone.e164_hash in desk.busy:
        _try_shortly(desk, contact)
        return None
    carrier = routes.choose(desk.routes, Channel.VOICE, phone.e164, contact)
    if carrier is None or routes.capabilities(carrier).human:
        _hand_over(desk, contact)
        return None
    slot_at = _take(desk, carrier, Channel.VOICE, closes_at)
    if slot_at is None:
        return None
    attempt = _intent(desk, contact, phone, carrier, slot_at, closes_at)
    attempt.hour, attempt.number = hour, contact.attempts_made + 1
    try:
        with desk.session.begin_nested():
            desk.session.add(attempt)
    except IntegrityError:  # another worker's call to the same number was committed a moment ago
        _try_shortly(desk, contact)
        return None
    desk.busy.add(phone.e164_hash)
    contact.attempts_made += 1
    _under_way(contact)
    return Claimed(attempt.id, Channel.VOICE, slot_at)


def _claim_text(desk: Desk, contact: Contact, phone: Phone, closes_at: datetime, policy: Policy) -> Claimed | None:
    carrier = routes.choose(desk.routes, Channel.SMS, phone.e164, contact)
    able = carrier is not None and routes.capabilities(carrier).sms and _is_textable(phone.e164)
    if carrier is None or not able:
        # No text gets to this number: a notice is left out, a fallback text gives way to what follows it.
        scheduling.skip_text(desk.session, contact)
        return None
    slot_at = _take(desk, carrier, Channel.SMS, closes_at)
    if slot_at is None:
        return None
    attempt = _intent(desk, contact, phone, carrier, slot_at, closes_at)
    attempt.channel, attempt.purpose = Channel.SMS.value, PURPOSE[contact.next_kind or "notice"]
    sent = select(func.count()).where(Attempt.contact_id == contact.id, Attempt.purpose == attempt.purpose)
    attempt.number = 1 + (desk.session.scalar(sent) or 0)
    desk.session.add(attempt)
    if contact.next_kind == "notice":  # it is not waited for: the call follows whether or not the text arrived
        after = slot_at + timedelta(hours=policy.notice_hours)
        times = histories.callee_times(policy, contact.household, contact.chosen_at, phone)
        scheduling.postpone(desk.session, contact, policy.opening_for(times, after), "call", contact.next_reason)
    else:
        _under_way(contact)
    desk.session.flush()
    return Claimed(attempt.id, Channel.SMS, slot_at)


def _take(desk: Desk, carrier: str, channel: Channel, closes_at: datetime) -> datetime | None:
    allowance = desk.allowances.get(carrier)
    return allowance.take(channel, closes_at) if allowance is not None else None


def _intent(
    desk: Desk, contact: Contact, phone: Phone, carrier: str, slot_at: datetime, closes_at: datetime
) -> Attempt:
    lease_until = slot_at + pacing.wall(pacing.LEASE_S)
    return Attempt(
        token=tokens.new_token(), contact_id=contact.id, campaign_id=contact.campaign_id,
        household_id=contact.household_id, phone_id=phone.id, phone_hash=phone.e164_hash, carrier=carrier,
        channel=Channel.VOICE.value, purpose="checkin", is_inbound=False, state=AttemptState.INTENT,
        claimed_at=desk.now, slot_at=slot_at, lease_until=lease_until, next_check_at=lease_until,
        window_closes_at=closes_at, is_demo=contact.is_demo, node_id=contact.node_id, l1_id=contact.l1_id,
        l2_id=contact.l2_id, l3_id=contact.l3_id, l4_id=contact.l4_id, l5_id=contact.l5_id,
    )  # fmt: skip


def _under_way(contact: Contact) -> None:
    phone_id, reason = contact.next_phone_id, contact.next_reason
    move(contact, ContactState.CALLING)
    clear_next(contact)
    contact.next_phone_id, contact.next_reason = phone_id, reason


def _try_shortly(desk: Desk, contact: Contact) -> None:
    at = desk.now + scheduling.BUSY_NUMBER_WAIT
    scheduling.postpone(desk.session, contact, at, "call", contact.next_reason)


def _hand_over(desk: Desk, contact: Contact) -> None:
    """No carrier serves this number: where a contact is owed the grid worker dials it, and logs the outcome in the same
    form. Any other campaign is through with the household."""
    if not campaign_kinds.of(contact.campaign).claims_duty:
        endings.end_unreached(desk.session, contact, StepReason.NO_PHONE)
        return
    move(contact, ContactState.WAITING)
    clear_next(contact)
    worklist.open_task(desk.session, contact.household, WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED,
                       contact=contact, detail={"why": "dial_by_hand"})  # fmt: skip


def _is_textable(number: str) -> bool:
    try:
        return parse_phone(number).textable
    except PhoneError:
        return False
