"""Children of the supervisor: restarted with growing pauses, ended with their whole family."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from app.embedded import processes
from app.embedded.processes import Child


def child(folder: Path, script: str) -> Child:
    return Child("web", [sys.executable, "-c", script], os.environ, folder / "web.log")


def wait_until_dead(one: Child) -> None:
    assert one.process is not None
    one.process.wait(timeout=10)


def test_a_running_child_is_left_alone(tmp_path: Path) -> None:
    one = child(tmp_path, "input()" if os.isatty(0) else "import time; time.sleep(30)")
    one.start()
    assert one.process is not None
    number = one.process.pid

    assert not one.tend()

    assert one.process.pid == number
    one.stop(5)
    assert not one.is_running()


def test_each_death_doubles_the_pause_up_to_half_a_minute(tmp_path: Path) -> None:
    one = child(tmp_path, "raise SystemExit(3)")
    pauses = []
    for _ in range(9):
        one.start()
        wait_until_dead(one)
        assert one.tend()
        pauses.append(round(one.start_after - time.monotonic(), 1))

    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_it_is_not_started_before_its_pause_is_over(tmp_path: Path) -> None:
    one = child(tmp_path, "raise SystemExit(3)")
    one.start()
    wait_until_dead(one)
    one.tend()

    one.tend()
    assert one.process is None

    one.start_after = time.monotonic()
    one.tend()
    assert one.process is not None
    wait_until_dead(one)


def test_a_minute_without_a_death_forgives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = child(tmp_path, "import time; time.sleep(30)")
    one.restarts = 5
    one.start()
    later = time.monotonic() + 61
    monkeypatch.setattr(processes.time, "monotonic", lambda: later)

    one.tend()

    assert one.restarts == 0
    one.stop(5)


def test_its_words_are_in_its_log(tmp_path: Path) -> None:
    one = child(tmp_path, "print('last words')")
    one.start()
    wait_until_dead(one)

    assert one.log.read_text() == "last words\n"


def test_a_long_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_LIMIT", 10)
    one = child(tmp_path, "print('new')")
    one.log.write_text("old and longer than the limit\n")
    one.start()
    wait_until_dead(one)

    assert one.log.read_text() == "new\n"
    assert (tmp_path / "web.log.1").read_text().startswith("old")


def test_one_that_does_not_listen_to_sigterm_is_killed(tmp_path: Path) -> None:
    one = child(tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True);"
                          "time.sleep(60)")  # fmt: skip
    one.start()
    deadline = time.monotonic() + 10
    while "deaf" not in one.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)

    one.stop(0.2)

    assert not one.is_running()


def test_nothing_of_a_dead_childs_family_stays(tmp_path: Path) -> None:
    script = "import os, subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); os._exit(1)"
    one = child(tmp_path, script)
    one.start()
    wait_until_dead(one)
    grandchild = int(one.log.read_text())

    one.tend()

    assert Path(f"/proc/{grandchild}/stat").exists() is False or _is_dead(grandchild)


def _is_dead(number: int) -> bool:
    for _ in range(50):
        try:
            if Path(f"/proc/{number}/stat").read_text().split(") ")[1][0] in "ZX":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False
