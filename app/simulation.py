"""The carrier simulator as this installation uses it: its account, its numbers, and its process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from config import Settings
from telephony.clock import Clock, FileClock, SystemClock
from telephony.simulator.settings import SimulatorSettings

JOURNAL = "simulator.jsonl"
DEMO_CALLS_PER_SECOND = 30.0


def simulator_settings(settings: Settings, *, seed: int = 1, calls_per_second: float = DEMO_CALLS_PER_SECOND,
                       faults: Mapping[str, Mapping[str, Any]] | None = None) -> SimulatorSettings:  # fmt: skip
    """The simulated account that our own carrier settings name, with our inbound callbacks at its number."""
    account = SimulatorSettings(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        seed=seed,
        calls_per_second=calls_per_second,
        faults=dict(faults or {}),
        public_url=settings.twilio_api_base,
    )
    return account.own(
        settings.twilio_from,
        voice_url=f"{settings.carrier_url_prefix}/voice/inbound",
        sms_url=f"{settings.carrier_url_prefix}/sms/inbound",
    )


def serve_simulator(settings: Settings) -> None:
    """Run the simulator over HTTP until SIGTERM; after kill -9 it goes on from its journal."""
    from telephony.simulator.server import serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    clock: Clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
    host, _, port = settings.simulator_bind.rpartition(":")
    serve(simulator_settings(settings), clock, (host, int(port)), settings.home / JOURNAL)
