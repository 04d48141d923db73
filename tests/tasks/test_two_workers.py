"""Several workers on one database: nothing is claimed twice, nothing is dialled twice."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask

from app.services import claiming
from tasks import dialling
from tasks.units import unit, worker_context
from tests.factories.campaigning import make_stage

AHEAD = claiming.Ahead(timedelta(0), timedelta(hours=1))


def test_workers_at_once_share_the_work(app: Flask, session: Any, clock: Any) -> None:
    stage = make_stage(session, households=24, lines=100)
    claimed: list[int] = []
    gate = threading.Barrier(4)

    def claim() -> None:
        with worker_context(app):
            gate.wait()
            for _ in range(4):
                with unit() as own:
                    claimed.extend(one.attempt_id for one in claiming.claim_due(own, clock.now(), 4, AHEAD))

    _at_once(claim)
    assert len(claimed) == len(set(claimed)) == 24
    assert len({attempt.contact_id for attempt in stage.attempts()}) == 24


def test_one_budget_gives_each_slot_to_one_worker(app: Flask, session: Any, clock: Any) -> None:
    stage = make_stage(session, households=24, lines=100)

    def claim() -> None:
        with worker_context(app), unit() as own:
            claiming.claim_due(own, clock.now(), 6, AHEAD)

    _at_once(claim)
    slots = Counter(attempt.slot_at for attempt in stage.attempts())
    assert set(slots.values()) == {1}


def test_an_intent_dialled_by_two_threads_calls_once(app: Flask, session: Any, clock: Any) -> None:
    stage = make_stage(session)
    with unit() as own:
        (claimed,) = claiming.claim_due(own, clock.now(), 1, claiming.Ahead(timedelta(0), timedelta(0)))

    def dial() -> None:
        with worker_context(app):
            dialling.dial(claimed)

    _at_once(dial)
    assert len(stage.carrier.placed) == 1


def _at_once(work: Any, workers: int = 4) -> None:
    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
