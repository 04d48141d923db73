"""The price is asked for after the end, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.models import Attempt
from app.services import prices
from tasks.steps import check_attempts, run_due_work
from telephony.ports import CallState
from tests.factories.campaigning import Stage, make_stage

FIRST = "CA" + "1".zfill(32)


@pytest.fixture
def stage(session: Any, clock: Any) -> Stage:
    stage = make_stage(session)
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, CallState.COMPLETED, seconds=30)
    check(stage, clock)
    return stage


def check(stage: Stage, clock: Any) -> Attempt:
    clock.move_to(max(clock.now(), stage.attempts()[0].next_check_at))
    stage.done()
    check_attempts()
    return stage.attempts()[0]


def test_the_price_of_a_call_is_learnt_after_its_end(stage: Stage, clock: Any) -> None:
    stage.carrier.calls[FIRST] = replace(stage.carrier.calls[FIRST], price=Decimal("0.06"))
    attempt = check(stage, clock)
    assert (attempt.price, attempt.next_check_at) == (Decimal("0.06"), None)


def test_a_price_that_is_late_is_asked_for_ever_more_seldom(stage: Stage, clock: Any) -> None:
    waits = []
    for _ in range(4):
        asked_at = clock.now()
        waits.append(check(stage, clock).next_check_at - asked_at)
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]


def test_a_price_that_never_comes_is_given_up(stage: Stage, clock: Any) -> None:
    ended_at = stage.attempts()[0].ended_at
    while stage.attempts()[0].next_check_at is not None:
        check(stage, clock)
    assert clock.now() - ended_at <= 2 * prices.LONGEST + timedelta(minutes=1)


def test_a_call_nobody_answered_has_no_price_to_wait_for(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, CallState.NO_ANSWER)
    assert check(stage, clock).next_check_at is None
