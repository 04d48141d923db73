"""Child processes of the supervisor: started with a log file each, restarted when they die, stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOG_LIMIT = 10 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process. `restarts` counts the times it died by itself; the pause before the next start grows with it."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    start_after: float = 0.0
    started_at: float = field(default=0.0)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 (our own commands only)
                self.command, env=dict(self.environ), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_parent,
            )  # fmt: skip
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tend(self) -> bool:
        """Restart the process when it has died and its pause is over; True when a death was noticed."""
        if self.is_running():
            if self.restarts and time.monotonic() - self.started_at > 60:
                self.restarts = 0
            return False
        if self.process is not None:
            self.kill_group()
            self.process = None
            self.restarts += 1
            self.start_after = time.monotonic() + min(30.0, 0.5 * 2 ** min(self.restarts - 1, 6))
            return True
        if time.monotonic() >= self.start_after:
            self.start()
        return False

    def stop(self, grace_s: float) -> None:
        """SIGTERM to the process itself (not its group: Celery's and granian's children are theirs), then SIGKILL."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.kill_group()

    def kill_group(self) -> None:
        """Nothing of a dead child's family may stay behind, or the next start finds its port taken."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


def shouwang(*arguments: str) -> list[str]:
    """The command line of one of our own commands, in this interpreter."""
    return [sys.executable, "-m", "app.cli", *arguments]


def _die_with_parent() -> None:
    """Linux: the kernel ends the child when the supervisor is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
