"""Records that are probably of one household or person: the same ID number, the same phone, one name in one village.

Each search goes along an index from groups that have more than one member; no pair is made of what shares nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from sqlalchemy import func, select

from app.domain.enums import PhoneState
from app.models import Household, Member, MergeRecord, Phone
from app.queries.scope import scoped

MOST_GROUPS = 200
_LARGEST_GROUP = 6  # a number that more households share is the village shop's


class Reason(StrEnum):
    """In falling order of certainty."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Side:
    """`title`: name and code; `detail`: relation or unit id for the page to name."""

    id: int
    household_id: int
    name: str
    code: str
    node_id: int


@dataclass(frozen=True, slots=True)
class Pair:
    entity: str  # household | member
    left: Side
    right: Side


def list_pairs(session: Any, reason: Reason) -> list[Pair]:
    """Pairs within the current access, at most MOST_GROUPS groups of them."""
    if reason is Reason.ID_NUMBER:
        return list(_people(session))
    return list(_households(session, _by_phone(session) if reason is Reason.PHONE else _by_name(session)))


def _people(session: Any) -> Iterator[Pair]:
    """One ID number, two people who are both counted. In two households the households are shown as well."""
    table, home = Member.__table__, Household.__table__
    here = (table.c.id_hash.is_not(None), table.c.left_on.is_(None))
    groups = select(table.c.id_hash).where(*here).group_by(table.c.id_hash).having(func.count() > 1)
    hashes = session.execute(scoped(groups.order_by(table.c.id_hash).limit(MOST_GROUPS), Member)).scalars().all()
    query = select(table.c.id, table.c.household_id, table.c.name, home.c.code, table.c.node_id, table.c.id_hash)
    query = query.join_from(table, home, home.c.id == table.c.household_id)
    query = query.where(table.c.id_hash.in_(hashes), *here, home.c.gone_on.is_(None)).order_by(
        table.c.id_hash, table.c.id
    )
    found: dict[str, list[Side]] = {}
    for row in session.execute(scoped(query, Member)).mappings():
        side = Side(row["id"], row["household_id"], row["name"], row["code"], row["node_id"])
        found.setdefault(row["id_hash"], []).append(side)
    for sides in found.values():
        yield from (Pair("member", left, right) for left, right in combinations(sides[:_LARGEST_GROUP], 2))


def _by_phone(session: Any) -> list[list[int]]:
    table, home = Phone.__table__, Household.__table__
    used = table.c.state != PhoneState.RETIRED
    groups = select(table.c.e164_hash).where(used).group_by(table.c.e164_hash)
    groups = groups.having(func.count(table.c.household_id.distinct()).between(2, _LARGEST_GROUP))
    hashes = session.execute(scoped(groups.order_by(table.c.e164_hash).limit(MOST_GROUPS), Phone)).scalars().all()
    query = select(table.c.e164_hash, table.c.household_id).join(home, home.c.id == table.c.household_id)
    query = query.where(table.c.e164_hash.in_(hashes), used, home.c.gone_on.is_(None)).order_by(table.c.id)
    found: dict[str, list[int]] = {}
    for number, household_id in session.execute(scoped(query, Phone)):
        found.setdefault(number, []).append(household_id)
    return [sorted(set(ids)) for ids in found.values()]


def _by_name(session: Any) -> list[list[int]]:
    """One head's name in one village: the unit above the group, or the group itself in a shallow tree."""
    table = Household.__table__
    village = func.coalesce(table.c.l3_id, table.c.node_id)
    here = table.c.gone_on.is_(None)
    groups = select(table.c.head_name, village.label("village")).where(here).group_by(table.c.head_name, village)
    groups = groups.having(func.count().between(2, _LARGEST_GROUP)).order_by(table.c.head_name, village)
    found = []
    for name, unit in session.execute(scoped(groups.limit(MOST_GROUPS), Household)).all():
        query = select(table.c.id).where(here, table.c.head_name == name, village == unit).order_by(table.c.id)
        found.append(list(session.execute(scoped(query, Household)).scalars()))
    return found


def _households(session: Any, groups: list[list[int]]) -> Iterator[Pair]:
    table = Household.__table__
    ids = {key for group in groups for key in group}
    query = select(table.c.id, table.c.head_name, table.c.code, table.c.node_id).where(table.c.id.in_(ids))
    sides = {row.id: Side(row.id, row.id, row.head_name, row.code, row.node_id)
             for row in session.execute(scoped(query, Household))}  # fmt: skip
    seen: set[tuple[int, int]] = set()
    for group in groups:
        for left, right in combinations([key for key in group if key in sides], 2):
            if (left, right) not in seen:
                seen.add((left, right))
                yield Pair("household", sides[left], sides[right])


def list_merges(session: Any, limit: int = 50) -> list[MergeRecord]:
    """The latest first."""
    return list(session.scalars(select(MergeRecord).order_by(MergeRecord.id.desc()).limit(limit)))
