"""What a carrier says about a call, in any order, and what follows from the outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.enums import (
    AttemptOutcome,
    AttemptState,
    ClueKind,
    ContactState,
    Disposition,
    PhoneState,
    VisitChannel,
    WorkTaskKind,
)
from app.models import Attempt, Clue, Contact, Household, Phone, WorkTask
from app.models.types import cipher
from app.services import prices, scheduling
from app.services.call_states import CallNews, apply_call_state
from tasks.steps import run_due_work
from telephony.ports import AnsweredBy, CallState
from tests.factories.campaigning import Stage, make_stage
from tests.factories.world import Tree, demo_number, make_household
from tests.payloads.world import make_attempt

S, Out = CallState, AttemptOutcome
FIRST = "CA" + "1".zfill(32)


@pytest.fixture
def stage(session: Any, clock: Any) -> Stage:
    """One household, its first call taken by the carrier."""
    stage = make_stage(session)
    run_due_work(clock.now())
    return stage


def tell(stage: Stage, state: CallState, **news: Any) -> bool:
    attempt = stage.attempts()[-1]
    moved = apply_call_state(stage.session, attempt.id, CallNews(state, raw=str(state), **news))
    stage.done()
    return moved


def test_a_call_goes_its_way(stage: Stage, clock: Any) -> None:
    for state in (S.RINGING, S.IN_PROGRESS, S.COMPLETED):
        clock.advance(5)
        assert tell(stage, state, carrier_id=FIRST)
    attempt = stage.attempts()[0]
    assert attempt.state is AttemptState.DONE
    assert attempt.submitted_at < attempt.ringing_at < attempt.answered_at < attempt.ended_at
    assert attempt.next_check_at == clock.now() + prices.FIRST_ASK


def test_a_repeat_changes_nothing(stage: Stage) -> None:
    assert tell(stage, S.RINGING)
    assert not tell(stage, S.RINGING)


@pytest.mark.parametrize("late", [S.QUEUED, S.RINGING, S.IN_PROGRESS, S.COMPLETED, S.FAILED])
def test_a_terminal_state_never_regresses(stage: Stage, late: CallState) -> None:
    tell(stage, S.BUSY)
    assert not tell(stage, late)
    assert stage.attempts()[0].outcome is Out.BUSY


def test_news_out_of_order_is_not_applied(stage: Stage) -> None:
    tell(stage, S.IN_PROGRESS)
    assert not tell(stage, S.RINGING)
    assert stage.attempts()[0].state is AttemptState.IN_DIALOGUE


def test_news_about_another_call_is_not_applied(stage: Stage) -> None:
    assert not tell(stage, S.COMPLETED, carrier_id="CA" + "9" * 32)
    assert stage.attempts()[0].state is AttemptState.DISPATCHED


def test_an_unknown_word_is_stored_and_not_guessed(stage: Stage) -> None:
    attempt = stage.attempts()[0]
    assert not apply_call_state(stage.session, attempt.id, CallNews(S.UNRECOGNISED, raw="on-the-moon"))
    assert (attempt.state, attempt.raw_state) == (AttemptState.DISPATCHED, "on-the-moon")


def test_when_only_the_end_arrives_the_beginning_is_worked_out(stage: Stage, clock: Any) -> None:
    clock.advance(100)
    tell(stage, S.COMPLETED, duration_s=30)
    attempt = stage.attempts()[0]
    assert attempt.answered_at == clock.now() - timedelta(seconds=30)


@pytest.mark.parametrize(("state", "news", "outcome"), [
    (S.BUSY, {}, Out.BUSY),
    (S.NO_ANSWER, {}, Out.NO_ANSWER),
    (S.NO_ANSWER, {"sip_code": 487}, Out.NO_ANSWER),
    (S.NO_ANSWER, {"sip_code": 603}, Out.REJECTED),
    (S.NO_ANSWER, {"sip_code": 480}, Out.POWERED_OFF),
    (S.FAILED, {"sip_code": 403}, Out.SUSPENDED),
    (S.FAILED, {"sip_code": 404}, Out.INVALID_NUMBER),
    (S.FAILED, {"sip_code": 503}, Out.CARRIER_ERROR),
    (S.FAILED, {}, Out.CARRIER_ERROR),
    (S.CANCELLED, {}, Out.CANCELLED),
    (S.COMPLETED, {"duration_s": 9}, Out.SILENT),
    (S.COMPLETED, {"answered_by": AnsweredBy.MACHINE}, Out.VOICEMAIL),
    (S.COMPLETED, {"answered_by": AnsweredBy.UNKNOWN}, Out.SILENT),
])  # fmt: skip
def test_what_a_call_without_dialogue_came_to(
    stage: Stage, state: CallState, news: dict[str, Any], outcome: AttemptOutcome
) -> None:
    tell(stage, state, **news)
    assert stage.attempts()[0].outcome is outcome


@pytest.mark.parametrize(("sip_code", "learnt"), [(404, PhoneState.INVALID), (403, PhoneState.SUSPENDED)])
def test_what_a_call_teaches_about_the_number_is_kept(stage: Stage, sip_code: int, learnt: PhoneState) -> None:
    tell(stage, S.FAILED, sip_code=sip_code)
    assert stage.session.query(Phone).one().state is learnt


def test_no_answer_is_tried_again_at_another_time_of_day(stage: Stage, clock: Any) -> None:
    tell(stage, S.NO_ANSWER)
    contact = stage.session.query(Contact).one()
    assert (contact.state, contact.next_kind, contact.attempts_rung) == (ContactState.WAITING, "call", 1)
    assert contact.next_attempt_at >= clock.now() + timedelta(hours=4)


def test_the_consequence_is_drawn_once(stage: Stage) -> None:
    tell(stage, S.NO_ANSWER)
    contact = stage.session.query(Contact).one()
    before = (contact.next_attempt_at, contact.attempts_rung, contact.attempts_made)
    scheduling.after_attempt(stage.session, stage.attempts()[0])
    assert (contact.next_attempt_at, contact.attempts_rung, contact.attempts_made) == before


def test_an_attempt_without_an_outcome_has_no_consequence(stage: Stage) -> None:
    with pytest.raises(ValueError, match="no outcome"):
        scheduling.after_attempt(stage.session, stage.attempts()[0])


def play(stage: Stage, clock: Any, state: CallState, rounds: int = 12) -> list[Attempt]:
    """Every call ends in `state` until nothing is due any more."""
    due = clock.now()
    for _ in range(rounds):
        for attempt in stage.attempts():
            if attempt.outcome is None and attempt.channel == "voice":
                tell_one(stage, attempt, state)
        contact = stage.session.query(Contact).one()
        due = contact.next_attempt_at
        stage.done()
        if due is None:
            break
        clock.move_to(max(due, clock.now()))
        run_due_work(clock.now())
    return stage.attempts()


def add_phone(session: Any, household: Household, number: str) -> None:
    session.add(Phone(household_id=household.id, e164=number, e164_hash=cipher.blind(number), tail=number[-4:],
                      priority=9, node_id=household.node_id))  # fmt: skip
    session.flush()
    session.expire_all()


def tell_one(stage: Stage, attempt: Attempt, state: CallState) -> None:
    apply_call_state(stage.session, attempt.id, CallNews(state, raw=str(state)))
    stage.done()


def test_three_rung_calls_on_two_days_then_the_worker_and_a_clue(stage: Stage, clock: Any) -> None:
    attempts = play(stage, clock, S.NO_ANSWER)
    assert len(attempts) == 3
    assert len({attempt.submitted_at.date() for attempt in attempts}) >= 2
    contact = stage.session.query(Contact).one()
    assert (contact.state, contact.disposition) == (ContactState.MISSED, Disposition.UNREACHABLE)
    assert stage.session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).count() == 1
    assert stage.session.query(Clue).one().kind is ClueKind.UNREACHABLE_AWAY


def test_busy_uses_up_no_attempt_but_not_for_ever(stage: Stage, clock: Any) -> None:
    attempts = play(stage, clock, S.BUSY)
    assert 3 < len(attempts) <= 10
    assert stage.session.query(Contact).one().attempts_rung == 0


def test_a_refusal_raises_no_clue_of_being_unreachable(stage: Stage, clock: Any) -> None:
    attempt = stage.attempts()[0]
    attempt.outcome = Out.REFUSED
    scheduling.after_attempt(stage.session, attempt)
    assert stage.session.query(Contact).one().disposition is Disposition.REFUSED
    assert stage.session.query(Clue).count() == 0


def test_who_called_in_and_broke_off_is_not_reported_as_unreachable(stage: Stage, clock: Any) -> None:
    first = stage.attempts()[0]
    make_attempt(stage.session, first.contact, is_inbound=True, purpose="inbound", state=AttemptState.DONE,
                 outcome=Out.PARTIAL)  # fmt: skip
    play(stage, clock, S.NO_ANSWER)
    contact = stage.session.query(Contact).one()
    assert (contact.state, contact.disposition) == (ContactState.MISSED, Disposition.ANSWERED)
    assert stage.session.query(Clue).count() == 0


def test_the_second_number_follows_a_dead_first_one(session: Any, clock: Any) -> None:
    def two(session: Any, tree: Tree) -> None:
        make_household(session, tree.groups[0], numbers=(demo_number(601), demo_number(602)))

    stage = make_stage(session, households=two)
    run_due_work(clock.now())
    tell(stage, S.FAILED, sip_code=404)
    contact = session.query(Contact).one()
    assert session.get(Phone, contact.next_phone_id).tail == "0602"


def test_a_valid_contact_stops_everything_else(stage: Stage, clock: Any) -> None:
    contact = stage.session.query(Contact).one()
    assert scheduling.close_contact(stage.session, contact, VisitChannel.WECHAT, clock.now())
    assert (contact.state, contact.disposition) == (ContactState.REACHED, Disposition.REACHED)
    assert (contact.closed_channel, contact.next_attempt_at) == ("wechat", None)


def test_the_first_valid_contact_counts(stage: Stage, clock: Any) -> None:
    contact = stage.session.query(Contact).one()
    scheduling.close_contact(stage.session, contact, VisitChannel.WECHAT, clock.now())
    assert not scheduling.close_contact(stage.session, contact, VisitChannel.PHONE, clock.now())
    assert contact.closed_channel == "wechat"


def test_a_missed_household_that_gets_a_new_number_is_called_again(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    run_due_work(clock.now())
    tell(stage, S.FAILED, sip_code=404)
    contact = session.query(Contact).one()
    assert contact.state is ContactState.MISSED
    add_phone(session, contact.household, demo_number(777))
    assert scheduling.look_again(session, contact.household_id) == 1
    stage.done()
    run_due_work(clock.now())
    session.expire_all()
    assert (contact.state, contact.disposition) == (ContactState.WAITING, Disposition.PENDING)
    assert session.get(Phone, contact.next_phone_id).tail == "0777"


def test_one_who_refused_is_not_called_on_a_new_number(stage: Stage, clock: Any) -> None:
    attempt = stage.attempts()[0]
    attempt.outcome = Out.REFUSED
    scheduling.after_attempt(stage.session, attempt)
    assert scheduling.look_again(stage.session, attempt.household_id) == 0
