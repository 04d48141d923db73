"""Celery over the embedded or the distributed broker: messages are ticks, the database is the truth.

A lost message costs a tick and never a call, a doubled one finds nothing left to do. There is no ETA and no countdown:
the Redis transport would hand such a task out again after its visibility time-out (HOUSE rule 5).
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_shutting_down
from flask import Flask

from tasks import campaigns, checkups, imports, ledgers, recurring, roundtrip
from tasks.dispatcher import stopping
from tasks.queues import NAMES, SLOW
from tasks.sending import sender


def bind(celery: Celery, app: Flask) -> None:
    """Give the tasks the application whose context they run in."""
    recurring.register(celery, app)
    campaigns.register(celery, app)
    imports.register(celery, app)
    checkups.register(celery, app)
    roundtrip.register(celery, app)
    ledgers.register(celery, app)
    slow = [campaigns.PLAN, checkups.CHECK_UP, ledgers.WRITE, *imports.WORK, *roundtrip.WORK]
    celery.conf.task_routes = {**recurring.queues_of_tasks(), **{name: {"queue": SLOW} for name in slow}}


def connect(app: Flask) -> Celery:
    """The application's Celery with every task in it; for workers, which run them."""
    celery = sender(app)
    if "shouwang.tasks" not in app.extensions:
        bind(celery, app)
        app.extensions["shouwang.tasks"] = True
    return celery


def run_worker(app: Flask, arguments: tuple[str, ...] = ()) -> None:
    """Consume every queue until SIGTERM. `arguments`: further ones for `celery worker`."""
    setup_logging.connect(_set_up_logging, weak=False)
    worker_shutting_down.connect(_stop_dispatching, weak=False)
    celery = connect(app)
    celery.worker_main(
        ["worker", "--queues", ",".join(NAMES), "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
         *arguments]
    )  # fmt: skip


def _stop_dispatching(**unused: Any) -> None:
    """Otherwise a stop waits up to half a minute for the pass under way."""
    stopping.set()


def _set_up_logging(**unused: Any) -> None:
    """Ours: Celery's own would print task arguments and format lines its own way."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("celery").setLevel(logging.WARNING)  # otherwise two lines a tick
