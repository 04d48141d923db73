"""Real servers for tests, started on free ports in a temporary folder and stopped afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class MissingProgram(RuntimeError):
    """A program that the tests need is not installed; the message says how to get it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, *folders: str, package: str) -> str:
    for folder in (*folders, *os.environ.get("PATH", "").split(":")):
        candidate = Path(folder) / name
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    raise MissingProgram(f"{name} is missing: install the system package {package} (make test does it where it may)")


def _postgres_folder() -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return str(versions[0]) if versions else ""


def _as_postgres_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; continuous integration is root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL; yields the URL of its maintenance database."""
    initdb = find_program("initdb", _postgres_folder(), package="postgresql")
    server = find_program("postgres", _postgres_folder(), package="postgresql")
    folder = Path(tempfile.mkdtemp(prefix="shouwang-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    port = free_port()
    data = str(folder / "data")
    subprocess.run(
        _as_postgres_user([initdb, "-D", data, "-U", "shouwang", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                           "-N"]),
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
               "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=60",
               "-c", "shared_buffers=128MB",
               "-c", "autovacuum=off"]  # fmt: skip
    process = subprocess.Popen(_as_postgres_user([server, "-D", data, *options]), cwd=folder, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait_for_port(port, process)
        yield f"postgresql+psycopg://shouwang@127.0.0.1:{port}/postgres"
    finally:
        _stop_group(process, signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A throw-away Redis; yields its URL."""
    server = find_program("redis-server", package="redis-server")
    folder = tempfile.mkdtemp(prefix="shouwang-redis-")
    port = free_port()
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", ""],
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop_group(process, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended at once with code {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.5):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args} does not listen on port {port} after {seconds} s")


def _stop_group(process: subprocess.Popen[bytes], first: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, first)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
