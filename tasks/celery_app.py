"""Celery over the embedded or the distributed broker: messages are ticks, the database is the truth.

A lost message costs a tick and never a call, a doubled one finds nothing left to do. There is no ETA and no countdown:
the Redis transport would hand such a task out again after its visibility time-out (HOUSE rule 5).
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_shutting_down
from flask import Flask

from config import Settings
from tasks.queues import NAMES, QUEUES, SLOW

VISIBILITY_S = 120  # longer than any task runs; a killed worker's tasks come back after it


def make_celery(settings: Settings) -> Celery:
    """The Celery application for `settings`; it knows every task, but has no Flask application yet (`bind`)."""
    celery = Celery("shouwang", broker=settings.celery_broker_url, set_as_current=False)
    celery.conf.update(
        task_queues=QUEUES,
        task_default_queue=SLOW,
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        worker_concurrency=4,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a broker that is away is waited for, however long
        broker_transport_options={
            "visibility_timeout": VISIBILITY_S,
            # By default the scan for unacknowledged messages runs every 10 s x 10: minutes until a killed worker's
            # come back.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        enable_utc=True,
    )
    return celery


def bind(celery: Celery, app: Flask) -> None:
    """Give the tasks the application whose context they run in."""
    from tasks import campaigns, imports, recurring

    recurring.register(celery, app)
    campaigns.register(celery, app)
    imports.register(celery, app)
    slow = [campaigns.PLAN, *imports.WORK]
    celery.conf.task_routes = {**recurring.queues_of_tasks(), **{name: {"queue": SLOW} for name in slow}}


def connect(app: Flask) -> Celery:
    """The application's Celery, made once; web processes enqueue through it."""
    if "shouwang.celery" not in app.extensions:
        celery = make_celery(app.extensions["shouwang.settings"])
        bind(celery, app)
        app.extensions["shouwang.celery"] = celery
    found: Celery = app.extensions["shouwang.celery"]
    return found


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
    from tasks.dispatcher import stopping

    stopping.set()


def _set_up_logging(**unused: Any) -> None:
    """Ours: Celery's own would print task arguments and format lines its own way."""
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("celery").setLevel(logging.WARNING)  # otherwise two lines a tick
