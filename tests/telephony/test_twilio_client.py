"""What the real client sends, and what each answer of Twilio's comes to mean."""

from __future__ import annotations

import json
import logging
import socket
import threading
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import requests
import urllib3.exceptions
from twilio.http import HttpClient
from twilio.http.response import Response

from telephony.errors import CarrierError, Verdict
from telephony.ports import AnsweredBy, CallState, OutboundCall, OutboundSms, SmsState
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.http import RedirectingHttpClient

ACCOUNT = "AC" + "0" * 32
SID = "CA" + "1" * 32
TO = "+8610012345678"
CALL = OutboundCall("tok", TO, "+15005550006", "https://a.cn/answer?t=tok", "https://a.cn/status?t=tok", 30, 400)
SMS = OutboundSms("tok", TO, "您好", "https://a.cn/sms?t=tok")
CREATED = "Sun, 22 Nov 2026 02:00:00 +0000"


class Stub(HttpClient):
    """Answers each request with the next of `answers`: a Response, or an exception to raise."""

    def __init__(self, *answers):
        super().__init__(logging.getLogger("stub"), False)
        self.answers = list(answers)
        self.requests = []

    def request(
        self, method, uri, params=None, data=None, headers=None, auth=None, timeout=None, allow_redirects=False
    ):
        self.requests.append((method, uri, params or {}, data or {}))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fetch_bytes(self, url, auth):
        self.requests.append(("GET", url, {}, {}))
        return self.answers.pop(0)


def answer(http=201, **fields):
    return Response(http, json.dumps({"sid": SID, "status": "queued", "to": TO, **fields}))


def refusal(status, code):
    return Response(status, json.dumps({"code": code, "message": f"about {TO}", "status": status, "more_info": ""}))


def carrier(*answers, **options):
    stub = Stub(*answers)
    return TwilioCarrier(ACCOUNT, "token", "+15005550006", http_client=stub, **options), stub


def failure(action, *answers, **options) -> CarrierError:
    with pytest.raises(CarrierError) as failed:
        action(carrier(*answers, **options)[0])
    return failed.value


def place(one):
    return one.place(CALL)


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


NEW_CONNECTION = requests.exceptions.ConnectionError(
    urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NewConnectionError(None, "refused"))
)
CREATE_FAILURES = [
    (refusal(400, 21211), "21211", Verdict.PERMANENT, True),
    (refusal(400, 21217), "21217", Verdict.PERMANENT, True),
    (refusal(400, 21214), "21214", Verdict.PERMANENT, True),
    (refusal(400, 21216), "21216", Verdict.PERMANENT, True),
    (refusal(403, 21215), "21215", Verdict.PERMANENT, False),
    (refusal(400, 21212), "21212", Verdict.PERMANENT, False),
    (refusal(400, 99999), "99999", Verdict.PERMANENT, False),
    (refusal(401, 20003), "20003", Verdict.RETRYABLE, False),
    (refusal(429, 20429), "20429", Verdict.RETRYABLE, False),
    (refusal(400, 10004), "10004", Verdict.RETRYABLE, False),
    (refusal(503, 20503), "20503", Verdict.RETRYABLE, False),
    (refusal(500, 20500), "20500", Verdict.UNKNOWN, False),
    (Response(500, "<html>"), "http-500", Verdict.UNKNOWN, False),
    (Response(502, ""), "http-502", Verdict.UNKNOWN, False),
    (Response(503, ""), "http-503", Verdict.RETRYABLE, False),
    (Response(504, ""), "http-504", Verdict.UNKNOWN, False),
    (Response(429, ""), "http-429", Verdict.RETRYABLE, False),
    (Response(302, ""), "http-302", Verdict.UNKNOWN, False),
    (Response(201, "{tru"), "bad-answer", Verdict.UNKNOWN, False),
    (Response(201, "[]"), "bad-answer", Verdict.UNKNOWN, False),
    (Response(201, "{}"), "bad-answer", Verdict.UNKNOWN, False),
    (requests.exceptions.ConnectTimeout(), "connect-timeout", Verdict.RETRYABLE, False),
    (requests.exceptions.ReadTimeout(), "timeout", Verdict.UNKNOWN, False),
    (NEW_CONNECTION, "connect", Verdict.RETRYABLE, False),
    (requests.exceptions.ConnectionError(ConnectionResetError(104)), "connection-lost", Verdict.UNKNOWN, False),
    (requests.exceptions.ChunkedEncodingError(), "connection-lost", Verdict.UNKNOWN, False),
    (requests.exceptions.InvalidURL(), "bad-request", Verdict.RETRYABLE, False),
    (OSError("strange"), "bad-answer", Verdict.UNKNOWN, False),
]


@pytest.mark.parametrize(
    ("outcome", "code", "verdict", "blames"), CREATE_FAILURES, ids=[str(f[1]) for f in CREATE_FAILURES]
)
def test_every_failure_to_create_has_a_verdict(outcome, code, verdict, blames):
    error = failure(place, outcome)
    assert (error.code, error.verdict, error.blames_number) == (code, verdict, blames)


def test_no_failure_repeats_the_number():
    error = failure(place, refusal(400, 21211))
    assert "100123" not in str(error)
    assert error.__cause__ is None


def test_an_opted_out_number_is_blamed():
    assert failure(lambda one: one.send(SMS), refusal(400, 21610)).blames_number


def test_a_refused_connection_is_retryable_for_real():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = None
        try:
            TwilioCarrier(ACCOUNT, "token", "+1", api_base=base).place(CALL)
        except CarrierError as raised:
            error = raised
    assert error is not None
    assert (error.code, error.verdict) == ("connect", Verdict.RETRYABLE)


def test_a_listening_but_silent_carrier_is_unknown_for_real():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        one = TwilioCarrier(ACCOUNT, "token", "+1", api_base=base, timeout_s=0.2)
        with pytest.raises(CarrierError) as failed:
            one.place(CALL)
    assert (failed.value.code, failed.value.verdict) == ("timeout", Verdict.UNKNOWN)


READS = [
    lambda one: one.fetch_call(SID),
    lambda one: one.find_calls(TO, datetime(2026, 11, 22, tzinfo=UTC)),
    lambda one: one.fetch_message(SID),
    lambda one: one.find_messages(TO, datetime(2026, 11, 22, tzinfo=UTC)),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("outcome", [requests.exceptions.ReadTimeout(), Response(500, ""), Response(200, "{")])
def test_reading_leaves_nothing_unknown(read, outcome):
    assert failure(read, outcome).verdict is Verdict.RETRYABLE


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


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9/2010-04-01/x.json?a=1"),
        ("https://gw.example/twilio/", "https://gw.example/twilio/2010-04-01/x.json?a=1"),
        (None, "https://api.twilio.com/2010-04-01/x.json?a=1"),
    ],
)
def test_another_host_speaks_the_same_api(base, url):
    assert RedirectingHttpClient(base).redirect("https://api.twilio.com/2010-04-01/x.json?a=1") == url


@pytest.mark.parametrize("base", ["", "ftp://x", "gw.example", "http://"])
def test_a_senseless_host_is_refused_at_once(base):
    if base:
        with pytest.raises(ValueError, match="absolute"):
            RedirectingHttpClient(base)
    else:
        assert RedirectingHttpClient(base).redirect("https://api.twilio.com/x") == "https://api.twilio.com/x"


def test_nothing_is_ever_retried_below_us():
    session = RedirectingHttpClient("http://127.0.0.1:9").session
    assert {session.get_adapter(f"{scheme}://x").max_retries.total for scheme in ("http", "https")} == {0}


@pytest.fixture
def listening():
    """A real server that answers every GET with an empty list of calls."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"calls": [], "next_page_uri": null}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Silent: the test reads the log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_no_number_reaches_the_log(listening, caplog):
    caplog.set_level(logging.DEBUG)
    assert TwilioCarrier(ACCOUNT, "token", "+1", api_base=listening).find_calls(TO, datetime.now(UTC)) == []
    assert "100123" not in caplog.text


def test_form_bodies_repeat_the_event_key():
    """What `requests` writes of the list: Twilio wants StatusCallbackEvent once for each event."""
    one, stub = carrier(answer())
    one.place(CALL)
    body = requests.Request("POST", "http://x", data=stub.requests[0][3]).prepare().body
    assert parse_qs(body)["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
