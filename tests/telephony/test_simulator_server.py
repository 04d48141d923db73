"""The simulator as a process: real sockets, real client, real kill -9."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from telephony.clock import FileClock
from telephony.simulator import readings
from telephony.simulator.core import Simulator
from telephony.simulator.server import SimulatorServer
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace, read_trace
from tests.telephony.simulator_rig import EVENTS, HUMAN, OURS, PLAIN, START, gather, say

TOKEN = SimulatorSettings().auth_token


class HostClient(TwilioHttpClient):  # type: ignore[misc]
    """The real transport, sent to another host."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.base), *args, **kwargs)


def client_of(base: str) -> Client:
    return Client(SimulatorSettings().account_sid, TOKEN, http_client=HostClient(base))


class Listener(ThreadingHTTPServer):
    """An application on a real socket; keeps the parameters of every rightly signed webhook."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Webhook)
        self.received: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def ended(self) -> list[str]:
        return [params["CallSid"] for params in self.received if params.get("CallStatus") in readings.TERMINAL]


class _Webhook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listener

    def do_POST(self) -> None:
        params = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        signature = self.headers["X-Twilio-Signature"]
        rightly = RequestValidator(TOKEN).validate(self.server.url + self.path, params, signature)
        if rightly:
            self.server.received.append(params)
        inner = gather("还在外请按1") if self.path == "/voice" else say("再见") if self.path == "/next" else ""
        body = f"<Response>{inner}</Response>".encode()
        self.send_response(200 if rightly else 403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def file_clock(tmp_path: Path) -> FileClock:
    clock = FileClock(tmp_path / "clock.json")
    clock.set(virtual=START, rate=60.0)
    return clock


@pytest.fixture
def server(file_clock: FileClock) -> Iterator[SimulatorServer]:
    settings = SimulatorSettings(population=PLAIN, calls_per_second=50.0).own(OURS)
    with SimulatorServer(Simulator(settings, file_clock, Trace()), ("127.0.0.1", 0), webhook_threads=4) as running:
        yield running


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def place(client: Client, app: str, number: str = HUMAN) -> str:
    call = client.calls.create(
        to=number, from_=OURS, url=f"{app}/voice#rc=5&rp=all", status_callback=f"{app}/status#rc=5&rp=all",
        status_callback_event=EVENTS,
    )  # fmt: skip
    return str(call.sid)


def test_a_whole_call_over_sockets(server: SimulatorServer, listener: Listener) -> None:
    client = client_of(server.url)
    sid = place(client, listener.url)
    wait_for(lambda: sid in listener.ended())
    assert [params["Digits"] for params in listener.received if "Digits" in params] == ["1"]
    assert client.calls(sid).fetch().status == "completed"


def test_the_clock_may_jump(server: SimulatorServer, file_clock: FileClock) -> None:
    file_clock.set(rate=0.0)
    client = client_of(server.url)
    sid = place(client, "http://127.0.0.1:9")
    response = requests.post(f"{server.url}/_sim/clock", json={"advance": 86400}, timeout=5)
    assert response.json()["now"] > "2026-10-13"
    wait_for(lambda: client.calls(sid).fetch().start_time is not None)


def test_a_refused_webhook_ends_the_call(server: SimulatorServer) -> None:
    client = client_of(server.url)
    sid = place(client, "http://127.0.0.1:9")
    wait_for(lambda: client.calls(sid).fetch().status == "completed")
    errors = [record["code"] for record in list(server.simulator.trace.records) if record["kind"] == "error"]
    assert errors == [11205]


def test_a_closed_socket_reaches_the_client(server: SimulatorServer, listener: Listener) -> None:
    requests.post(f"{server.url}/_sim/faults", json={"create_closed_socket": {"p": 1.0}}, timeout=5)
    client = client_of(server.url)
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        place(client, listener.url)
    assert len(client.calls.list(to=HUMAN)) == 1


def test_errors_over_sockets(server: SimulatorServer) -> None:
    response = requests.get(f"{server.url}/2010-04-01/Accounts/ACx/Calls.json", timeout=5)
    assert (response.status_code, response.json()["code"]) == (401, 20003)
    with pytest.raises(TwilioException):
        client_of(server.url).calls.list(start_time="not a date")


def test_a_body_over_a_megabyte_is_refused(server: SimulatorServer) -> None:
    response = requests.post(f"{server.url}/_sim/faults", headers={"Content-Length": "9000000"}, timeout=5)
    assert response.status_code == 413


PROCESS = """
import sys
from telephony.clock import FileClock
from telephony.simulator.server import serve
from telephony.simulator.settings import SimulatorSettings
import json
settings = SimulatorSettings(population=json.loads(sys.argv[4]), calls_per_second=5.0).own(sys.argv[5])
serve(settings, FileClock(sys.argv[1]), ("127.0.0.1", int(sys.argv[2])), sys.argv[3])
"""


class Process:
    """`serve` in a process of its own."""

    def __init__(self, clock: FileClock, port: int, journal: Path) -> None:
        arguments = [str(clock.path), str(port), str(journal), json.dumps(PLAIN), OURS]
        self.process = subprocess.Popen([sys.executable, "-W", "error", "-c", PROCESS, *arguments])
        self.url = f"http://127.0.0.1:{port}"
        wait_for(self._is_up)

    def _is_up(self) -> bool:
        assert self.process.poll() is None, "the simulator died at its start"
        try:
            return requests.get(f"{self.url}/_sim/health", timeout=1).ok
        except requests.exceptions.ConnectionError:
            return False

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_kill_9_in_the_middle_of_a_campaign(file_clock: FileClock, listener: Listener, tmp_path: Path) -> None:
    journal, port = tmp_path / "journal.jsonl", free_port()
    file_clock.set(rate=5.0)
    process = Process(file_clock, port, journal)
    client = client_of(process.url)
    placed = [place(client, listener.url, f"+8610000000{n:03}") for n in range(20)]
    wait_for(lambda: len(listener.ended()) > 0)
    process.end(signal.SIGKILL)
    again = Process(file_clock, port, journal)
    try:
        wait_for(lambda: set(placed) <= set(listener.ended()))
    finally:
        again.end(signal.SIGTERM)
    dialled = [sid for _, _, sid in readings.dials(read_trace(journal))]
    assert sorted(dialled) == sorted(placed)


def test_the_process_is_light_and_stops_cleanly(file_clock: FileClock, tmp_path: Path) -> None:
    process = Process(file_clock, free_port(), tmp_path / "journal.jsonl")
    memory = process.memory_mb()
    assert process.end(signal.SIGTERM) == 0
    assert memory <= 45
