"""A shared number asks which household, and a returned call leads where the caller wants (TELEPHONY §1.10)."""

from __future__ import annotations

import pytest

from telephony.ivr.engine import ScriptMismatch, advance, begin
from telephony.ivr.events import DialEnded, Digits, Recorded, event_of
from telephony.ivr.findings import findings
from telephony.ivr.library import packaged
from telephony.ivr.script import Outcome
from telephony.ivr.state import Choice, Context
from telephony.ivr.steps import Dial, Record
from telephony.ports import AnsweredBy, CallState, CarrierEvent, EventKind

CHOOSE = packaged("choose_household")
INBOUND = packaged("inbound")
SHARED = Context(
    org="干汊河镇", choices=(Choice("h1", "王"), Choice("h2", "李", "大院村"), Choice("h3", "李", "新陶村"))
)


def press(script, state, keys):
    steps = ()
    for key in keys:
        state, steps = advance(script, state, Digits("" if key == "_" else key, state.seq))
    return state, steps


def test_every_household_is_offered_by_surname():
    prompt = begin(CHOOSE, SHARED)[1][0].prompts[-1].text
    assert "户主姓王的，请按1。大院村户主姓李的，请按2。新陶村户主姓李的，请按3。" in prompt


@pytest.mark.parametrize(("key", "ref"), [("1", "h1"), ("2", "h2"), ("3", "h3")])
def test_the_choice_is_the_households_own_reference(key, ref):
    state, steps = press(CHOOSE, begin(CHOOSE, SHARED)[0], key)
    assert (state.answers["household"].value, state.next_script, state.outcome) == (ref, "checkin", Outcome.ROUTED)
    assert steps == ()


def test_none_of_them_is_a_wrong_person():
    assert press(CHOOSE, begin(CHOOSE, SHARED)[0], "0")[0].outcome is Outcome.WRONG_PERSON


def test_a_key_beyond_the_list_asks_again():
    assert press(CHOOSE, begin(CHOOSE, SHARED)[0], "4")[0].asks == 2


def test_choosing_never_closes_a_duty():
    assert not press(CHOOSE, begin(CHOOSE, SHARED)[0], "1")[0].closes_duty


def test_a_returned_call_leads_into_the_check_in():
    state, steps = press(INBOUND, begin(INBOUND, Context())[0], "1")
    assert (state.next_script, steps) == ("checkin", ())


def test_a_reported_difficulty_is_recorded_after_identity():
    state, steps = press(INBOUND, begin(INBOUND, Context())[0], "21")
    assert isinstance(steps[0], Record)
    state, _ = advance(INBOUND, state, Recorded("RE9", 30, state.seq))
    assert [(f.question, f.value) for f in findings(INBOUND, state)] == [("report", "RE9")]


def test_applying_is_a_wish():
    state, _ = press(INBOUND, begin(INBOUND, Context())[0], "311")
    assert [f.wants for f in findings(INBOUND, state)] == ["apply"]


def test_the_menu_rings_the_worker():
    _, steps = press(INBOUND, begin(INBOUND, Context(worker_dial=True))[0], "4")
    assert isinstance(steps[0], Dial)


def test_a_worker_out_of_reach_is_asked_to_call_back_even_a_stranger():
    state, _ = press(INBOUND, begin(INBOUND, Context(worker_dial=True))[0], "4")
    state, _ = advance(INBOUND, state, DialEnded(False, state.seq))
    assert [f.wants for f in findings(INBOUND, state)] == ["callback"]


def test_opting_out_by_a_call_needs_a_yes():
    assert press(INBOUND, begin(INBOUND, Context())[0], "81")[0].outcome is Outcome.OPTED_OUT


def test_a_state_of_another_script_is_refused():
    with pytest.raises(ScriptMismatch, match="belongs to inbound v1"):
        advance(CHOOSE, begin(INBOUND, Context())[0], Digits("1", 0))


def callback(kind, **fields):
    return CarrierEvent(kind=kind, carrier="x", carrier_id="y", dedupe_key="z", **fields)


@pytest.mark.parametrize(
    ("carrier_event", "expected"),
    [
        (callback(EventKind.ANSWERED), "Answered"),
        (callback(EventKind.CALL_IN), "Answered"),
        (callback(EventKind.DIGITS, digits="1"), "Digits"),
        (callback(EventKind.RECORDED, recording_id="r", recording_s=1), "Recorded"),
        (callback(EventKind.DIAL_ENDED, call_state=CallState.COMPLETED), "DialEnded"),
        (callback(EventKind.MACHINE, answered_by=AnsweredBy.MACHINE), "Machine"),
        (callback(EventKind.MACHINE, answered_by=AnsweredBy.HUMAN), None),
        (callback(EventKind.CALL_STATUS, call_state=CallState.COMPLETED), "RemoteHangup"),
        (callback(EventKind.CALL_STATUS, call_state=CallState.RINGING), None),
        (callback(EventKind.CALL_STATUS, call_state=CallState.UNRECOGNISED), None),
        (callback(EventKind.SMS_IN), None),
    ],
)
def test_carrier_callbacks_become_dialogue_events(carrier_event, expected):
    event = event_of(carrier_event, 3)
    assert (type(event).__name__ if event else None) == expected


@pytest.mark.parametrize(("state", "ok"), [(CallState.COMPLETED, True), (CallState.NO_ANSWER, False), (None, False)])
def test_only_a_worker_who_talked_counts_as_reached(state, ok):
    assert event_of(callback(EventKind.DIAL_ENDED, call_state=state), 1) == DialEnded(ok, 1)
