"""From the intent to the carrier and back, and what each failure leaves behind."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.domain.enums import AttemptOutcome, AttemptState, ContactState, PhoneState, VisitChannel
from app.extensions import clock as the_clock
from app.models import Attempt, Contact, OptOut, Phone
from app.services import claiming, scheduling
from app.services.call_states import CallNews, apply_call_state
from tasks import dialling
from tasks.units import unit
from telephony.errors import CarrierError, Verdict
from telephony.ports import CallState
from tests.factories.campaigning import Stage, make_stage
from tests.factories.fake_carrier import NO_SUCH_NUMBER, REFUSED_429, TIMED_OUT

AT_ONCE = claiming.Ahead(timedelta(0), timedelta(0))


@pytest.fixture
def stage(session: Any) -> Stage:
    return make_stage(session)


def claim(stage: Stage, clock: Any) -> Any:
    with unit() as session:
        (claimed,) = claiming.claim_due(session, clock.now(), ahead=AT_ONCE)
    return claimed


def dial(stage: Stage, clock: Any) -> Attempt:
    dialling.dial(claim(stage, clock))
    return stage.attempts()[-1]


def test_the_carrier_gets_our_urls_with_the_attempts_token(stage: Stage, clock: Any) -> None:
    attempt = dial(stage, clock)
    ((_, call),) = stage.carrier.placed
    base = "http://127.0.0.1:8000/carrier/simulator/voice"
    assert call.answer_url == f"{base}/answer/{attempt.token}"
    assert call.status_url == f"{base}/status/{attempt.token}"
    assert call.token == attempt.token


def test_a_taken_call_is_dispatched_and_will_be_asked_about(stage: Stage, clock: Any) -> None:
    attempt = dial(stage, clock)
    assert attempt.state is AttemptState.DISPATCHED
    assert attempt.carrier_id == "CA" + "1".zfill(32)
    assert attempt.submitted_at == clock.now()
    assert attempt.next_check_at > clock.now()


def test_dialling_twice_calls_once(stage: Stage, clock: Any) -> None:
    claimed = claim(stage, clock)
    dialling.dial(claimed)
    dialling.dial(claimed)
    assert len(stage.carrier.placed) == 1


def test_no_transaction_is_open_during_the_request(stage: Stage, clock: Any) -> None:
    def write_from_elsewhere(carrier_id: str) -> None:
        with unit() as session:  # would wait for ever for SQLite's only writer
            session.query(Phone).one().owner_name = "写"

    stage.carrier.before_answer = write_from_elsewhere
    dial(stage, clock)
    assert stage.session.query(Phone).one().owner_name == "写"


def test_a_callback_that_overtakes_the_answer_is_not_overwritten(stage: Stage, clock: Any) -> None:
    def ring(carrier_id: str) -> None:
        with unit() as session:
            attempt = session.query(Attempt).one()
            apply_call_state(session, attempt.id, CallNews(CallState.RINGING, raw="ringing", carrier_id=carrier_id))

    stage.carrier.before_answer = ring
    assert dial(stage, clock).state is AttemptState.RINGING


def test_it_waits_for_its_slot(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=3, cps=2.0)
    with unit() as own:
        claimed = claiming.claim_due(own, clock.now(), ahead=claiming.Ahead(timedelta(0), timedelta(seconds=10)))
    for one in claimed:
        dialling.dial(one)
    times = [at for at, _ in stage.carrier.placed]
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=0.515)] * 2


def test_an_attempt_that_missed_its_slot_gets_another_one(stage: Stage, clock: Any) -> None:
    claimed = claim(stage, clock)
    clock.advance(5)
    dialling.dial(claimed)
    assert stage.carrier.placed[0][0] > claimed.slot_at + timedelta(seconds=5)


def test_an_intent_whose_lease_is_running_out_is_left_to_the_sweeper(stage: Stage, clock: Any) -> None:
    claimed = claim(stage, clock)
    clock.advance(45)
    dialling.dial(claimed)
    assert stage.carrier.placed == []
    assert stage.attempts()[0].state is AttemptState.INTENT


def test_a_refused_request_is_tried_again_later_and_used_up_no_ringing(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = REFUSED_429
    attempt = dial(stage, clock)
    contact = stage.session.query(Contact).one()
    assert (attempt.state, attempt.outcome) == (AttemptState.FAILED, AttemptOutcome.CARRIER_ERROR)
    assert (contact.state, contact.attempts_rung) == (ContactState.WAITING, 0)
    assert contact.next_attempt_at >= clock.now() + timedelta(hours=2)


def test_a_number_the_carrier_calls_invalid_is_marked_and_never_called_again(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = NO_SUCH_NUMBER
    attempt = dial(stage, clock)
    assert attempt.outcome is AttemptOutcome.INVALID_NUMBER
    assert stage.session.query(Phone).one().state is PhoneState.INVALID
    assert stage.session.query(Contact).one().state is ContactState.MISSED


def test_a_permanent_failure_of_ours_does_not_blame_the_number(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = CarrierError("21210", Verdict.PERMANENT)
    assert dial(stage, clock).outcome is AttemptOutcome.CARRIER_ERROR
    assert stage.session.query(Phone).one().state is PhoneState.ACTIVE


def test_a_timed_out_request_is_unknown_and_not_repeated(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = TIMED_OUT
    attempt = dial(stage, clock)
    assert attempt.state is AttemptState.UNKNOWN
    assert attempt.next_check_at == clock.now() + timedelta(seconds=10)
    assert stage.session.query(Contact).one().state is ContactState.CALLING


def _opt_out(stage: Stage) -> None:
    phone = stage.session.query(Phone).one()
    stage.session.add(OptOut(e164_hash=phone.e164_hash, tail=phone.tail, source="sms"))


def _reach(stage: Stage) -> None:
    contact = stage.session.query(Contact).one()
    scheduling.close_contact(stage.session, contact, VisitChannel.IN_PERSON, the_clock.now())


def _pause(stage: Stage) -> None:
    from app.services import campaigns

    campaigns.pause(stage.session, stage.campaign)


@pytest.mark.parametrize("happens", [_opt_out, _reach, _pause])
def test_what_happens_between_claim_and_request_stops_it(stage: Stage, clock: Any, happens: Any) -> None:
    claimed = claim(stage, clock)
    happens(stage)
    stage.done()
    dialling.dial(claimed)
    assert stage.carrier.placed == []
    assert stage.attempts()[0].state is AttemptState.CANCELLED


def test_a_paused_contact_is_due_again_and_used_up_nothing(stage: Stage, clock: Any) -> None:
    claimed = claim(stage, clock)
    _pause(stage)
    stage.done()
    dialling.dial(claimed)
    contact = stage.session.query(Contact).one()
    assert (contact.state, contact.attempts_rung, contact.next_attempt_at) == (ContactState.WAITING, 0, clock.now())


def test_a_text_is_counted_in_segments_before_it_is_sent(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    attempt = dial(stage, clock)
    ((_, sms),) = stage.carrier.sent
    assert attempt.segments == 2
    assert "测试" in sms.body
    assert sms.status_url == f"http://127.0.0.1:8000/carrier/simulator/sms/status/{attempt.token}"


def test_a_text_says_nothing_private(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    dial(stage, clock)
    body = stage.carrier.sent[0][1].body
    assert "赵试一" not in body


def test_a_refused_text_costs_nothing(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    stage.carrier.fail_next = REFUSED_429
    attempt = dial(stage, clock)
    assert (attempt.outcome, attempt.segments) == (AttemptOutcome.CANCELLED, None)
