"""The simulator as an HTTP server: `shouwang simulator`, `make run`, load tests.

One thread lives through the events on the given clock (which may jump or change its rate), a pool performs webhooks,
one thread a connection answers REST. The core sits behind one lock that is never held during HTTP.
"""

from __future__ import annotations

import base64
import binascii
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from telephony.clock import Clock
from telephony.simulator.admin import JSON_FIELD
from telephony.simulator.core import Simulator
from telephony.simulator.delivery import Deliverer
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.wire import SimRequest, SimResponse, WebhookFailure, WebhookResult

LOOK_EVERY_S = 0.02  # wall time between looks at a clock that may jump
LOST_ANSWER_S = 30.0  # how long a "timed out" answer keeps its socket open
MAX_BODY = 1 << 20


class SimulatorServer:
    """Serves `simulator` at `bind` (host, port; port 0 = any free one, see `port`)."""

    def __init__(self, simulator: Simulator, bind: tuple[str, int], *, webhook_threads: int = 16) -> None:
        self.simulator = simulator
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._deliverer = Deliverer(self._webhook_answered, webhook_threads)
        self._http = _HttpServer(bind, self)
        self._threads: list[threading.Thread] = []
        self.failure: Exception | None = None
        self.ended = threading.Event()  # asked to stop, or failed

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self._http.server_address[0]!s}:{self.port}"

    def start(self) -> None:
        """Begin to serve, in threads of its own."""
        for target in (self._live, lambda: self._http.serve_forever(poll_interval=0.2)):
            thread = threading.Thread(target=target, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop listening and living; the journal stays complete."""
        self._stopping.set()
        self._woken.set()
        self._http.shutdown()
        self._http.server_close()
        self._deliverer.stop()
        for thread in self._threads:
            thread.join(2.0)
        with self._lock:
            self.simulator.trace.close()

    def take(self, request: SimRequest) -> SimResponse:
        with self._lock:
            response = self.simulator.handle(request)
        self._woken.set()
        return response

    def _webhook_answered(self, webhook_id: str, outcome: WebhookResult | WebhookFailure) -> None:
        if self._stopping.is_set():
            return  # the journal asks again after the restart
        try:
            with self._lock:
                self.simulator.webhook_answered(webhook_id, outcome)
        except Exception as error:
            self._fail(error)
        self._woken.set()

    def _fail(self, error: Exception) -> None:
        """A defect of ours must end the process: a carrier that goes on half dead would look like lost calls."""
        self.failure = self.failure or error
        self.ended.set()

    def _live(self) -> None:
        try:
            self._live_on()
        except Exception as error:
            self._fail(error)

    def _live_on(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            with self._lock:
                due = self.simulator.pop_due(self.simulator.clock.now())
            for request in due:
                self._deliverer.submit(request)
            if not due:
                self._woken.wait(LOOK_EVERY_S)
                time.sleep(0.001)  # lets a burst of requests gather instead of waking for each

    def __enter__(self) -> SimulatorServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, bind: tuple[str, int], owner: SimulatorServer) -> None:
        self.owner = owner
        super().__init__(bind, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a defect and is printed by the base class."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "TwilioSimulator/1"
    server: _HttpServer
    wbufsize = -1  # head and body in one segment

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """The trace is the log."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        response = self.server.owner.take(self._parse(body))
        if response.hold_s > 0:
            time.sleep(min(response.hold_s, LOST_ANSWER_S))
        if response.lost == "timeout":
            time.sleep(LOST_ANSWER_S)
            self.close_connection = True
            return
        self.send_response(response.status)
        if response.status != 204:
            self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        if response.lost == "closed":
            self.close_connection = True
            self.end_headers()
            return
        self.end_headers()
        self.wfile.write(response.body)

    def _parse(self, body: bytes) -> SimRequest:
        parts = urlsplit(self.path)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        text = body.decode("utf-8", "replace")
        form = tuple(parse_qsl(text, keep_blank_values=True))
        if self.headers.get("Content-Type", "").startswith("application/json"):
            form = ((JSON_FIELD, text),)
        return SimRequest(self.command, unquote(parts.path), query, form, _basic(self.headers.get("Authorization")))


def _basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def serve(
    settings: SimulatorSettings,
    clock: Clock,
    bind: tuple[str, int],
    journal_path: str | Path,
    *,
    webhook_threads: int = 16,
) -> None:
    """Run until SIGTERM or SIGINT, going on from `journal_path` where a run before left off.

    Main thread only. A defect inside the simulator ends it with that exception.
    """
    simulator = Simulator.resume(settings, clock, journal_path, tail=500)
    server = SimulatorServer(simulator, bind, webhook_threads=webhook_threads)

    def stop(number: int, frame: FrameType | None) -> None:
        server.ended.set()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with server:
            server.ended.wait()
        if server.failure is not None:
            raise server.failure
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
