"""The engine's steps as the exact documents Twilio gets."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ivr.engine import begin
from telephony.ivr.library import PACKAGED, packaged
from telephony.ivr.state import Choice, Context
from telephony.ivr.steps import Dial, Gather, HangUp, Play, Record, Say
from telephony.simulator.twiml import parse as parse_strictly
from telephony.twilio.twiml import VOICES, render

ACTION = "https://a.cn/step?token=t&seq=1"
HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
ATTRIBUTES = 'action="https://a.cn/step?token=t&amp;seq=1#rc=5&amp;rp=all" method="POST">'
REDIRECT = '<Redirect method="POST">https://a.cn/step?token=t&amp;seq=1#rc=5&amp;rp=all</Redirect>'
SAY = '<Say voice="Polly.Zhiyu" language="cmn-CN">您好</Say>'
HELLO = Say("您好", "cmn-CN")


def golden(body: str) -> str:
    return f"{HEAD}{body}</Response>"


def test_gather():
    assert render([Gather((HELLO,), timeout_s=8)], action_url=ACTION) == golden(
        '<Gather input="dtmf" numDigits="1" timeout="8" finishOnKey="#" actionOnEmptyResult="true" '
        f"{ATTRIBUTES}{SAY}</Gather>{REDIRECT}"
    )


def test_record():
    assert render([Record((HELLO,), max_s=60)], action_url=ACTION) == golden(
        f'{SAY}<Record maxLength="60" timeout="5" finishOnKey="#" playBeep="true" {ATTRIBUTES}</Record>{REDIRECT}'
    )


def test_dial():
    steps = [Dial("worker", (HELLO,))]
    assert render(steps, action_url=ACTION, numbers={"worker": "+8610000000001"}, caller_id="+15005550006") == golden(
        f'{SAY}<Dial timeout="25" timeLimit="900" action="https://a.cn/step?token=t&amp;seq=1#rc=5&amp;rp=all" '
        f'method="POST" callerId="+15005550006"><Number>+8610000000001</Number></Dial>{REDIRECT}'
    )


def test_goodbye():
    assert render([HELLO, HangUp()], action_url=ACTION) == golden(f"{SAY}<Hangup/>")


@pytest.mark.parametrize("step", [Play("https://a.cn/1.mp3?x=1&y=2"), Say("x", "cmn-CN", "https://a.cn/1.mp3?x=1&y=2")])
def test_recorded_audio_is_played(step):
    play = "<Play>https://a.cn/1.mp3?x=1&amp;y=2</Play><Hangup/>"
    assert render([step, HangUp()], action_url=ACTION) == golden(play)


@pytest.mark.parametrize("steps", [[], [HELLO]])
def test_a_document_never_runs_off_its_end(steps):
    assert render(steps, action_url=ACTION).endswith("<Hangup/></Response>")


def test_nothing_follows_the_step_that_waits():
    assert "<Hangup/>" not in render([Gather((HELLO,)), HangUp()], action_url=ACTION)


@pytest.mark.parametrize(
    ("language", "voice"),
    [("cmn-CN", "Polly.Zhiyu"), ("yue-CN", "Polly.Hiujin-Neural"), ("en-US", "Polly.Joanna")],
)
def test_every_language_has_the_voice_that_speaks_it(language, voice):
    assert f'<Say voice="{voice}" language="{language}">' in render([Say("x", language)], action_url=ACTION)


def test_a_language_without_a_voice_is_refused():
    with pytest.raises(ValueError, match="no voice speaks 'zh-CN'"):
        render([Say("x", "zh-CN")], action_url=ACTION)


def test_a_dial_without_a_number_is_refused():
    with pytest.raises(ValueError, match="worker_dial=False"):
        render([Dial("worker")], action_url=ACTION)


@given(st.text())
def test_any_text_makes_a_well_formed_document(text):
    document = render([Gather((Say(text, "cmn-CN"),))], action_url=ACTION)
    assert ElementTree.fromstring(document)[0].tag == "Gather"


def test_markup_in_a_name_is_spoken_not_obeyed():
    assert "<Hangup/><" not in render([Gather((Say("<Hangup/>&", "cmn-CN"),))], action_url=ACTION)


def test_a_chinese_name_in_an_english_sentence_gets_the_voice_that_can_say_it():
    assert render([Say("the 王 family.", "en-US")], action_url=ACTION) == golden(
        '<Say voice="Polly.Joanna" language="en-US">the</Say><Say voice="Polly.Zhiyu" language="cmn-CN">王</Say>'
        '<Say voice="Polly.Joanna" language="en-US">family.</Say><Hangup/>'
    )


@pytest.mark.parametrize("text", ["", "  ", "。", "\x00"])
def test_nothing_to_say_is_no_verb(text):
    assert "<Say" not in render([Say(text, "cmn-CN")], action_url=ACTION)


@pytest.mark.parametrize("code", PACKAGED)
@pytest.mark.parametrize("language", list(VOICES))
def test_every_first_document_is_accepted_by_a_strict_reader(code, language):
    _, steps = begin(packaged(code), Context(language=language, choices=(Choice("a", "王"),)))
    assert parse_strictly(render(steps, action_url=ACTION))[0].name == "Gather"
