"""Whose household a name on a department's list, or in a report from outside, belongs to.

A list of 20,000 rows is matched with some dozens of statements: numbers by their blind index and names by village, a
few hundred at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.domain.clues.words import RowMatch
from app.domain.id_numbers import IdError, parse_id_number
from app.models import GridNode, Household, Member
from app.models.types import cipher
from app.queries.scope import today

_AT_ONCE = 500  # values in one statement
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for, as the list has it."""

    person: str
    id_number: str | None
    village: str


@dataclass(frozen=True, slots=True)
class Matched:
    """`village`: the unit a row without a household goes to; None where its name says nothing here."""

    how: RowMatch
    household: Household | None = None
    village: GridNode | None = None


@dataclass(slots=True)
class _Namesakes:
    """Household id → whether every member of that name there has an ID number on record."""

    homes: dict[int, bool] = field(default_factory=dict)

    def only(self, has_number: bool) -> int | None:
        """The one household of that name. A known ID number that is not this member's says that it is somebody else
        of the same name."""
        if len(self.homes) != 1:
            return None
        [(home, all_known)] = self.homes.items()
        return None if has_number and all_known else home


def match(session: Session, area: GridNode, *, person: str, id_number: str | None, village: str) -> Matched:
    """By ID number; else by name where the village has one such household alone. Within `area` and the row scope."""
    return match_all(session, area, [Wanted(person, id_number, village)])[0]


def match_all(session: Session, area: GridNode, wanted: Sequence[Wanted]) -> list[Matched]:
    """As `match`, for each of them in their order."""
    villages = Villages(session, area)
    places = [villages.find(one.village) for one in wanted]
    numbers = [resident_number(one.id_number) for one in wanted]
    blind = [cipher.blind(number) if number is not None else "" for number in numbers]
    by_number = _by_number(session, area, {one for one in blind if one})
    missing = [(place, one.person) for one, place, key in zip(wanted, places, blind, strict=True)
               if key not in by_number and place is not None and one.person]  # fmt: skip
    by_name = _by_name(session, missing)
    found: list[tuple[RowMatch, int | None]] = []
    for one, place, key in zip(wanted, places, blind, strict=True):
        namesakes = by_name.get((place.id, one.person)) if place is not None else None
        if key in by_number:
            found.append((RowMatch.ID_NUMBER, by_number[key]))
        elif namesakes is not None and (home := namesakes.only(bool(key))) is not None:
            found.append((RowMatch.NAME, home))
        else:
            found.append((RowMatch.VILLAGE if place is not None else RowMatch.NONE, None))
    homes = _load(session, {home for _how, home in found if home is not None})
    return [Matched(how, homes[home] if home is not None else None, place)
            for (how, home), place in zip(found, places, strict=True)]  # fmt: skip


def resident_number(text: str | None) -> str | None:
    """The 18 characters the blind index is made of; None for none or one that cannot be."""
    try:
        return parse_id_number(text, today()).number[:18] if text else None
    except IdError:
        return None


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _people(*columns: Any) -> Select[Any]:
    return (select(Household.id, *columns).join(Member, Member.household_id == Household.id)
            .where(Household.gone_on.is_(None)))  # fmt: skip


def _by_number(session: Session, area: GridNode, hashes: set[str]) -> dict[str, int]:
    """Blind index → the only household with it."""
    inside = getattr(Household, f"l{area.depth}_id") == area.id
    found: dict[str, set[int]] = defaultdict(set)
    for part in _parts(sorted(hashes)):
        for home, key in session.execute(_people(Member.id_hash).where(inside, Member.id_hash.in_(part))):
            found[key].add(home)
    return {key: next(iter(homes)) for key, homes in found.items() if len(homes) == 1}


def _by_name(session: Session, pairs: Iterable[tuple[GridNode, str]]) -> dict[tuple[int, str], _Namesakes]:
    """(village id, name) → the households there with such a member. Village by village, so that a common name is not
    looked for in the whole county."""
    wanted = sorted({(place.depth, place.id, person) for place, person in pairs})
    found: dict[tuple[int, str], _Namesakes] = defaultdict(_Namesakes)
    for part in _parts(wanted):
        for depth in {one[0] for one in part}:
            unit = getattr(Household, f"l{depth}_id")
            query = _people(unit, Member.name, Member.id_hash).where(
                unit.in_({one[1] for one in part if one[0] == depth}),
                Member.name.in_({one[2] for one in part if one[0] == depth}),
            )
            for home, place, name, key in session.execute(query):
                homes = found[place, name].homes
                homes[home] = homes.get(home, True) and key is not None
    return {pair: found[pair] for pair in ((one[1], one[2]) for one in wanted) if pair in found}


def _load(session: Session, ids: set[int]) -> dict[int, Household]:
    homes: dict[int, Household] = {}
    for part in _parts(sorted(ids)):
        query = select(Household).where(Household.id.in_(part))
        homes.update((home.id, home) for home in session.scalars(query))
    return homes


def find_village(session: Session, area: GridNode, name: str) -> GridNode | None:
    """The unit of that name within the area, with its households below it: 重阳, 重阳村, 千人桥镇重阳村."""
    return Villages(session, area).find(name)


class Villages:
    """The units of an area that have the households below them, by name. Read once, each name looked up once."""

    def __init__(self, session: Session, area: GridNode) -> None:
        inside = getattr(GridNode, f"l{area.depth}_id") == area.id
        deepest = select(GridNode.depth).where(inside).order_by(GridNode.depth.desc()).limit(1)
        lowest = select(GridNode.parent_id).where(inside, GridNode.depth == (session.scalar(deepest) or area.depth))
        self._units = session.scalars(select(GridNode).where(inside, GridNode.id.in_(lowest))).all()
        above = {unit.parent_id for unit in self._units}
        towns = session.scalars(select(GridNode).where(GridNode.id.in_(above)))
        self._towns = {town.id: town.name for town in towns}
        self._known: dict[str, GridNode | None] = {}

    def find(self, name: str) -> GridNode | None:
        """As `find_village`."""
        name = "".join(name.split())
        if name not in self._known:
            self._known[name] = self._find(name) if name else None
        return self._known[name]

    def _find(self, name: str) -> GridNode | None:
        found = [unit for unit in self._units if name in (unit.name, unit.alias) or name.endswith(unit.name)
                 or unit.name in (f"{name}村", f"{name}社区")]  # fmt: skip
        if len(found) > 1:  # several townships have one of that name: the township's own name may stand before it
            found = [unit for unit in found if (town := self._towns.get(unit.parent_id or 0)) and town in name]
        return found[0] if len(found) == 1 else None
