"""When recurring work starts: tick rows in the database, won by compare-and-set, so any number of beats may run."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.domain.failures import trail
from app.extensions import clock, db, write_log_back
from app.models import Tick
from config import Settings
from tasks import skipping
from tasks.recurring import task_name
from tasks.sending import sender
from tasks.steps import STEPS, Step
from tasks.units import unit, worker_context

log = logging.getLogger(__name__)

WAKE_S = 0.5  # wall seconds; the slots themselves are by the injected clock
WAKES_PER_WRITE_BACK = 10  # every five seconds: whoever writes first after that waits for the disk once, turn in hand
EXPIRES_S = 60  # wall seconds; a tick nobody took by then is worth nothing, the next ones are on their way


def win_due(session: Session, now: datetime) -> list[Step]:
    """The steps whose slot has come and that this beat, of all that ask, has won. The caller commits, then enqueues."""
    won = []
    for step in STEPS:
        tick = session.get(Tick, step.name)
        if tick is None:
            _make(session, step, now)
            tick = session.get_one(Tick, step.name)
        if tick.next_at <= now and _win(session, step, tick.next_at, now):
            won.append(step)
    return won


def next_slot(seen: datetime, now: datetime, every_s: float) -> datetime:
    """The first slot after `now` on the grid that `seen` belongs to: slots slept through are not made up for."""
    every = timedelta(seconds=every_s)
    return seen + every * (int((now - seen) / every) + 1)


def run_beat(app: Flask, stop: threading.Event | None = None) -> None:
    """Enqueue recurring work until SIGTERM (or `stop` is set). A broker or database that is away is waited for."""
    stop = stop or _stop_on_signals()
    settings: Settings = app.extensions["shouwang.settings"]
    celery = sender(app)

    def send(step: Step) -> None:
        celery.send_task(task_name(step), queue=step.queue, expires=EXPIRES_S, retry=False)

    with worker_context(app):
        for wake in itertools.count():
            if stop.is_set():
                return
            beat_once(send)
            if settings.demo:
                skipping.skip_idle_hours()
            if wake % WAKES_PER_WRITE_BACK == 0:
                _keep_log_short()
            stop.wait(WAKE_S)


def _keep_log_short() -> None:
    """SQLite's alone; a disk that refuses is asked again later."""
    try:
        write_log_back(db.engine)
    except sqlite3.OperationalError as error:
        log.warning("beat: %s", trail(error))


@contextmanager
def beat_beside(app: Flask) -> Iterator[None]:
    """`run_beat` in a thread beside the caller's own work, until that ends. It saves a machine that runs one of each
    process the memory of one. Should the beat fail, the process ends too, and whoever watches it starts both anew."""
    sender(app)  # made here, so that two threads do not both make it
    stop = threading.Event()

    def run() -> None:
        try:
            run_beat(app, stop)
        except Exception as error:
            log.critical("beat: %s", trail(error))
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def beat_once(send: Callable[[Step], Any]) -> list[Step]:
    """Win what is due and hand it to `send`. A tick that could not be sent is lost: the next one comes soon."""
    try:
        with unit() as session:
            won = win_due(session, clock.now())
        for step in won:
            send(step)
    except (OperationalError, BrokerError, OSError) as error:
        log.warning("beat: %s", type(error).__name__)
        return []
    return won


def _win(session: Session, step: Step, seen: datetime, now: datetime) -> bool:
    following = next_slot(seen, now, step.every_s)
    statement = (
        update(Tick)
        .where(Tick.name == step.name, Tick.next_at == seen)
        .values(next_at=following, last_at=now, every_s=step.every_s)
        .returning(Tick.name)
    )
    return session.execute(statement, execution_options={"synchronize_session": False}).first() is not None


def _make(session: Session, step: Step, now: datetime) -> None:
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = {"name": step.name, "every_s": step.every_s, "next_at": now}
    session.execute(insert(Tick).values(**values).on_conflict_do_nothing())


def list_ticks(session: Session) -> list[Tick]:
    """When each recurring step ran last and runs next (for `shouwang doctor` and the metrics)."""
    return list(session.scalars(select(Tick).order_by(Tick.name)))


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
