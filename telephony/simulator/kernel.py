"""The discrete-event heart: a heap of (instant, order), one present instant, seeded randomness, an outbox.

Events happen at the instant they were scheduled for, even when the driver looks later, and every input first lets
what is due happen. So the whole course is a function of the inputs and their instants: that gives the same trace for
the same seed, and lets a journal of inputs rebuild everything after kill -9.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace
from telephony.simulator.wire import WebhookRequest


@dataclass(order=True, slots=True)
class Timer:
    """A scheduled action; `cancel()` makes it not happen."""

    at: datetime
    order: int
    action: Callable[[], object] | None = field(compare=False)

    def cancel(self) -> None:
        self.action = None


class Kernel:
    def __init__(self, settings: SimulatorSettings, trace: Trace, start: datetime) -> None:
        self.settings = settings
        self.trace = trace
        self.now = start.astimezone(UTC)
        self.outbox: list[WebhookRequest] = []
        self._heap: list[Timer] = []
        self._order = 0

    def schedule(self, delay_s: float, action: Callable[[], object]) -> Timer:
        """Let `action` happen `delay_s` seconds from now (0 = after what is happening, at the same instant)."""
        timer = Timer(self.now + timedelta(seconds=max(0.0, delay_s)), self._order, action)
        self._order += 1
        heapq.heappush(self._heap, timer)
        return timer

    def next_at(self) -> datetime | None:
        while self._heap and self._heap[0].action is None:
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def advance(self, instant: datetime) -> None:
        """Let everything due up to `instant` happen, each at its own instant. Never goes back."""
        while (due := self.next_at()) is not None and due <= instant:
            timer = heapq.heappop(self._heap)
            self.now = max(self.now, timer.at)
            action, timer.action = timer.action, None
            if action is not None:
                action()
        self.now = max(self.now, instant)

    def log(self, kind: str, call: str | None = None, **fields: Any) -> None:
        self.trace.append(self.now.isoformat(), kind, call, fields)

    def rng(self, *key: object) -> Random:
        """Randomness that depends on the seed and `key` only, not on what else went on."""
        return Random(":".join(map(str, (self.settings.seed, *key))))  # noqa: S311 - rehearsal, not secrecy
