"""A call's callbacks. Answer, step, inbound and machine concern the dialogue; status and recording report facts."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Attempt
from app.services import call_states, dialogues, inbound, recordings
from app.services.call_states import CallNews
from app.services.dialogues import Reply
from app.webhooks.exchange import Done, exchange
from app.webhooks.guard import Pairs, guarded
from config import Settings
from telephony.ivr import library
from telephony.ivr.steps import HangUp, Say
from telephony.ports import AnsweredBy, CallState, CarrierEvent, EventKind
from telephony.twilio import inbound as parse
from telephony.twilio import twiml
from telephony.twilio.inbound import BadCallback

voice = Blueprint("carrier_voice", __name__, url_prefix="/carrier/<carrier>/voice")

INBOUND = "inbound"  # in place of a token: the status callback of our own number, for calls that came in
_MOST_STEPS = 100_000
_LANGUAGE = "cmn-CN"


@voice.post("/answer/<token>")
@guarded("answered")
def answer(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """The call we placed was picked up (or its machine was): what is said first."""
    event = parse.parse_voice(EventKind.ANSWERED, pairs, token, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        if attempt is None or not _is_same_call(attempt, event):
            return _good_bye(carrier, attempt)
        news = CallNews(CallState.IN_PROGRESS, event.raw_state or "", carrier_id=event.carrier_id,
                        answered_by=event.answered_by)  # fmt: skip
        call_states.apply_call_state(session, attempt.id, news)
        reply = dialogues.answer(session, attempt, event.answered_by)
        return Done(_twiml(carrier, attempt, reply), reply.was_applied)

    return _xml(exchange(event, work))


@voice.post("/step/<token>")
@guarded("step")
def step(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """Keys, a message or the end of a connected call, for the steps whose number is in the URL."""
    seq = _seq()
    event = parse.parse_voice(parse.voice_kind(pairs), pairs, token, seq=seq, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        if attempt is None or not _is_same_call(attempt, event):
            return _good_bye(carrier, attempt)
        reply = dialogues.step(session, attempt, event, seq)
        return Done(_twiml(carrier, attempt, reply), reply.was_applied)

    return _xml(exchange(event, work))


@voice.post("/inbound")
@guarded("inbound")
def call_in(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """Somebody called one of our numbers."""
    event = parse.parse_voice(EventKind.CALL_IN, pairs, None, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        received = inbound.answer_call(session, carrier, event)
        if received.attempt is None:
            return Done(_render(carrier, "", received.reply), was_applied=False)
        body = _twiml(carrier, received.attempt, received.reply)
        return Done(body, received.reply.was_applied, received.attempt.id)

    return _xml(exchange(event, work))


@voice.post("/status/<token>")
@guarded("status")
def status(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """Where a call is. Terminal states settle it: outcome, visit and next step in this one commit."""
    event = parse.parse_status(pairs, token, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        attempt_id = attempt.id if attempt is not None else _by_carrier_id(session, event, token)
        if attempt_id is None:
            return Done(was_applied=False)
        return Done(None, call_states.apply_call_state(session, attempt_id, _news(event)), attempt_id)

    exchange(event, work)
    return Response(status=204)


@voice.post("/machine/<token>")
@guarded("machine")
def machine(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """Asynchronous detection of who picked up."""
    event = parse.parse_voice(EventKind.MACHINE, pairs, token, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        if attempt is None or not _is_same_call(attempt, event):
            return Done(was_applied=False)
        return Done(None, dialogues.machine(session, attempt, event.answered_by or AnsweredBy.UNKNOWN))

    exchange(event, work)
    return Response(status=204)


@voice.post("/recording/<token>")
@guarded("recording")
def recording(carrier: str, token: str | None, pairs: Pairs) -> Response:
    """A message is ready to be fetched; usually it was noted when it was spoken."""
    event = parse.parse_voice(EventKind.RECORDED, pairs, token, carrier=carrier)
    if event.recording_id is None:
        raise BadCallback("recording", "missing")
    event = replace(event, dedupe_key=f"{event.dedupe_key}/{event.recording_id}")

    def work(session: Session, attempt: Attempt | None) -> Done:
        if attempt is None or not _is_same_call(attempt, event):
            return Done(was_applied=False)
        noted = recordings.note(session, attempt, cast(str, event.recording_id), event.recording_s or 0)
        return Done(None, noted is not None)

    exchange(event, work)
    return Response(status=204)


def _seq() -> int:
    """Our own step number. Raises BadCallback: the URL is ours and signed, so a bad one is a mistake worth seeing."""
    text = request.args.get("seq", "")
    if not (text.isascii() and text.isdigit()) or int(text[:9]) > _MOST_STEPS:
        raise BadCallback("seq", "is not a step number")
    return int(text)


def _is_same_call(attempt: Attempt, event: CarrierEvent) -> bool:
    """A token names one call. Another one that carries it was placed by nobody here, and is told nothing."""
    return attempt.carrier_id is None or attempt.carrier_id == event.carrier_id


def _by_carrier_id(session: Session, event: CarrierEvent, token: str | None) -> int | None:
    """Calls that came in have no token in the status URL of our number."""
    if token != INBOUND:
        return None
    query = select(Attempt.id).where(Attempt.carrier_id == event.carrier_id, Attempt.carrier == event.carrier)
    return session.scalars(query).first()


def _news(event: CarrierEvent) -> CallNews:
    return CallNews(
        event.call_state or CallState.UNRECOGNISED, event.raw_state or "", carrier_id=event.carrier_id,
        at=event.occurred_at, answered_by=event.answered_by, duration_s=event.duration_s,
        sip_code=event.sip_code, error_code=event.error_code,
    )  # fmt: skip


def _good_bye(carrier: str, attempt: Attempt | None) -> Done:
    """For a call we know nothing of: a polite end, and the callback is kept."""
    if attempt is not None:
        reply = dialogues.farewell(attempt)
    else:
        reply = Reply((Say(library.packaged(INBOUND).text("goodbye", _LANGUAGE), _LANGUAGE), HangUp()))
    return Done(_render(carrier, "", reply), was_applied=False)


def _twiml(carrier: str, attempt: Attempt, reply: Reply) -> str:
    return _render(carrier, f"step/{attempt.token}?seq={reply.seq}", reply)


def _render(carrier: str, action: str, reply: Reply) -> str:
    settings: Settings = current_app.extensions["shouwang.settings"]
    numbers = {"worker": reply.worker_number} if reply.worker_number else {}
    return twiml.render(reply.steps, action_url=f"{settings.public_base_url}/carrier/{carrier}/voice/{action}",
                        numbers=numbers, caller_id=settings.twilio_from or None)  # fmt: skip


def _xml(done: Done) -> Response:
    return Response(done.body or "<Response/>", content_type=twiml.CONTENT_TYPE)
