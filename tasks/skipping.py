"""A rehearsal's clock jumps over the hours in which nothing can happen: nobody watches an empty night at any speed."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import func, select, text

from app.extensions import clock
from app.models import Attempt
from app.models.attempts import LIVE_CALL
from tasks.steps import next_due_at
from tasks.units import unit
from telephony.clock import FileClock

log = logging.getLogger(__name__)

IDLE = timedelta(minutes=10)  # clock time; shorter waits are lived through
EARLY = timedelta(minutes=1)  # arrive a little before the work does
LONGEST = timedelta(days=14)  # what is due later than that is not waited for: the quarter's work is done


def skip_idle_hours() -> bool:
    """Move the shared rehearsal clock to just before the next thing due. False when there is no cause to.

    Only for a FileClock that runs; calls under way keep it from jumping, their ends come from the simulator.
    """
    source = clock.source
    if not isinstance(source, FileClock) or source.rate() <= 0:
        return False
    due, now = next_due_at(), clock.now()
    if due is None or not IDLE < due - now < LONGEST:
        return False
    with unit() as session:
        if session.scalar(select(func.count()).select_from(Attempt).where(text(LIVE_CALL))):
            return False
    source.set(virtual=due - EARLY)
    log.info("rehearsal clock: from %s to %s, nothing was due in between", now.isoformat(), due.isoformat())
    return True
