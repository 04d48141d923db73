"""One supervisor a home, one program a port: said in a line before anything starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.occupancy import LOCK_FILE, HomeLock, Occupied, require_free
from tests.servers import free_port

HOLD = "import sys, pathlib\nfrom app.embedded.occupancy import HomeLock\nwith HomeLock(pathlib.Path(sys.argv[1])):\n"


@pytest.fixture
def tenant() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def holder(home: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD + "    print('held', flush=True); sys.stdin.read()", home],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_home_in_use_is_refused_with_the_process_and_the_remedy(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with process, pytest.raises(Occupied) as refusal, HomeLock(tmp_path):
        pass

    process.kill()
    assert f"process {process.pid}" in str(refusal.value)
    assert "SHOUWANG_HOME" in str(refusal.value)


def test_a_home_left_cleanly_is_free(tmp_path: Path) -> None:
    with HomeLock(tmp_path):
        pass

    with HomeLock(tmp_path) as again:
        assert not again.was_killed


def test_a_home_whose_supervisor_was_killed_is_free_and_says_so(tmp_path: Path) -> None:
    process = holder(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    with HomeLock(tmp_path) as lock:
        assert lock.was_killed


def test_children_do_not_hold_the_home(tmp_path: Path) -> None:
    with HomeLock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with HomeLock(tmp_path) as lock:
            assert (tmp_path / LOCK_FILE).read_text() == str(os.getpid())
            assert not lock.was_killed
    finally:
        child.communicate(b"\n")


def test_a_port_in_use_is_refused_with_port_and_setting(tenant: int) -> None:
    with pytest.raises(Occupied) as refusal:
        require_free("WEB_BIND", f"127.0.0.1:{tenant}", linger=False)

    assert "\n" not in str(refusal.value)
    assert f"port {tenant} on 127.0.0.1 is in use" in str(refusal.value)
    assert f"WEB_BIND=127.0.0.1:{tenant + 1}" in str(refusal.value)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Occupied, match=r"SIMULATOR_BIND=192\.0\.2\.1:8010 cannot be listened on"):
        require_free("SIMULATOR_BIND", "192.0.2.1:8010", linger=False)


def test_a_free_port_stays_free() -> None:
    port = free_port()

    require_free("WEB_BIND", f"127.0.0.1:{port}", linger=False)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


def test_the_children_of_a_killed_supervisor_are_waited_for() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    threading.Timer(0.5, listener.close).start()

    require_free("WEB_BIND", f"127.0.0.1:{listener.getsockname()[1]}", linger=True)

    assert listener.fileno() == -1


def test_waiting_ends_with_ctrl_c(tenant: int) -> None:
    with pytest.raises(Occupied):
        require_free("WEB_BIND", f"127.0.0.1:{tenant}", linger=True, is_stopped=lambda: True)
