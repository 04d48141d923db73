"""A household as it stands in the register: for comparing, for undo, and for noticing that somebody changed it since.

Read with Core statements whose author has settled the scope: the caller must refuse what lies outside the access.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from app.models import Absence, Household, Member, Phone
from app.queries.scope import vouched
from app.services.rosters_rows import AREA

Row = dict[str, Any]
Snapshot = dict[str, Any]  # {"household": Row, "members": [Row], "phones": [Row], "absences": [Row]}
HOUSEHOLD_FIELDS = ("head_name", "head_initials", "category", "address", "language", "preferred_from", "preferred_to",
                    "visit_only", *AREA)  # fmt: skip
CHILD_FIELDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "members": (Member, ("name", "relation", "sex", "born_on", "id_number", "id_hash")),
    "phones": (Phone, ("member_id", "e164_hash", "owner", "owner_name", "priority", "state")),
    "absences": (Absence, ("member_id", "whole_household", "since_on", "place", "expected_return_on", "ended_on",
                           "note")),
}  # fmt: skip
_SECRETS = {"id_number"}  # costs a decryption each; the blind index beside it says whether it changed
_DATES = {"born_on", "since_on", "expected_return_on", "ended_on"}
_TIMES = {"preferred_from", "preferred_to"}


def by_codes(session: Any, codes: Iterable[str]) -> dict[str, Snapshot]:
    """Household code → snapshot, for those codes that exist anywhere (at most 500 codes at a time)."""
    table = Household.__table__
    rows = _read(session, Household, ("id", "code", "is_demo", *HOUSEHOLD_FIELDS), table.c.code.in_(list(codes)))
    return {snapshot["household"]["code"]: snapshot for snapshot in _with_children(session, rows)}


def by_ids(session: Any, ids: Iterable[int], *, with_secrets: bool = True) -> dict[int, Snapshot]:
    """Household id → snapshot (at most 500 ids at a time). Without secrets it serves for fingerprints alone."""
    table = Household.__table__
    rows = _read(session, Household, ("id", "code", "is_demo", *HOUSEHOLD_FIELDS), table.c.id.in_(list(ids)))
    found = _with_children(session, rows, with_secrets=with_secrets)
    return {snapshot["household"]["id"]: snapshot for snapshot in found}


def _with_children(session: Any, households: list[Row], *, with_secrets: bool = True) -> list[Snapshot]:
    found: dict[int, Snapshot] = {
        row["id"]: {"household": row, "members": [], "phones": [], "absences": []} for row in households
    }
    for name, (model, fields) in CHILD_FIELDS.items():
        condition = model.__table__.c.household_id.in_(list(found))
        wanted = fields if with_secrets else tuple(name for name in fields if name not in _SECRETS)
        for row in _read(session, model, ("id", "household_id", *wanted), condition):
            found[row.pop("household_id")][name].append(row)
    return list(found.values())


def _read(session: Any, model: type[Any], fields: tuple[str, ...], condition: Any) -> list[Row]:
    table = model.__table__
    statement = select(*(table.c[field] for field in fields)).where(condition).order_by(table.c.id)
    return [dict(row) for row in session.execute(vouched(statement)).mappings()]


def to_json(snapshot: Snapshot) -> str:
    return json.dumps(snapshot, default=_plain, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Snapshot:
    """Dates and times come back typed; code words stay text, which the columns accept."""
    snapshot: Snapshot = json.loads(text)
    for row in (snapshot["household"], *snapshot["members"], *snapshot["phones"], *snapshot["absences"]):
        for name, value in row.items():
            if value is not None and name in _DATES:
                row[name] = date.fromisoformat(value)
            elif value is not None and name in _TIMES:
                row[name] = time.fromisoformat(value)
    return snapshot


def fingerprint(snapshot: Snapshot) -> str:
    """64 hex digits: equal exactly when nothing that a roster writes has changed."""
    members = [{name: value for name, value in row.items() if name not in _SECRETS} for row in snapshot["members"]]
    return hashlib.sha256(to_json(snapshot | {"members": members}).encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")
