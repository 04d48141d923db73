"""The check-in as people live it (TELEPHONY §1.3): every way through it, and what it leaves behind."""

from __future__ import annotations

import pytest

from telephony.ivr.engine import advance, begin, resume
from telephony.ivr.events import Answered, DialEnded, Digits, Machine, Recorded, RemoteHangup
from telephony.ivr.findings import Finding, findings
from telephony.ivr.library import packaged
from telephony.ivr.script import Outcome, Respondent
from telephony.ivr.state import Context, State
from telephony.ivr.steps import Dial, Gather, HangUp, Record, Say
from telephony.ports import AnsweredBy

CHECKIN = packaged("checkin")
CONTEXT = Context(
    org="干汊河镇", village="大院村", worker="李明", worker_title="网格员", household="王", worker_dial=True
)


def press(state: State, keys: str) -> State:
    """Press each key in turn; "_" is silence."""
    for key in keys:
        state, _ = advance(CHECKIN, state, Digits("" if key == "_" else key, state.seq))
    return state


def call(keys: str = "", context: Context = CONTEXT) -> State:
    return press(begin(CHECKIN, context)[0], keys)


def spoken(steps) -> str:
    return " ".join(say.text for step in steps for say in getattr(step, "prompts", (step,)) if isinstance(say, Say))


def test_all_well_is_seven_keys_and_completed():
    state = call("1111111" + "2")
    assert (state.outcome, state.respondent) == (Outcome.COMPLETED, Respondent.HEAD)


def test_all_well_answers_six_questions_and_closes_the_duty():
    state = call("11111112")
    assert state.answered == ("status", "income", "work", "trouble", "essentials", "wish")
    assert state.closes_duty


def test_all_well_finds_no_risk():
    assert not [finding for finding in findings(CHECKIN, call("11111112")) if finding.risk or finding.wants]


def test_the_greeting_names_village_worker_and_surname():
    _, steps = begin(CHECKIN, CONTEXT)
    assert all(name in spoken(steps) for name in ("干汊河镇", "大院村", "李明", "王"))


@pytest.mark.parametrize(
    ("keys", "question", "risk"),
    [
        ("113", "income", "income_drop"),
        ("1113", "work", "employment_lost"),
        ("11112", "trouble", "major_illness"),
        ("11113", "trouble", "accident_disaster"),
        ("11114", "trouble", "large_expense"),
        ("111112", "essentials", "schooling"),
        ("111113", "essentials", "housing"),
        ("111114", "essentials", "drinking_water"),
    ],
)
def test_a_risk_counts_only_once_confirmed(keys, question, risk):
    asked = call(keys)
    assert (asked.position, asked.answers[question].confirmed) == (question, False)
    confirmed = press(asked, "1")
    assert [(f.question, f.risk) for f in findings(CHECKIN, confirmed) if f.risk and f.confirmed] == [(question, risk)]


def test_the_confirmation_says_what_was_pressed():
    state = call("11")
    _, steps = advance(CHECKIN, state, Digits("3", state.seq))
    assert "收入少了很多" in spoken(steps)


def test_choosing_again_forgets_the_risk():
    state = call("113" + "2" + "1")
    assert state.answers["income"].value == "same_or_more"
    assert not [finding for finding in findings(CHECKIN, state) if finding.risk]


def test_a_risk_left_unconfirmed_by_a_hangup_is_kept_but_does_not_count():
    state, _ = advance(CHECKIN, call("113"), RemoteHangup())
    assert state.answered == ("status",)
    assert Finding("income", "much_less", confirmed=False, risk="income_drop") in findings(CHECKIN, state)


@pytest.mark.parametrize(("key", "who"), [("1", "head"), ("2", "member"), ("3", "home_side_relative")])
def test_who_answered_is_stored(key, who):
    assert call(key).respondent == who


def test_wrong_person_hears_no_question_and_closes_nothing():
    state = call("4")
    assert (state.outcome, state.closes_duty, state.respondent) == (Outcome.WRONG_PERSON, False, None)


def test_opting_out_needs_a_yes():
    assert call("8").outcome is None
    assert call("81").outcome is Outcome.OPTED_OUT


def test_an_opt_out_by_mistake_goes_on_with_the_check_in():
    assert call("82" + "2").position == "status"


def test_not_now_leaves_a_preferred_time():
    state = call("53")
    assert (state.outcome, state.answers["best_time"].value) == (Outcome.CALLBACK_REQUESTED, "evening")


def test_not_now_counts_even_if_no_time_is_chosen():
    assert advance(CHECKIN, call("5"), RemoteHangup())[0].outcome is Outcome.CALLBACK_REQUESTED


def test_silence_is_not_fine():
    state = call("___")
    assert (state.outcome, state.closes_duty) == (Outcome.SILENT, False)


def test_hanging_up_on_the_greeting_is_a_refusal():
    assert advance(CHECKIN, call(), RemoteHangup())[0].outcome is Outcome.REFUSED


def test_hanging_up_after_silence_is_silence():
    assert advance(CHECKIN, call("_"), RemoteHangup())[0].outcome is Outcome.SILENT


def test_identity_alone_does_not_close_the_duty():
    state, _ = advance(CHECKIN, call("1"), RemoteHangup())
    assert (state.outcome, state.closes_duty) == (Outcome.IDENTITY_ONLY, False)


def test_one_answer_closes_the_duty():
    state, _ = advance(CHECKIN, call("11"), RemoteHangup())
    assert (state.outcome, state.closes_duty) == (Outcome.PARTIAL, True)


def test_hanging_up_when_only_the_message_is_left_is_complete():
    assert advance(CHECKIN, call("1111111"), RemoteHangup())[0].outcome is Outcome.COMPLETED


def test_a_message_is_a_finding_with_its_recording():
    state = call("11111111")
    state, steps = advance(CHECKIN, state, Recorded("RE1", 12, state.seq))
    assert Finding("message", "RE1", confirmed=True, is_recording=True) in findings(CHECKIN, state)
    assert isinstance(steps[-1], HangUp)


def test_an_empty_message_leaves_no_finding():
    state = call("11111111")
    state, _ = advance(CHECKIN, state, Recorded("", 0, state.seq))
    assert state.outcome is Outcome.COMPLETED
    assert "message" not in state.answers


def test_the_message_step_records():
    state = call("1111111")
    _, steps = advance(CHECKIN, state, Digits("1", state.seq))
    assert isinstance(steps[0], Record)


@pytest.mark.parametrize(("key", "wants"), [("2", "callback"), ("3", "apply")])
def test_wishes_are_findings(key, wants):
    assert [f.wants for f in findings(CHECKIN, call("111111" + key + "2")) if f.wants] == [wants]


@pytest.mark.parametrize(("key", "change"), [("2", "returned"), ("3", "returning_soon")])
def test_coming_home_is_news(key, change):
    assert [f.info_change for f in findings(CHECKIN, call("1" + key)) if f.info_change] == [change]


def test_nine_repeats_the_question():
    first = call("1")
    again, steps = advance(CHECKIN, first, Digits("9", first.seq))
    assert again.position == "status"
    assert "还在外面" in spoken(steps)


def test_nine_at_the_start_repeats_the_greeting_too():
    state = call()
    assert "干汊河镇" in spoken(advance(CHECKIN, state, Digits("9", state.seq))[1])


def test_zero_rings_the_worker_once_the_identity_is_known():
    state = call("1")
    _, steps = advance(CHECKIN, state, Digits("0", state.seq))
    assert isinstance(steps[0], Dial)


def test_zero_before_identity_is_a_wrong_key():
    state = call("0")
    assert (state.mode, state.position, state.asks) == ("ask", "identity", 2)


def test_a_worker_who_answers_ends_the_script():
    state = call("10")
    state, _ = advance(CHECKIN, state, DialEnded(True, state.seq))
    assert state.outcome is Outcome.HANDED_OVER


def test_a_worker_who_does_not_answer_leaves_a_callback_and_the_question():
    state = call("10")
    state, _ = advance(CHECKIN, state, DialEnded(False, state.seq))
    assert (state.position, state.mode) == ("status", "ask")
    assert [f.wants for f in findings(CHECKIN, state)] == ["callback"]


def test_a_failed_dial_while_confirming_goes_back_to_the_confirmation():
    state = call("113" + "0")
    state, _ = advance(CHECKIN, state, DialEnded(False, state.seq))
    assert state.mode == "confirm"


def test_without_a_worker_to_ring_zero_notes_a_callback():
    state = call("10", Context(worker_dial=False))
    assert (state.callback_requested, state.position) == (True, "status")


def test_a_machine_hears_neither_village_nor_surname():
    state, steps = advance(CHECKIN, call(), Answered(AnsweredBy.MACHINE))
    assert state.outcome is Outcome.VOICEMAIL
    assert not any(word in spoken(steps) for word in ("大院村", "李明", "王"))


def test_late_machine_detection_does_not_cut_off_who_pressed_a_key():
    state = call("1")
    assert advance(CHECKIN, state, Machine())[0] == state


def test_a_broken_off_call_resumes_after_identity():
    stopped, _ = advance(CHECKIN, call("111"), RemoteHangup())
    again, steps = resume(CHECKIN, stopped)
    assert isinstance(steps[0], Gather)
    assert again.position == "identity"
    assert press(again, "2").position == "work"


def test_a_resumed_call_says_nothing_private_before_identity():
    stopped, _ = advance(CHECKIN, call("111"), RemoteHangup())
    assert "收入" not in spoken(resume(CHECKIN, stopped)[1])


def test_a_resumed_call_can_complete():
    stopped, _ = advance(CHECKIN, call("111"), RemoteHangup())
    assert press(resume(CHECKIN, stopped)[0], "1" + "11112").outcome is Outcome.COMPLETED


def test_a_resumed_call_does_not_hear_zero_before_identity():
    stopped, _ = advance(CHECKIN, call("111"), RemoteHangup())
    assert press(resume(CHECKIN, stopped)[0], "0").mode == "ask"


def test_a_call_that_never_got_to_a_question_starts_afresh():
    stopped, _ = advance(CHECKIN, call("8"), RemoteHangup())
    assert resume(CHECKIN, stopped)[0].resume_at is None


@pytest.mark.parametrize("language", ["cmn-CN", "yue-CN", "en-US"])
def test_every_language_is_spoken_as_itself(language):
    _, steps = begin(CHECKIN, Context(language=language))
    assert {say.language for say in steps[0].prompts} == {language}


def test_an_unknown_language_falls_back_to_the_first():
    _, steps = begin(CHECKIN, Context(language="ug-CN"))
    assert {say.language for say in steps[0].prompts} == {"cmn-CN"}


def test_braces_in_a_name_are_just_a_name():
    _, steps = begin(CHECKIN, Context(worker="{village}{0}"))
    assert "{village}{0}" in spoken(steps)
