"""The one clock. Everything that asks "what time is it" asks a Clock, so that a quarter can be rehearsed in minutes.

Instants are timezone-aware UTC datetimes everywhere; civil dates are derived in the callee's own time zone.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Source of the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time (not of the wall clock's)."""
        ...


class SystemClock:
    """Wall clock time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that stands still until it is moved: tests and `shouwang rehearse`."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> datetime:
        return self.move_to(self._now + timedelta(seconds=seconds))

    def move_to(self, instant: datetime) -> datetime:
        """Go to `instant`; going back raises ValueError, since nothing downstream expects it."""
        if instant < self._now:
            raise ValueError(f"the clock stands at {self._now.isoformat()}, cannot go back to {instant.isoformat()}")
        self._now = instant.astimezone(UTC)
        return self._now


class FileClock:
    """A scaled clock that several processes share through a small JSON file: the demo's rehearsal clock.

    File: {"virtual": ISO instant, "wall": epoch seconds, "rate": virtual seconds per wall second}. It is replaced
    atomically, so a reader sees the old or the new anchor. `rate` 0 stands still (nothing runs while the demo is down).
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._seen: tuple[int, int] | None = None
        self._anchor: tuple[datetime, float, float] | None = None

    def now(self) -> datetime:
        virtual, wall, rate = self._read()
        return virtual + timedelta(seconds=max(0.0, time.time() - wall) * rate)

    def rate(self) -> float:
        return self._read()[2]

    def sleep(self, seconds: float) -> None:
        """Wait until this clock has moved on by `seconds`, noticing jumps and changes of rate within 0.2 s."""
        target = self.now() + timedelta(seconds=seconds)
        while (left := (target - self.now()).total_seconds()) > 0:
            rate = self.rate()
            time.sleep(min(0.2, left / rate) if rate > 0 else 0.2)

    def set(self, *, virtual: datetime | None = None, rate: float | None = None) -> None:
        """Move the anchor: jump to `virtual` and/or go on at `rate`. Only one process (the supervisor) writes."""
        if self.path.exists():
            at, current = self.now(), self.rate()
        elif virtual is None:
            raise ValueError("a new clock file needs a first instant")
        else:
            at, current = virtual, 1.0
        anchor = {
            "virtual": (virtual or at).astimezone(UTC).isoformat(),
            "wall": time.time(),
            "rate": current if rate is None else rate,
        }
        partial = self.path.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(json.dumps(anchor), encoding="utf-8")
        partial.replace(self.path)

    def _read(self) -> tuple[datetime, float, float]:
        stat = self.path.stat()
        seen = (stat.st_mtime_ns, stat.st_ino)
        if self._anchor is None or seen != self._seen:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            self._anchor = (datetime.fromisoformat(raw["virtual"]), float(raw["wall"]), float(raw["rate"]))
            self._seen = seen
        return self._anchor
