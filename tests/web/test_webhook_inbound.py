"""The hotline: who calls or writes, what they hear, and what becomes of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from app.domain.clues.reached import reached_code
from app.domain.enums import (
    AttemptOutcome,
    AttemptState,
    ClueKind,
    ClueSource,
    ClueState,
    ContactState,
    Urgency,
    VisitChannel,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.quarters import CHINA
from app.models import Attempt, CarrierCallback, Clue, ClueEntry, OptOut, Recording, SmsMessage, Visit, WorkTask
from app.services import opt_outs, worklist
from app.services.clues import raise_clue
from app.webhooks import register
from tests.factories.world import demo_number, make_household
from tests.payloads.carrier import call_in, post, sid, text_in
from tests.payloads.world import Scene, make_attempt, make_contact, make_scene

STRANGER = demo_number(99_999_999)
CHECKIN = ("1", "1", "1", "1", "1", "1", "1", "1", "2")  # the menu's 1, then a check-in without trouble


@pytest.fixture
def client(app):
    register(app)
    return app.test_client()


@pytest.fixture
def scene(session) -> Scene:
    return make_scene(session)


def rows(session, model):
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def end(client, driver, **extra):
    params = {**driver.params, "CallStatus": "completed", "SequenceNumber": "1", "CallDuration": "50", **extra}
    return post(client, "voice/status/inbound", params)


def test_a_returned_call_does_the_open_check_in(client, session, scene):
    call = call_in(client, scene.number)
    call.press(*CHECKIN)
    assert end(client, call).status_code == 204
    [visit] = rows(session, Visit)
    assert (visit.contact_id, visit.closes_duty) == (scene.contact.id, True)
    [attempt] = rows(session, Attempt)
    assert (attempt.is_inbound, attempt.purpose, attempt.outcome) == (True, "inbound", AttemptOutcome.COMPLETED)
    assert scene.contact.state is ContactState.REACHED


def test_one_who_calls_back_before_our_call_is_known_to_be_over_is_heard(client, session, scene):
    make_attempt(session, scene.contact, state=AttemptState.RINGING)
    call = call_in(client, scene.number)
    call.press(*CHECKIN)
    end(client, call)
    assert len(rows(session, Visit)) == 1


def test_our_own_call_under_way_goes_on_counting_when_they_call_in_and_break_off(client, session, scene):
    """Else the next number would be dialled while the first still rings."""
    make_attempt(session, scene.contact, state=AttemptState.RINGING)
    call = call_in(client, scene.number)
    call.press("1", "1")  # the menu's check-in, who it is, and the line drops
    end(client, call)
    session.refresh(scene.contact)
    assert (scene.contact.state, scene.contact.next_attempt_at) == (ContactState.CALLING, None)


@pytest.mark.parametrize("way", ["call", "text"])
def test_who_answers_after_all_is_off_the_workers_list(client, session, scene, way):
    kinds = (WorkTaskKind.MISSED_CONTACT, WorkTaskKind.OPTED_OUT_VISIT, WorkTaskKind.CALL_BACK)
    asked = [worklist.open_task(session, scene.household, kind, "missed", scene.contact) for kind in kinds]
    scene.contact.state = ContactState.MISSED
    raise_clue(session, scene.household, ClueKind.UNREACHABLE_AWAY, ClueSource.UNREACHABLE, contact=scene.contact)
    fallback(session, scene)
    if way == "text":
        text_in(client, scene.number, "1")
    else:
        call = call_in(client, scene.number)
        call.press(*CHECKIN)
        for _ in range(2):  # the carrier says it again
            end(client, call)
    [visit] = rows(session, Visit)
    [clue], [line] = rows(session, Clue), rows(session, ClueEntry)
    on = visit.happened_at.astimezone(CHINA).date()
    assert (clue.state, clue.result) == (ClueState.RESOLVED_ON_SITE, reached_code(visit.channel, on))
    assert (line.to_state, line.reason, line.user_id) == (clue.state, clue.result, None)
    assert worklist.find_open(session, scene.household.id, WorkTaskKind.CLUE_FOLLOWUP) is None
    dropped = (WorkTaskState.DROPPED, visit.id, "reached")
    assert [(task.state, task.visit_id, task.result) for task in asked] == [
        dropped, dropped, (WorkTaskState.OPEN, None, "")]  # fmt: skip


def test_a_household_reached_already_is_thanked_and_not_asked_again(client, session, scene):
    scene.contact.state = ContactState.REACHED
    session.commit()
    call = call_in(client, scene.number)
    call.press("1")
    assert call.is_hung_up
    end(client, call)
    assert rows(session, Visit) == []


def test_a_household_without_a_campaign_can_still_check_in(client, session, scene):
    other = make_household(session, scene.tree.groups[1], name="孙试三")
    session.commit()
    call = call_in(client, other.phones[0].e164)
    call.press(*CHECKIN)
    end(client, call)
    [visit] = rows(session, Visit)
    assert (visit.household_id, visit.contact_id) == (other.id, None)


def test_a_reported_difficulty_is_a_message_a_task_and_a_pending_clue(client, session, scene):
    call = call_in(client, scene.number)
    call.press("2", "1")
    call.speak(sid("RE"), 20)
    end(client, call)
    assert len(rows(session, Recording)) == 1
    [clue] = rows(session, Clue)
    assert (clue.kind, clue.source) == (ClueKind.OTHER, ClueSource.HOTLINE)
    assert {task.kind for task in rows(session, WorkTask)} == {WorkTaskKind.LISTEN_MESSAGE, WorkTaskKind.CLUE_FOLLOWUP}


def test_applying_over_the_hotline_is_a_task(client, session, scene):
    call = call_in(client, scene.number)
    call.press("3", "1", "1")
    end(client, call)
    assert WorkTaskKind.WANTS_TO_APPLY in {task.kind for task in rows(session, WorkTask)}


def test_the_workers_phone_rings_and_when_nobody_answers_a_call_back_is_promised_and_kept(client, session, scene):
    call = call_in(client, scene.number)
    assert scene.worker.phone in call.press("4")
    call._ask(call.action, DialCallStatus="no-answer", DialCallSid=sid("CA"))
    assert "尽快给您打过来" in call.twiml
    end(client, call)
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.CALL_BACK]


def test_opting_out_over_the_hotline(client, session, scene):
    call = call_in(client, scene.number)
    call.press("8", "1")
    end(client, call)
    session.expire_all()
    assert opt_outs.is_opted_out(session, scene.household.phones[0].e164_hash)
    assert scene.contact.state is ContactState.EXCLUDED


def test_an_unknown_number_is_told_whom_to_ask_and_leaves_no_task(client, session, scene):
    call = call_in(client, STRANGER)
    assert "没有登记" in call.twiml
    assert rows(session, Attempt) == []
    assert len(rows(session, CarrierCallback)) == 1


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "Restricted"])
def test_a_withheld_number_is_answered_like_an_unknown_one(client, session, scene, number):
    assert "没有登记" in call_in(client, number).twiml


def test_a_shared_phone_is_asked_whose_it_is_and_the_visit_goes_there(client, session, scene):
    other = make_household(session, scene.tree.groups[1], name="孙试三", numbers=(scene.number,))
    make_contact(session, scene.campaign, other)
    session.commit()
    call = call_in(client, scene.number)
    assert "户主姓孙的，请按2" in call.twiml
    call.press("2", *CHECKIN)
    end(client, call)
    [visit] = rows(session, Visit)
    assert visit.household_id == other.id
    assert scene.contact.state is ContactState.CALLING


def test_two_households_of_one_surname_are_told_apart_by_village(client, session, scene):
    make_household(session, scene.tree.groups[7], name="赵试五", numbers=(scene.number,))
    session.commit()
    words = call_in(client, scene.number).twiml
    assert "测试11村户主姓赵" in words
    assert "测试22村户主姓赵" in words


def fallback(session, scene):
    return make_attempt(session, scene.contact, channel="sms", purpose="fallback", state=AttemptState.DONE,
                        outcome=AttemptOutcome.DELIVERED)  # fmt: skip


def test_all_is_well_by_text_is_a_visit_that_closes_the_duty(client, session, scene):
    fallback(session, scene)
    assert text_in(client, scene.number, "１").status_code == 200
    [visit] = rows(session, Visit)
    assert (visit.channel, visit.closes_duty) == (VisitChannel.SMS, True)
    assert (scene.contact.state, scene.contact.closed_channel) == (ContactState.REACHED, "sms")


def test_a_text_answered_after_the_quarters_end_belongs_to_the_next_quarter(client, session, scene, clock):
    clock.move_to(datetime(2026, 12, 30, 10, tzinfo=CHINA))
    fallback(session, scene).claimed_at = clock.now()
    scene.contact.state = ContactState.CLOSED
    session.commit()
    clock.advance(4 * 86_400)
    text_in(client, scene.number, "1")
    [visit] = rows(session, Visit)
    assert (visit.household_id, visit.contact_id, visit.closes_duty) == (scene.household.id, None, True)
    assert scene.contact.state is ContactState.CLOSED


def test_trouble_by_text_raises_a_clue_and_says_what_was_meant(client, session, scene):
    fallback(session, scene)
    text_in(client, scene.number, "3")
    [clue] = rows(session, Clue)
    assert (clue.source, clue.urgency, clue.is_away) == (ClueSource.SMS, Urgency.EMERGENCY, True)
    assert "生病" in clue.detail


def test_less_income_and_a_wish_to_apply_in_one_text(client, session, scene):
    fallback(session, scene)
    text_in(client, scene.number, "2、6")
    assert [clue.kind for clue in rows(session, Clue)] == [ClueKind.INCOME_DROP]
    kinds = {task.kind for task in rows(session, WorkTask)}
    assert kinds == {WorkTaskKind.CLUE_FOLLOWUP, WorkTaskKind.WANTS_TO_APPLY}


def test_a_bare_digit_out_of_the_blue_is_read_by_a_person(client, session, scene):
    text_in(client, scene.number, "1")
    assert rows(session, Visit) == []
    assert [task.kind for task in rows(session, WorkTask)] == [WorkTaskKind.LISTEN_MESSAGE]


def test_free_words_go_to_triage_with_a_hint(client, session, scene):
    text_in(client, scene.number, "我爱人住院了")
    [message] = rows(session, SmsMessage)
    assert (message.meaning, message.hint, message.household_id) == ("triage", "major_illness", scene.household.id)
    [task] = rows(session, WorkTask)
    assert (task.sms_message_id, task.reason_detail["urgency"]) == (message.id, "high")


@pytest.mark.parametrize("word", ["退订", "TD", "ｔｄ", "T", "停止", "STOP"])
def test_opt_out_words_come_first(client, session, scene, word):
    fallback(session, scene)
    text_in(client, scene.number, word)
    session.expire_all()
    assert opt_outs.is_opted_out(session, scene.household.phones[0].e164_hash)
    assert scene.contact.state is ContactState.EXCLUDED
    assert rows(session, Visit) == []


def test_an_opt_out_can_be_taken_back(client, session, scene):
    text_in(client, scene.number, "退订")
    text_in(client, scene.number, "恢复")
    assert not opt_outs.is_opted_out(session, scene.household.phones[0].e164_hash)


def test_a_stranger_may_opt_out_too(client, session, scene):
    text_in(client, STRANGER, "退订")
    assert len(rows(session, OptOut)) == 1


def test_a_strangers_words_wait_for_the_county(client, session, scene):
    text_in(client, STRANGER, "请问是什么电话")
    [message] = rows(session, SmsMessage)
    assert (message.household_id, message.node_id) == (None, None)


def test_the_same_text_delivered_twice_is_stored_once(client, session, scene):
    message = sid("SM")
    text_in(client, scene.number, "家里房子漏", message)
    text_in(client, scene.number, "家里房子漏", message)
    assert len(rows(session, SmsMessage)) == 1
    assert len(rows(session, WorkTask)) == 1


def test_no_text_is_ever_sent_back(client, scene):
    assert "<Message" not in text_in(client, scene.number, "退订").get_data(as_text=True)
