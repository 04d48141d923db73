"""Send the rounds of texts about the grid (app.services.grid_care.notices): claim, dial at its slot, settle."""

from __future__ import annotations

import time

from app.extensions import clock
from app.services.grid_care import notice_sending
from tasks.dialling import dial
from tasks.units import unit

LONGEST_PASS_S = 20.0  # wall seconds; the next tick goes on


def send_notices() -> int:
    """Send what is due and draw the consequences of what ended. Number of texts sent off."""
    started, sent = time.monotonic(), 0
    while time.monotonic() - started < LONGEST_PASS_S:
        with unit() as session:
            claimed = notice_sending.claim(session, clock.now())
        for one in claimed:
            dial(one)
        sent += len(claimed)
        with unit() as session:
            settled = notice_sending.settle(session)
        if not claimed and not settled:
            break
    return sent
