"""SHOUWANG_HOME: the folder where the embedded mode keeps its database, its secrets, its logs and its clock."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import config
from telephony.clock import FileClock

CLOCK_FILE = "clock.json"
LAST_SEEN_FILE = "clock.last"
DATABASE_FILE = "shouwang.db"
_HEADER = "# Made by `shouwang up`, which rewrites it. Set what is to differ in the environment, which wins.\n"


class HomeError(RuntimeError):
    """This folder must not be started so. The message is one line for the user."""


def prepare(home: Path, environ: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """Make the folder and its `embedded.env` on the first start; returns the environment for the child processes.

    Secrets are random and made once; the file is readable by its owner only. What the caller's environment sets wins.
    Raises HomeError when the folder holds something that the start would damage.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    (home / "logs").mkdir(exist_ok=True)
    path = home / config.EMBEDDED_FILE
    kept = config.read_env_file(path)
    _refuse_mixing(home, environ, kept, demo=demo)
    values = {**_made_up(home, environ, demo=demo), **kept}
    # Addresses follow the caller at every start; secrets never change once written.
    values.update(_addresses(environ, values))
    _write_private(path, _HEADER + "".join(f"{name}={value}\n" for name, value in sorted(values.items())))
    return {**config.fill_in(environ, values), "SHOUWANG_HOME": str(home)}


def _refuse_mixing(home: Path, environ: Mapping[str, str], kept: Mapping[str, str], *, demo: bool) -> None:
    """A demo and a real register never share a folder, and a database never gets a new FIELD_KEY."""
    carrier = environ.get("CARRIER") or "simulator"
    if demo and carrier != "simulator":
        raise HomeError(f"a demo is rehearsed with the simulator alone; unset CARRIER={carrier}")
    if demo and kept and "SHOUWANG_DEMO" not in kept:
        raise HomeError(f"{home} holds no demo; start it without --demo, or set SHOUWANG_HOME to a folder of its own")
    if not demo and "SHOUWANG_DEMO" in kept:
        raise HomeError(f"{home} holds a demo; start with --demo, or set SHOUWANG_HOME to a folder of its own")
    if not kept and (home / DATABASE_FILE).exists() and not {"FIELD_KEY", "FIELD_KEY_FILE"} & set(environ):
        raise HomeError(f"{home / config.EMBEDDED_FILE} is missing beside a database; restore it from the backup, "
                        "since without its FIELD_KEY no personal field can be read")  # fmt: skip


def _made_up(home: Path, environ: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    socket = broker_socket(home)
    made = {
        "DATABASE_URL": f"sqlite:///{home / DATABASE_FILE}",
        "CELERY_BROKER_URL": f"redis+socket://{socket}",
        "REDIS_URL": f"unix://{socket}",
        "SECRET_KEY": secrets.token_hex(32),
        "FIELD_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CARRIER": "simulator",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM": "+8610000000000",
    }
    if demo:
        made |= {"SHOUWANG_DEMO": "1", "SHOUWANG_CLOCK_FILE": str(home / CLOCK_FILE)}
    return made


def _addresses(environ: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    web = environ.get("WEB_BIND") or values.get("WEB_BIND") or "127.0.0.1:8000"
    host, _, port = web.rpartition(":")
    if not host or not port.isdigit():
        raise HomeError(f"WEB_BIND={web}: expected host:port")
    simulator = environ.get("SIMULATOR_BIND") or f"127.0.0.1:{_simulator_port(int(port))}"
    reachable = "127.0.0.1" if host in ("0.0.0.0", "[::]") else host  # noqa: S104 (compared, not bound)
    return {
        "WEB_BIND": web,
        "SIMULATOR_BIND": simulator,
        "TWILIO_API_BASE": f"http://{simulator}",
        "PUBLIC_BASE_URL": environ.get("PUBLIC_BASE_URL") or f"http://{reachable}:{port}",
    }


def _simulator_port(web_port: int) -> int:
    return web_port + 10 if web_port < 65_000 else web_port - 10


def broker_socket(home: Path) -> Path:
    """A Unix socket path short enough for the kernel (108 bytes), inside the home where that is possible."""
    inside = home / "broker.sock"
    if len(str(inside)) < 100:
        return inside
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"shouwang-{os.getuid()}-{digest}.sock"


def wake_clock(home: Path, *, rate: float) -> FileClock:
    """Let the rehearsal clock go on from where the last run stopped; the first run starts at the present instant.

    A run that was killed leaves a running anchor behind: then the instant last noted counts, not the wall time since.
    """
    clock = FileClock(home / CLOCK_FILE)
    if not clock.path.exists():
        clock.set(virtual=datetime.now(UTC), rate=rate)
    elif clock.rate() == 0:
        clock.set(rate=rate)
    else:
        noted = home / LAST_SEEN_FILE
        stopped_at = datetime.fromisoformat(noted.read_text()) if noted.is_file() else clock.now()
        clock.set(virtual=stopped_at, rate=rate)
    return clock


def note_clock(home: Path, clock: FileClock) -> None:
    """Remember the present virtual instant, for a run that ends without a chance to stop the clock."""
    partial = home / f"{LAST_SEEN_FILE}.tmp"
    partial.write_text(clock.now().isoformat())
    partial.replace(home / LAST_SEEN_FILE)


def _write_private(path: Path, text: str) -> None:
    partial = path.with_suffix(".tmp")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
