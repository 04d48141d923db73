"""A text came in: an opt-out, an answer by reply code, or words for a person to read (TELEPHONY 1.10-1.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import opt_out
from app.domain.enums import (
    AttemptOutcome,
    AttemptState,
    ClueKind,
    ClueSource,
    ContactState,
    Urgency,
    VisitChannel,
    WorkTaskKind,
)
from app.domain.phones import last4
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Attempt, Contact, Household, Phone, SmsMessage
from app.models.types import cipher
from app.services import (
    clues,
    dialogues_routes,
    duty_ends,
    inbound,
    opt_outs,
    opt_outs_households,
    scheduling,
    tokens,
    visits,
    worklist,
)
from app.services.contacts import lock_contact
from app.services.visits import Heard
from telephony.ivr.findings import Finding
from telephony.ivr.sms_reply import ReplyCode, ReplyKind, SmsReply, read_reply
from telephony.ivr.state import Answer as Given
from telephony.ports import CarrierEvent

ANSWER, OPT_OUT, OPT_IN, TRIAGE = "answer", "opt_out", "opt_in", "triage"
REPLY_WITHIN = timedelta(days=30)  # after our text; later a bare digit may mean anything
_URGENT = frozenset({ClueKind.MAJOR_ILLNESS, ClueKind.ACCIDENT_DISASTER})
# A code that names two or three difficulties at once is not guessed apart: the worker is told both.
_VAGUE = {
    ReplyCode.ILL_OR_ACCIDENT: ("trouble", "ill_or_accident", "短信回复3：家里有人生病或者出了事故"),
    ReplyCode.SCHOOL_HOUSE_WATER: ("essentials", "school_house_water", "短信回复4：上学、住房或者饮水有困难"),
}
_ALL_WELL = (("income", "same_or_more"), ("trouble", "none"), ("essentials", "all_right"))


@dataclass(frozen=True, slots=True)
class _Sender:
    number: str
    e164_hash: str
    phones: list[Phone]

    @property
    def only_household(self) -> Household | None:
        return self.phones[0].household if len(self.phones) == 1 else None


def receive(session: Session, carrier: str, event: CarrierEvent, at: datetime | None = None) -> SmsMessage:
    """Store a text once (by the carrier's id) and act on it. Opt-out words come before everything else.

    Nothing is ever sent back: the carrier's bill, and a person who wrote 退订, both forbid it.
    """
    at = at or clock.now()
    known = session.scalars(select(SmsMessage).where(SmsMessage.carrier_id == event.carrier_id)).first()
    if known is not None:
        return known
    number = event.from_ or ""
    sender = _Sender(number, cipher.blind(number), inbound.list_phones(session, number))
    reply = read_reply(event.body or "")
    message = SmsMessage(carrier=carrier, carrier_id=event.carrier_id, phone_hash=sender.e164_hash, tail=last4(number),
                         body=event.body or "", meaning=TRIAGE, received_at=at)  # fmt: skip
    if opt_out.is_opt_in(reply.text):
        _opt_in(session, sender, message, at)
    elif reply.kind is ReplyKind.OPT_OUT or opt_out.is_opt_out(reply.text):
        _opt_out(session, sender, message, at)
    elif not _take_answer(session, sender, message, reply, event, at):
        _to_triage(session, sender, message, reply)
    return message


def _add(session: Session, message: SmsMessage, household: Household | None) -> None:
    message.household = household
    message.household_id = household.id if household is not None else None
    session.add(message)
    session.flush()


def _opt_in(session: Session, sender: _Sender, message: SmsMessage, at: datetime) -> None:
    message.meaning, message.handled_at = OPT_IN, at
    _add(session, message, sender.only_household)
    opt_outs.revoke(session, sender.e164_hash, at=at)


def _opt_out(session: Session, sender: _Sender, message: SmsMessage, at: datetime) -> None:
    message.meaning, message.handled_at = OPT_OUT, at
    household = sender.only_household
    _add(session, message, household)
    tail = last4(sender.number)
    opt_outs_households.refuse(session, household, sender.e164_hash, tail=tail, source="sms", at=at)


def _take_answer(
    session: Session, sender: _Sender, message: SmsMessage, reply: SmsReply, event: CarrierEvent, at: datetime
) -> bool:
    """Codes that answer a text of ours close the duty of the quarter they come in, whichever the text was of. False
    when they do not: contradictory, out of the blue, from a number whose households were both asked, or after the
    household was reached."""
    if reply.kind is not ReplyKind.CODES or reply.contradictory:
        return False
    household = _find_asked(session, sender, at)
    if household is None or dialogues_routes.has_been_reached(session, household.id, at):
        return False
    contact = dialogues_routes.find_open_contact(session, household.id, at)
    if contact is not None and lock_contact(session, contact.id).state is ContactState.REACHED:
        return False  # another text or a call of theirs was a moment faster
    message.meaning, message.handled_at = ANSWER, at
    _add(session, message, household)
    attempt = _inbound_attempt(session, sender, household, contact, message, event, at)
    heard = _heard(reply)
    visit = visits.record(session, household, VisitChannel.SMS, heard, at=at, closes_duty=True, contact=contact,
                          attempt=attempt)  # fmt: skip
    duty_ends.close_duty(session, visit)
    vague = [_VAGUE[code] for code in reply.codes if code in _VAGUE]
    if vague:
        urgency = Urgency.EMERGENCY if ReplyCode.ILL_OR_ACCIDENT in reply.codes else Urgency.HIGH
        clues.raise_clue(session, household, ClueKind.OTHER, ClueSource.SMS, visit=visit, contact=contact,
                         detail="；".join(words for *_, words in vague), urgency=urgency)  # fmt: skip
    visits.draw_consequences(session, household, heard.found, ClueSource.SMS, visit=visit, contact=contact)
    if contact is not None:
        scheduling.close_contact(session, contact, VisitChannel.SMS, at)
    return True


def _find_asked(session: Session, sender: _Sender, at: datetime) -> Household | None:
    """The one household that was not reached and to whose fallback text this number may be answering."""
    asked = select(Attempt.contact_id).where(
        Attempt.phone_hash == sender.e164_hash, Attempt.channel == "sms", Attempt.purpose == "fallback",
        Attempt.is_inbound.is_(False), Attempt.claimed_at >= at - REPLY_WITHIN,
    )  # fmt: skip
    ids = [phone.household_id for phone in sender.phones]
    query = select(Contact.household_id).where(Contact.id.in_(asked), Contact.household_id.in_(ids),
                                               Contact.state != ContactState.REACHED).distinct().limit(2)  # fmt: skip
    found = session.scalars(query).all()
    return next(phone.household for phone in sender.phones if phone.household_id in found) if len(found) == 1 else None


def _inbound_attempt(
    session: Session, sender: _Sender, household: Household, contact: Contact | None, message: SmsMessage,
    event: CarrierEvent, at: datetime,
) -> Attempt:  # fmt: skip
    phone = next(phone for phone in sender.phones if phone.household_id == household.id)
    attempt = Attempt(token=tokens.new_token(), household=household, household_id=household.id, phone=phone,
                      phone_id=phone.id, phone_hash=sender.e164_hash, channel="sms", purpose="inbound",
                      is_inbound=True, carrier=message.carrier, carrier_id=message.carrier_id, state=AttemptState.DONE,
                      outcome=AttemptOutcome.SMS_REPLIED, raw_state="received", slot_at=at, claimed_at=at,
                      submitted_at=at, answered_at=at, ended_at=at, segments=event.segments,
                      is_demo=household.is_demo)  # fmt: skip
    if contact is not None:
        dialogues_routes.attach(session, attempt, contact)
    session.add(attempt)
    session.flush()
    return attempt


def _heard(reply: SmsReply) -> Heard:
    answers: dict[str, Given] = {}
    found: list[Finding] = []
    for index, code in enumerate(reply.codes):
        for question, value, risk, wants in _meanings(code):
            answers[question] = Given(value, code.value, index, confirmed=True, counts=True)
            found.append(Finding(question, value, confirmed=True, risk=risk, wants=wants))
    return Heard("", list(answers.items()), found)


def _meanings(code: ReplyCode) -> list[tuple[str, str, str | None, str | None]]:
    """(question, value, risk, wants) of the check-in that a code stands for."""
    match code:
        case ReplyCode.ALL_WELL:
            return [(question, value, None, None) for question, value in _ALL_WELL]
        case ReplyCode.INCOME_LESS:
            return [("income", "much_less", ClueKind.INCOME_DROP.value, None)]
        case ReplyCode.CALL_BACK:
            return [("wish", "callback", None, "callback")]
        case ReplyCode.APPLY:
            return [("wish", "apply", None, "apply")]
        case _:
            question, value, _ = _VAGUE[code]
            return [(question, value, ClueKind.OTHER.value, None)]


def _to_triage(session: Session, sender: _Sender, message: SmsMessage, reply: SmsReply) -> None:
    """A person reads it. From a shared number it goes to the household we spoke to last; an unknown sender's text has
    no household and waits for the county."""
    hint = next(iter(reply.risks or reply.wants), "")
    message.hint = hint
    household = sender.only_household or _last_contacted(session, sender)
    _add(session, message, household)
    if household is None:
        return
    urgency = Urgency.HIGH if any(risk in _URGENT for risk in reply.risks) else Urgency.NORMAL
    detail = {"hint": hint, "shared": len(sender.phones) > 1}
    worklist.open_task(session, household, WorkTaskKind.LISTEN_MESSAGE, ReasonCode.MESSAGE, detail=detail,
                       sms=message, urgency=urgency)  # fmt: skip


def _last_contacted(session: Session, sender: _Sender) -> Household | None:
    if not sender.phones:
        return None
    ids = [phone.household_id for phone in sender.phones]
    query = select(Attempt.household_id).where(Attempt.phone_hash == sender.e164_hash, Attempt.household_id.in_(ids))
    last = session.scalars(query.order_by(Attempt.id.desc()).limit(1)).first()
    return next((phone.household for phone in sender.phones if phone.household_id == last), sender.phones[0].household)
