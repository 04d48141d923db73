"""What a persona does at a question: which keys, when, or hanging up. Pure, given its dice.

A rule is `{match: regex on the prompt, ...}` with one of
`want: {regex on an option's words: weight}` — the key is read from the prompt itself ("还在外请按1"), so the persona
follows whatever order a script offers; `digits: {"1": weight}` — fixed keys ("" = nothing); `do: hang_up`.
`want` falls back on the rule's `digits` when no offered option fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from telephony.simulator.population import Persona, between, compiled, pick

_KEY = r"(?:数字|键)?\s*([0-9*#零一二三四五六七八九])键?"
_OPTION = compiled(r"([^，。；、！？,;!?\s]*?)[，,]?\s*请?(?:按|拨|press)\s*" + _KEY)
_OPTION_AFTER = compiled(r"(?:按|press)\s*" + _KEY + r"[，,：:]?\s*([^，。；、！？,;!?]+)")
_CHINESE = {char: str(index) for index, char in enumerate("零一二三四五六七八九")}


@dataclass(frozen=True, slots=True)
class Reaction:
    """`keys` pressed one after another from `after_s` seconds after the prompt's end, `gap_s` apart.

    `barge_at`: fraction of the prompt at which the first key comes instead; `hang_up`: puts the phone down then.
    """

    keys: str = ""
    after_s: float = 1.0
    gap_s: float = 0.4
    barge_at: float | None = None
    hang_up: bool = False


def options(prompt: str) -> list[tuple[str, str]]:
    """(words, key) for every choice a prompt offers: `还在外请按1，已回来请按2` and `按1还在外` alike."""
    found = [(words.strip(), _CHINESE.get(key, key)) for words, key in _OPTION.findall(prompt)]
    if not found or not found[0][0]:
        found = [(words.strip(), _CHINESE.get(key, key)) for key, words in _OPTION_AFTER.findall(prompt)]
    return [(words, key) for words, key in found if words]


def react(persona: Persona, rules: Sequence[Mapping[str, Any]], prompt: str, step: int, rng: Random) -> Reaction:
    """The reaction to the `step`-th question (from 1), whose words are `prompt`."""
    after = between(persona.press_s, rng)
    if persona.hang_up_at is not None and step >= max(1, persona.hang_up_at):
        return Reaction(hang_up=True, after_s=after)
    keys = _keys(rules, prompt, rng)
    if keys is None:
        return Reaction(hang_up=True, after_s=after)
    roll = rng.random()
    if roll < persona.wrong:
        keys = rng.choice(["*", "#", "7", "88", "1234567890"])
    elif roll < persona.wrong + persona.slow:
        after += rng.uniform(6.0, 20.0)
    barge = round(rng.uniform(0.2, 0.9), 3) if rng.random() < persona.barge_in else None
    return Reaction(keys=keys, after_s=round(after, 3), barge_at=barge)


def _keys(rules: Sequence[Mapping[str, Any]], prompt: str, rng: Random) -> str | None:
    """The keys the first fitting rule gives; None = hang up; "" = stays silent."""
    for rule in rules:
        if not compiled(str(rule.get("match", ""))).search(prompt):
            continue
        if rule.get("do") == "hang_up":
            return None
        wanted = _wanted(rule.get("want") or {}, prompt, rng)
        if wanted is not None:
            return wanted
        if rule.get("digits"):
            return pick({str(key): float(weight) for key, weight in rule["digits"].items()}, rng)
    return ""


def _wanted(want: Mapping[str, float], prompt: str, rng: Random) -> str | None:
    offered = options(prompt)
    weights: dict[str, float] = {}
    for pattern, weight in want.items():
        for words, key in offered:
            if compiled(pattern).search(words):
                weights[key] = weights.get(key, 0.0) + float(weight)
                break
    return pick(weights, rng) if weights else None
