"""A small application behind the simulated carrier: real client, real signature check, programmable answers."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator
from twilio.rest import Client

from telephony.clock import ManualClock
from telephony.simulator.core import Simulator
from telephony.simulator.inprocess import InProcessCarrier, SimulatorHttpClient
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace
from telephony.simulator.wire import WebhookFailure, WebhookRequest, WebhookResult

START = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Asia/Shanghai
OURS = "+12025550100"
HUMAN = "+8610000000001"
BASE = "http://app.test"
EVENTS = ["initiated", "ringing", "answered", "completed"]
# Everybody picks up after 2 s and presses 1 a second after the prompt.
PLAIN: dict[str, Any] = {
    "mix": {"person": 1},
    "kinds": {"person": {"answer_s": [2, 2], "press_s": [1, 1]}},
    "scripts": {"fine": [{"digits": {"1": 1}}]},
}
ZH = 'language="cmn-CN" voice="Polly.Zhiyu-Neural"'


def say(text: str) -> str:
    return f"<Say {ZH}>{text}</Say>"


def gather(text: str, attributes: str = 'numDigits="1" action="/next"') -> str:
    return f"<Gather {attributes}>{say(text)}</Gather>"


def twiml(inner: str) -> WebhookResult:
    return WebhookResult(200, f"<Response>{inner}</Response>".encode(), {"Content-Type": "text/xml"})


Answer = Callable[[Mapping[str, str]], WebhookResult | WebhookFailure]


class Application:
    """Answers webhooks by path; keeps (path, params) of those that were rightly signed, counts the refused ones."""

    def __init__(self, token: str) -> None:
        self.routes: dict[str, Answer] = {}
        self.received: list[tuple[str, dict[str, str]]] = []
        self.refused = 0
        self._validator = RequestValidator(token)

    def on(self, path: str, inner: str) -> None:
        self.routes[path] = lambda params: twiml(inner)

    def fetch(self, request: WebhookRequest) -> WebhookResult | WebhookFailure:
        params = dict(request.params)
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self._validator.validate(request.url, params, signature):
            self.refused += 1
            return WebhookResult(403)
        parts = urlsplit(request.url)
        params |= dict(parse_qsl(parts.query, keep_blank_values=True))
        self.received.append((parts.path, params))
        answer = self.routes.get(parts.path)
        return answer(params) if answer is not None else WebhookResult(204)

    def at(self, path: str) -> list[dict[str, str]]:
        return [params for seen, params in self.received if seen == path]

    def statuses(self, sid: str | None = None) -> list[str]:
        return [params["CallStatus"] for params in self.at("/status") if sid in (None, params["CallSid"])]


class Rig:
    """The carrier, the application, and a real twilio client between them."""

    def __init__(self, journal: Path | None = None, **settings: Any) -> None:
        settings.setdefault("population", PLAIN)
        settings.setdefault("calls_per_second", 10.0)
        self.clock = ManualClock(START)
        self.settings = SimulatorSettings(**settings).own(OURS, voice_url=f"{BASE}/inbound", sms_url=f"{BASE}/sms")
        self.simulator = Simulator(self.settings, self.clock, Trace(journal))
        self.app = Application(self.settings.auth_token)
        self.carrier = InProcessCarrier(self.simulator, self.app.fetch, self.clock)
        self.client = Client(
            self.settings.account_sid, self.settings.auth_token, http_client=SimulatorHttpClient(self.carrier)
        )
        self.app.on("/voice", gather("还在外请按1") + say("再见"))
        self.app.on("/next", say("谢谢"))

    def call(self, to: str = HUMAN, **options: Any) -> Any:
        """Create a call with all status callbacks, as the product does."""
        options.setdefault("from_", OURS)
        if "twiml" not in options:
            options.setdefault("url", f"{BASE}/voice")
        options.setdefault("status_callback", f"{BASE}/status")
        options.setdefault("status_callback_event", EVENTS)
        return self.client.calls.create(to=to, **options)

    def run(self, seconds: float = 7 * 86400) -> None:
        self.carrier.run_until_idle(self.clock.now() + timedelta(seconds=seconds))

    def complete(self, to: str = HUMAN, **options: Any) -> Any:
        """Create a call and live through it; the call as the carrier then tells it."""
        sid = self.call(to, **options).sid
        self.run()
        return self.client.calls(sid).fetch()

    def records(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.simulator.trace.records if record["kind"] == kind]


def wsgi_echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """A WSGI application that tells what it was asked."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    text = "|".join([environ["REQUEST_METHOD"], environ["HTTP_HOST"], environ["PATH_INFO"], environ["QUERY_STRING"]])
    return [io.BytesIO(text.encode() + b"|" + body).getvalue()]
