"""Twilio's webhooks as CarrierEvents (TELEPHONY §2, Callback fields). Unknown parameters are kept raw and ignored.

Verify the signature first; these functions only read. `token` is our own id, and `seq` the dialogue's step number,
both from the callback URL's query. Every function raises BadCallback for a form that makes no sense.
"""

from __future__ import annotations

import re
from dataclasses import replace

from telephony.ports import CarrierEvent, EventKind
from telephony.twilio.fields import BadCallback, Form, FormLike, parse_body
from telephony.twilio.statuses import answered_by, call_state, dial_state, sms_state

__all__ = ["BadCallback", "parse_body", "parse_sms", "parse_sms_status", "parse_status", "parse_voice", "voice_kind"]

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
_RECORDING_IN_URL = re.compile(r"/Recordings/(RE[0-9a-fA-F]{32})(?:\.\w+)?(?:[?#].*)?$")
_DIGITS = re.compile(r"[0-9*#A-Da-dwW]{1,64}|hangup|timeout")
_ERROR_CODE = re.compile(r"[0-9]{1,6}")
_NOT_KEYS = frozenset({"hangup", "timeout"})  # Twilio's words for how a recording ended

DAY_S = 86_400
VOICE_KINDS = frozenset(
    {
        EventKind.ANSWERED,
        EventKind.CALL_IN,
        EventKind.DIGITS,
        EventKind.RECORDED,
        EventKind.DIAL_ENDED,
        EventKind.MACHINE,
    }
)


def voice_kind(form: FormLike) -> EventKind:
    """Which step's end this action callback reports, told from its parameters: one action URL serves all verbs."""
    fields = Form(form)
    if "DialCallStatus" in fields:
        return EventKind.DIAL_ENDED
    if "RecordingUrl" in fields or "RecordingSid" in fields:
        return EventKind.RECORDED
    return EventKind.DIGITS


def parse_voice(
    kind: EventKind, form: FormLike, token: str | None, *, seq: int | None = None, carrier: str = "twilio"
) -> CarrierEvent:
    """A call's webhook that wants instructions (and MACHINE, which wants none).

    Repeats are told by the call and our own step: Twilio asks once for each set of steps, unless it retries.
    """
    if kind not in VOICE_KINDS:
        raise ValueError(f"{kind} is not asked over voice webhooks")
    fields = Form(form)
    call_id = fields.get_match("CallSid", _CALL_SID, "a call's id")
    step = "" if seq is None else f"/{seq}"
    event = CarrierEvent(
        kind=kind,
        carrier=carrier,
        carrier_id=call_id,
        dedupe_key=f"{call_id}/{kind}{step}",
        token=token,
        from_=fields.find("From"),
        to=fields.find("To"),
        answered_by=answered_by(fields.find("AnsweredBy")),
        raw=fields.raw(),
    )
    if kind is EventKind.DIGITS:
        return replace(event, digits=_keys(fields))
    if kind is EventKind.RECORDED:
        return _recorded(event, fields)
    if kind is EventKind.DIAL_ENDED:
        word = fields.get("DialCallStatus")
        length = fields.find_whole("DialCallDuration", most=DAY_S)
        return replace(event, call_state=dial_state(word), raw_state=word, duration_s=length)
    if kind is EventKind.MACHINE and event.answered_by is None:
        raise BadCallback("AnsweredBy", "missing")
    return _with_state(event, fields)


def parse_status(form: FormLike, token: str | None, *, carrier: str = "twilio") -> CarrierEvent:
    """A call's status callback. `sequence` is Twilio's SequenceNumber; no order of arrival is promised."""
    fields = Form(form)
    call_id = fields.get_match("CallSid", _CALL_SID, "a call's id")
    word = fields.get("CallStatus")
    sequence = fields.find_whole("SequenceNumber", most=10**6)
    occurred_at = fields.find_instant("Timestamp")
    mark = sequence if sequence is not None else (occurred_at.isoformat() if occurred_at else "")
    return CarrierEvent(
        kind=EventKind.CALL_STATUS,
        carrier=carrier,
        carrier_id=call_id,
        dedupe_key=f"{call_id}/status/{mark}/{word}",
        token=token,
        sequence=sequence,
        occurred_at=occurred_at,
        call_state=call_state(word),
        raw_state=word,
        from_=fields.find("From"),
        to=fields.find("To"),
        answered_by=answered_by(fields.find("AnsweredBy")),
        duration_s=fields.find_whole("CallDuration", most=DAY_S),
        sip_code=fields.find_whole("SipResponseCode", most=699),
        error_code=fields.find_match("ErrorCode", _ERROR_CODE, "an error code"),
        raw=fields.raw(),
    )


def parse_sms(form: FormLike, token: str | None = None, *, carrier: str = "twilio") -> CarrierEvent:
    """A text somebody sent us."""
    fields = Form(form)
    message_id = fields.get_match("MessageSid", _MESSAGE_SID, "a message's id")
    return CarrierEvent(
        kind=EventKind.SMS_IN,
        carrier=carrier,
        carrier_id=message_id,
        dedupe_key=f"{message_id}/in",
        token=token,
        from_=fields.get("From"),
        to=fields.get("To"),
        body=fields.find("Body", most=1600) or "",
        segments=fields.find_whole("NumSegments", most=100),
        raw=fields.raw(),
    )


def parse_sms_status(form: FormLike, token: str | None, *, carrier: str = "twilio") -> CarrierEvent:
    """A text's status callback; it carries no counter, each state is reported once."""
    fields = Form(form)
    message_id = fields.get_match("MessageSid", _MESSAGE_SID, "a message's id")
    word = fields.get("MessageStatus")
    return CarrierEvent(
        kind=EventKind.SMS_STATUS,
        carrier=carrier,
        carrier_id=message_id,
        dedupe_key=f"{message_id}/status/{word}",
        token=token,
        sms_state=sms_state(word),
        raw_state=word,
        from_=fields.find("From"),
        to=fields.find("To"),
        error_code=fields.find_match("ErrorCode", _ERROR_CODE, "an error code"),
        raw=fields.raw(),
    )


def _with_state(event: CarrierEvent, fields: Form) -> CarrierEvent:
    word = fields.find("CallStatus")
    return replace(event, call_state=call_state(word), raw_state=word) if word else event


def _keys(fields: Form) -> str:
    pressed = fields.find_match("Digits", _DIGITS, "keys") or ""
    return "" if pressed in _NOT_KEYS else pressed


def _recorded(event: CarrierEvent, fields: Form) -> CarrierEvent:
    """The recording's id from its own field or from its URL; none when nothing was said."""
    recording_id = fields.find_match("RecordingSid", _RECORDING_SID, "a recording's id")
    url = fields.find("RecordingUrl", most=2000)
    if recording_id is None and url is not None:
        found = _RECORDING_IN_URL.search(url)
        if found is None:
            raise BadCallback("RecordingUrl", "is not a recording's address")
        recording_id = found.group(1)
    seconds = fields.find_whole("RecordingDuration", most=DAY_S) or 0
    return replace(event, digits=_keys(fields), recording_id=recording_id, recording_s=seconds)
