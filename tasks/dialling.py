"""Send one claimed attempt: check, wait for its slot, request, record. It waits and asks without a transaction open."""

from __future__ import annotations

import logging
from datetime import datetime

from app.extensions import clock
from app.services import dialling, pacing
from app.services.attempts import lock_attempt
from app.services.claim_checks import Claimed
from tasks.units import unit

log = logging.getLogger(__name__)

PREPARE_S = 0.3  # wall seconds before the slot: the last checks are made as late as they can be
_TRIES = 5  # slots missed in a row by an overloaded machine before the household is put back into the queue


def dial(claimed: Claimed) -> None:
    """Place the call or send the text. Running it twice sends once: only an intent whose lease lasts is ever sent."""
    _sleep_until_before(claimed)
    missed: datetime | None = None
    for _ in range(_TRIES):
        with unit() as session:
            prepared = dialling.prepare(session, claimed.attempt_id, missed)
        if prepared is None:
            return
        _sleep_until(prepared.slot_at)
        requested_at = clock.now()
        if pacing.is_late(prepared.slot_at, requested_at):
            missed = prepared.slot_at
            continue
        if requested_at >= prepared.leave_by:
            return  # the process was asleep: the sweeper has taken over or the window has closed
        result = dialling.submit(prepared)
        with unit() as session:
            dialling.record(session, prepared, result, requested_at)
        return
    log.warning("attempt %s missed %s slots; this machine is too busy", claimed.attempt_id, _TRIES)
    with unit() as session:
        dialling.withdraw(session, lock_attempt(session, claimed.attempt_id))


def _sleep_until_before(claimed: Claimed) -> None:
    _sleep_until(claimed.slot_at - pacing.wall(PREPARE_S))


def _sleep_until(instant: datetime) -> None:
    left = (instant - clock.now()).total_seconds()
    if left > 0:
        clock.sleep(left)
