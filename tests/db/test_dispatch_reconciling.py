"""Whatever was lost: the carrier is asked, nothing is dialled twice, and everything comes to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.enums import AttemptOutcome, AttemptState, ContactState, VisitChannel
from app.models import Attempt, Contact, OptOut, Phone
from app.services import claiming, contacts, reconciling, scheduling
from tasks.steps import check_attempts, run_due_work
from tasks.units import unit
from telephony.errors import CarrierError, Verdict
from telephony.ports import CallState, SmsState
from tests.factories.campaigning import Stage, make_stage
from tests.factories.fake_carrier import TIMED_OUT

FIRST = "CA" + "1".zfill(32)


@pytest.fixture
def stage(session: Any) -> Stage:
    return make_stage(session)


def check_when_due(stage: Stage, clock: Any) -> Attempt:
    """Move to the moment the attempt is to be asked about, and ask."""
    clock.move_to(max(clock.now(), stage.attempts()[0].next_check_at))
    stage.done()
    check_attempts()
    return stage.attempts()[0]


def test_a_timed_out_call_that_was_placed_is_found_and_bound(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next, stage.carrier.places_anyway = TIMED_OUT, True
    run_due_work(clock.now())
    attempt = check_when_due(stage, clock)
    assert (attempt.state, attempt.carrier_id) == (AttemptState.DISPATCHED, FIRST)
    assert len(stage.carrier.placed) == 1


def test_a_call_that_never_arrived_fails_after_two_looks(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next = TIMED_OUT
    run_due_work(clock.now())
    assert check_when_due(stage, clock).state is AttemptState.UNKNOWN
    first_look_at = clock.now()
    attempt = check_when_due(stage, clock)
    assert (attempt.state, attempt.outcome) == (AttemptState.FAILED, AttemptOutcome.CARRIER_ERROR)
    assert clock.now() - first_look_at >= timedelta(seconds=30)


def test_a_call_that_shows_up_at_the_second_look_is_bound(stage: Stage, clock: Any) -> None:
    stage.carrier.fail_next, stage.carrier.places_anyway = TIMED_OUT, True
    run_due_work(clock.now())
    hidden = stage.carrier.calls.pop(FIRST)
    check_when_due(stage, clock)
    stage.carrier.calls[FIRST] = hidden
    assert check_when_due(stage, clock).carrier_id == FIRST


def test_an_intent_whose_worker_died_is_asked_about_before_anything_else(stage: Stage, clock: Any) -> None:
    with unit() as session:
        claiming.claim_due(session, clock.now())
    attempt = check_when_due(stage, clock)
    assert (attempt.state, attempt.raw_state) == (AttemptState.UNKNOWN, reconciling.NOT_LISTED)
    assert stage.carrier.placed == []


def test_a_call_bound_to_another_attempt_is_not_taken_for_ours(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    run_due_work(clock.now())
    attempt = stage.attempts()[0]
    stage.carrier.becomes(FIRST, CallState.NO_ANSWER)
    check_when_due(stage, clock)
    contact = session.query(Contact).one()
    clock.move_to(contact.next_attempt_at)
    stage.done()
    stage.carrier.fail_next = TIMED_OUT
    run_due_work(clock.now())
    second = stage.attempts()[1]
    stage.carrier.calls[FIRST] = stage.carrier.calls[FIRST].__class__(FIRST, stage.carrier.placed[0][1].to,
        CallState.COMPLETED, "completed", clock.now())  # fmt: skip
    clock.move_to(second.next_check_at)
    stage.done()
    check_attempts()
    assert stage.attempts()[1].carrier_id is None
    assert stage.attempts()[0].carrier_id == attempt.carrier_id


@pytest.mark.parametrize(("says", "outcome"), [
    (CallState.NO_ANSWER, AttemptOutcome.NO_ANSWER),
    (CallState.BUSY, AttemptOutcome.BUSY),
    (CallState.COMPLETED, AttemptOutcome.SILENT),
])  # fmt: skip
def test_when_every_callback_is_lost_the_sweeper_learns_the_end(
    stage: Stage, clock: Any, says: CallState, outcome: AttemptOutcome
) -> None:
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, says)
    assert check_when_due(stage, clock).outcome is outcome


def test_a_call_still_going_on_is_asked_about_again(stage: Stage, clock: Any) -> None:
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, CallState.IN_PROGRESS)
    attempt = check_when_due(stage, clock)
    assert attempt.state is AttemptState.IN_DIALOGUE
    assert attempt.next_check_at > clock.now()


def test_a_carrier_that_does_not_answer_is_asked_again_soon(stage: Stage, clock: Any) -> None:
    run_due_work(clock.now())
    stage.carrier.fail_asked = CarrierError("http-503", Verdict.RETRYABLE)
    attempt = check_when_due(stage, clock)
    assert attempt.state is AttemptState.DISPATCHED
    assert attempt.next_check_at == clock.now() + timedelta(seconds=reconciling.RETRY_S)


def test_nothing_stays_open_for_ever(stage: Stage, clock: Any) -> None:
    run_due_work(clock.now())
    stage.carrier.calls.clear()  # the carrier has forgotten it
    clock.advance(27 * 3600)
    attempt = check_when_due(stage, clock)
    assert (attempt.state, attempt.outcome) == (AttemptState.FAILED, AttemptOutcome.UNKNOWN)


def reach(stage: Stage, clock: Any) -> None:
    contact = stage.session.query(Contact).one()
    scheduling.close_contact(stage.session, contact, VisitChannel.IN_PERSON, clock.now())


def opt_out(stage: Stage, clock: Any) -> None:
    phone = stage.session.query(Phone).one()
    stage.session.add(OptOut(e164_hash=phone.e164_hash, tail=phone.tail, source="sms"))
    contacts.request_number_cancellations(stage.session, phone.e164_hash)


@pytest.mark.parametrize("settled", [reach, opt_out])
@pytest.mark.parametrize("state", [CallState.QUEUED, CallState.RINGING])
def test_a_call_the_carrier_still_holds_is_cancelled(stage: Stage, clock: Any, settled: Any, state: CallState) -> None:
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, state)
    settled(stage, clock)
    stage.done()
    check_attempts()
    assert stage.carrier.cancelled == [FIRST]
    assert stage.attempts()[0].outcome is AttemptOutcome.CANCELLED


@pytest.mark.parametrize("settled", [reach, opt_out])
def test_a_conversation_is_never_cut_off(stage: Stage, clock: Any, settled: Any) -> None:
    run_due_work(clock.now())
    stage.carrier.becomes(FIRST, CallState.IN_PROGRESS)
    settled(stage, clock)
    stage.done()
    check_attempts()
    assert stage.carrier.cancelled == []
    assert stage.attempts()[0].state is AttemptState.IN_DIALOGUE


def test_what_is_queued_when_the_window_closes_is_cancelled_before_it_does(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    clock.move_to(datetime(2026, 11, 23, 3, 57, tzinfo=UTC))  # 11:57, two minutes of margin before noon
    run_due_work(clock.now())
    check_when_due(stage, clock)
    assert stage.carrier.cancelled == [FIRST]
    assert clock.now() <= datetime(2026, 11, 23, 3, 58, tzinfo=UTC)


def test_a_cancelled_call_is_made_up_for_in_the_next_window(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    clock.move_to(datetime(2026, 11, 23, 3, 57, tzinfo=UTC))
    run_due_work(clock.now())
    check_when_due(stage, clock)
    contact = session.query(Contact).one()
    assert (contact.state, contact.attempts_rung) == (ContactState.WAITING, 0)
    assert contact.next_attempt_at >= datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_two_sweepers_do_not_ask_the_same(stage: Stage, clock: Any) -> None:
    run_due_work(clock.now())
    clock.advance(120)
    with unit() as session:
        first = reconciling.take_checks(session, clock.now())
    with unit() as session:
        second = reconciling.take_checks(session, clock.now())
    assert (len(first), len(second)) == (1, 0)


def test_a_text_that_timed_out_is_recognised_by_its_words(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    stage.carrier.fail_next, stage.carrier.places_anyway = TIMED_OUT, True
    run_due_work(clock.now())
    attempt = check_when_due(stage, clock)
    assert attempt.carrier_id == "SM" + "1".zfill(32)
    assert len(stage.carrier.sent) == 1


def test_a_texts_receipt_is_asked_for(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    run_due_work(clock.now())
    stage.carrier.message_becomes("SM" + "1".zfill(32), SmsState.DELIVERED)
    assert check_when_due(stage, clock).outcome is AttemptOutcome.DELIVERED


def test_a_text_without_a_receipt_counts_as_not_delivered(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    run_due_work(clock.now())
    clock.advance(13 * 3600)
    assert check_when_due(stage, clock).outcome is AttemptOutcome.UNDELIVERED
