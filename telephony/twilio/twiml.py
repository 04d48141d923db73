"""The engine's steps as TwiML (TELEPHONY §2, TwiML).

Every document ends in a verb that says what comes next: a document that runs off its end hangs up on a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from telephony.ivr.steps import Dial, Gather, HangUp, Play, Record, Say, Step
from telephony.twilio.urls import with_retries

CONTENT_TYPE = "text/xml; charset=utf-8"
DIAL_TIMEOUT_S = 25
DIAL_LIMIT_S = 900


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice speaks one language: Twilio refuses other pairs (13520). `zh-CN` is not in its table."""

    voice: str
    language: str


VOICES: Mapping[str, Voice] = MappingProxyType(
    {
        "cmn-CN": Voice("Polly.Zhiyu", "cmn-CN"),
        "yue-CN": Voice("Polly.Hiujin-Neural", "yue-CN"),
        "en-US": Voice("Polly.Joanna", "en-US"),
    }
)

# An English voice cannot speak the Chinese names in an English sentence (13520): those runs go to the Mandarin voice.
CHINESE_NAMES = "cmn-CN"
_CHINESE = ("cmn-", "yue-", "zh-")
_CJK_RUN = re.compile("([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")

# What XML 1.0 cannot hold even escaped; a name with such a character must not end the call.
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(
    steps: Iterable[Step],
    *,
    action_url: str,
    voice_table: Mapping[str, Voice] = VOICES,
    numbers: Mapping[str, str] | None = None,
    caller_id: str | None = None,
) -> str:
    """One TwiML document. `action_url` gets the outcome of whichever step waits (`inbound.voice_kind` tells which).

    `numbers`: number_ref → E.164, for Dial; `caller_id` what the worker's phone shows. Raises ValueError for a language
    without a voice and for a Dial without a number: both are known before the call.
    """
    action = with_retries(action_url)
    body: list[str] = []
    for step in steps:
        body.append(_verb(step, action, voice_table, numbers or {}, caller_id))
        if isinstance(step, HangUp):
            break
        if isinstance(step, Gather | Record | Dial):
            # Reached only if Twilio falls through (an empty recording does): ask us, as its action would.
            body.append(f'<Redirect method="POST">{escape(action)}</Redirect>')
            break
    else:
        body.append("<Hangup/>")
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(body)}</Response>'


def _verb(
    step: Step, action: str, voices: Mapping[str, Voice], numbers: Mapping[str, str], caller_id: str | None
) -> str:
    match step:
        case Say() | Play():
            return _prompt(step, voices)
        case Gather():
            opening = _tag(
                "Gather",
                input="dtmf",
                numDigits=step.num_digits,
                timeout=step.timeout_s,
                finishOnKey=step.finish_on_key,
                actionOnEmptyResult="true",
                action=action,
                method="POST",
            )
            return f"{opening}{_prompts(step.prompts, voices)}</Gather>"
        case Record():
            opening = _tag(
                "Record",
                maxLength=step.max_s,
                timeout=5,
                finishOnKey=step.finish_on_key,
                playBeep="true",
                action=action,
                method="POST",
            )
            return f"{_prompts(step.prompts, voices)}{opening}</Record>"
        case Dial():
            return _dial(step, action, voices, numbers, caller_id)
        case HangUp():
            return "<Hangup/>"


def _dial(
    step: Dial, action: str, voices: Mapping[str, Voice], numbers: Mapping[str, str], caller_id: str | None
) -> str:
    number = numbers.get(step.number_ref)
    if not number:
        raise ValueError(f"no number for {step.number_ref!r}; begin the dialogue with worker_dial=False")
    shown = {"callerId": caller_id} if caller_id else {}
    opening = _tag("Dial", timeout=DIAL_TIMEOUT_S, timeLimit=DIAL_LIMIT_S, action=action, method="POST", **shown)
    return f"{_prompts(step.prompts, voices)}{opening}<Number>{escape(number)}</Number></Dial>"


def _prompts(prompts: Iterable[Say | Play], voices: Mapping[str, Voice]) -> str:
    return "".join(_prompt(prompt, voices) for prompt in prompts)


def _prompt(prompt: Say | Play, voices: Mapping[str, Voice]) -> str:
    url = prompt.url if isinstance(prompt, Play) else prompt.audio_url
    if url:
        return f"<Play>{escape(url)}</Play>"
    assert isinstance(prompt, Say)
    voice = voices.get(prompt.language)
    if voice is None:
        raise ValueError(f"no voice speaks {prompt.language!r}; the table knows {', '.join(voices)}")
    chinese = voice if prompt.language.startswith(_CHINESE) else voices.get(CHINESE_NAMES, voice)
    pieces = _CJK_RUN.split(_UNSPEAKABLE.sub("", prompt.text)) if chinese is not voice else [prompt.text]
    return "".join(_say(chinese if _CJK_RUN.fullmatch(piece) else voice, piece) for piece in pieces)


def _say(voice: Voice, words: str) -> str:
    """Nothing for words without a letter or digit: Twilio ends a call over an empty Say (13520)."""
    words = _UNSPEAKABLE.sub("", words).strip()
    if not any(character.isalnum() for character in words):
        return ""
    return f"{_tag('Say', voice=voice.voice, language=voice.language)}{escape(words)}</Say>"


def _tag(name: str, **attributes: str | int) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(str(value))}' for key, value in attributes.items())}>"
