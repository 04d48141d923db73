"""Settling a call: once, whatever is said to it afterwards, and only with what was said in this call."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.domain.enums import AttemptOutcome, AttemptState, ContactState, WorkTaskKind
from app.models import Answer, Clue, Visit, WorkTask
from app.services import answers, dialogues
from app.services.call_states import CallNews, apply_call_state
from telephony.ports import AnsweredBy, CallState, CarrierEvent, EventKind
from tests.payloads.carrier import sid
from tests.payloads.world import Scene, make_attempt, make_scene


@pytest.fixture
def scene(session) -> Scene:
    return make_scene(session)


def talk(session, attempt, *keys: str, by: AnsweredBy | None = None):
    reply = dialogues.answer(session, attempt, by)
    for key in keys:
        event = CarrierEvent(EventKind.DIGITS, "simulator", sid("CA"), "key", digits=key)
        reply = dialogues.step(session, attempt, event, reply.seq)
    return reply


def count(session, model) -> int:
    session.flush()
    return session.scalar(select(func.count()).select_from(model))


def test_settling_twice_changes_nothing(session, scene):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, "1", "1", "3", "1", "1", "1", "1", "2", "2")
    first = answers.settle_call(session, attempt)
    before = [count(session, model) for model in (Visit, Answer, Clue, WorkTask)]
    assert answers.settle_call(session, attempt) is first
    assert [count(session, model) for model in (Visit, Answer, Clue, WorkTask)] == before


def test_a_call_without_a_dialogue_has_nothing_to_settle(session, scene):
    assert answers.settle_call(session, make_attempt(session, scene.contact)) is None


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        (("1", "1", "1", "1", "1", "1", "1", "2"), AttemptOutcome.COMPLETED),
        (("1", "1", "1"), AttemptOutcome.PARTIAL),
        (("1",), AttemptOutcome.PARTIAL),
        ((), AttemptOutcome.HUNG_UP),
        (("", "", ""), AttemptOutcome.SILENT),
        (("",), AttemptOutcome.SILENT),
        (("4",), AttemptOutcome.WRONG_PERSON),
        (("5", "1"), AttemptOutcome.CALLBACK_LATER),
        (("5",), AttemptOutcome.CALLBACK_LATER),
        (("8", "1"), AttemptOutcome.OPTED_OUT),
        (("8",), AttemptOutcome.REFUSED),
    ],
)
def test_what_a_call_came_to(session, scene, keys, outcome):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, *keys)
    assert answers.settle_call(session, attempt) is outcome


@pytest.mark.parametrize("keys", [("1",), (), ("", "", ""), ("4",), ("5", "1"), ("8", "1")])
def test_without_an_answered_question_there_is_no_visit(session, scene, keys):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, *keys)
    answers.settle_call(session, attempt)
    assert count(session, Visit) == 0


def test_a_machine_found_out_late_is_voicemail(session, scene):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt)
    assert dialogues.machine(session, attempt, AnsweredBy.MACHINE)
    assert answers.settle_call(session, attempt) is AttemptOutcome.VOICEMAIL


def test_a_machine_that_pressed_keys_is_a_person(session, scene):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, "1", "1")
    dialogues.machine(session, attempt, AnsweredBy.MACHINE)
    assert answers.settle_call(session, attempt) is AttemptOutcome.PARTIAL


def test_the_sweeper_settles_a_call_whose_last_callback_was_lost(session, scene):
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, "1", "1", "1")
    apply_call_state(session, attempt.id, CallNews(CallState.COMPLETED, "completed", source="sweeper"))
    assert count(session, Visit) == 1
    assert (attempt.state, scene.contact.state) == (AttemptState.DONE, ContactState.REACHED)


def test_a_resumed_call_does_not_repeat_the_first_calls_answers(session, scene):
    first = make_attempt(session, scene.contact, state=AttemptState.DONE)
    first.state = AttemptState.IN_DIALOGUE
    talk(session, first, "1", "1")
    answers.settle_call(session, first)
    first.state = AttemptState.DONE
    scene.contact.state = ContactState.CALLING  # as if the first call had not closed it
    session.commit()
    second = make_attempt(session, scene.contact, number=2)
    session.refresh(scene.contact)
    talk(session, second, "1", "1")
    answers.settle_call(session, second)
    asked = session.scalars(select(Answer.question).where(Answer.attempt_id == second.id).order_by(Answer.sequence))
    assert list(asked) == ["identity", "income"]


def test_a_broken_promise_to_ring_the_worker_becomes_a_task(session, scene):
    scene.worker.is_active = False
    session.flush()
    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, "1", "0")
    answers.settle_call(session, attempt)
    assert [task.kind for task in session.scalars(select(WorkTask))] == [WorkTaskKind.CALL_BACK]


def test_one_clue_of_a_kind_a_visit(session, scene):
    from app.domain.enums import ClueKind, ClueSource
    from app.services import clues

    attempt = make_attempt(session, scene.contact)
    talk(session, attempt, "1", "1", "3", "1")
    answers.settle_call(session, attempt)
    [visit] = session.scalars(select(Visit))
    for _ in range(2):
        clues.raise_clue(session, scene.household, ClueKind.INCOME_DROP, ClueSource.AUTO_CALL, visit=visit)
    assert count(session, Clue) == 1
