"""Whole calls over signed callbacks: what is heard, and what is in the database afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.domain.enums import (
    AttemptOutcome,
    AttemptState,
    ClueKind,
    ContactState,
    PhoneState,
    Urgency,
    VisitChannel,
    WorkTaskKind,
)
from app.models import Answer, CarrierCallback, ChangeRequest, Clue, OptOut, Recording, Visit, WorkTask
from app.services import opt_outs
from app.webhooks import register
from tests.payloads.carrier import CallDriver, post, sid
from tests.payloads.world import Scene, make_attempt, make_scene

# head, away, same income, working, no trouble, all right, nothing wanted, finish
ALL_WELL = ("1", "1", "1", "1", "1", "1", "1", "2")


@pytest.fixture
def client(app):
    register(app)
    return app.test_client()


@pytest.fixture
def scene(session) -> Scene:
    return make_scene(session)


@pytest.fixture
def call(client, session, scene) -> CallDriver:
    attempt = make_attempt(session, scene.contact)
    return CallDriver(client, attempt.token, scene.number)


def rows(session, model):
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def test_first_words_name_village_worker_and_surname_and_nothing_else(call, scene):
    words = call.pick_up()
    assert "测试11村" in words
    assert "姓赵" in words
    assert scene.worker.name in words
    assert "赵试一" not in words


def test_an_answered_check_in_is_one_visit_and_closes_the_duty(call, session, scene):
    call.pick_up()
    call.press(*ALL_WELL)
    assert call.is_hung_up
    call.end()
    [visit] = rows(session, Visit)
    assert (visit.channel, visit.respondent, visit.closes_duty) == (VisitChannel.AUTO_CALL, "head", True)
    assert scene.contact.state is ContactState.REACHED
    assert {"question": "income", "value": "same_or_more", "confirmed": True} in visit.findings


def test_digits_in_the_database_are_the_digits_pressed(call, session):
    call.pick_up()
    call.press("2", "3", "1", "2", "1", "1", "2", "2")
    call.end()
    kept = {answer.question: answer.digits for answer in rows(session, Answer)}
    assert kept == {"identity": "2", "status": "3", "income": "1", "work": "2", "trouble": "1", "essentials": "1",
                    "wish": "2", "message_gate": "2"}  # fmt: skip


def test_a_confirmed_illness_raises_an_emergency_clue_and_a_task(call, session):
    call.pick_up()
    call.press("1", "1", "1", "1", "2", "1", "1", "1", "2")
    call.end()
    [clue] = rows(session, Clue)
    [visit] = rows(session, Visit)
    assert (clue.kind, clue.urgency, clue.visit_id) == (ClueKind.MAJOR_ILLNESS, Urgency.EMERGENCY, visit.id)
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.CLUE_FOLLOWUP]


def test_a_risk_not_asked_back_raises_no_clue_but_asks_the_worker_to_call(call, session):
    call.pick_up()
    call.press("1", "1", "3")
    call.end()
    assert rows(session, Clue) == []
    [task] = rows(session, WorkTask)
    assert (task.kind, task.reason_detail["unconfirmed"]) == (WorkTaskKind.CALL_BACK, "income_drop")


def test_wish_to_apply_becomes_a_task(call, session):
    call.pick_up()
    call.press("1", "1", "1", "1", "1", "1", "3", "2")
    call.end()
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.WANTS_TO_APPLY]


def test_returned_home_becomes_a_change_request(call, session):
    call.pick_up()
    call.press("1", "2", "1", "1", "1", "1", "1", "2")
    call.end()
    [change] = rows(session, ChangeRequest)
    assert (change.field, change.new_value) == ("absence", "returned")


def test_a_spoken_message_is_noted_once_with_the_right_household(call, session, scene):
    call.pick_up()
    call.press("1", "1", "1", "1", "1", "1", "1", "1")
    message = sid("RE")
    call.speak(message)
    call.end()
    extra = {"RecordingSid": message, "RecordingUrl": f"http://x/Recordings/{message}", "RecordingDuration": "7"}
    assert post(call.client, f"voice/recording/{call.token}", {**call.params, **extra}).status_code == 204
    [recording] = rows(session, Recording)
    assert (recording.carrier_id, recording.household_id, recording.seconds) == (message, scene.household.id, 7)
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.LISTEN_MESSAGE]


def test_a_message_reported_after_the_line_dropped_is_kept(call, session):
    call.pick_up()
    call.press("1", "1", "1", "1", "1", "1", "1", "1")
    call.end()
    call.speak(sid("RE"))
    assert len(rows(session, Recording)) == 1
    assert rows(session, CarrierCallback)[-1].was_applied is False


def test_silence_is_no_visit(call, session):
    call.pick_up()
    for _ in range(3):
        call.say_nothing()
    assert call.is_hung_up
    call.end()
    assert rows(session, Visit) == []
    assert rows(session, WorkTask) == []


def test_voicemail_hears_nothing_of_the_household_and_is_no_visit(call, session, scene):
    words = call.pick_up(AnsweredBy="machine_start")
    assert call.is_hung_up
    assert "赵" not in words
    call.end()
    assert rows(session, Visit) == []
    [callback] = [row for row in rows(session, CarrierCallback) if row.kind == "call_status"]
    assert callback.was_applied


def test_the_wrong_person_costs_only_this_household_its_number(call, session, scene):
    call.pick_up()
    call.press("4")
    call.end()
    session.expire_all()
    assert scene.household.phones[0].state is PhoneState.WRONG_PERSON
    assert rows(session, Visit) == []


def test_opting_out_enters_the_ledger_and_leaves_a_visit_to_the_worker(call, session, scene):
    call.pick_up()
    call.press("8", "1")
    call.end()
    session.expire_all()
    assert opt_outs.is_opted_out(session, scene.household.phones[0].e164_hash)
    assert scene.contact.state is ContactState.EXCLUDED
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.OPTED_OUT_VISIT]
    assert len(rows(session, OptOut)) == 1


def test_another_time_is_remembered_in_the_callees_zone(call, session, scene):
    call.pick_up()
    call.press("5", "3")
    call.end()
    session.expire_all()
    assert scene.contact.chosen_at.isoformat() == "2026-11-23T10:30:00+00:00"  # 18:30 in Shanghai


def test_a_call_that_breaks_off_is_gone_on_with_in_the_next(call, client, session, scene, clock):
    call.pick_up()
    call.press("1")
    call.end()
    session.expire_all()
    assert scene.contact.state is ContactState.WAITING
    clock.advance(3 * 3600)
    again = CallDriver(client, make_attempt(session, scene.contact, number=2).token, scene.number)
    assert "上次电话没打完" in again.pick_up()
    again.press(*ALL_WELL)
    again.end()
    assert len(rows(session, Visit)) == 1
    assert scene.contact.state is ContactState.REACHED


def test_key_zero_rings_the_worker_who_answers_for_the_household(call, scene):
    call.pick_up()
    call.press("1")
    words = call.press("0")
    assert f"<Number>{scene.worker.phone}</Number>" in words


def test_hanging_up_settles_what_was_answered_even_without_a_last_word(call, session, scene):
    call.pick_up()
    call.press("1", "1")
    call.end()
    [visit] = rows(session, Visit)
    assert [finding["question"] for finding in visit.findings] == ["status"]


def test_outcome_and_state_of_a_finished_call(call, session):
    from app.models import Attempt

    call.pick_up()
    call.press(*ALL_WELL)
    call.end(seconds=93)
    [attempt] = rows(session, Attempt)
    assert (attempt.state, attempt.outcome, attempt.duration_s) == (AttemptState.DONE, AttemptOutcome.COMPLETED, 93)
