"""The embedded broker: which program, with what promises, and what when there is none."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from app.embedded import broker


def test_it_listens_on_no_network_and_writes_everything_down(tmp_path: Path) -> None:
    command = broker.command("server", tmp_path / "b.sock", tmp_path / "data")

    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocketperm"] == "700"
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert (tmp_path / "data").is_dir()


def test_the_packaged_server_comes_before_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(broker, "_bundled", lambda: "/package/valkey-server")

    assert broker.find_server() == "/package/valkey-server"


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.shutil, "which", lambda name: None)
    monkeypatch.setattr(broker, "_bundled", lambda: None)

    with pytest.raises(broker.BrokerMissing, match="install one of them"):
        broker.find_server()


def test_it_starts_and_answers(tmp_path: Path) -> None:
    unix_socket = tmp_path / "b.sock"
    server = subprocess.Popen(broker.command(broker.find_server(), unix_socket, tmp_path / "data"),
                              stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        broker.wait_until_ready(unix_socket, 10)
        assert server.poll() is None
    finally:
        server.terminate()
        server.wait(10)


def test_one_that_never_answers_is_given_up(tmp_path: Path) -> None:
    started = time.monotonic()

    with pytest.raises(TimeoutError, match="does not answer"):
        broker.wait_until_ready(tmp_path / "none.sock", 0.2)

    assert time.monotonic() - started < 2
