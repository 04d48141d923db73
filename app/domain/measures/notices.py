"""村内公示 of measures: what such a notice may say, and nothing else (D3-20, DOMAIN 4.2).

Whoever draws up the notice gets this and no household: no ID number, phone, bank account, health, reason or free text
can slip into it, because none is in it. The class of a measure that does not help to earn stays away too, since
"health" or "disability" would tell of an illness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.measures.templates import DEVELOPMENT
from app.domain.policy.rules import Code, Rules


@dataclass(frozen=True, slots=True)
class PublicMeasure:
    """`group`: of villagers; `kind`: the class of a measure that helps to earn, None for one that secures."""

    head_name: str
    group: str
    kind: Code | None


@dataclass(frozen=True, slots=True)
class PublicMeasures:
    """`from_on` and `to_on` None while it has not been put up; `days`: how long it hangs; `office`: where objections
    go."""

    number: str
    unit: str
    office: str
    days: int
    from_on: date | None
    to_on: date | None
    rows: tuple[PublicMeasure, ...]


def public_kind(rules: Rules, class_code: str) -> Code | None:
    """The class if it may be named on a board, else None."""
    codes = rules.codes.get("measure_classes", ())
    return next((one for one in codes if one.code == class_code and one.group == DEVELOPMENT), None)
