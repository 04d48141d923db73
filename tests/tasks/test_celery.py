"""The background workers over a real broker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker

from app.models import Contact
from tasks import celery_app, queues
from tasks.campaigns import enqueue_plan
from tests.conftest import make_settings
from tests.factories.campaigning import Stage, make_stage


@pytest.fixture
def celery(app: Any) -> Any:
    return celery_app.connect(app)


def test_every_task_waits_in_a_queue_that_is_consumed(celery: Any) -> None:
    ours = {name for name in celery.tasks if name.startswith("shouwang.")}
    assert len(ours) >= 5
    assert {celery.conf.task_routes[name]["queue"] for name in ours} <= set(queues.NAMES)


def test_the_worker_consumes_every_queue(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    given: list[str] = []
    monkeypatch.setattr("celery.Celery.worker_main", lambda self, argv: given.extend(argv))
    celery_app.run_worker(app)
    assert set(given[given.index("--queues") + 1].split(",")) == {queue.name for queue in queues.QUEUES}


def test_nothing_is_acknowledged_before_it_is_done(celery: Any) -> None:
    assert celery.conf.task_acks_late
    assert celery.conf.worker_prefetch_multiplier == 1


def test_a_killed_workers_tasks_come_back_soon(celery: Any) -> None:
    options = celery.conf.broker_transport_options
    assert options["unacked_restore_interval"] == options["unacked_restore_throttle"] == 1


def test_the_application_is_connected_once(app: Any, celery: Any) -> None:
    assert celery_app.connect(app) is celery


def test_a_campaign_is_planned_by_a_worker(redis_url: str, sqlite_url: str, tmp_path: Any, clock: Any) -> None:
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access

    settings = make_settings(sqlite_url, tmp_path, CELERY_BROKER_URL=redis_url)
    app = create_core(settings, clock_source=clock)
    with app.app_context(), system_access():
        stage = make_stage(db.session, households=2, launch=False)
        db.session.query(Contact).delete()
        stage.done()
        campaign_id = stage.campaign.id
        stage.done()
        with start_worker(celery_app.connect(app), perform_ping_check=False, pool="solo", queues=[queues.SLOW]):
            enqueue_plan(campaign_id)
            assert _wait_for(_planned, stage)
        db.session.remove()
        db.engine.dispose()


def _planned(stage: Stage) -> bool:
    count = stage.session.query(Contact).count()
    stage.done()
    return count == 2


def _wait_for(condition: Callable[[Stage], bool], stage: Stage, seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition(stage):
            return True
        time.sleep(0.1)
    return False
