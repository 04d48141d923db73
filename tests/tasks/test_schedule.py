"""Ticks: won once, by whichever beat, and never made up for."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from kombu.exceptions import OperationalError

from app.models import Tick
from tasks import schedule
from tasks.recurring import task_name
from tasks.steps import STEPS, Step
from tasks.units import unit, worker_context


def test_a_new_installation_starts_every_step_at_once(app: Any) -> None:
    sent: list[Step] = []
    assert schedule.beat_once(sent.append) == list(STEPS) == sent


def test_a_step_is_not_due_again_before_its_time(app: Any, clock: Any) -> None:
    schedule.beat_once(lambda step: None)
    clock.advance(1.9)
    assert schedule.beat_once(lambda step: None) == []


def test_slots_slept_through_are_not_made_up_for(app: Any, clock: Any) -> None:
    schedule.beat_once(lambda step: None)
    clock.advance(3600)
    won = [step.name for step in schedule.beat_once(lambda step: None)]
    assert won.count("dispatch") == 1
    assert schedule.beat_once(lambda step: None) == []


def test_the_grid_of_slots_does_not_drift(clock: Any) -> None:
    seen = clock.now()
    assert schedule.next_slot(seen, seen + timedelta(seconds=7), 2.0) == seen + timedelta(seconds=8)


def test_many_beats_at_once_win_each_slot_once(app: Flask, clock: Any) -> None:
    schedule.beat_once(lambda step: None)
    clock.advance(10)
    sent: list[str] = []
    gate = threading.Barrier(4)

    def beat() -> None:
        with worker_context(app):
            gate.wait()
            schedule.beat_once(lambda step: sent.append(step.name))

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()
    assert sorted(sent) == ["check_attempts", "dispatch", "grid_notices"]


def test_a_broker_that_is_away_loses_a_tick_and_not_the_beat(app: Any, clock: Any) -> None:
    def refuse(step: Step) -> None:
        raise OperationalError("away")

    assert schedule.beat_once(refuse) == []
    clock.advance(10)
    assert schedule.beat_once(lambda step: None) != []


def test_a_tick_remembers_when_it_was_won(app: Any, clock: Any) -> None:
    schedule.beat_once(lambda step: None)
    with unit() as session:
        ticks = {tick.name: tick.last_at for tick in schedule.list_ticks(session)}
        assert session.get(Tick, "dispatch").every_s == 2.0
    assert ticks["dispatch"] == clock.now()


def test_the_beat_stops_when_it_is_told(app: Flask) -> None:
    stop = threading.Event()
    beat = threading.Thread(target=schedule.run_beat, args=(app, stop))
    beat.start()
    stop.set()
    beat.join(timeout=20)
    assert not beat.is_alive()


def test_a_beat_beside_the_work_ends_with_it(app: Flask) -> None:
    with schedule.beat_beside(app):
        assert "beat" in [thread.name for thread in threading.enumerate()]
    assert "beat" not in [thread.name for thread in threading.enumerate()]


def test_a_beat_that_fails_ends_its_process(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    was_killed = threading.Event()

    def kill(process: int, number: int) -> None:
        killed.append((process, number))
        was_killed.set()

    def fail(*unused: Any) -> None:
        raise RuntimeError("no schedule")

    monkeypatch.setattr(schedule, "run_beat", fail)
    monkeypatch.setattr(schedule.os, "kill", kill)
    with schedule.beat_beside(app):
        assert was_killed.wait(20)
    assert killed == [(os.getpid(), signal.SIGTERM)]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_task_names_are_ours(step: Any) -> None:
    assert task_name(step) == f"shouwang.{step.name}"
