"""What a roster row changes in a household: compared without touching the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from app.domain.enums import HouseholdCategory, PhoneOwner, PhoneState, Relation
from app.domain.id_numbers import parse_id_number
from app.domain.phones import last4, time_zone_of
from app.models.types import cipher
from app.services.rosters_names import pinyin_initials
from app.services.rosters_rows import AREA, WHOLE, AbsenceEntry, PhoneEntry, RosterRow
from app.services.rosters_snapshots import Row, Snapshot

HEAD = "head"  # stands for the head's member id until the database has given it


@dataclass(slots=True)
class Changes:
    """`household`: columns to set (all of them for a new one). Inserts per child table; updates by row id."""

    household: Row = field(default_factory=dict)
    inserts: dict[str, list[Row]] = field(default_factory=lambda: {"members": [], "phones": [], "absences": []})
    updates: dict[str, dict[int, Row]] = field(default_factory=lambda: {"members": {}, "phones": {}, "absences": {}})

    def __bool__(self) -> bool:
        return bool(self.household) or any(self.inserts.values()) or any(self.updates.values())

    @property
    def fields(self) -> list[str]:
        """What changes, for the audit trail: household columns and child tables."""
        touched = {name for group in (self.inserts, self.updates) for name, rows in group.items() if rows}
        return sorted(touched | (set(self.household) - {*AREA[1:], "head_initials"}))

    def update(self, table: str, row: Row, values: Row) -> None:
        new = {name: value for name, value in values.items() if row[name] != value}
        if new:
            self.updates[table].setdefault(row["id"], {}).update(new)


def plan(row: RosterRow, current: Snapshot | None, today: date) -> Changes:
    """Empty (falsy) when the register already says what the row says."""
    changes = Changes()
    _plan_household(row, current, changes)
    head_id = _plan_head(row, current, changes)
    _plan_phones(row, current["phones"] if current else [], head_id, changes)
    _plan_absence(row, current, head_id, today, changes)
    return changes


def _plan_household(row: RosterRow, current: Snapshot | None, changes: Changes) -> None:
    values: Row = {"head_name": row.head_name, "head_initials": pinyin_initials(row.head_name), **row.area}
    stated = {"category": row.category, "address": row.address, "language": row.language, "visit_only": row.visit_only}
    values |= {name: value for name, value in stated.items() if value is not None}
    if row.hours is not None:
        values |= {"preferred_from": row.hours[0], "preferred_to": row.hours[1]}
    if current is None:
        defaults = {"category": HouseholdCategory.GENERAL, "address": "", "language": "cmn-CN", "visit_only": False,
                    "preferred_from": None, "preferred_to": None}  # fmt: skip
        changes.household = {"code": row.code, **defaults, **values}
        return
    now = current["household"]
    if now["head_name"] == row.head_name:
        values.pop("head_initials")
    changes.household = {name: value for name, value in values.items() if now[name] != value}


def _plan_head(row: RosterRow, current: Snapshot | None, changes: Changes) -> int | str:
    """The head's member row; returns its id, or HEAD when it is yet to be inserted."""
    members = current["members"] if current else []
    head = next((member for member in members if member["relation"] == Relation.HEAD), None)
    namesake = next((member for member in members if member["name"] == row.head_name), None)
    identity = _identity(row.head_id)
    if head is None and namesake is None:
        blank = {"sex": "", "born_on": None, "id_number": None, "id_hash": None}
        changes.inserts["members"].append({"name": row.head_name, "relation": Relation.HEAD, **blank, **identity})
        return HEAD
    if head is not None and namesake is not None and head is not namesake and head["name"] != row.head_name:
        changes.update("members", head, {"relation": Relation.OTHER})  # somebody else of the family is head now
        head = namesake
    head = head or namesake
    assert head is not None
    if identity and head["id_hash"] == identity["id_hash"]:
        identity = {}
    changes.update("members", head, {"name": row.head_name, "relation": Relation.HEAD, **identity})
    return int(head["id"])


def _identity(number: str | None) -> Row:
    if number is None:
        return {}
    known = parse_id_number(number)
    return {"id_number": known.number, "id_hash": cipher.blind(known.resident), "sex": known.sex.value[0],
            "born_on": known.birth_on}  # fmt: skip


def _plan_phones(row: RosterRow, known: list[Row], head_id: int | str, changes: Changes) -> None:
    """A stated number takes its place; the number that stood there before is retired, not lost. Others stay."""
    in_use = sorted((p for p in known if p["state"] != PhoneState.RETIRED), key=lambda p: (p["priority"], p["id"]))
    by_hash = {phone["e164_hash"]: phone for phone in known}
    stated = {cipher.blind(entry.e164): entry for entry in row.phones}
    for number_hash, entry in stated.items():
        phone = by_hash.get(number_hash)
        if phone is None:
            changes.inserts["phones"].append(_new_phone(entry, number_hash, row, head_id))
            continue
        values: Row = {}
        if phone["state"] == PhoneState.RETIRED:
            values["state"] = PhoneState.ACTIVE
        if phone not in in_use or in_use.index(phone) != entry.slot:
            values["priority"] = entry.slot + 1
        if entry.owner is not None:
            name = _owner_name(entry, row)
            unnamed = entry.owner is PhoneOwner.HEAD and not entry.owner_name and not phone["owner_name"]
            values |= {"owner": entry.owner} | ({} if unnamed else {"owner_name": name})
        changes.update("phones", phone, values)
    for entry in row.phones:
        before = in_use[entry.slot] if entry.slot < len(in_use) else None
        if before is not None and before["e164_hash"] not in stated:
            changes.update("phones", before, {"state": PhoneState.RETIRED})


def _new_phone(entry: PhoneEntry, number_hash: str, row: RosterRow, head_id: int | str) -> Row:
    owner = entry.owner or PhoneOwner.HEAD
    return {"e164": entry.e164, "e164_hash": number_hash, "tail": last4(entry.e164), "zone": _zone_of(entry.e164),
            "owner": owner, "owner_name": _owner_name(entry, row), "priority": entry.slot + 1,
            "state": PhoneState.ACTIVE, "member_id": head_id if owner is PhoneOwner.HEAD else None}  # fmt: skip


def _zone_of(number: str) -> str:
    """Every number of +86 rings in one zone; finding that out anew for each costs more than the rest of the row."""
    return _zone_of_prefix("+86") if number.startswith("+86") else time_zone_of(number).key


@lru_cache(maxsize=8)
def _zone_of_prefix(prefix: str) -> str:
    return time_zone_of(f"{prefix}1000000000").key


def _owner_name(entry: PhoneEntry, row: RosterRow) -> str:
    return entry.owner_name or (row.head_name if entry.owner in (None, PhoneOwner.HEAD) else "")


def _plan_absence(row: RosterRow, current: Snapshot | None, head_id: int | str, today: date, changes: Changes) -> None:
    absences = current["absences"] if current else []
    is_open = next((absence for absence in absences if absence["ended_on"] is None), None)
    if row.is_absent is False and is_open is not None:
        changes.update("absences", is_open, {"ended_on": max(today, is_open["since_on"])})
    if row.absence is None:
        return
    members = current["members"] if current else []
    values = _absence_values(row.absence, row, members, head_id, is_new=is_open is None)
    if is_open is not None:
        changes.update("absences", is_open, values)
    else:
        blank = {"place": "", "expected_return_on": None, "ended_on": None, "note": ""}
        changes.inserts["absences"].append(blank | values)


def _absence_values(
    entry: AbsenceEntry, row: RosterRow, members: list[Row], head_id: int | str, *, is_new: bool
) -> Row:
    values: Row = {"since_on": entry.since_on}
    if entry.place is not None:
        values["place"] = entry.place
    if entry.expected_return_on is not None:
        values["expected_return_on"] = entry.expected_return_on
    if entry.who is None and not is_new:
        return values
    if entry.who in (None, WHOLE):
        return values | {"whole_household": True, "member_id": head_id}
    ids: dict[str, Any] = {member["name"]: member["id"] for member in members} | {row.head_name: head_id}
    # A name the register does not know is kept in words: it may be a slip, and a slip must not create a person.
    unknown = {} if entry.who in ids else {"note": entry.who}
    return values | {"whole_household": False, "member_id": ids.get(str(entry.who)), **unknown}
