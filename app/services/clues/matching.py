"""Whose household a name on a department's list, or in a report from outside, belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.clues.words import RowMatch
from app.domain.id_numbers import IdError, parse_id_number
from app.models import GridNode, Household, Member
from app.models.types import cipher
from app.queries.scope import today


@dataclass(frozen=True, slots=True)
class Matched:
    """`village`: the unit a row without a household goes to; None where its name says nothing here."""

    how: RowMatch
    household: Household | None = None
    village: GridNode | None = None


def match(session: Session, area: GridNode, *, person: str, id_number: str | None, village: str) -> Matched:
    """By ID number; else by name where the village has one such household alone. Within `area` and the row scope."""
    inside = getattr(Household, f"l{area.depth}_id") == area.id
    homes = (
        select(Household).join(Member, Member.household_id == Household.id).where(inside, Household.gone_on.is_(None))
    )
    place = find_village(session, area, village)
    number = resident_number(id_number)
    if number is not None:
        found = set(session.scalars(homes.where(Member.id_hash == cipher.blind(number))))
        if len(found) == 1:
            return Matched(RowMatch.ID_NUMBER, found.pop(), place)
    if place is not None and person:
        named = homes.where(getattr(Household, f"l{place.depth}_id") == place.id, Member.name == person)
        found = set(session.scalars(named.limit(5)))
        # A known ID number that is not this member's says that it is somebody else of the same name.
        if len(found) == 1 and (number is None or not _other_number(session, next(iter(found)), person)):
            return Matched(RowMatch.NAME, found.pop(), place)
    return Matched(RowMatch.VILLAGE if place is not None else RowMatch.NONE, None, place)


def resident_number(text: str | None) -> str | None:
    """The 18 characters the blind index is made of; None for none or one that cannot be."""
    try:
        return parse_id_number(text, today()).number[:18] if text else None
    except IdError:
        return None


def _other_number(session: Session, household: Household, person: str) -> bool:
    query = select(Member.id_hash).where(Member.household_id == household.id, Member.name == person)
    return all(known is not None for known in session.scalars(query))


def find_village(session: Session, area: GridNode, name: str) -> GridNode | None:
    """The unit of that name within the area, with its households below it: 重阳, 重阳村, 千人桥镇重阳村."""
    name = "".join(name.split())
    if not name:
        return None
    inside = getattr(GridNode, f"l{area.depth}_id") == area.id
    lowest = select(GridNode.parent_id).where(inside, GridNode.depth == _group_depth(session, area))
    units = session.scalars(select(GridNode).where(inside, GridNode.id.in_(lowest))).all()
    found = [unit for unit in units if name in (unit.name, unit.alias) or name.endswith(unit.name)
             or unit.name in (f"{name}村", f"{name}社区")]  # fmt: skip
    if len(found) > 1:  # several townships have one of that name: the township's own name may stand before it
        above = {unit.id: session.get(GridNode, unit.parent_id) for unit in found}
        found = [unit for unit in found if (town := above[unit.id]) is not None and town.name in name]
    return found[0] if len(found) == 1 else None


def _group_depth(session: Session, area: GridNode) -> int:
    inside = getattr(GridNode, f"l{area.depth}_id") == area.id
    return session.scalar(select(GridNode.depth).where(inside).order_by(GridNode.depth.desc()).limit(1)) or area.depth
