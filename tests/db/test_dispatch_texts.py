"""A text the carrier refused, or whose fate nobody knows, is sent again once that is safe, and never twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.enums import AttemptOutcome, AttemptState
from app.models import Contact
from app.services.text_retries import MOST_TRIES
from tasks.steps import run_due_work
from telephony.errors import CarrierError, Verdict
from tests.factories.campaigning import Stage, make_stage
from tests.factories.fake_carrier import REFUSED_429, TIMED_OUT

UNAVAILABLE = CarrierError("http-503", Verdict.RETRYABLE)


@pytest.fixture
def stage(session: Any) -> Stage:
    return make_stage(session, policy={"notice": True})


def live_for(clock: Any, span: timedelta) -> None:
    """Do all that falls due within `span`."""
    end = clock.now() + span
    while (due := run_due_work(clock.now())) is not None and due <= end:
        clock.move_to(max(due, clock.now()))


@pytest.mark.parametrize("refusal", [REFUSED_429, UNAVAILABLE], ids=lambda error: error.code)
def test_a_refused_text_is_sent_again(stage: Stage, clock: Any, refusal: CarrierError) -> None:
    stage.carrier.fail_next = refusal
    live_for(clock, timedelta(minutes=5))
    assert [attempt.outcome for attempt in stage.attempts()] == [AttemptOutcome.CANCELLED, None]
    assert len(stage.carrier.sent) == 1


def test_a_refused_text_waits_before_it_is_sent_again(stage: Stage, clock: Any) -> None:
    refused_at = clock.now()
    stage.carrier.fail_next = REFUSED_429
    live_for(clock, timedelta(minutes=5))
    assert stage.carrier.sent[0][0] - refused_at >= timedelta(minutes=1)


def test_a_text_that_never_arrived_is_sent_again(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = TIMED_OUT
    live_for(clock, timedelta(minutes=10))
    assert [attempt.state for attempt in stage.attempts()] == [AttemptState.CANCELLED, AttemptState.DISPATCHED]
    assert len(stage.carrier.sent) == 1


def test_a_text_that_timed_out_and_arrived_is_not_sent_again(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next, stage.carrier.places_anyway = TIMED_OUT, True
    live_for(clock, timedelta(hours=2))
    assert len(stage.carrier.sent) == len(stage.attempts()) == 1


def test_a_carrier_that_refuses_for_ever_is_given_up(stage: Stage, clock: Any, monkeypatch: Any) -> None:
    def refuse(sms: object) -> None:
        raise REFUSED_429

    monkeypatch.setattr(stage.carrier, "send", refuse)
    live_for(clock, timedelta(hours=3))
    texts = [attempt.outcome for attempt in stage.attempts() if attempt.channel == "sms"]
    assert texts == [AttemptOutcome.CANCELLED] * (MOST_TRIES - 1) + [AttemptOutcome.UNDELIVERED]


def test_the_call_follows_a_notice_that_was_sent_late(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = REFUSED_429
    live_for(clock, timedelta(minutes=5))
    stage.session.expire_all()
    contact = stage.session.query(Contact).one()
    assert contact.next_kind == "call"
    assert contact.next_attempt_at > stage.carrier.sent[0][0] + timedelta(hours=12)
