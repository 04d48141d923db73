"""公示: what a notice on the village board may say, and nothing else (DOMAIN 4.2, D0-38).

A template that draws up a notice gets this and not the household: no ID number, phone, bank account, health or reason
can slip into it, because none is in it. The risk itself stays away too, since "illness" is health.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """`unit`: township, village and group in words; `kind`: what the household is to be, in words; `days`: how long it
    hangs; `from_on` and `to_on` None while it has not been put up; `office`: where objections go."""

    number: str
    unit: str
    head_name: str
    people: int
    kind: str
    days: int
    from_on: date | None
    to_on: date | None
    office: str
