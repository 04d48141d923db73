"""Two records side by side: the fields that differ, in words."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.id_numbers import mask_id
from app.domain.labels import label_of
from app.domain.register import codes
from app.models import Household, Member
from app.views.dates import civil

LABELS = {
    "head_name": _l("Head of household"), "category": _l("Household type"), "address": _l("Address"),
    "natural_village": _l("Natural village"), "first_identified_on": _l("First identified on"),
    "first_registered_year": _l("Registered as poor since"), "was_poor": _l("Lifted out of poverty"),
    "poverty_cause": _l("Cause of poverty"), "is_relocated": _l("In a resettlement area"),
    "relocation_address": _l("Address in the resettlement area"), "has_no_labour": _l("Whole household without labour"),
    "is_military_family": _l("Military or martyr's family"), "language": _l("Language"),
    "preferred_from": _l("Calling time from"), "preferred_to": _l("Calling time until"),
    "visit_only": _l("Visit only, do not call"), "name": _l("Name"), "relation": _l("Relation to the head"),
    "sex": _l("Sex"), "born_on": _l("Date of birth"), "id_number": _l("ID number"), "person_code": _l("Person code"),
    "ethnicity": _l("Ethnicity"), "political_status": _l("Political status"), "education": _l("Education"),
    "schooling": _l("At school"), "dropout_reason": _l("Why not at school"), "health_code": _l("State of health"),
    "health": _l("Illness"), "is_disabled": _l("Disabled"), "disability_level": _l("Level of disability"),
    "labour_skill": _l("Ability to work"), "work_place": _l("Works where"),
    "work_months": _l("Months of work this year"),
    "medical_insurance": _l("Medical insurance"), "has_illness_insurance": _l("Illness insurance"),
    "pension": _l("Pension insurance"), "has_minimum_allowance": _l("Minimum living allowance"),
    "has_extreme_poverty_aid": _l("Support for the destitute"), "has_public_post": _l("Public-welfare post"),
    "identified_on": _l("Identified on"),
}  # fmt: skip
_LISTS = {"education": codes.EDUCATION, "schooling": codes.SCHOOLING, "health_code": codes.HEALTH,
          "medical_insurance": codes.MEDICAL_INSURANCE, "pension": codes.PENSION}  # fmt: skip
_SEXES = {"m": _l("Male"), "f": _l("Female")}


def title_of(side: Any) -> str:
    """Whom the page speaks of: name and household code."""
    if isinstance(side, Household):
        return f"{side.head_name} {side.code}"
    assert isinstance(side, Member)
    return f"{side.name} · {side.household.code}"


def rows_of(entity: str, left: Any, right: Any, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """One entry for each field that differs: name, label and both values; `best`: the side that says anything."""
    found = []
    for name in fields:
        ours, theirs = getattr(left, name), getattr(right, name)
        if ours == theirs:
            continue
        best = "right" if ours in (None, "") else "left"
        found.append({"name": name, "label": LABELS[name], "left": shown(name, ours), "right": shown(name, theirs),
                      "best": best})  # fmt: skip
    return found


def shown(name: str, value: Any) -> str:
    """ID numbers masked, illnesses only told to be there."""
    if value is None or value == "":
        return "—"
    if name == "id_number":
        return mask_id(str(value))
    if name == "health":
        return str(_("recorded"))
    if name == "sex":
        return str(_SEXES.get(value, value))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, date):
        return civil(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, StrEnum):
        return str(_(label_of(value)))
    return str(_(_LISTS[name][value])) if name in _LISTS and value in _LISTS[name] else str(value)
