"""A page of staged households beside the register: what the preview and the writing both look at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.domain.enums import Relation
from app.domain.roundtrip.households import plan_household
from app.domain.roundtrip.persons import FilePerson, RowPlan
from app.domain.roundtrip.words import RowKind
from app.domain.roundtrip.writes import Row
from app.models import Household, Member, NationalRow
from app.models.types import AREA_COLUMNS, cipher
from app.queries.roundtrip.register import households_of
from app.queries.scope import current_access, today, vouched

PAGE = 400  # households
TABLE = NationalRow.__table__


@dataclass(slots=True)
class HouseholdPage:
    """`staged`: row id → the staged row; `refused`: row id → (kind, problem) of rows that cannot be planned."""

    code: str
    register: Row | None
    staged: dict[int, Row]
    plans: list[RowPlan]
    missing: list[Row]
    refused: dict[int, tuple[RowKind, Row]]


def plan_page(session: Any, batch_id: int, codes: Sequence[str]) -> list[HouseholdPage]:
    """Read the staged rows of these households (at most PAGE) and the register, and compare. Writes nothing."""
    query = select(TABLE).where(TABLE.c.batch_id == batch_id, TABLE.c.household_code.in_(codes))
    query = query.where(TABLE.c.kind.not_in([RowKind.BAD, RowKind.FOREIGN, RowKind.MISSING])).order_by(TABLE.c.id)
    staged: dict[str, list[Row]] = defaultdict(list)
    for row in session.execute(vouched(query)).mappings():
        staged[row["household_code"]].append(dict(row))
    known = households_of(session, staged)
    hashes = {row["id_hash"] for rows in staged.values() for row in rows if row["id_hash"]}
    elsewhere = _elsewhere(session, hashes)
    twice = _twice(session, batch_id, hashes)
    ours = {member["id"]: member for home in known.values() for member in home["members"]}
    _read_numbers(session, staged, known, ours)
    return [_plan(code, rows, known.get(code), elsewhere, twice) for code, rows in staged.items()]


def _plan(
    code: str, rows: list[Row], register: Row | None, elsewhere: dict[str, list[Row]], twice: set[str]
) -> HouseholdPage:
    page = HouseholdPage(code, register, {row["id"]: row for row in rows}, [], [], {})
    if register is not None and not current_access().covers(register):
        page.refused = {row["id"]: (RowKind.FOREIGN, _problem("户编号", "not_yours")) for row in rows}
        return page
    persons = [_person(row, register, elsewhere, twice) for row in rows]
    heads = [person.number for person in persons if person.is_head]
    if len(heads) != 1:
        wrong = _problem("与户主关系", "two_heads", rows="、".join(map(str, heads))) if heads else _problem(
            "与户主关系", "no_head")  # fmt: skip
        page.refused = {row["id"]: (RowKind.BAD, wrong) for row in rows}
        return page
    unknown = [person for person in persons if person.problems]
    page.refused = {person.row_id: (RowKind.BAD, person.problems[0]) for person in unknown}
    good = [person for person in persons if not person.problems]
    page.plans, page.missing = plan_household(good, register, today())
    return page


def _person(row: Row, register: Row | None, elsewhere: dict[str, list[Row]], twice: set[str]) -> FilePerson:
    kept = json.loads(row["values"])
    values = kept["v"]
    person = FilePerson(
        row_id=row["id"], number=row["row_number"], values=values, id_hash=row["id_hash"],
        area=dict(zip(AREA_COLUMNS, kept["a"], strict=True)) if kept["a"] else None,
        is_head=row["is_head"], household_print=row["household_print"], id_unchecked=kept.get("u", ""),
        phone_hash=cipher.blind(values["phone"]) if "phone" in values else "",
        person_phone_hash=cipher.blind(values["person_phone"]) if "person_phone" in values else "",
        twice=row["id_hash"] in twice,
    )  # fmt: skip
    others = [one for one in elsewhere.get(row["id_hash"] or "", ()) if one["code"] != row["household_code"]]
    if others:
        person.elsewhere = (others[0]["id"], others[0]["household_id"])
    if person.id_unchecked and not _agrees_but_for_check(person.id_unchecked, register):
        person.problems = [_problem("证件号码", "id.checksum")]
    if register is None and person.area is None:
        person.problems = [_problem("行政村", "unit_missing")]
    return person


def _agrees_but_for_check(typed: str, register: Row | None) -> bool:
    numbers = [member.get("id_number") or "" for member in register["members"]] if register else []
    return any(number[:17] == typed[:17] for number in numbers)


def _read_numbers(session: Any, staged: dict[str, list[Row]], known: dict[str, Row], ours: dict[int, Row]) -> None:
    """ID numbers of the few households in which a number of the file fails by its check digit."""
    wrong = {code for code, rows in staged.items() if any(row["problems"] for row in rows)} & set(known)
    ids = [member["id"] for code in wrong for member in known[code]["members"]]
    table = Member.__table__
    query = select(table.c.id, table.c.id_number).where(table.c.id.in_(ids))
    for key, number in session.execute(vouched(query)) if ids else ():
        ours[key]["id_number"] = number


def _elsewhere(session: Any, hashes: set[str]) -> dict[str, list[Row]]:
    """ID hash → members of the register who have it and have not left, with the code of their household."""
    member, household = Member.__table__, Household.__table__
    query = (
        select(member.c.id, member.c.household_id, member.c.id_hash, member.c.relation, household.c.code)
        .join_from(member, household, household.c.id == member.c.household_id)
        .where(member.c.id_hash.in_(hashes), member.c.left_on.is_(None), household.c.gone_on.is_(None))
        .order_by(member.c.id)
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in session.execute(vouched(query)).mappings():
        found[row["id_hash"]].append(dict(row))
    return found


def _twice(session: Any, batch_id: int, hashes: set[str]) -> set[str]:
    query = (
        select(TABLE.c.id_hash)
        .where(TABLE.c.batch_id == batch_id, TABLE.c.id_hash.in_(hashes), TABLE.c.row_number > 0)
        .group_by(TABLE.c.id_hash)
        .having(func.count() > 1)
    )
    return set(session.execute(vouched(query)).scalars())


def head_elsewhere(session: Any, member_ids: Sequence[int]) -> set[int]:
    """Which of these members are the heads of their households: they cannot simply be moved away."""
    table = Member.__table__
    query = select(table.c.id).where(table.c.id.in_(member_ids), table.c.relation == Relation.HEAD)
    return set(session.execute(vouched(query)).scalars())


def _problem(column: str, code: str, **params: Any) -> Row:
    return {"column": column, "code": code, "params": params}
