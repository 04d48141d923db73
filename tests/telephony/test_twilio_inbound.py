"""Twilio's webhooks become our events; what makes no sense is named and refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ports import AnsweredBy, CallState, EventKind, SmsState
from telephony.twilio.inbound import (
    VOICE_KINDS,
    BadCallback,
    parse_body,
    parse_sms,
    parse_sms_status,
    parse_status,
    parse_voice,
    voice_kind,
)

SID = "CA" + "0" * 32
SMS = "SM" + "1" * 32
REC = "RE" + "a" * 32
VOICE = {"CallSid": [SID], "From": ["+15005550006"], "To": ["+8610012345678"], "CallStatus": ["in-progress"]}
STATUS = {**VOICE, "CallStatus": ["completed"], "SequenceNumber": ["3"], "CallDuration": ["42"],
          "Timestamp": ["Sun, 22 Nov 2026 02:03:04 +0000"]}  # fmt: skip


def voice(kind, **extra):
    return parse_voice(kind, {**VOICE, **{name: [value] for name, value in extra.items()}}, "tok", seq=4)


def test_keys_are_kept_as_pressed():
    assert voice(EventKind.DIGITS, Digits="1#*0").digits == "1#*0"


@pytest.mark.parametrize("extra", [{}, {"Digits": ""}])
def test_silence_is_empty_digits(extra):
    assert voice(EventKind.DIGITS, **extra).digits == ""


def test_our_token_travels_through():
    assert voice(EventKind.DIGITS).token == "tok"


def test_pairs_and_mappings_read_alike():
    pairs = [(name, values[0]) for name, values in VOICE.items()]
    assert parse_voice(EventKind.ANSWERED, pairs, "t") == parse_voice(EventKind.ANSWERED, VOICE, "t")


def test_a_retry_has_the_same_key_and_the_next_step_another():
    first, again = (parse_voice(EventKind.DIGITS, VOICE, "t", seq=4) for _ in range(2))
    assert first.dedupe_key == again.dedupe_key != parse_voice(EventKind.DIGITS, VOICE, "t", seq=5).dedupe_key


def test_a_recording_is_found_by_its_own_id():
    event = voice(EventKind.RECORDED, RecordingSid=REC, RecordingDuration="7", Digits="hangup")
    assert (event.recording_id, event.recording_s, event.digits) == (REC, 7, "")


def test_a_recording_is_found_by_its_address():
    url = f"https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/{REC}"
    assert voice(EventKind.RECORDED, RecordingUrl=url, RecordingDuration="7").recording_id == REC


def test_no_recording_is_none():
    event = voice(EventKind.RECORDED)
    assert (event.recording_id, event.recording_s) == (None, 0)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("completed", CallState.COMPLETED),
        ("answered", CallState.COMPLETED),
        ("busy", CallState.BUSY),
        ("no-answer", CallState.NO_ANSWER),
        ("failed", CallState.FAILED),
        ("canceled", CallState.CANCELLED),
    ],
)
def test_the_end_of_a_dial_is_the_workers_state(word, state):
    assert voice(EventKind.DIAL_ENDED, DialCallStatus=word).call_state is state


@pytest.mark.parametrize(
    ("word", "by"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.FAX),
        ("unknown", AnsweredBy.UNKNOWN),
        ("robot", AnsweredBy.UNKNOWN),
    ],
)
def test_machine_detection(word, by):
    assert voice(EventKind.MACHINE, AnsweredBy=word).answered_by is by


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ({}, EventKind.DIGITS),
        ({"Digits": ["1"]}, EventKind.DIGITS),
        ({"RecordingUrl": ["x"], "Digits": ["#"]}, EventKind.RECORDED),
        ({"DialCallStatus": ["busy"]}, EventKind.DIAL_ENDED),
    ],
)
def test_one_action_address_serves_every_verb(extra, kind):
    assert voice_kind({**VOICE, **extra}) is kind


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", CallState.QUEUED),
        ("initiated", CallState.QUEUED),
        ("ringing", CallState.RINGING),
        ("in-progress", CallState.IN_PROGRESS),
        ("completed", CallState.COMPLETED),
        ("busy", CallState.BUSY),
        ("no-answer", CallState.NO_ANSWER),
        ("failed", CallState.FAILED),
        ("canceled", CallState.CANCELLED),
        ("rerouted", CallState.UNRECOGNISED),
    ],
)
def test_call_states(word, state):
    event = parse_status({**STATUS, "CallStatus": [word]}, "t")
    assert (event.call_state, event.raw_state) == (state, word)


def test_a_status_carries_counter_instant_and_length():
    event = parse_status(STATUS, "t")
    instant = datetime(2026, 11, 22, 2, 3, 4, tzinfo=UTC)
    assert (event.sequence, event.occurred_at, event.duration_s) == (3, instant, 42)


def test_statuses_differ_by_counter_and_word():
    other = parse_status({**STATUS, "SequenceNumber": ["2"]}, "t")
    assert parse_status(STATUS, "t").dedupe_key != other.dedupe_key


def test_unknown_parameters_are_kept_raw():
    assert parse_status({**STATUS, "NewThing": ["x"]}, "t").raw["NewThing"] == "x"


def test_a_text_is_read():
    event = parse_sms({"MessageSid": [SMS], "From": ["+8610012345678"], "To": ["+1"], "Body": [" ２ 退 "]})
    assert (event.kind, event.body, event.carrier_id) == (EventKind.SMS_IN, " ２ 退 ", SMS)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("accepted", SmsState.QUEUED),
        ("sending", SmsState.QUEUED),
        ("sent", SmsState.SENT),
        ("delivered", SmsState.DELIVERED),
        ("read", SmsState.DELIVERED),
        ("undelivered", SmsState.UNDELIVERED),
        ("failed", SmsState.FAILED),
        ("canceled", SmsState.CANCELLED),
        ("received", SmsState.RECEIVED),
        ("teleported", SmsState.UNRECOGNISED),
    ],
)
def test_sms_states(word, state):
    event = parse_sms_status({"MessageSid": [SMS], "MessageStatus": [word], "ErrorCode": ["30003"]}, "t")
    assert (event.sms_state, event.raw_state, event.error_code) == (state, word, "30003")


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"CallSid": []}, "CallSid", "missing"),
        ({"CallSid": [""]}, "CallSid", "missing"),
        ({"CallSid": ["CA1"]}, "CallSid", "is not a call's id"),
        ({"CallSid": [SID, "CA" + "1" * 32]}, "CallSid", "sent twice with different values"),
        ({"CallSid": [SID + "'; drop"]}, "CallSid", "is not a call's id"),
        ({"CallStatus": []}, "CallStatus", "missing"),
        ({"CallStatus": ["x" * 256]}, "CallStatus", "longer than 255 characters"),
        ({"CallDuration": ["-1"]}, "CallDuration", "is not a whole number up to 86400"),
        ({"CallDuration": ["1e3"]}, "CallDuration", "is not a whole number up to 86400"),
        ({"CallDuration": ["٣"]}, "CallDuration", "is not a whole number up to 86400"),
        ({"CallDuration": ["99999999"]}, "CallDuration", "is not a whole number up to 86400"),
        ({"SequenceNumber": ["x"]}, "SequenceNumber", "is not a whole number up to 1000000"),
        ({"Timestamp": ["yesterday"]}, "Timestamp", "is not an RFC 2822 date"),
        ({"From": ["\x00"]}, "From", "holds control characters"),
        ({"ErrorCode": ["abc"]}, "ErrorCode", "is not an error code"),
    ],
)
def test_a_malformed_status_is_named(change, field, why):
    with pytest.raises(BadCallback) as refused:
        parse_status({**STATUS, **change}, "t")
    assert (refused.value.field, refused.value.why) == (field, why)


@pytest.mark.parametrize("digits", ["x", "1" * 65, "1 2", "１"])
def test_keys_that_no_phone_has_are_refused(digits):
    with pytest.raises(BadCallback, match="Digits: is not keys"):
        voice(EventKind.DIGITS, Digits=digits)


def test_a_recording_elsewhere_is_refused():
    with pytest.raises(BadCallback, match="RecordingUrl"):
        voice(EventKind.RECORDED, RecordingUrl="https://evil.example/x")


def test_a_text_longer_than_twilio_sends_is_refused():
    with pytest.raises(BadCallback, match="Body: longer than 1600"):
        parse_sms({"MessageSid": [SMS], "From": ["+1"], "To": ["+2"], "Body": ["x" * 1601]})


def test_a_reason_never_repeats_the_value():
    with pytest.raises(BadCallback) as refused:
        parse_status({**STATUS, "CallSid": ["+8610012345678"]}, "t")
    assert "100123" not in str(refused.value)


def test_sms_is_not_a_voice_webhook():
    with pytest.raises(ValueError, match="not asked over voice"):
        parse_voice(EventKind.SMS_IN, VOICE, "t")


def test_a_body_keeps_blank_parameters_and_repeats():
    assert parse_body(b"a=1&b=&a=2&c=%E7%8E%8B") == [("a", "1"), ("b", ""), ("a", "2"), ("c", "王")]


@pytest.mark.parametrize("body", [b"a=" + b"x" * 1_000_000, b"a=1&" * 500, "a=王".encode()])
def test_a_body_beyond_reason_is_refused(body):
    with pytest.raises(BadCallback, match="body"):
        parse_body(body)


@given(st.dictionaries(st.sampled_from([*STATUS, "Digits", "Body", "MessageSid", "RecordingUrl", "DialCallStatus"]),
                       st.lists(st.text(max_size=40), max_size=3)), st.sampled_from(EventKind))  # fmt: skip
def test_any_form_is_read_or_refused(form, kind):
    parsers = [lambda: parse_status(form, None), lambda: parse_sms(form), lambda: parse_sms_status(form, None)]
    if kind in VOICE_KINDS:
        parsers.append(lambda: parse_voice(kind, form, None))
    for parse in parsers:
        with suppress(BadCallback):
            assert parse().carrier_id
