"""How a process asks the workers for something: by name and ids, without knowing the task itself."""

from __future__ import annotations

from typing import Any

from celery import Celery
from flask import Flask, current_app

from config import Settings
from tasks.queues import QUEUES, SLOW

VISIBILITY_S = 120  # longer than any task runs; a killed worker's tasks come back after it


def send(task: str, *arguments: Any, queue: str = SLOW) -> None:
    """Put a task into its queue; call it after the commit that made its ids. Raises kombu's OperationalError while the
    broker is away."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    sender(app).send_task(task, args=list(arguments), queue=queue)


def sender(app: Flask) -> Celery:
    """The application's Celery, made once."""
    if "shouwang.celery" not in app.extensions:
        app.extensions["shouwang.celery"] = make_celery(app.extensions["shouwang.settings"])
    found: Celery = app.extensions["shouwang.celery"]
    return found


def make_celery(settings: Settings) -> Celery:
    """The Celery application for `settings`."""
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
