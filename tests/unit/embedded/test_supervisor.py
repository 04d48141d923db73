"""`shouwang up` that cannot start says why in one line, exits with 1 and leaves nothing running."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from app.embedded.occupancy import HomeLock
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[3]


def up(home: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home.parent), "SHOUWANG_HOME": str(home),
               "WEB_BIND": f"127.0.0.1:{free_port()}", **changes}  # fmt: skip
    return subprocess.run([sys.executable, "-m", "app.cli", "up", *arguments], env=environ, cwd=ROOT,
                          capture_output=True, text=True, timeout=60)  # fmt: skip


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    return done.stdout


def test_twice_on_one_home_is_refused(tmp_path: Path) -> None:
    with HomeLock(tmp_path):
        said = only_line(up(tmp_path))

    assert f"already runs on {tmp_path} (process {os.getpid()})" in said


def test_a_refused_second_start_leaves_the_first_ones_settings_alone(tmp_path: Path) -> None:
    with HomeLock(tmp_path):
        up(tmp_path)

    assert not (tmp_path / "embedded.env").exists()


def test_a_web_port_in_use_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as tenant:
        tenant.bind(("127.0.0.1", 0))
        tenant.listen()
        port = tenant.getsockname()[1]
        said = only_line(up(tmp_path, WEB_BIND=f"127.0.0.1:{port}"))

    assert f"port {port} on 127.0.0.1 is in use" in said
    assert "WEB_BIND=" in said


def test_a_simulator_port_in_use_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as tenant:
        tenant.bind(("127.0.0.1", 0))
        tenant.listen()
        said = only_line(up(tmp_path, SIMULATOR_BIND=f"127.0.0.1:{tenant.getsockname()[1]}"))

    assert "SIMULATOR_BIND=" in said


def test_nothing_is_left_running(tmp_path: Path) -> None:
    up(tmp_path, WEB_BIND="192.0.2.1:80")

    assert list((tmp_path / "logs").iterdir()) == []
    with HomeLock(tmp_path) as lock:
        assert not lock.was_killed


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert str(tmp_path / "file") in only_line(up(tmp_path / "file" / "home"))


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    assert "WEB_BIND=8000: expected host:port" in only_line(up(tmp_path, WEB_BIND="8000"))
