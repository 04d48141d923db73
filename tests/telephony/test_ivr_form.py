"""The worker's form asks what the call asks and means what the call means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.human.form import FormError, answers_from_form, form_fields
from telephony.ivr.engine import advance, begin
from telephony.ivr.events import Digits, RemoteHangup
from telephony.ivr.findings import findings
from telephony.ivr.library import packaged
from telephony.ivr.script import Outcome, QuestionKind
from telephony.ivr.state import Context

CHECKIN = packaged("checkin")
WELL = {
    "identity": "head",
    "status": "away",
    "income": "same_or_more",
    "work": "working",
    "trouble": "none",
    "essentials": "all_right",
    "wish": "nothing",
}


def called(keys: str):
    state, _ = begin(CHECKIN, Context())
    for key in keys:
        state, _ = advance(CHECKIN, state, Digits(key, state.seq))
    return advance(CHECKIN, state, RemoteHangup())[0]


def test_fields_come_in_the_order_of_the_call():
    names = [field.name for field in form_fields(CHECKIN)]
    assert names == ["identity", "best_time", "opt_out", "status", "income", "work", "trouble", "essentials", "wish"]


def test_only_identity_is_required():
    assert [field.name for field in form_fields(CHECKIN) if field.required] == ["identity"]


def test_follow_ups_say_when_they_show():
    shown = {field.name: field.shown_when for field in form_fields(CHECKIN) if field.shown_when}
    assert shown == {"best_time": ("identity", "not_now"), "opt_out": ("identity", "opt_out")}


def test_options_say_whether_the_questions_follow():
    identity = form_fields(CHECKIN)[0]
    assert {option.value for option in identity.options if option.leads_on} == {"head", "member", "home_side_relative"}


def test_the_form_speaks_both_languages():
    assert form_fields(CHECKIN)[0].title == "接电话的是谁"
    assert form_fields(CHECKIN, "en-US")[0].title == "Who answered"


def test_a_form_and_a_call_find_the_same():
    state = answers_from_form(CHECKIN, {**WELL, "income": "much_less", "wish": "apply"})
    assert findings(CHECKIN, state) == findings(CHECKIN, called("1131" + "1113"))


def test_a_form_and_a_call_end_the_same():
    state = answers_from_form(CHECKIN, WELL)
    by_call = called("1111111")
    assert (state.outcome, state.respondent, state.answered) == (by_call.outcome, by_call.respondent, by_call.answered)


def test_a_risk_in_a_form_is_confirmed():
    state = answers_from_form(CHECKIN, {**WELL, "trouble": "illness"})
    assert [(f.risk, f.confirmed) for f in findings(CHECKIN, state) if f.risk] == [("major_illness", True)]


def test_open_questions_make_it_partial():
    state = answers_from_form(CHECKIN, {"identity": "member", "income": "same_or_more"})
    assert (state.outcome, state.closes_duty, state.answered) == (Outcome.PARTIAL, True, ("income",))


def test_identity_alone_closes_nothing():
    state = answers_from_form(CHECKIN, {"identity": "head"})
    assert (state.outcome, state.closes_duty) == (Outcome.IDENTITY_ONLY, False)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"identity": "wrong_person"}, Outcome.WRONG_PERSON),
        ({"identity": "not_now"}, Outcome.CALLBACK_REQUESTED),
        ({"identity": "not_now", "best_time": "evening"}, Outcome.CALLBACK_REQUESTED),
        ({"identity": "opt_out", "opt_out": "confirmed"}, Outcome.OPTED_OUT),
        ({"identity": "opt_out"}, Outcome.REFUSED),
    ],
)
def test_other_ends_are_logged_in_the_same_form(answers, outcome):
    assert answers_from_form(CHECKIN, answers).outcome is outcome


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ({}, {"identity": "missing"}),
        ({"identity": ""}, {"identity": "missing"}),
        ({"identity": "queen"}, {"identity": "unknown_option"}),
        ({**WELL, "income": "lots", "shoe": "42"}, {"income": "unknown_option", "shoe": "not_asked"}),
        ({"identity": "wrong_person", "income": "a_bit_less"}, {"income": "not_asked"}),
        ({"identity": "head", "message": "text"}, {"message": "unknown_option"}),
    ],
)
def test_bad_answers_are_named_field_by_field(answers, problems):
    with pytest.raises(FormError) as refused:
        answers_from_form(CHECKIN, answers)
    assert refused.value.problems == problems


def test_a_menu_is_no_form():
    with pytest.raises(ValueError, match="not with an identity question"):
        form_fields(packaged("inbound"))


CHOICES = {question.id: question for question in CHECKIN.questions if question.kind is QuestionKind.CHOICE}


@settings(max_examples=100)
@given(st.fixed_dictionaries({name: st.sampled_from(q.options) for name, q in CHOICES.items()}))
def test_every_full_form_equals_the_call_with_those_keys(chosen):
    state = answers_from_form(CHECKIN, {"identity": "head", **{name: o.value for name, o in chosen.items()}})
    keys = "1" + "".join(chosen[name].digit + ("1" if chosen[name].risk else "") for name in CHOICES)
    assert findings(CHECKIN, state) == findings(CHECKIN, called(keys))
