"""The retry matrix as data: what each outcome means for the next attempt (TELEPHONY 1.6, 5).

A policy is stored as JSON with the campaign, so that what was promised at launch is what runs. `app.domain.retries`
applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from app.domain.enums import AttemptOutcome

_O = AttemptOutcome


class PolicyError(ValueError):
    """A policy that cannot be used. `key` is the path of the wrong entry, such as "rules.busy.delay_minutes"."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


class After(StrEnum):
    """Where an outcome leads."""

    SAME_PHONE = "same_phone"
    NEXT_PHONE = "next_phone"
    SMS = "sms"
    WORKLIST = "worklist"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class RetryRule:
    """`delay_minutes` least wait after this outcome; `max_tries` how often one number may end so before it is given up;
    `other_daypart` the next call in another third of the day; `counts_as_ring` whether the callee's phone rang (used
    when the carrier did not say)."""

    delay_minutes: int
    max_tries: int
    other_daypart: bool
    next: After
    counts_as_ring: bool


DEFAULT_RULES: Mapping[AttemptOutcome, RetryRule] = MappingProxyType(
    {
        # Ended well, or by the callee's will: nothing is dialled after these.
        _O.COMPLETED: RetryRule(0, 1, False, After.STOP, True),
        _O.SMS_REPLIED: RetryRule(0, 1, False, After.STOP, False),
        _O.OPTED_OUT: RetryRule(0, 1, False, After.STOP, True),
        _O.REFUSED: RetryRule(0, 1, False, After.WORKLIST, True),
        # Somebody picked up.
        _O.PARTIAL: RetryRule(120, 2, False, After.SAME_PHONE, True),
        _O.CALLBACK_LATER: RetryRule(0, 3, False, After.SAME_PHONE, True),
        _O.HUNG_UP: RetryRule(1440, 2, True, After.SAME_PHONE, True),
        _O.SILENT: RetryRule(240, 2, True, After.SAME_PHONE, True),
        _O.WRONG_PERSON: RetryRule(0, 1, False, After.NEXT_PHONE, True),
        # It rang.
        _O.NO_ANSWER: RetryRule(240, 3, True, After.SAME_PHONE, True),
        _O.REJECTED: RetryRule(1440, 2, True, After.NEXT_PHONE, True),
        _O.VOICEMAIL: RetryRule(240, 2, True, After.SAME_PHONE, True),
        # It did not ring: these use up no attempt, only the cap.
        _O.BUSY: RetryRule(120, 4, False, After.SAME_PHONE, False),
        _O.POWERED_OFF: RetryRule(1440, 3, True, After.NEXT_PHONE, False),
        _O.SUSPENDED: RetryRule(4320, 2, False, After.NEXT_PHONE, False),
        _O.INVALID_NUMBER: RetryRule(0, 1, False, After.NEXT_PHONE, False),
        _O.CARRIER_ERROR: RetryRule(120, 6, False, After.SAME_PHONE, False),
        _O.CANCELLED: RetryRule(0, 10, False, After.SAME_PHONE, False),
        # Never cleared up with the carrier: for the household's sake it is taken to have rung.
        _O.UNKNOWN: RetryRule(1440, 2, False, After.SAME_PHONE, True),
        # The fallback text: a day to answer it, then the next number.
        _O.DELIVERED: RetryRule(1440, 1, False, After.NEXT_PHONE, False),
        _O.UNDELIVERED: RetryRule(0, 1, False, After.NEXT_PHONE, False),
    }
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`max_attempts` calls that rang, on at least `min_days` civil days of the callee; `max_total` calls of any
    outcome; `min_spacing_minutes` between the start of two calls to a household; `sms_fallback_after` that many rung
    calls (None: no text); `clue_after_rounds` quarters missed in a row until 外出无法联系 is raised."""

    rules: Mapping[AttemptOutcome, RetryRule] = field(default_factory=lambda: DEFAULT_RULES)
    max_attempts: int = 3
    min_days: int = 2
    max_total: int = 10
    min_spacing_minutes: int = 120
    sms_fallback_after: int | None = 2
    clue_after_rounds: int = 1

    def __post_init__(self) -> None:
        for outcome in AttemptOutcome:
            if outcome not in self.rules:
                raise PolicyError(f"rules.{outcome.value}", "missing")
        if self.min_days > self.max_attempts:
            raise PolicyError("min_days", "cannot be larger than max_attempts")
        if self.max_total < self.max_attempts:
            raise PolicyError("max_total", "cannot be smaller than max_attempts")

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {name: getattr(self, name) for name in BOUNDS}
        data["rules"] = {
            outcome.value: {
                "delay_minutes": rule.delay_minutes,
                "max_tries": rule.max_tries,
                "other_daypart": rule.other_daypart,
                "next": rule.next.value,
                "counts_as_ring": rule.counts_as_ring,
            }
            for outcome, rule in self.rules.items()
        }
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RetryPolicy:
        """Missing keys and outcomes take the defaults. Raises PolicyError naming the first wrong key."""
        _refuse_unknown(data, {*BOUNDS, "rules"}, "")
        values = {name: _read_number(data[name], name, *BOUNDS[name]) for name in BOUNDS if name in data}
        return cls(rules=_read_rules(data.get("rules", {})), **values)  # type: ignore[arg-type]


def is_clue_due(policy: RetryPolicy, missed_rounds: int) -> bool:
    """Has the household been missed often enough for a clue of kind 外出无法联系 (D4-07)?"""
    return missed_rounds >= policy.clue_after_rounds


# name: (least, most, may be null). Ceilings are sanity, not law: a typo must not become a day of calls.
BOUNDS: dict[str, tuple[int, int, bool]] = {
    "max_attempts": (1, 10, False),
    "min_days": (1, 10, False),
    "max_total": (1, 50, False),
    "min_spacing_minutes": (1, 10080, False),
    "sms_fallback_after": (0, 10, True),
    "clue_after_rounds": (1, 8, False),
}
DELAY_MINUTES = (0, 43_200)
MAX_TRIES = (1, 20)
_RULE_KEYS = {item.name for item in fields(RetryRule)}


def _read_rules(value: Any) -> Mapping[AttemptOutcome, RetryRule]:
    if not isinstance(value, Mapping):
        raise PolicyError("rules", "must be an object of outcomes")
    _refuse_unknown(value, {outcome.value for outcome in AttemptOutcome}, "rules.")
    rules = dict(DEFAULT_RULES)
    for word, entry in value.items():
        outcome = AttemptOutcome(word)
        rules[outcome] = _read_rule(entry, f"rules.{word}", rules[outcome])
    return MappingProxyType(rules)


def _read_rule(entry: Any, key: str, default: RetryRule) -> RetryRule:
    if not isinstance(entry, Mapping):
        raise PolicyError(key, "must be an object")
    _refuse_unknown(entry, _RULE_KEYS, f"{key}.")
    delay = _read_number(entry.get("delay_minutes", default.delay_minutes), f"{key}.delay_minutes", *DELAY_MINUTES)
    tries = _read_number(entry.get("max_tries", default.max_tries), f"{key}.max_tries", *MAX_TRIES)
    assert delay is not None
    assert tries is not None
    return RetryRule(
        delay_minutes=delay,
        max_tries=tries,
        other_daypart=_read_flag(entry.get("other_daypart", default.other_daypart), f"{key}.other_daypart"),
        next=_read_after(entry.get("next", default.next), f"{key}.next"),
        counts_as_ring=_read_flag(entry.get("counts_as_ring", default.counts_as_ring), f"{key}.counts_as_ring"),
    )


def _refuse_unknown(data: Mapping[str, Any], known: set[str], prefix: str) -> None:
    for key in data:
        if key not in known:
            raise PolicyError(f"{prefix}{key}", f"unknown; known are {', '.join(sorted(known))}")


def _read_number(value: Any, key: str, least: int, most: int, nullable: bool = False) -> int | None:
    if value is None and nullable:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PolicyError(key, f"must be a whole number from {least} to {most}{' or null' if nullable else ''}")
    return value


def _read_flag(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(key, "must be true or false")
    return value


def _read_after(value: Any, key: str) -> After:
    try:
        return After(value)
    except ValueError as error:
        raise PolicyError(key, f"must be one of {', '.join(After)}") from error
