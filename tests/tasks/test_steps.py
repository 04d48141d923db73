"""The workers' code, run synchronously: what a rehearsal lives on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.enums import AttemptState, ContactState
from app.models import Attempt, Contact
from app.services import campaigns
from tasks.campaigns import plan_campaign
from tasks.steps import STEPS, next_due_at, run_due_work
from tasks.units import unit
from telephony.ports import CallState
from tests.factories.campaigning import Stage, make_stage


def play_to_the_end(stage: Stage, clock: Any) -> int:
    """Nobody ever picks up and no callback ever arrives: only the clock moves. Number of instants visited."""
    instants = 0
    due = run_due_work(clock.now())
    while due is not None and instants < 2000:
        clock.move_to(max(due, clock.now() + timedelta(milliseconds=1)))
        for carrier_id, call in stage.carrier.calls.items():
            if call.state is CallState.QUEUED and clock.now() - call.created_at > timedelta(seconds=50):
                stage.carrier.becomes(carrier_id, CallState.NO_ANSWER)
        due = run_due_work(clock.now())
        instants += 1
    return instants


def test_a_quarter_without_any_callback_comes_to_an_end(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=6, lines=2)
    play_to_the_end(stage, clock)
    assert {contact.state for contact in session.query(Contact)} == {ContactState.MISSED}
    assert {attempt.state for attempt in session.query(Attempt)} == {AttemptState.DONE}
    assert len(stage.carrier.placed) == 18


def test_never_more_calls_at_once_than_lines(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=6, lines=2)
    run_due_work(clock.now())
    clock.advance(30)
    run_due_work(clock.now())
    assert len(stage.carrier.placed) == 2


def test_calls_leave_no_faster_than_the_rate(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=8, cps=2.0)
    play_to_the_end(stage, clock)
    times = sorted(at for at, _ in stage.carrier.placed)
    assert all(times[i + 2] - times[i] > timedelta(seconds=1) for i in range(len(times) - 2))


def test_it_names_the_next_instant_at_which_something_is_due(session: Any, clock: Any) -> None:
    make_stage(session)
    due = run_due_work(clock.now())
    with unit() as own:
        assert due == own.query(Attempt).one().next_check_at


def test_while_all_lines_are_taken_it_asks_to_be_called_soon(session: Any, clock: Any) -> None:
    make_stage(session, households=2, lines=1)
    due = run_due_work(clock.now())
    assert due is not None
    assert clock.now() < due <= clock.now() + timedelta(seconds=1)


def test_a_paused_campaign_is_never_due(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    campaigns.pause(session, stage.campaign)
    stage.done()
    assert run_due_work(clock.now()) is None


def test_an_instant_still_to_come_is_refused(app: Any, clock: Any) -> None:
    with pytest.raises(ValueError, match="not come"):
        run_due_work(clock.now() + timedelta(seconds=1))


def test_an_empty_database_has_nothing_due(app: Any, clock: Any) -> None:
    assert run_due_work(clock.now()) is None
    assert next_due_at() is None


def test_planning_in_the_background_may_run_twice(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=3, launch=False)
    campaign_id = stage.campaign.id
    stage.done()
    for _ in range(2):
        plan_campaign(campaign_id)
    assert session.query(Contact).count() == 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_runs_on_an_empty_database(app: Any, step: Any) -> None:
    assert step.run() == 0
