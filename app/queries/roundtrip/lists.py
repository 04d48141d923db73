"""The lists of a national batch: its rows by kind, decision and unit, each with what both sides say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.domain.roundtrip import shown
from app.domain.roundtrip.words import Decision, RowKind
from app.domain.roundtrip.writes import Row
from app.models import GridNode, Member, NationalRow
from app.queries.roundtrip.register import households_of
from app.queries.scope import scoped, vouched

PAGE = 50
TABLE = NationalRow.__table__


@dataclass(frozen=True, slots=True)
class RowFilter:
    """`kind` is always given; `unit`: (depth, node id)."""

    kind: RowKind
    decision: Decision | None = None
    unit: tuple[int, int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """On NationalRow's table."""
        found = [TABLE.c.kind == self.kind]
        if self.decision is not None:
            found.append(TABLE.c.decision == self.decision)
        if self.unit is not None:
            found.append(TABLE.c[f"l{self.unit[0]}_id"] == self.unit[1])
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """`changes`: (key of the file's column, ours, theirs) in the export's words, numbers masked; `place`: the unit."""

    id: int
    sheet: str
    number: int
    household_code: str
    household_id: int | None
    name: str
    place: str
    decision: Decision
    changes: tuple[tuple[str, str, str], ...]
    conflicts: tuple[str, ...]
    problems: tuple[Row, ...]
    is_whole_household: bool


def count_rows(session: Any, batch_id: int, wanted: RowFilter) -> int:
    query = select(func.count()).select_from(TABLE).where(TABLE.c.batch_id == batch_id, *wanted.conditions())
    return session.execute(scoped(query, NationalRow)).scalar() or 0


def list_rows(session: Any, batch_id: int, wanted: RowFilter, page: int = 1, size: int = PAGE) -> list[Line]:
    query = select(TABLE).where(TABLE.c.batch_id == batch_id, *wanted.conditions())
    query = query.order_by(TABLE.c.id).limit(size).offset((page - 1) * size)
    rows = [dict(row) for row in session.execute(scoped(query, NationalRow)).mappings()]
    register = households_of(session, {row["household_code"] for row in rows if row["household_id"]})
    members = {member["id"]: member for home in register.values() for member in home["members"]}
    _read_numbers(session, rows, members)
    places = _places(session, {row["node_id"] for row in rows if row["node_id"]})
    return [_line(row, register.get(row["household_code"]), members.get(row["member_id"]), places) for row in rows]


def _line(row: Row, household: Row | None, member: Row | None, places: dict[int, str]) -> Line:
    kept = json.loads(row["values"]) if row["values"] else {"v": {}}
    theirs = kept["v"]
    changes = tuple(_change(key, theirs, household, member, places, kept.get("a")) for key in row["fields"])
    return Line(
        row["id"], row["sheet"], row["row_number"], row["household_code"], row["household_id"], row["name"],
        places.get(row["node_id"] or 0, ""), row["decision"], changes, tuple(row["conflicts"]), tuple(row["problems"]),
        is_whole_household=row["kind"] == RowKind.MISSING and row["member_id"] is None,
    )  # fmt: skip


def _change(
    key: str, theirs: Row, household: Row | None, member: Row | None, places: dict[int, str], area: list[Any] | None
) -> tuple[str, str, str]:
    if key == "village":
        return key, places.get(household["node_id"], "") if household else "", places.get(area[0], "") if area else ""
    new = theirs.get(key)
    if key == "category" and theirs.get("monitored") not in (None, "none"):
        new = theirs["monitored"] if not theirs.get("eliminated") else theirs.get("category")
    old = household["category"] if key == "category" and household else shown.ours(key, household, member)
    return key, shown.shown(key, old), shown.shown(key, new)


def _read_numbers(session: Any, rows: list[Row], members: dict[int, Row]) -> None:
    """ID numbers, masked later, of those alone whose number differs."""
    ids = [row["member_id"] for row in rows if "id_number" in row["fields"] and row["member_id"] in members]
    table = Member.__table__
    query = select(table.c.id, table.c.id_number).where(table.c.id.in_(ids))
    for key, number in session.execute(vouched(query)) if ids else ():
        members[key]["id_number"] = number


def _places(session: Any, ids: set[int]) -> dict[int, str]:
    """Node id → the names of township, village and group. Names of units are no secret."""
    table = GridNode.__table__
    chain = [table.c[f"l{depth}_id"] for depth in range(1, 6)]
    rows = session.execute(vouched(select(table.c.id, *chain).where(table.c.id.in_(ids)))).all()
    above = {key for row in rows for key in row[1:] if key}
    names = dict(session.execute(vouched(select(table.c.id, table.c.name).where(table.c.id.in_(above)))).all())
    return {row[0]: " ".join(names[key] for key in row[2:] if key) or names.get(row[1], "") for row in rows}


def list_units(session: Any, batch_id: int, kind: RowKind) -> list[tuple[int, int, str, int]]:
    """(depth, node id, name, rows) of the townships, or of the villages of the only township."""
    for depth in (2, 3):
        column = TABLE.c[f"l{depth}_id"]
        query = select(column, func.count()).where(TABLE.c.batch_id == batch_id, TABLE.c.kind == kind)
        counts = dict(session.execute(scoped(query.where(column.is_not(None)).group_by(column), NationalRow)).all())
        if len(counts) > 1:
            break
    node = GridNode.__table__
    names = session.execute(vouched(select(node.c.id, node.c.name).where(node.c.id.in_(counts)).order_by(node.c.code)))
    return [(depth, key, name, counts[key]) for key, name in names]
