"""A whole installation as separate processes, which a test may kill: web, workers, beats, simulator, broker."""

from __future__ import annotations

import base64
import os
import signal
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import config
from app.embedded import broker
from app.embedded.processes import Child, shouwang
from telephony.clock import FileClock
from tests.servers import free_port

ACCOUNT, TOKEN = "AC" + "1" * 32, "cluster-token"
TUESDAY_MORNING = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # 09:30 in Asia/Shanghai, inside the calling window


class Cluster:
    """Processes by name; a dead one is restarted by `tend` unless it was retired."""

    def __init__(self, folder: Path, database_url: str, broker_url: str | None, *, rate: float) -> None:
        self.folder = folder
        self.rate = rate
        web, simulator = self.web_port, self.simulator_port = free_port(), free_port()
        self.socket = folder / "b.sock"
        self.environ = {
            "PATH": os.environ["PATH"], "SHOUWANG_HOME": str(folder), "DATABASE_URL": database_url,
            "CELERY_BROKER_URL": broker_url or f"redis+socket://{self.socket}",
            "REDIS_URL": broker_url or f"unix://{self.socket}", "SECRET_KEY": "cluster-" * 5,
            "FIELD_KEY": base64.urlsafe_b64encode(b"c" * 32).decode(), "CARRIER": "simulator",
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{web}", "WEB_BIND": f"127.0.0.1:{web}",
            "SIMULATOR_BIND": f"127.0.0.1:{simulator}", "TWILIO_API_BASE": f"http://127.0.0.1:{simulator}",
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": "+8610000000000", "SHOUWANG_DEMO": "1",
            "SHOUWANG_CLOCK_FILE": str(folder / "clock.json"), "PYTHONPATH": os.getcwd(),
        }  # fmt: skip
        self.clock = FileClock(folder / "clock.json")
        self.clock.set(virtual=TUESDAY_MORNING, rate=0.0)
        self.children: dict[str, Child] = {}
        (folder / "logs").mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> config.Settings:
        return config.load(self.environ)

    def start_broker(self) -> None:
        self._start("broker", broker.command(broker.find_server(), self.socket, self.folder / "broker"))
        broker.wait_until_ready(self.socket)

    def start(self, *names: str) -> None:
        """`worker-1` runs `shouwang worker`; the number only tells processes apart."""
        for name in names:
            self._start(name, shouwang(name.partition("-")[0]))

    def _start(self, name: str, command: list[str]) -> None:
        child = Child(name, command, self.environ, self.folder / "logs" / f"{name}.log")
        child.start()
        self.children[name] = child

    def wait_for_web(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.environ["PUBLIC_BASE_URL"] + "/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise TimeoutError((self.folder / "logs" / "web.log").read_text()[-2000:])

    def go(self) -> None:
        self.clock.set(rate=self.rate)

    def kill(self, name: str) -> None:
        """kill -9, with everything the process started."""
        process = self.children[name].process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def retire(self, name: str) -> None:
        self.kill(name)
        del self.children[name]

    def tend(self) -> None:
        for child in self.children.values():
            if not child.is_running():
                child.restarts = 0  # a test does not wait for a growing pause
                child.start_after = 0.0
            child.tend()

    def live_for(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Keep everything running for so many wall seconds, or until `until` says enough."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tend()
            if until():
                return True
            time.sleep(0.1)
        return until()

    def stop(self) -> None:
        self.clock.set(rate=0.0)
        for name in sorted(self.children, key=_order):
            self.children[name].stop(10.0)

    def journal(self) -> Path:
        return self.folder / "simulator.jsonl"


def _order(name: str) -> int:
    return ("beat", "worker", "web", "simulator", "broker").index(name.partition("-")[0])


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    try:
        yield cluster
    finally:
        cluster.stop()


def count(database: Path, query: str) -> int:
    """One number from the cluster's SQLite, without disturbing it."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=15) as connection:
        return int(connection.execute(query).fetchone()[0])
