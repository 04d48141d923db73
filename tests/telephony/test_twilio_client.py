"""What the real client sends, and how what Twilio answers reads in our words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
import requests
from twilio.http.response import Response

from telephony.errors import Verdict
from telephony.ports import AnsweredBy, CallState, OutboundCall, OutboundSms, SmsState
from tests.telephony.twilio_stub import (
    ACCOUNT,
    CALL,
    CREATED,
    SID,
    SMS,
    TO,
    answer,
    carrier,
    failure,
    refusal,
)


def test_a_call_is_created_with_everything_twilio_needs():
    one, stub = carrier(answer())
    submission = one.place(CALL)
    assert (submission.carrier_id, submission.state) == (SID, CallState.QUEUED)
    method, uri, _, data = stub.requests[0]
    assert (method, uri) == ("POST", f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert {name: value for name, value in data.items() if isinstance(value, str | int | list)} == {
        "To": TO,
        "From": "+15005550006",
        "Url": "https://a.cn/answer?t=tok#rc=5&rp=all",
        "Method": "POST",
        "StatusCallback": "https://a.cn/status?t=tok#rc=5&rp=all",
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "StatusCallbackMethod": "POST",
        "Timeout": 30,
        "TimeLimit": 400,
    }


def test_machine_detection_is_asynchronous():
    one, stub = carrier(answer())
    one.place(OutboundCall("t", TO, "+1", "https://a/1", "https://a/2", machine_detection_url="https://a/3"))
    data = stub.requests[0][3]
    assert (data["MachineDetection"], data["AsyncAmd"]) == ("Enable", "true")
    assert data["AsyncAmdStatusCallback"] == "https://a/3#rc=5&rp=all"


@pytest.mark.parametrize(
    ("options", "sms", "expected"),
    [
        ({}, SMS, {"From": "+15005550006"}),
        ({"messaging_service_sid": "MG1"}, SMS, {"MessagingServiceSid": "MG1"}),
        ({"messaging_service_sid": "MG1"}, OutboundSms("t", TO, "x", "https://a", from_="+1"), {"From": "+1"}),
        ({}, OutboundSms("t", TO, "x", "https://a", messaging_service="MG2"), {"MessagingServiceSid": "MG2"}),
    ],
)
def test_a_text_has_one_sender(options, sms, expected):
    one, stub = carrier(answer(num_segments="1"), **options)
    one.send(sms)
    data = stub.requests[0][3]
    assert {name: data[name] for name in ("From", "MessagingServiceSid") if name in data} == expected


def test_a_sent_text_tells_its_segments():
    assert carrier(answer(status="accepted", num_segments="2"))[0].send(SMS).segments == 2


READS = [
    lambda one: one.fetch_call(SID),
    lambda one: one.find_calls(TO, datetime(2026, 11, 22, tzinfo=UTC)),
    lambda one: one.fetch_message(SID),
    lambda one: one.find_messages(TO, datetime(2026, 11, 22, tzinfo=UTC)),
]


def page(*items, kind="calls"):
    return Response(200, json.dumps({kind: list(items), "next_page_uri": None, "page": 0}))


def listed(sid, created, status="queued", **fields):
    return {"sid": sid, "status": status, "to": TO, "date_created": created, **fields}


def test_reconciliation_sees_queued_calls_created_since():
    one, stub = carrier(page(listed("new", CREATED), listed("old", "Sun, 22 Nov 2026 01:59:59 +0000")))
    found = one.find_calls(TO, datetime(2026, 11, 22, 2, 0, 0, 999_000, tzinfo=UTC))
    assert [call.carrier_id for call in found] == ["new"]
    assert stub.requests[0][2]["To"] == TO
    assert not [name for name in stub.requests[0][2] if name.startswith("StartTime") and stub.requests[0][2][name]]


def test_a_call_of_unknown_age_may_be_ours():
    assert len(carrier(page(listed("new", None)))[0].find_calls(TO, datetime(2026, 11, 22, tzinfo=UTC))) == 1


def test_a_call_is_described_in_our_words():
    payload = listed(
        SID, CREATED, "completed", start_time=CREATED, duration="61", answered_by="machine_start", price="-0.0200"
    )
    call = carrier(Response(200, json.dumps(payload)))[0].fetch_call(SID)
    assert (call.state, call.raw_state, call.duration_s) == (CallState.COMPLETED, "completed", 61)
    assert (call.answered_by, call.price) == (AnsweredBy.MACHINE, Decimal("0.0200"))
    assert call.started_at == datetime(2026, 11, 22, 2, tzinfo=UTC)


def test_an_unknown_word_is_kept_and_not_guessed():
    call = carrier(answer(200, status="parked"))[0].fetch_call(SID)
    assert (call.state, call.raw_state) == (CallState.UNRECOGNISED, "parked")


def test_a_message_is_described_in_our_words():
    payload = listed("SM1", CREATED, "undelivered", body="x", error_code=30003, num_segments="2")
    message = carrier(Response(200, json.dumps(payload)))[0].fetch_message("SM1")
    assert (message.state, message.error_code, message.segments) == (SmsState.UNDELIVERED, "30003", 2)


def test_messages_are_found_by_number_and_age():
    one, _ = carrier(page(listed("SM1", CREATED), listed("SM0", "Sat, 21 Nov 2026 02:00:00 +0000"), kind="messages"))
    assert [m.carrier_id for m in one.find_messages(TO, datetime(2026, 11, 22, tzinfo=UTC))] == ["SM1"]


@pytest.mark.parametrize("read", [READS[0], READS[2]])
@pytest.mark.parametrize("outcome", [refusal(404, 20404), Response(404, "")])
def test_what_is_not_there_is_none(read, outcome):
    assert read(carrier(outcome)[0]) is None


def words(stub):
    return [request[3].get("Status") for request in stub.requests]


def test_a_queued_call_is_cancelled():
    one, stub = carrier(answer(200, status="canceled"))
    one.cancel_call(SID)
    assert words(stub) == ["canceled"]


def test_a_live_call_is_hung_up():
    one, stub = carrier(answer(200, status="in-progress"), answer(200, status="in-progress"))
    one.cancel_call(SID)
    assert words(stub) == ["canceled", "completed"]


def test_a_live_call_that_cannot_be_cancelled_is_hung_up():
    one, stub = carrier(refusal(400, 21220), answer(200, status="in-progress"), answer(200, status="completed"))
    one.cancel_call(SID)
    assert words(stub) == ["canceled", None, "completed"]


def test_a_call_that_is_over_is_no_error():
    one, stub = carrier(refusal(400, 21220), answer(200, status="completed"))
    one.cancel_call(SID)
    assert words(stub) == ["canceled", None]


def test_a_call_that_will_not_stop_is_an_error():
    live = answer(200, status="in-progress")
    error = failure(lambda one: one.cancel_call(SID), refusal(400, 21220), live, refusal(400, 21220), live)
    assert error.code == "21220"


def test_a_recording_comes_as_bytes():
    one, stub = carrier((200, b"\xff\x00RIFF", "audio/x-wav"))
    assert one.fetch_recording("RE1") == (b"\xff\x00RIFF", "audio/x-wav")
    assert stub.requests[0][1].endswith(f"/Accounts/{ACCOUNT}/Recordings/RE1.wav")


def test_a_recording_not_there_yet_is_none():
    assert carrier((404, b"", "text/plain"))[0].fetch_recording("RE1") is None


def test_a_recording_that_fails_is_tried_again():
    assert failure(lambda one: one.fetch_recording("RE1"), (500, b"", "")).verdict is Verdict.RETRYABLE


def test_form_bodies_repeat_the_event_key():
    """What `requests` writes of the list: Twilio wants StatusCallbackEvent once for each event."""
    one, stub = carrier(answer())
    one.place(CALL)
    body = requests.Request("POST", "http://x", data=stub.requests[0][3]).prepare().body
    assert parse_qs(body)["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
