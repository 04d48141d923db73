"""One household as a roster states it, checked and typed. None means the roster is silent: nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from app.domain.enums import HouseholdCategory, PhoneOwner

AREA = ("node_id", "l1_id", "l2_id", "l3_id", "l4_id", "l5_id")


@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """`slot` 0 is dialled first. `owner` None: keep what is known, the head for a new number."""

    slot: int
    e164: str
    owner: PhoneOwner | None = None
    owner_name: str = ""


@dataclass(frozen=True, slots=True)
class AbsenceEntry:
    """`who`: WHOLE for everybody, a name, or None (keep; everybody when the absence is new)."""

    since_on: date
    who: str | None = None
    place: str | None = None
    expected_return_on: date | None = None


WHOLE = "*"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """`area`: node_id and l1_id … l5_id of the unit the household lives in. `is_absent` False ends an open absence."""

    code: str
    area: dict[str, int | None]
    head_name: str
    head_id: str | None = None
    category: HouseholdCategory | None = None
    address: str | None = None
    phones: tuple[PhoneEntry, ...] = ()
    is_absent: bool | None = None
    absence: AbsenceEntry | None = None
    language: str | None = None
    hours: tuple[time, time] | None = None
    visit_only: bool | None = None

    def to_json(self) -> dict[str, Any]:
        away = self.absence
        return {
            "code": self.code, "area": self.area, "head_name": self.head_name, "head_id": self.head_id,
            "category": self.category, "address": self.address, "language": self.language,
            "visit_only": self.visit_only, "is_absent": self.is_absent,
            "phones": [{"slot": phone.slot, "e164": phone.e164, "owner": phone.owner, "owner_name": phone.owner_name}
                       for phone in self.phones],
            "absence": away and {
                "since_on": away.since_on.isoformat(), "who": away.who, "place": away.place,
                "expected_return_on": away.expected_return_on and away.expected_return_on.isoformat()},
            "hours": [value.isoformat() for value in self.hours] if self.hours else None,
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> RosterRow:
        absence = values["absence"]
        hours = values["hours"]
        return cls(**values | {
            "category": HouseholdCategory(values["category"]) if values["category"] else None,
            "phones": tuple(PhoneEntry(**phone | {"owner": PhoneOwner(phone["owner"]) if phone["owner"] else None})
                            for phone in values["phones"]),
            "absence": None if absence is None else AbsenceEntry(**absence | {
                name: date.fromisoformat(absence[name]) if absence[name] else None
                for name in ("since_on", "expected_return_on")
            }),
            "hours": None if hours is None else (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])),
        })  # fmt: skip
