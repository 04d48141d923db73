"""How long words take, and what a Gather hears of the keys pressed. Pure arithmetic in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from telephony.simulator.persona import Reaction
from telephony.simulator.twiml import Verb

CHARACTERS_A_SECOND = 4.5  # Mandarin read at an easy pace
PLAYED_S = 6.0  # an audio file whose length we do not know


def spoken_seconds(verb: Verb) -> float:
    """Length of a Say, Play or Pause; `loop="0"` (for ever) is cut at 100 rounds."""
    if verb.name == "Pause":
        return float(verb.seconds("length", 1))
    rounds = min(100, verb.seconds("loop", 1)) or 100
    if verb.name == "Play":
        return PLAYED_S * rounds
    ascii_letters = sum(char.isascii() for char in verb.text)
    return round((ascii_letters / 14.0 + (len(verb.text) - ascii_letters) / CHARACTERS_A_SECOND) * rounds, 3)


@dataclass(frozen=True, slots=True)
class Press:
    """What a Gather made of a reaction: keys `pressed` until it ended, `submitted` without the finish key,
    `at_s` seconds from the Gather's start, `reason` full | finish | timeout."""

    pressed: str
    submitted: str
    finished_on: str
    at_s: float
    reason: str


def press_outcome(gather: Verb, prompt_s: float, reaction: Reaction) -> Press:
    """Apply numDigits, finishOnKey (default `#`) and timeout (default 5 s, counted from the prompt's end and then
    between keys). Keys after the Gather ended are not heard; a lone finish key is an empty result."""
    timeout = float(gather.seconds("timeout", 5))
    finish = gather.get("finishOnKey", "#")
    wanted = gather.seconds("numDigits", 0)
    at = prompt_s + reaction.after_s
    if reaction.barge_at is not None and gather.children and gather.flag("bargeIn", True):
        at = prompt_s * reaction.barge_at
    deadline = prompt_s + timeout
    pressed = submitted = ""
    for key in reaction.keys:
        if at > deadline:
            break
        pressed += key
        if finish and key in finish:
            return Press(pressed, submitted, key, round(at, 3), "finish")
        submitted += key
        if wanted and len(submitted) >= wanted:
            return Press(pressed, submitted, "", round(at, 3), "full")
        deadline = at + timeout
        at += reaction.gap_s
    return Press(pressed, submitted, "", round(deadline, 3), "timeout")
