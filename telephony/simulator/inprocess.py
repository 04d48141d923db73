"""The simulator without sockets or threads: for `shouwang rehearse` and for tests.

`InProcessCarrier` moves a ManualClock from event to event and performs webhooks through a function;
`SimulatorHttpClient` lets a real twilio `Client` talk to it. Only this module knows the twilio package.
"""

from __future__ import annotations

import heapq
import io
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.response import Response

from telephony.clock import ManualClock
from telephony.simulator.admin import JSON_FIELD
from telephony.simulator.core import Simulator
from telephony.simulator.wire import SimRequest, SimResponse, WebhookFailure, WebhookRequest, WebhookResult

Fetch = Callable[[WebhookRequest], WebhookResult | WebhookFailure]
Latency = Callable[[WebhookRequest], float]


class CarrierTimeout(Exception):
    """The carrier's answer did not come within the client's time-out."""


class InProcessCarrier:
    """Drives `simulator` on `clock` (the same ManualClock the simulator has).

    `fetch` performs a webhook at once; `latency_s` says how much virtual time its answer takes (default none).
    """

    def __init__(
        self, simulator: Simulator, fetch: Fetch, clock: ManualClock, *, latency_s: Latency | None = None
    ) -> None:
        self.simulator = simulator
        self.clock = clock
        self._fetch = fetch
        self._latency_s = latency_s
        self._answers: list[tuple[datetime, int, str, WebhookResult | WebhookFailure]] = []
        self._order = 0

    def next_event_at(self) -> datetime | None:
        """The next instant at which anything happens at the carrier; None when it is quiet."""
        instants = [at for at in (self.simulator.next_event_at(), self._answers[0][0] if self._answers else None) if at]
        return min(instants) if instants else None

    def run_until(self, instant: datetime) -> int:
        """Live through everything up to `instant` and leave the clock there; returns the webhooks performed.

        May be entered again from within `fetch` (a create held back while callbacks come first).
        """
        performed = self._pump()
        while (at := self.next_event_at()) is not None and at <= instant:
            self.clock.move_to(max(at, self.clock.now()))
            performed += self._pump()
        if instant > self.clock.now():
            self.clock.move_to(instant)
        return performed

    def run_for(self, seconds: float) -> int:
        return self.run_until(self.clock.now() + timedelta(seconds=seconds))

    def run_until_idle(self, until: datetime) -> int:
        """Go from event to event until nothing is left or `until` is reached; the clock stays at the last event."""
        performed = self._pump()
        while (at := self.next_event_at()) is not None and at <= until:
            performed += self.run_until(max(at, self.clock.now()))
        return performed

    def exchange(self, request: SimRequest, timeout_s: float | None = None) -> SimResponse:
        """One request with its wire faults. Raises CarrierTimeout; time passes (and webhooks come) while it is held."""
        response = self.simulator.handle(request)
        patience = timeout_s if timeout_s is not None else 600.0
        if response.lost == "timeout" or response.hold_s > patience:
            self.run_for(patience)
            raise CarrierTimeout
        if response.hold_s > 0:
            self.run_for(response.hold_s)
        return response

    def admin(self, path: str, payload: Mapping[str, Any] | None = None) -> Any:
        """`GET /_sim/<path>`, or POST when there is a payload; raises ValueError when it is refused."""
        form = () if payload is None else ((JSON_FIELD, json.dumps(payload, ensure_ascii=False)),)
        parts = urlsplit(path)
        query = tuple(parse_qsl(parts.query))
        method = "GET" if payload is None else "POST"
        response = self.exchange(SimRequest(method, f"/_sim/{parts.path}", query, form))
        answer = json.loads(response.body)
        if response.status >= 400:
            raise ValueError(answer["message"])
        return answer

    def _pump(self) -> int:
        """Perform what is due at this very instant, answers first, until it is quiet."""
        performed = 0
        while True:
            now = self.clock.now()
            while self._answers and self._answers[0][0] <= now:
                _, _, webhook_id, outcome = heapq.heappop(self._answers)
                self.simulator.webhook_answered(webhook_id, outcome)
            due = self.simulator.pop_due(now)
            for request in due:
                self._perform(request)
                performed += 1
            if not due and (not self._answers or self._answers[0][0] > self.clock.now()):
                return performed

    def _perform(self, request: WebhookRequest) -> None:
        outcome = self._fetch(request)
        delay = self._latency_s(request) if self._latency_s is not None else 0.0
        if delay > request.timeout_s:
            outcome, delay = WebhookFailure("read"), request.timeout_s
        if delay <= 0:
            self.simulator.webhook_answered(request.id, outcome)
            return
        self._order += 1
        answer = (self.clock.now() + timedelta(seconds=delay), self._order, request.id, outcome)
        heapq.heappush(self._answers, answer)


class SimulatorHttpClient(HttpClient):  # type: ignore[misc]  # twilio ships no types we follow
    """Transport for a real twilio `Client(sid, token, http_client=…)`.

    Raises what `requests` would: ReadTimeout after `timeout` seconds without an answer, ConnectionError when the
    socket is closed before the body.
    """

    def __init__(self, carrier: InProcessCarrier, timeout: float | None = 10.0) -> None:
        super().__init__(logging.getLogger("telephony.simulator"), False, timeout)
        self.carrier = carrier

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = urlsplit(uri)
        query = (*parse_qsl(parts.query, keep_blank_values=True), *_pairs(params))
        request = SimRequest(
            method.upper(), unquote(parts.path), query, _pairs(data), (auth[0], auth[1]) if auth else None
        )
        try:
            answer = self.carrier.exchange(request, timeout if timeout is not None else self.timeout)
        except CarrierTimeout as error:
            raise requests.exceptions.ReadTimeout("the carrier did not answer in time") from error
        if answer.lost == "closed":
            raise requests.exceptions.ConnectionError("the carrier closed the connection before the body")
        return Response(answer.status, answer.body.decode("utf-8", "replace"), {"Content-Type": answer.content_type})

    def fetch_bytes(self, url: str, auth: tuple[str, str]) -> tuple[int, bytes, str]:
        """(HTTP status, body, media type) of a recording: the one thing twilio's own client cannot fetch unspoilt."""
        answer = self.carrier.exchange(SimRequest("GET", unquote(urlsplit(url).path), auth=auth), self.timeout)
        return answer.status, answer.body, answer.content_type


def _pairs(values: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Form pairs as `requests` would write them: lists repeat their key, None is left out."""
    kept = {name: value for name, value in (values or {}).items() if value is not None}
    return tuple(parse_qsl(urlencode(kept, doseq=True), keep_blank_values=True))


def wsgi_fetch(wsgi_app: Callable[..., Iterable[bytes]]) -> Fetch:
    """A `fetch` that calls a WSGI application directly; an exception out of it is the caller's to see."""

    def fetch(request: WebhookRequest) -> WebhookResult | WebhookFailure:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
            started[:] = [(status, headers)]
            return lambda data: None

        answer = wsgi_app(_environ(request), start_response)
        try:
            body = b"".join(answer)
        finally:
            if (close := getattr(answer, "close", None)) is not None:
                close()
        status, headers = started[0]
        return WebhookResult(int(status.split()[0]), body, dict(headers))

    return fetch


def _environ(request: WebhookRequest) -> dict[str, Any]:
    parts = urlsplit(request.url)
    body = urlencode(request.params).encode() if request.method == "POST" else b""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1") or "/",
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.method == "POST":
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
