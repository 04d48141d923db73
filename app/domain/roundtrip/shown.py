"""What both sides say of a field, in the words of the export: for the preview, the list for the village, the export."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.enums import HouseholdCategory
from app.domain.id_numbers import mask_id
from app.domain.phones import local_display, mask_phone
from app.domain.roundtrip import codes
from app.domain.roundtrip.households import MONITORED
from app.domain.roundtrip.persons import FIELDS
from app.domain.roundtrip.writes import Row

_LISTS = {"relation": "relation", "education": "education", "schooling": "schooling", "health": "health",
          "labour": "labour", "cause": "risks", "category": "household", "monitored": "monitored"}  # fmt: skip
_HOUSEHOLD = {"natural": "natural_village", "cause": "poverty_cause", "first_identified": "first_identified_on"}
_LIVING = {"income": "income", "safe_water": "has_safe_water", "unsafe_house": "house_grade"}
_RECORD = {"risk_on": "identified_on", "eliminated_on": "eliminated_on"}


def shown(key: str, value: Any, *, masked: bool = True) -> str:
    """A value of the file's or the register's as the export writes it; "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "id_number":
        return mask_id(value) if masked else str(value)
    if key in ("phone", "person_phone"):
        return mask_phone(value) if masked else local_display(value).replace(" ", "")
    if key == "category" and value in {kind.value for kind in MONITORED}:
        return codes.word_of("monitored", value)
    if key in _LISTS:
        return codes.word_of(_LISTS[key], str(getattr(value, "value", value)))
    if value in ("yes", "no"):
        return "是" if value == "yes" else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


def ours(key: str, household: Row | None, member: Row | None) -> Any:
    """What the register holds for a key of the file's columns; None for nothing. Units are the caller's to name."""
    if key in FIELDS and member is not None:
        return member[FIELDS[key]]
    if key == "id_number":
        return member.get("id_number") if member else None
    if household is None:
        return None
    record, living = household["record"], household["living"]
    if key in _HOUSEHOLD:
        return household[_HOUSEHOLD[key]]
    if key in _LIVING:
        return living[_LIVING[key]] if living else None
    if key in _RECORD:
        return record[_RECORD[key]] if record else None
    if key == "category":
        return _category(household)
    if key == "monitored":
        return record["kind"] if record else None
    if key == "eliminated":
        return record["eliminated_on"] is not None if record else None
    return None


def _category(household: Row) -> Any:
    """户类型 of the platform knows who was lifted out of poverty; the monitored kind stands in a column of its own."""
    category = household["category"]
    if category in MONITORED and household["was_poor"] is not None:
        return HouseholdCategory.OUT_OF_POVERTY if household["was_poor"] else HouseholdCategory.GENERAL
    return category
