"""The queues. A worker consumes all of them (a house test holds that)."""

from __future__ import annotations

from kombu.entity import Queue

CALLS = "calls"  # dispatch: must never wait behind anything slow
CHECKS = "checks"  # questions to the carrier
SLOW = "slow"  # recordings, planning, nightly work
QUEUES = tuple(Queue(name) for name in (CALLS, CHECKS, SLOW))  # type: ignore[no-untyped-call]
NAMES = tuple(queue.name for queue in QUEUES)
