"""Somebody calls the hotline: who it is, by number, and which dialogue they get (TELEPHONY 1.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.enums import AttemptState, PhoneState
from app.domain.phones import time_zone_of
from app.extensions import clock
from app.models import Attempt, Household, Phone
from app.models.types import cipher
from app.services import dialogues, dialogues_context, scripts, tokens
from app.services.dialogues import Reply
from app.services.dialogues_state import CHOOSE_HOUSEHOLD, INBOUND, Dialogue, begin
from telephony.ivr.script import Script
from telephony.ivr.state import MAX_CHOICES, Choice
from telephony.ivr.steps import HangUp, Say
from telephony.ports import CarrierEvent

_NOT_THEIRS = (PhoneState.RETIRED, PhoneState.WRONG_PERSON)
_CHECK_AFTER = timedelta(minutes=2)  # when the sweeper asks the carrier whether the call is over
_DEFAULT_LANGUAGE = "cmn-CN"
UNKNOWN_NUMBER = "您好，这里是网格服务电话。您的号码没有登记，请联系您村里的网格员或者乡镇政府，也可以拨打12317。再见。"


@dataclass(frozen=True, slots=True)
class Received:
    """`attempt` None: nobody we know called, and only the callback is kept."""

    attempt: Attempt | None
    reply: Reply


def list_phones(session: Session, number: str) -> list[Phone]:
    """The register's entries of this number (E.164), one a household, with their households; gone ones excepted."""
    query = (
        select(Phone)
        .join(Phone.household)
        .where(Phone.e164_hash == cipher.blind(number), Phone.state.not_in(_NOT_THEIRS), Household.gone_on.is_(None))
        .options(joinedload(Phone.household))
        .order_by(Phone.household_id)
    )
    return list(session.scalars(query))


def answer_call(session: Session, carrier: str, event: CarrierEvent, at: datetime | None = None) -> Received:
    """A call came in: store it and say what the caller hears. Known by its number; a shared one is asked whose it is.

    The carrier asking again for the same call gets the same words.
    """
    at = at or clock.now()
    known = session.scalars(select(Attempt).where(Attempt.carrier_id == event.carrier_id).with_for_update()).first()
    if known is not None:
        return Received(known, dialogues.answer(session, known, event.answered_by, at))
    phones = list_phones(session, event.from_ or "")
    if not phones:
        return Received(None, Reply((Say(UNKNOWN_NUMBER, _DEFAULT_LANGUAGE), HangUp())))
    attempt = _open_attempt(session, carrier, event, phones[0], at)
    script, dialogue = _first_dialogue(session, phones, at)
    attempt.ivr_state = dialogue.to_json()
    session.flush()
    return Received(attempt, dialogues.reply(session, attempt, script, dialogue, at))


def _first_dialogue(session: Session, phones: Sequence[Phone], at: datetime) -> tuple[Script, Dialogue]:
    context = dialogues_context.setting_of(session, phones[0].household, at).context
    if len(phones) == 1:
        script = scripts.get_current(session, INBOUND)
        return script, begin(script, context)
    script = scripts.get_current(session, CHOOSE_HOUSEHOLD)
    asked = replace(context, household="", worker="", choices=_choices(session, phones, at))
    return script, begin(script, asked)


def _choices(session: Session, phones: Sequence[Phone], at: datetime) -> tuple[Choice, ...]:
    """By surname; the village is added where two have the same. Only as many as there are keys."""
    offered = [(phone.household, dialogues_context.surname_of(phone.household.head_name)) for phone in phones]
    times = Counter(surname for _, surname in offered)
    return tuple(
        Choice(str(household.id), surname, _village(session, household, at) if times[surname] > 1 else "")
        for household, surname in offered[:MAX_CHOICES]
    )


def _village(session: Session, household: Household, at: datetime) -> str:
    return dialogues_context.setting_of(session, household, at).context.village


def _open_attempt(session: Session, carrier: str, event: CarrierEvent, phone: Phone, at: datetime) -> Attempt:
    values = {
        "token": tokens.new_token(), "household": phone.household, "household_id": phone.household_id,
        "phone": phone, "phone_id": phone.id, "channel": "voice", "purpose": "inbound", "is_inbound": True,
        "carrier": carrier, "carrier_id": event.carrier_id, "state": AttemptState.IN_DIALOGUE,
        "raw_state": (event.raw_state or "")[:40], "slot_at": at, "claimed_at": at, "submitted_at": at,
        "answered_at": at, "next_check_at": at + _CHECK_AFTER, "is_demo": phone.is_demo,
        "hour": at.astimezone(time_zone_of(phone.e164)).hour,
    }  # fmt: skip
    attempt = Attempt(phone_hash=phone.e164_hash, **values)
    session.add(attempt)
    session.flush()
    return attempt
