"""Values of the grid's upkeep that no document gives: defaults from practice, to be overlaid by a profile's code list.

A profile overlays them with entries of its lists: `grid_size` (codes `least`, `most`; the label is the number of
households) and `grid_periods` (code `supervision`; the label is the number of days).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.policy import Rules

_PRACTICE = {"least": 20, "most": 100}  # households a grid, Anhui practice (E-29): a local choice, no rule
_SUPERVISION_DAYS = 90  # "定期" carries no number (D0-35): once a quarter as a local choice


@dataclass(frozen=True, slots=True)
class Size:
    """Households of one unit. `is_local`: nobody's rule, only practice."""

    least: int
    most: int
    is_local: bool


def size_of(rules: Rules) -> Size:
    least, most = (_number(rules, "grid_size", name) for name in _PRACTICE)
    is_local = least is None and most is None
    return Size(_PRACTICE["least"] if least is None else least, _PRACTICE["most"] if most is None else most, is_local)


def supervision_days(rules: Rules) -> int:
    """How many days may pass between two supervisions of a unit by its village."""
    return _number(rules, "grid_periods", "supervision") or _SUPERVISION_DAYS


def _number(rules: Rules, name: str, code: str) -> int | None:
    label = rules.code_label(name, code)
    return int(label) if label.isascii() and label.isdigit() else None
