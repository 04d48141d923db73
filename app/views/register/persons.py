"""The fuller record of a person in the generated register: labels, select fields, checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.register import codes as lists
from app.domain.register.fields import FIELDS
from app.domain.register.words import LeftReason
from app.models import Member
from app.queries.scope import today
from app.views.base import RefusedError
from app.views.register.codes import code_words, fixed_select, fixed_words, policy_select
from app.views.register.codes import tri_state as yes_no
from app.views.register.registers import TRI, plain
from app.views.register.sections import PERSON_LABELS

FIXED: Mapping[str, Mapping[str, str]] = {
    "education": lists.EDUCATION, "schooling": lists.SCHOOLING, "health_code": lists.HEALTH,
    "medical_insurance": lists.MEDICAL_INSURANCE, "pension": lists.PENSION,
}  # fmt: skip
_YES_NO = ("is_disabled", *PERSON_LABELS)
FULLER = ("ethnicity", "political_status", "education", "schooling", "dropout_reason", "health_code", "is_disabled",
          "disability_level", "labour_skill", "work_place", "work_months", "work_from_on", "work_to_on",
          "medical_insurance", "pension", *PERSON_LABELS, "shares_income", "hukou_here")  # fmt: skip
ENDING = ("left_on", "left_reason")
RECORD_COLUMNS: dict[str, Any] = {
    **{field.column: _l(field.label) for field in FIELDS.values()
       if field.column not in ("name", "relation", "born_on", "id_number", "head_name", "address")},
    **PERSON_LABELS,
    "first_identified_on": _l("First identified on"), "work_from_on": _l("Works there since"),
    "work_to_on": _l("Worked there until"), "left_on": _l("No longer in the household since"),
    "left_reason": _l("Why no longer in the household"),
}  # fmt: skip
FULLER_BADGES: Mapping[str, Any] = {**dict.fromkeys(_YES_NO, TRI), "left_reason": plain(LeftReason)}


def fuller_fields() -> dict[str, Any]:
    """Form fields by column. Yes-or-no questions have a third answer: nobody has told."""
    return {
        **{name: fixed_select(RECORD_COLUMNS[name], words) for name, words in FIXED.items()},
        **{name: yes_no(RECORD_COLUMNS[name]) for name in _YES_NO},
        "labour_skill": policy_select(RECORD_COLUMNS["labour_skill"], "labour_skills", required=False),
    }


def coded_words(item: Member, column: str) -> str:
    """The words of a coded column; "" for any other column, or when nothing is stored."""
    value = getattr(item, column, "")
    if column in FIXED and value:
        return fixed_words(value, FIXED[column])
    return code_words(value, "labour_skills", node_id=item.node_id) if column == "labour_skill" and value else ""


def check_person(item: Member) -> None:
    """Raises RefusedError, in words, for what cannot be true of anybody."""
    day = today()
    if item.born_on is not None and item.born_on > day:
        raise RefusedError(_("The date of birth lies in the future."))
    if item.work_months is not None and not 0 <= item.work_months <= 12:
        raise RefusedError(_("A year has 0 to 12 months of work."))
    if item.disability_level is not None and not 1 <= item.disability_level <= 4:
        raise RefusedError(_("The level of disability is 1 to 4."))
    if item.work_from_on and item.work_to_on and item.work_to_on < item.work_from_on:
        raise RefusedError(_("The end lies before the beginning."))
    if (item.left_on is None) != (item.left_reason is None):
        raise RefusedError(_("Say both since when and why somebody is no longer in the household."))
    if item.left_on is not None and item.left_on > day:
        raise RefusedError(_("The date lies in the future. Enter a day up to today."))
