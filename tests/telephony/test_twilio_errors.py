"""What each failure at Twilio means for the attempt (HOUSE rule 3), and the transport below it."""

from __future__ import annotations

import logging
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import urllib3.exceptions
from twilio.http.response import Response

from telephony.errors import CarrierError, Verdict
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.http import RedirectingHttpClient
from tests.telephony.twilio_stub import (
    ACCOUNT,
    CALL,
    SID,
    SMS,
    TO,
    failure,
    place,
    refusal,
)

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
