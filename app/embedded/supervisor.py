"""`shouwang up`: broker, web, worker, scheduler and simulator under one supervisor; Ctrl-C stops everything cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from app.embedded import broker, home
from app.embedded.occupancy import HomeLock, Occupied, require_free
from app.embedded.processes import Child, shouwang
from telephony.clock import FileClock

DEMO_RATE = 60.0  # virtual seconds per wall second: an hour of calling passes in a minute
ARENAS = "2"  # glibc otherwise gives each of a worker's thirty threads a heap of its own, and never takes it back
GRACE_S = {"worker": 15.0, "web": 8.0, "simulator": 5.0, "broker": 5.0}


@dataclass(frozen=True)
class Plan:
    """What to run. `households` only matters at the first start of a demo."""

    folder: Path
    demo: bool
    households: int = 5000
    rate: float = DEMO_RATE


class Failed(RuntimeError):
    """The start did not succeed; the message is one line for the user."""


class Supervisor:
    def __init__(self, plan: Plan, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.plan = plan
        self.say = say
        self.environ = environ
        self.children: list[Child] = []
        self.clock: FileClock | None = None
        self._stop = threading.Event()

    def run(self) -> int:
        """Start everything, watch it until SIGINT or SIGTERM, stop it. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            with HomeLock(self.plan.folder) as lock:
                return self._run_alone(lingering=lock.was_killed)
        except (Failed, Occupied, home.HomeError, OSError) as error:
            self.say(f"启动失败 / could not start: {error}")
            return 1

    def _run_alone(self, *, lingering: bool) -> int:
        self.environ = home.prepare(self.plan.folder, self.environ, demo=self.plan.demo)
        for setting in self._binds():
            require_free(setting, self.environ[setting], linger=lingering, is_stopped=self._stop.is_set)
        try:
            self._start()
            self._watch()
        finally:
            self._shut_down()
        return 0

    def _binds(self) -> tuple[str, ...]:
        return ("WEB_BIND", "SIMULATOR_BIND") if self._simulates else ("WEB_BIND",)

    @property
    def _simulates(self) -> bool:
        return (self.environ.get("CARRIER") or "simulator") == "simulator"

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _start(self) -> None:
        if self.plan.demo:
            self.clock = home.wake_clock(self.plan.folder, rate=0.0)
        self._start_broker()
        welcome = self._prepare()
        if self._stop.is_set():
            return
        if self._simulates:
            self._add("simulator", shouwang("simulator"))
        self._add("web", shouwang("web"))
        self._add("worker", shouwang("worker", "--beat"))
        self._wait_for_web()
        if self.clock is not None:
            self.clock.set(rate=self.plan.rate)
        for line in welcome:
            self.say(line)

    def _start_broker(self) -> None:
        if not self.environ["CELERY_BROKER_URL"].startswith("redis+socket://"):
            return  # a broker of the caller's own
        socket = Path(self.environ["CELERY_BROKER_URL"].removeprefix("redis+socket://"))
        try:
            self._add("broker", broker.command(broker.find_server(), socket, self.plan.folder / "broker"))
            broker.wait_until_ready(socket)
        except (broker.BrokerMissing, TimeoutError) as error:
            raise Failed(str(error)) from error

    def _prepare(self) -> list[str]:
        """Migrations, roles, and for the demo its county, users and campaign, in a process of their own."""
        arguments = ["prepare", "--households", str(self.plan.households)] if self.plan.demo else ["prepare"]
        process = subprocess.Popen(  # noqa: S603 (our own command)
            shouwang(*arguments), env=dict(self.environ), stdout=subprocess.PIPE, start_new_session=True
        )
        output, _ = process.communicate()
        if process.returncode != 0:
            raise Failed(f"preparing the database ended with code {process.returncode}; see the lines above")
        return [str(line) for line in json.loads(output or b"[]")]

    def _add(self, name: str, command: list[str]) -> None:
        environ = {"MALLOC_ARENA_MAX": ARENAS, **self.environ}
        child = Child(name, command, environ, self.plan.folder / "logs" / f"{name}.log")
        child.start()
        self.children.append(child)

    def _wait_for_web(self, seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        url = f"http://{self.environ['WEB_BIND'].replace('0.0.0.0', '127.0.0.1')}/healthz"  # noqa: S104
        while not self._stop.is_set():
            for child in self.children:
                if not child.is_running():
                    raise Failed(f"{child.name} ended while starting; its last words are in {child.log}")
            if _answers(url):
                return
            if time.monotonic() > deadline:
                raise Failed(f"the web server does not answer on {url}; see {self.plan.folder / 'logs' / 'web.log'}")
            time.sleep(0.2)

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            for child in self.children:
                if child.tend():
                    self.say(f"{child.name} 意外退出，正在重启 / {child.name} died, restarting (see {child.log})")
            if self.clock is not None:
                home.note_clock(self.plan.folder, self.clock)

    def _shut_down(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if self.clock is not None and self.clock.rate() > 0:
            self.clock.set(rate=0.0)
            home.note_clock(self.plan.folder, self.clock)
        for name in ("worker", "web", "simulator", "broker"):
            for child in self.children:
                if child.name == name:
                    child.stop(GRACE_S[name])
        if self.children:
            self.say("已全部停止，数据保留在 / everything stopped, data kept in " + os.fspath(self.plan.folder))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (our own loopback address)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def say_to_terminal(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
