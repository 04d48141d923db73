"""One person of the file beside the members of the household: who it is, what differs, what would be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.enums import PhoneOwner, PhoneState, Relation
from app.domain.id_numbers import parse_id_number
from app.domain.phones import last4, time_zone_of
from app.domain.roundtrip.words import Conflict, RowKind
from app.domain.roundtrip.writes import NEW_HOUSEHOLD, NEW_MEMBER, Row, Write, difference

# Key of the file's column → column of the member.
FIELDS = {
    "person_code": "person_code", "name": "name", "relation": "relation", "ethnicity": "ethnicity",
    "education": "education", "schooling": "schooling", "health": "health_code", "labour": "labour_skill",
    "work_months": "work_months", "illness_insurance": "has_illness_insurance", "identified": "identified_on",
}  # fmt: skip
_BLANK: Row = {"person_code": "", "ethnicity": "", "education": "", "schooling": "", "health_code": "",
               "labour_skill": "", "work_months": None, "has_illness_insurance": None, "identified_on": None,
               "relation": Relation.OTHER}  # fmt: skip


@dataclass(slots=True)
class FilePerson:
    """A staged row. `id_hash`, `phone_hash`, `person_phone_hash`: blind indexes of what `values` holds in the clear.

    `id_unchecked`: an ID number with a wrong check digit, as typed. `area`: of the unit the row names, or None.
    """

    row_id: int
    number: int
    values: Row
    id_hash: str | None
    area: dict[str, int | None] | None
    is_head: bool
    household_print: str
    id_unchecked: str = ""
    phone_hash: str = ""
    person_phone_hash: str = ""
    twice: bool = False
    elsewhere: tuple[int, int] | None = None  # member and household that have this ID number in the register
    problems: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class RowPlan:
    """`fields`: keys of the file's columns that differ. `writes`: what taking the row would do."""

    row: FilePerson
    kind: RowKind
    member: Row | None = None
    fields: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)


def match(rows: Iterable[FilePerson], members: list[Row]) -> dict[int, Row]:
    """Row id → member: by ID number, then by person code, then by a name that both sides have once.

    In one household a mistyped number is likelier than two people of one name: such a pair is a conflict, not somebody
    new beside somebody missing.
    """
    free = {member["id"]: member for member in members}
    found: dict[int, Row] = {}

    def pair(row: FilePerson, candidates: list[Row]) -> None:
        if row.row_id not in found and len(candidates) == 1:
            found[row.row_id] = free.pop(candidates[0]["id"])

    rows = list(rows)
    for row in rows:
        if row.id_hash:
            pair(row, [one for one in free.values() if one["id_hash"] == row.id_hash])
    for row in rows:
        if code := row.values.get("person_code"):
            pair(row, [one for one in free.values() if one["person_code"] == code])
    for row in rows:
        name = row.values.get("name")
        namesakes = [other for other in rows if other.values.get("name") == name]
        if len(namesakes) == 1:
            pair(row, [one for one in free.values() if one["name"] == name])
    return found


def plan_person(row: FilePerson, member: Row | None, household: Row | None) -> RowPlan:
    """What the row means for the member, or for nobody yet."""
    conflicts = [Conflict.TWICE_IN_FILE.value] if row.twice else []
    if member is None:
        return _plan_new(row, household, conflicts)
    wanted = {FIELDS[key]: _typed(key, value) for key, value in row.values.items() if key in FIELDS}
    identity = _identity(row)
    if row.id_unchecked:
        conflicts.append(Conflict.ID_CHECK_DIGIT.value)
    elif identity and member["id_hash"] == row.id_hash:
        identity = {}
    elif identity and member["id_hash"]:
        conflicts.append(Conflict.ID_DIFFERS.value)
    if row.id_hash and member["id_hash"] == row.id_hash and wanted.get("name") not in (None, member["name"]):
        conflicts.append(Conflict.NAME_DIFFERS.value)
    columns = {column: key for key, column in FIELDS.items()} | {"id_number": "id_number"}
    # The number itself is not read from the register; its blind index says whether it differs.
    known = {"id_number": None} | member
    write = difference("member", known, wanted | identity)
    plan = RowPlan(row, RowKind.SAME, member, conflicts=conflicts)
    if write is not None:
        plan.writes.append(write)
        plan.fields = sorted(columns[name] for name in write.values if name in columns)
    return plan


def _plan_new(row: FilePerson, household: Row | None, conflicts: list[str]) -> RowPlan:
    plan = RowPlan(row, RowKind.NEW, conflicts=conflicts)
    if row.elsewhere is not None:
        plan.conflicts.append(Conflict.OTHER_HOUSEHOLD.value)
    values = _BLANK | {FIELDS[key]: _typed(key, value) for key, value in row.values.items() if key in FIELDS}
    identity = _identity(row) or {"id_number": None, "id_hash": None, "sex": "", "born_on": None}
    owner = household["id"] if household else NEW_HOUSEHOLD
    plan.writes.append(Write("member", None, values | identity | {"household_id": owner}))
    return plan


def _identity(row: FilePerson) -> Row:
    number = row.values.get("id_number")
    if number is None:
        return {}
    known = parse_id_number(number)
    return {"id_number": number, "id_hash": row.id_hash, "sex": known.sex.value[0], "born_on": known.birth_on}


def _typed(key: str, value: Any) -> Any:
    if key == "relation":
        return Relation(value)
    return date.fromisoformat(value) if key == "identified" else value


def plan_phone(
    plan: RowPlan, key: str, number_hash: str, household: Row | None, known: dict[str, Row], *, of_head: bool
) -> None:
    """A number the household does not have is added as its last one; numbers the register has found out stay.

    `known`: hash → phone, of this household; what is planned is added to it.
    """
    number = plan.row.values.get(key)
    if not number or number_hash in known:
        return
    member: Any = plan.member["id"] if plan.member else NEW_MEMBER
    values = {
        "household_id": household["id"] if household else NEW_HOUSEHOLD, "member_id": member, "e164": number,
        "e164_hash": number_hash, "tail": last4(number), "zone": _zone_of(number),
        "owner": PhoneOwner.HEAD if of_head else PhoneOwner.MEMBER, "owner_name": plan.row.values.get("name", ""),
        "priority": max((phone["priority"] for phone in known.values()), default=0) + 1,
        "state": PhoneState.ACTIVE, "state_at": None,
    }  # fmt: skip
    known[number_hash] = values
    plan.writes.append(Write("phone", None, values))
    plan.fields.append(key)


_CHINA = time_zone_of("+861000000000").key


def _zone_of(number: str) -> str:
    return _CHINA if number.startswith("+86") else time_zone_of(number).key
