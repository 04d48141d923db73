"""农户名册 out again, in the columns of the import template: the current scope and filter, masked unless permitted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from app.domain.enums import HouseholdCategory, PhoneOwner, PhoneState, Relation
from app.domain.id_numbers import mask_id
from app.domain.phones import local_display, mask_phone
from app.models import Absence, GridNode, Household, Member, Phone
from app.queries.scope import scoped, vouched
from app.security import audit
from app.sheets.columns import (
    CATEGORY_WORDS,
    HOUSEHOLD_COLUMNS,
    LANGUAGE_WORDS,
    OWNER_WORDS,
    WHOLE_HOUSEHOLD,
    YES_NO_WORDS,
)
from app.sheets.writer import OutColumn, Target, write_table

PAGE = 1000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HouseholdFilters:
    """Everything optional. `node_code`: this unit and below. `text`: name, household code or pinyin initials.

    `criteria`: further conditions on Household, from a list page's own filters.
    """

    node_code: str = ""
    category: HouseholdCategory | None = None
    is_absent: bool | None = None
    text: str = ""
    criteria: Sequence[ColumnElement[bool]] = ()


def export_households(
    session: Any, target: Target, filters: HouseholdFilters | None = None, *, masked: bool = True
) -> int:
    """Write the households of the current access and the filter; the number of rows. Leaves an audit entry.

    `target`: path or binary stream. Raises LookupError for an unknown unit, writer.TooManyRows above a million rows.
    """
    filters = filters or HouseholdFilters()
    conditions = list(_conditions(session, filters))
    columns = [OutColumn(column.heading, column.width) for column in HOUSEHOLD_COLUMNS]
    count = write_table(target, "农户名册", columns, _rows(session, conditions, masked=masked))
    audit.record("export", "household", changes={"rows": [0, count], "masked": [None, masked]})
    return count


def _conditions(session: Any, filters: HouseholdFilters) -> Iterator[ColumnElement[bool]]:
    if filters.node_code:
        node = session.scalars(select(GridNode).where(GridNode.code == filters.node_code)).first()
        if node is None:
            raise LookupError(f"the grid has no unit {filters.node_code} in your area")
        yield getattr(Household, f"l{node.depth}_id") == node.id
    if filters.category is not None:
        yield Household.category == filters.category
    if filters.is_absent is not None:
        away = exists().where(Absence.__table__.c.household_id == Household.id,
                              Absence.__table__.c.ended_on.is_(None))  # fmt: skip
        yield away if filters.is_absent else ~away
    if filters.text:
        columns = (Household.head_name, Household.code, Household.head_initials)
        yield or_(*(column.icontains(filters.text, autoescape=True) for column in columns))
    yield from filters.criteria


def _rows(session: Any, conditions: list[ColumnElement[bool]], *, masked: bool) -> Iterator[list[Any]]:
    """Page by page along the code, so that a county of 300,000 households needs no more memory than a village."""
    names = _unit_names(session)
    table = Household.__table__
    after = ""
    while True:
        page = select(table).where(table.c.code > after, *conditions).order_by(table.c.code).limit(PAGE)
        households = [dict(row) for row in session.execute(scoped(page, Household)).mappings()]
        if not households:
            return
        after = households[-1]["code"]
        ids = [household["id"] for household in households]
        heads = _children(session, Member, ids, Member.__table__.c.relation == Relation.HEAD)
        phones = _children(session, Phone, ids, Phone.__table__.c.state != PhoneState.RETIRED)
        absences = _children(session, Absence, ids, Absence.__table__.c.ended_on.is_(None))
        away = {absence["member_id"] for rows in absences.values() for absence in rows}
        members = _names_of(session, [key for key in away if key is not None])
        for household in households:
            key = household["id"]
            cells = _household_cells(household, names) | _head_cells(heads[key], masked=masked)
            cells |= _phone_cells(phones[key], masked=masked) | _absence_cells(absences[key], members)
            yield [cells.get(column.key, "") for column in HOUSEHOLD_COLUMNS]


def _unit_names(session: Any) -> dict[int, tuple[str, list[str]]]:
    """Node id → its code, and county, township, village and group as far as the tree has them."""
    table = GridNode.__table__
    rows = [dict(row) for row in session.execute(vouched(select(table))).mappings()]
    names = {row["id"]: row["name"] for row in rows}
    return {row["id"]: (row["code"], [names[key] for n in range(1, 6) if (key := row[f"l{n}_id"]) in names])
            for row in rows}  # fmt: skip


def _children(session: Any, model: type[Any], ids: list[int], condition: Any) -> dict[int, list[Row]]:
    """Of households that came through the scope: the children need no second look."""
    table = model.__table__
    order = (table.c.priority, table.c.id) if model is Phone else (table.c.id,)
    rows = session.execute(vouched(select(table).where(table.c.household_id.in_(ids), condition).order_by(*order)))
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.mappings():
        found[row["household_id"]].append(dict(row))
    return found


def _names_of(session: Any, ids: list[int]) -> dict[int, str]:
    table = Member.__table__
    return dict(session.execute(vouched(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))).all())


def _household_cells(household: Row, names: dict[int, tuple[str, list[str]]]) -> Row:
    code, chain = names[household["node_id"]]
    # The last four names of the chain, whatever the depth: a tree without counties leaves 县 empty.
    places = dict(zip(("group", "village", "town", "county"), reversed(chain), strict=False))
    start, end = household["preferred_from"], household["preferred_to"]
    return places | {
        "code": household["code"], "node_code": code, "head_name": household["head_name"],
        "category": CATEGORY_WORDS[household["category"]], "address": household["address"],
        "language": LANGUAGE_WORDS.get(household["language"], household["language"]),
        "hours": f"{start:%H:%M}-{end:%H:%M}" if start and end else "",
        "visit_only": YES_NO_WORDS[not household["visit_only"]],
    }  # fmt: skip


def _head_cells(heads: list[Row], *, masked: bool) -> Row:
    number = heads[0]["id_number"] if heads else None
    return {"head_id": "" if not number else mask_id(number) if masked else number}


def _phone_cells(phones: list[Row], *, masked: bool) -> Row:
    cells: Row = {}
    for slot, phone in enumerate(phones[:2], start=1):
        number = phone["e164"]
        cells[f"phone{slot}"] = mask_phone(number) if masked else local_display(number)
        name = phone["owner_name"] if phone["owner"] is not PhoneOwner.HEAD else ""
        cells[f"owner{slot}"] = f"{OWNER_WORDS[phone['owner']]} {name}".strip()
    return cells


def _absence_cells(absences: list[Row], members: dict[int, str]) -> Row:
    if not absences:
        return {"absent": YES_NO_WORDS[1]}
    absence = absences[0]
    who = WHOLE_HOUSEHOLD if absence["whole_household"] else members.get(absence["member_id"], absence["note"])
    until = absence["expected_return_on"]
    return {"absent": YES_NO_WORDS[0], "away_who": who, "away_since": absence["since_on"].isoformat(),
            "away_place": absence["place"], "away_return": until.isoformat() if until else ""}  # fmt: skip
