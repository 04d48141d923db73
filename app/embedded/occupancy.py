"""Is this home free, and are its addresses? Asked before anything starts, answered in one line."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

LOCK_FILE = "up.lock"
_LINGER_S = 12.0  # children of a supervisor that was killed outright need as long to end (Child.stop's graces)


class Occupied(RuntimeError):
    """Somebody else is here. The message is one line for the user and names the remedy."""


class HomeLock:
    """The only supervisor of a home, as long as it lives: the kernel drops the lock with the process, however it ends.

    `was_killed`: the one before left its process number behind, so its children may still be ending.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / LOCK_FILE
        self.was_killed = False
        self._file: int | None = None

    def __enter__(self) -> HomeLock:
        """Raises Occupied while another supervisor runs on this home, OSError for a home that cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited: children never hold it
        left_behind = os.read(descriptor, 32).decode(errors="replace").strip()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise Occupied(f"`shouwang up` already runs on {self.path.parent} (process {left_behind or 'unknown'}); "
                           "stop it, or set SHOUWANG_HOME to another folder") from error  # fmt: skip
        self.was_killed = left_behind != ""
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._file = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        os.ftruncate(self._file, 0)
        os.close(self._file)


def require_free(setting: str, bind: str, *, linger: bool, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Raises Occupied when nobody can listen on `bind` (host:port), the value of `setting`.

    `linger`: wait a while first, for the children of a supervisor that was killed.
    """
    host, _, port = bind.rpartition(":")
    deadline = time.monotonic() + (_LINGER_S if linger else 0.0)
    while (refusal := _refusal(host.strip("[]"), int(port))) is not None:
        if refusal.errno != errno.EADDRINUSE:
            raise Occupied(f"{setting}={bind} cannot be listened on ({refusal.strerror}); choose another address")
        if time.monotonic() >= deadline or is_stopped():
            raise Occupied(f"port {port} on {host} is in use by another program; stop it, or choose another port with "
                           f"{setting}={host}:{_another(int(port))}")  # fmt: skip
        time.sleep(0.2)


def _refusal(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT is no tenant
            probe.bind(address)
    except OSError as error:
        return error
    return None


def _another(port: int) -> int:
    return port + 1 if port < 65535 else port - 1
