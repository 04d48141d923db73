"""Is a child's rule stricter or looser than its parent's? Field by field, so that each looseness can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.policy import kinds as k
from app.domain.policy.kinds import Strictness as S

_HOURS = {k.TimeUnit.HOUR: 1, k.TimeUnit.DAY: 24, k.TimeUnit.WORKDAY: 34, k.TimeUnit.MONTH: 730}  # 5 workdays ≈ 7 days
Measure = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of a rule where child and parent differ in strictness. `field`: the key to name."""

    field: str
    child: Any
    parent: Any
    strictness: S


def _number(name: str) -> Measure:
    return lambda values: values.get(name)


def _count(name: str) -> Measure:
    return lambda values: None if values.get(name) is None else frozenset(values[name])


def _frequency(values: Mapping[str, Any]) -> int | None:
    every = values.get("every")
    return every.times_a_year * values.get("minimum", 1) if every is not None and every.times_a_year else None


def _rounds(values: Mapping[str, Any]) -> int | None:
    every = values.get("every")
    return every.times_a_year if every is not None and every.times_a_year else None


def _reckonings(values: Mapping[str, Any]) -> int | None:
    every = values.get("reckon_every")
    return every.times_a_year if every is not None else None


def _limit(values: Mapping[str, Any]) -> int | None:
    amount, unit = values.get("amount"), values.get("unit")
    return None if amount is None or unit is None or values.get("at_least") else amount * _HOURS[unit]


def _minimum_time(values: Mapping[str, Any]) -> int | None:
    amount, unit = values.get("amount"), values.get("unit")
    return amount * _HOURS[unit] if amount is not None and unit is not None and values.get("at_least") else None


def _any_risk(values: Mapping[str, Any]) -> bool | None:
    return None if values.get("logic") is None else values["logic"] is k.Logic.OR


# field to name, how it is measured, +1: more (or a larger set, or true) is stricter; -1: less is stricter
_DIRECTIONS: dict[str, tuple[tuple[str, Measure, int], ...]] = {
    "grid": (("min_workers", _number("min_workers"), 1),),
    "worker": (
        ("max_age", _number("max_age"), -1), ("max_age_exception", _number("max_age_exception"), -1),
        ("exception_needs_approval", _number("exception_needs_approval"), 1), ("checks", _count("checks"), 1),
    ),
    "staffing": (("minimum", _number("minimum"), 1),),
    "contact_rules": (
        ("every", _frequency, 1), ("channels", _count("channels"), -1), ("within_hours", _number("within_hours"), -1),
        ("due", _number("due"), -1),
    ),
    "thresholds": (("below", _number("below"), 1), ("logic", _any_risk, 1)),
    "calendar": (("to_day", _number("to_day"), -1),),
    "meetings": (("every", _frequency, 1), ("to_day", _number("to_day"), -1)),
    "training": (
        ("every", _rounds, 1), ("min_rounds", _number("min_rounds"), 1),
        ("coverage_percent", _number("coverage_percent"), 1), ("meetings_count", _number("meetings_count"), -1),
    ),
    "subsidy": (("excluded", _count("excluded"), 1),),
    "inspections": (
        ("every", _frequency, 1), ("min_villages", _number("min_villages"), 1),
        ("min_households", _number("min_households"), 1),
    ),
    "deadlines": (("amount", _limit, -1), ("amount", _minimum_time, 1)),
    "assessment": (("exempt_found_by", _count("exempt_found_by"), -1), ("veto", _number("veto"), 1)),
    "plans": (("checked_by", _count("checked_by"), 1),),
    "plan_templates": (
        ("evidence", _count("evidence"), 1), ("reckon_every", _reckonings, 1),
        ("judge_relief", _number("judge_relief"), 1),
    ),
    "ledgers": (("levels", _count("levels"), 1),),
}  # fmt: skip


def differences(chapter: str, child: Mapping[str, Any], parent: Mapping[str, Any]) -> list[Difference]:
    """Values stated on both sides that differ in strictness; what has no strictness (a title) is left out."""
    found = []
    for name, measure, direction in _DIRECTIONS.get(chapter, ()):
        own, other = measure(child), measure(parent)
        if own is None or other is None or own == other:
            continue
        found.append(Difference(name, child.get(name), parent.get(name), _compare(own, other, direction)))
    return found


def _compare(own: Any, other: Any, direction: int) -> S:
    if isinstance(own, frozenset) and not (own < other or own > other):
        return S.DIFFERENT
    return S.STRICTER if (own > other) == (direction > 0) else S.LOOSER


def combined(parts: Iterable[S]) -> S:
    """EQUAL without differences; stricter or looser only when nothing points the other way."""
    found = set(parts) - {S.EQUAL}
    if not found:
        return S.EQUAL
    return found.pop() if len(found) == 1 else S.DIFFERENT


def strictness(chapter: str, child: Mapping[str, Any], parent: Mapping[str, Any]) -> S:
    return combined(difference.strictness for difference in differences(chapter, child, parent))
