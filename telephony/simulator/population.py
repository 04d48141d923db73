"""Who picks up: personas, derived from a number and the seed, and what each does when the phone rings.

A population file (`populations/default.yaml`) has
`mix`: kind -> weight; `kinds`: kind -> persona fields; `scripts`: name -> ordered rules
`{match, want | digits | do}` (see `persona`); `overrides`: number -> other fields, or another kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from telephony.simulator.faults import load_document

DEFAULT_POPULATION = Path(__file__).parent / "populations" / "default.yaml"
OUTCOMES = frozenset(
    {"human", "silent", "voicemail", "voicemail_no_beep", "fax", "busy", "no_answer", "rejected",
     "powered_off", "suspended", "invalid"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Persona:
    """What one number does. All `*_s` in seconds, ranges are [low, high]; dates are local civil dates (ISO).

    `answer`: outcome -> weight; `evening_answer` (from 18:00) and `later_answer` (from the second call on) replace it.
    `hang_up_at`: hangs up at the n-th question (1 = first; 0 = before any). `script`: name of the rules it answers by.
    `households`: `[{name, script}]`, the one whose name was said in the call answers. `texts`: `[{match, reply,
    after_s}]` replies to a message. `calls_back_after_s`: rings our number back after a missed call.
    `off_until`: powered off before that date; `gone_from`: number given up from that date.
    """

    kind: str = "person"
    answer: Mapping[str, float] = field(default_factory=lambda: {"human": 1.0})
    evening_answer: Mapping[str, float] | None = None
    later_answer: Mapping[str, float] | None = None
    answer_s: Sequence[float] = (3.0, 14.0)
    press_s: Sequence[float] = (1.0, 3.0)
    script: str = "fine"
    barge_in: float = 0.0
    slow: float = 0.0
    wrong: float = 0.0
    hang_up_at: int | None = None
    talks_s: Sequence[float] = (8.0, 35.0)
    greeting_s: Sequence[float] = (4.0, 9.0)
    households: Sequence[Mapping[str, str]] = ()
    texts: Sequence[Mapping[str, Any]] = ()
    calls_back_after_s: Sequence[float] | None = None
    off_until: str | None = None
    gone_from: str | None = None
    landline: bool = False
    sms: str = "delivered"

    def outcome(self, nth: int, local: datetime, rng: Random) -> str:
        """How this call ends up before anyone speaks: a member of OUTCOMES. `nth` counts calls to it from 1."""
        day = local.date().isoformat()
        if self.gone_from is not None and day >= self.gone_from:
            return "invalid"
        if self.off_until is not None and day < self.off_until:
            return "powered_off"
        weights = self.answer
        if self.evening_answer is not None and local.hour >= 18:
            weights = self.evening_answer
        elif self.later_answer is not None and nth > 1:
            weights = self.later_answer
        return pick(weights, rng)


def pick(weights: Mapping[str, float], rng: Random) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def between(span: Sequence[float], rng: Random) -> float:
    return round(rng.uniform(span[0], span[1]), 3)


class Population:
    """Personas by number. The same file, seed and number give the same persona."""

    def __init__(
        self, document: Mapping[str, Any] | None, overrides: Mapping[str, Mapping[str, Any]], seed: int
    ) -> None:
        source = document if document is not None else _default_document()
        self.seed = seed
        self.kinds = {str(name): dict(spec or {}) for name, spec in source.get("kinds", {"person": {}}).items()}
        self.mix = {str(name): float(weight) for name, weight in source.get("mix", {"person": 1}).items()}
        self.scripts: dict[str, Sequence[Mapping[str, Any]]] = dict(source.get("scripts", {}))
        self.overrides: dict[str, dict[str, Any]] = {}
        if missing := set(self.mix) - set(self.kinds):
            raise ValueError(f"population mix names unknown kinds: {sorted(missing)}")
        for kind in self.kinds:
            self._build(kind, {})
        for number, spec in (*source.get("overrides", {}).items(), *overrides.items()):
            self.override(str(number), spec)

    def persona_for(self, number: str) -> Persona:
        return persona_for(number, self.seed, self)

    def override(self, number: str, spec: Mapping[str, Any]) -> None:
        """Give `number` the persona fields in `spec` (and `kind`, to start from another); merges with earlier ones."""
        merged = {**self.overrides.get(number, {}), **spec}
        self._build(merged.get("kind", next(iter(self.kinds))), merged)
        self.overrides[number] = merged

    def rules(self, persona: Persona, heard: str) -> Sequence[Mapping[str, Any]]:
        """The rules `persona` answers by, having heard `heard` in this call so far (shared phones go by name)."""
        for household in persona.households:
            if household["name"] in heard:
                return self.scripts[household.get("script", persona.script)]
        return self.scripts.get(persona.script, ())

    def _build(self, kind: str, extra: Mapping[str, Any]) -> Persona:
        if kind not in self.kinds:
            raise ValueError(f"unknown persona kind {kind!r}")
        spec = {**self.kinds[kind], **extra, "kind": kind}
        if unknown := set(spec) - {item.name for item in fields(Persona)}:
            raise ValueError(f"persona {kind!r}: unknown fields {sorted(unknown)}")
        for name in ("answer", "evening_answer", "later_answer"):
            if isinstance(weights := spec.get(name), str):
                spec[name] = {weights: 1.0}
            if strange := set(spec.get(name) or {}) - OUTCOMES:
                raise ValueError(f"persona {kind!r}: unknown outcomes {sorted(strange)}")
        persona = Persona(**spec)
        used = [persona.script, *(home.get("script", persona.script) for home in persona.households)]
        if absent := [name for name in used if self.scripts and name not in self.scripts]:
            raise ValueError(f"persona {kind!r}: unknown scripts {absent}")
        return persona


def persona_for(number: str, seed: int, population: Population) -> Persona:
    """The persona behind `number`: drawn from the mix by (seed, number), then the number's own overrides."""
    extra = population.overrides.get(number, {})
    kind = str(extra.get("kind") or pick(population.mix, Random(f"{seed}:persona:{number}")))  # noqa: S311
    return population._build(kind, extra)


def load_population(path: str | Path) -> dict[str, Any]:
    """A checked population file; the word `default` means the shipped one. Raises ValueError when it is wrong."""
    document = load_document(DEFAULT_POPULATION if str(path) == "default" else path)
    Population(document, {}, seed=0)
    return document


@lru_cache(maxsize=1)
def _default_document() -> dict[str, Any]:
    return load_document(DEFAULT_POPULATION)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
