"""Dial what is due, many at once: one thread claims, a pool of threads waits for slots and speaks HTTP."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from flask import Flask, current_app

from app.domain.failures import trail
from app.extensions import clock
from app.services import claiming
from app.services.claim_checks import Claimed
from tasks.dialling import dial
from tasks.units import unit, worker_context

log = logging.getLogger(__name__)

THREADS = 32  # at 30 calls a second, half a second each from the last check to the answer, half of them wait
LONGEST_PASS_S = 30.0  # then the next tick takes over, so that a stop is never waited for long
PAUSE_S = 0.1
IDLE_S = 1.0  # that long without anything to claim ends the pass
_MOST_WAITING = 2 * THREADS + claiming.BATCH
_running = threading.Lock()
stopping = threading.Event()  # set when the worker shuts down: what is claimed is still dialled, nothing more claimed


def dispatch() -> int:
    """Claim and dial until nothing has been due for a second, or half a minute is over. Number of attempts sent off.

    One pass a process: a second one, started by the next tick, returns at once. Further processes share the work.
    """
    if not _running.acquire(blocking=False):
        return 0
    try:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        with ThreadPoolExecutor(THREADS, thread_name_prefix="dial") as pool:
            return _claim_and_dial(app, pool)
    finally:
        _running.release()


def _claim_and_dial(app: Flask, pool: ThreadPoolExecutor) -> int:
    started = idle_since = time.monotonic()
    under_way: set[Future[None]] = set()
    sent = 0
    while not stopping.is_set() and time.monotonic() - started < LONGEST_PASS_S:
        if time.monotonic() - idle_since >= IDLE_S:
            break
        under_way = {future for future in under_way if not future.done()}
        if len(under_way) >= _MOST_WAITING:
            wait(under_way, timeout=PAUSE_S)
            idle_since = time.monotonic()
            continue
        with unit() as session:
            round_ = claiming.claim_round(session, clock.now())
        under_way.update(pool.submit(_dial, app, claimed) for claimed in round_.claimed)
        sent += len(round_.claimed)
        if not round_.is_idle:
            idle_since = time.monotonic()
        else:
            stopping.wait(PAUSE_S)  # wall time: the clock of a rehearsal may stand still
    return sent


def _dial(app: Flask, claimed: Claimed) -> None:
    """A failure here leaves an intent, which the sweeper clears up; it is logged and never stops the others."""
    try:
        with worker_context(app):
            dial(claimed)
    except Exception as error:
        log.error("attempt %s could not be dialled: %s", claimed.attempt_id, trail(error))
