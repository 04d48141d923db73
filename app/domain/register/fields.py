"""Every field of the register that somebody may ask to change: one table of what it is, how it is read, who decides.

A change request names a field by its key. A value is proposed as text, read here when it is proposed and again when it
is accepted, so that what reaches the register has always passed the same door (D0-29).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from app.domain.enums import Relation, RoleName
from app.domain.id_numbers import IdError, parse_id_number
from app.domain.labels import LABELS
from app.domain.msgids import N_
from app.domain.register import codes
from app.domain.register.words import LeftReason

R = RoleName
FIELD_STAFF = frozenset({R.GRID_WORKER, R.GRID_LEAD, R.VILLAGE_CADRE, R.VILLAGE_OFFICER, R.TOWNSHIP_STAFF,
                         R.COUNTY_ADMIN})  # fmt: skip
VILLAGE = frozenset({R.VILLAGE_CADRE, R.VILLAGE_OFFICER, R.TOWNSHIP_STAFF, R.COUNTY_ADMIN})
OFFICE = frozenset({R.TOWNSHIP_STAFF, R.COUNTY_ADMIN})
YES_NO: Mapping[str, str] = {"yes": N_("Yes"), "no": N_("No")}


class Kind(Enum):
    TEXT = "text"
    DATE = "date"  # ISO civil date
    NUMBER = "number"
    YES_NO = "yes_no"
    CODE = "code"  # of a fixed list
    POLICY = "policy"  # of a list of the place's policy
    ID_NUMBER = "id_number"
    LEAVING = "leaving"  # "died 2026-11-20"


class Owner(Enum):
    HOUSEHOLD = "household"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Field:
    """`column` of the owner's table; `least`, `most`: bounds of a number, `longest` of a text; `decided_by`: roles
    that may accept or reject; `policy_list`: name of the policy's list for Kind.POLICY."""

    key: str
    owner: Owner
    column: str
    label: str
    kind: Kind
    decided_by: frozenset[RoleName] = VILLAGE
    longest: int = 100
    least: int = 0
    most: int = 0
    choices: Mapping[str, str] | None = None
    policy_list: str = ""
    may_be_empty: bool = True


class FieldError(ValueError):
    """A value that the field cannot hold. `message`, `remedy`: English msgids with `values`."""

    def __init__(self, message: str, remedy: str, **values: Any) -> None:
        super().__init__(message)
        self.message, self.remedy, self.values = message, remedy, values


def _choices_of(kind: Any) -> Mapping[str, str]:
    return {member.value: label for member, label in LABELS[kind].items()}


def _household(key: str, label: str, kind: Kind, **more: Any) -> Field:
    return Field(key, Owner.HOUSEHOLD, more.pop("column", key), label, kind, **more)


def _member(key: str, label: str, kind: Kind, **more: Any) -> Field:
    return Field(f"member.{key}", Owner.MEMBER, more.pop("column", key), label, kind, **more)


_ALL = (
    _household("head_name", N_("Head of household"), Kind.TEXT, longest=40, may_be_empty=False, decided_by=OFFICE),
    _household("address", N_("Address"), Kind.TEXT, longest=200, decided_by=FIELD_STAFF),
    _household("natural_village", N_("Natural village"), Kind.TEXT, longest=64, decided_by=FIELD_STAFF),
    _household("first_registered_year", N_("Registered as poor since"), Kind.NUMBER, least=2014, most=2100,
               decided_by=OFFICE),
    _household("was_poor", N_("Lifted out of poverty"), Kind.YES_NO, decided_by=OFFICE),
    _household("is_relocated", N_("In a resettlement area"), Kind.YES_NO),
    _household("relocation_address", N_("Address in the resettlement area"), Kind.TEXT, longest=200),
    _household("has_no_labour", N_("Whole household without labour"), Kind.YES_NO),
    _household("is_military_family", N_("Military or martyr's family"), Kind.YES_NO),
    _household("lives_intermittently", N_("Lives here now and then"), Kind.YES_NO, may_be_empty=False,
               decided_by=FIELD_STAFF),
    _member("name", N_("Name"), Kind.TEXT, longest=40, may_be_empty=False),
    _member("relation", N_("Relation to the head"), Kind.CODE, choices=_choices_of(Relation), may_be_empty=False),
    _member("born_on", N_("Date of birth"), Kind.DATE),
    _member("id_number", N_("ID number"), Kind.ID_NUMBER, may_be_empty=False),
    _member("ethnicity", N_("Ethnicity"), Kind.TEXT, longest=20),
    _member("political_status", N_("Political status"), Kind.TEXT, longest=20),
    _member("education", N_("Education"), Kind.CODE, choices=codes.EDUCATION),
    _member("schooling", N_("At school"), Kind.CODE, choices=codes.SCHOOLING, decided_by=FIELD_STAFF),
    _member("dropout_reason", N_("Why not at school"), Kind.TEXT),
    _member("health_code", N_("State of health"), Kind.CODE, choices=codes.HEALTH),
    _member("is_disabled", N_("Disabled"), Kind.YES_NO),
    _member("disability_level", N_("Level of disability"), Kind.NUMBER, least=1, most=4),
    _member("labour_skill", N_("Ability to work"), Kind.POLICY, policy_list="labour_skills"),
    _member("work_place", N_("Works where"), Kind.TEXT, decided_by=FIELD_STAFF),
    _member("work_months", N_("Months of work this year"), Kind.NUMBER, least=0, most=12, decided_by=FIELD_STAFF),
    _member("medical_insurance", N_("Medical insurance"), Kind.CODE, choices=codes.MEDICAL_INSURANCE),
    _member("pension", N_("Pension insurance"), Kind.CODE, choices=codes.PENSION),
    _member("has_minimum_allowance", N_("Minimum living allowance"), Kind.YES_NO, decided_by=OFFICE),
    _member("has_extreme_poverty_aid", N_("Support for the destitute"), Kind.YES_NO, decided_by=OFFICE),
    _member("has_public_post", N_("Public-welfare post"), Kind.YES_NO),
    _member("shares_income", N_("Shares the family's income"), Kind.YES_NO, may_be_empty=False),
    _member("hukou_here", N_("Registered here (hukou)"), Kind.YES_NO, may_be_empty=False),
    _member("leaving", N_("No longer in the household"), Kind.LEAVING, column="left_reason",
            choices=_choices_of(LeftReason), may_be_empty=False),
)  # fmt: skip
FIELDS: Mapping[str, Field] = {field.key: field for field in _ALL}


def find_field(key: str) -> Field | None:
    return FIELDS.get(key)


def choices_of(field: Field, policy_codes: Mapping[str, str]) -> Mapping[str, str]:
    """Stored value → label; empty for free text. `policy_codes`: the place's own list, for Kind.POLICY."""
    if field.kind is Kind.YES_NO:
        return YES_NO
    return policy_codes if field.kind is Kind.POLICY else field.choices or {}


def parse(field: Field, text: str, *, today: date, policy_codes: Mapping[str, str] | None = None) -> Any:
    """The value as its column holds it; "" or None for an empty one. Raises FieldError."""
    text = " ".join(text.split())
    if not text:
        return _nothing(field)
    if field.kind is Kind.TEXT:
        return _text(field, text)
    if field.kind is Kind.NUMBER:
        return _number(field, text)
    if field.kind is Kind.DATE:
        return _past_date(text, today)
    if field.kind is Kind.ID_NUMBER:
        try:
            return parse_id_number(text, today).number
        except IdError as error:
            raise FieldError(error.message, error.remedy) from error
    if field.kind is Kind.LEAVING:
        return _leaving(field, text, today)
    if text not in choices_of(field, policy_codes or {}):
        raise FieldError(N_("This is not one of the choices."), N_("Choose from the list."))
    return text == "yes" if field.kind is Kind.YES_NO else text


def _nothing(field: Field) -> Any:
    if not field.may_be_empty:
        raise FieldError(N_("This field cannot be empty."), N_("Enter a value."))
    return "" if field.kind in (Kind.TEXT, Kind.CODE, Kind.POLICY) else None


def _text(field: Field, text: str) -> str:
    if len(text) > field.longest:
        raise FieldError(N_("The text is too long."), N_("Keep it within %(count)s characters."), count=field.longest)
    if any(ord(sign) < 32 for sign in text):
        raise FieldError(N_("The text contains signs that cannot be stored."), N_("Type it again."))
    return text


def _number(field: Field, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and field.least <= int(text) <= field.most):
        raise FieldError(N_("This is not a number in the allowed range."),
                         N_("Enter a number from %(least)s to %(most)s."), least=field.least,
                         most=field.most)  # fmt: skip
    return int(text)


def _past_date(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(N_("This is not a date."), N_("Enter it like 2026-11-21.")) from error
    if day > today:
        raise FieldError(N_("The date lies in the future."), N_("Enter a day up to today."))
    if day.year < 1880:
        raise FieldError(N_("The date is too long ago."), N_("Check the year."))
    return day


def _leaving(field: Field, text: str, today: date) -> tuple[LeftReason, date]:
    reason, _, day = text.partition(" ")
    if reason not in (field.choices or {}):
        raise FieldError(N_("This is not one of the choices."), N_("Choose from the list."))
    return LeftReason(reason), _past_date(day, today)
