"""Writes planned changes into the register in bulk, and takes them back from the journal that was kept of them.

The journal of a row is JSON: [[table, id, old, new], …]; `old` None for what was inserted. A change is taken back only
while every column still holds what was written: whatever somebody did since, stays.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Numeric, bindparam, delete, insert, select, update

from app.domain.roundtrip.writes import NEW_HOUSEHOLD, NEW_MEMBER, Row, Write
from app.extensions import UtcDateTime, clock, db
from app.models import (
    Household,
    HouseholdCategoryChange,
    LivingConditions,
    Member,
    MonitoringRecord,
    Phone,
)
from app.models.types import AREA_COLUMNS, EncryptedText
from app.queries.scope import vouched
from app.services.duties.contact_triggers import FOLLOWING
from app.services.reserved_ids import reserve_ids
from app.services.rosters import move
from app.services.rosters_names import pinyin_initials

_MODELS: tuple[type[Any], ...] = (Household, Member, Phone, MonitoringRecord, LivingConditions, HouseholdCategoryChange)
MODELS: dict[str, type[Any]] = {model.__tablename__: model for model in _MODELS}
_SECRETS = {"id_number"}  # the blind index beside it says whether it changed
Entry = list[Any]  # [table, id, old or None, new]


def execute(session: Any, groups: Sequence[tuple[list[Write], Row]]) -> list[list[Entry]]:
    """Write group after group (a group: one household's or person's changes, and what every inserted row of it gets:
    its area, is_demo). The journal of each group, in order.

    Ids that were placeholders are filled in: a group's own new member, the household its group or an earlier one made.
    """
    writes = [write for group, _ in groups for write in group]
    for name, model in MODELS.items():
        new = [write for write in writes if write.table == name and write.key is None]
        for write, key in zip(new, reserve_ids(session, model, len(new)), strict=True):
            write.values = {"id": key} | write.values
    _fill_in(groups)
    for name, model in MODELS.items():
        _insert(session, model, [write for write in writes if write.table == name and write.key is None])
    _read_secrets(session, [write for write in writes if write.key is not None and "id_number" in write.values])
    _update(session, [write for write in writes if write.key is not None])
    return [[entry_of(write) for write in group] for group, _ in groups]


def _fill_in(groups: Sequence[tuple[list[Write], Row]]) -> None:
    made: dict[str, int] = {}  # household code → id, for rows of one household in several groups
    for group, common in groups:
        member = next((write.values["id"] for write in group if write.table == "member" and write.key is None), None)
        for write in group:
            if write.key is not None:
                continue
            if write.table == "household":
                made[write.values["code"]] = write.values["id"]
            if write.values.get("household_id") == NEW_HOUSEHOLD:
                write.values["household_id"] = made[common["household_code"]]
            if write.values.get("member_id") == NEW_MEMBER:
                write.values["member_id"] = member
            write.values |= {name: common[name] for name in (*AREA_COLUMNS, "is_demo")}


def _insert(session: Any, model: type[Any], writes: list[Write]) -> None:
    """One executemany for all rows that state the same columns; the others get the model's defaults."""
    stamps: Row = {}
    if model is Household:
        stamps = {"gone_reason": "", "created_at": clock.now(), "updated_at": clock.now()}
        for write in writes:
            write.values["head_initials"] = pinyin_initials(write.values["head_name"])
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for write in writes:
        groups[tuple(sorted(write.values))].append(stamps | write.values)
    for rows in groups.values():
        session.execute(vouched(insert(model.__table__)), rows)


def _read_secrets(session: Any, writes: list[Write]) -> None:
    """The old numbers are needed for the journal alone, so they are read when one is about to be replaced."""
    table = Member.__table__
    query = select(table.c.id, table.c.id_number, table.c.id_hash, table.c.sex, table.c.born_on)
    known = {row.id: row for row in session.execute(vouched(query.where(table.c.id.in_([w.key for w in writes]))))}
    for write in writes:
        for name in ("id_number", "id_hash", "sex", "born_on"):
            if name in write.values:
                write.old[name] = getattr(known[write.key], name)


def _update(session: Any, writes: Iterable[Write]) -> None:
    groups: dict[tuple[str, tuple[str, ...]], list[Write]] = defaultdict(list)
    for write in writes:
        if write.table == "household" and "head_name" in write.values:
            write.values["head_initials"] = pinyin_initials(write.values["head_name"])
            write.old.setdefault("head_initials", pinyin_initials(write.old["head_name"]))
        groups[write.table, tuple(sorted(write.values))].append(write)
    for (name, columns), found in groups.items():
        table = _table(name)
        stamp = {"updated_at": clock.now()} if "updated_at" in table.c else {}
        statement = update(table).where(table.c.id == bindparam("key_"))
        # A column and its bind parameter may not share a name in an executemany UPDATE.
        statement = statement.values({column: bindparam(f"new_{column}") for column in columns} | stamp)
        rows = [{f"new_{column}": write.values[column] for column in columns} | {"key_": write.key} for write in found]
        session.execute(vouched(statement), rows)
        if name == "household" and "node_id" in columns:
            for write in found:
                assert write.key is not None
                move(session, write.key, {column: write.values[column] for column in AREA_COLUMNS})


def entry_of(write: Write) -> Entry:
    if write.key is None:
        return [write.table, write.values["id"], None, {}]
    return [write.table, write.key, _plain(write.old), _plain(write.values)]


def to_json(entries: list[Entry]) -> str:
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> list[Entry]:
    found: list[Entry] = json.loads(text)
    return found


def revert(session: Any, journals: dict[int, list[Entry]]) -> dict[int, str]:
    """Take journals back together. Key → why it was refused, for those that were: changed_since, in_use.

    What one of them made may be used by another one that goes as well; where that one must stay, so must this.
    """
    refused = _changed_since(session, journals)
    users = _users_of_inserted(session, journals)
    inserted = {key: [(entry[0], entry[1]) for entry in entries if entry[2] is None]
                for key, entries in journals.items()}  # fmt: skip
    while True:
        own = {made for key, found in inserted.items() if key not in refused for made in found}
        stuck = {key: "in_use" for key, found in inserted.items()
                 if key not in refused and any(users[made] - own for made in found if made in users)}  # fmt: skip
        if not stuck:
            break
        refused |= stuck
    accepted = [entry for key, entries in journals.items() if key not in refused for entry in entries]
    _take_back(session, accepted)
    return refused


def _take_back(session: Any, entries: list[Entry]) -> None:
    _update(session, [Write(name, key, _typed(_table(name), old), _typed(_table(name), new))
                      for name, key, old, new in reversed(entries) if old is not None])  # fmt: skip
    for name, model in reversed(MODELS.items()):
        ids = [key for table, key, old, _ in entries if table == name and old is None]
        if ids:
            session.execute(vouched(delete(model.__table__).where(model.__table__.c.id.in_(ids))))


def _table(name: str) -> Any:
    return db.metadata.tables[name]


def _changed_since(session: Any, journals: dict[int, list[Entry]]) -> dict[int, str]:
    """Those of which a column no longer holds what was written."""
    present: dict[tuple[str, int], Row] = {}
    updated = [entry for found in journals.values() for entry in found if entry[2] is not None]
    for name in {entry[0] for entry in updated}:
        entries = [entry for entry in updated if entry[0] == name]
        names = sorted({column for entry in entries for column in entry[3]} - _SECRETS)
        table = _table(name)
        query = select(table.c.id, *(table.c[column] for column in names if column != "id"))
        query = query.where(table.c.id.in_([entry[1] for entry in entries]))
        for row in session.execute(vouched(query)).mappings():
            present[name, row["id"]] = _plain(dict(row))
    return {
        key: "changed_since"
        for key, entries in journals.items()
        for name, at, old, new in entries
        if old is not None and not _holds(present.get((name, at)), new)
    }


def _holds(row: Row | None, written: Row) -> bool:
    return row is not None and all(row[name] == value for name, value in written.items() if name not in _SECRETS)


def _users_of_inserted(session: Any, journals: dict[int, list[Entry]]) -> dict[tuple[str, int], set[tuple[str, Any]]]:
    """(table, id) of what was inserted → the rows that refer to it."""
    users: dict[tuple[str, int], set[tuple[str, Any]]] = defaultdict(set)
    for name, model in MODELS.items():
        ids = [entry[1] for found in journals.values() for entry in found if entry[0] == name and entry[2] is None]
        for other in db.metadata.tables.values() if ids else ():
            if other.name in FOLLOWING:
                continue
            for column in other.columns:
                if any(key.column is model.__table__.c.id for key in column.foreign_keys):
                    of_row = other.c.id if "id" in other.c else column
                    query = select(column, of_row.label("user_id")).where(column.in_(ids))
                    for used, user in session.execute(vouched(query)).all():
                        users[name, used].add((other.name, user))
    return users


def _plain(row: Row) -> Row:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def _typed(table: Any, row: Row) -> Row:
    """JSON back to what the columns take; code words stay text, which they accept."""
    found: Row = {}
    for name, value in row.items():
        kind = table.c[name].type
        if value is None or isinstance(kind, EncryptedText):
            found[name] = value
        elif isinstance(kind, UtcDateTime):
            found[name] = datetime.fromisoformat(value)
        elif isinstance(kind, Date):
            found[name] = date.fromisoformat(value)
        elif isinstance(kind, Numeric):
            found[name] = Decimal(value)
        else:
            found[name] = value
    return found
