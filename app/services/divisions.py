"""The grid tree from the real administrative divisions that ship with the product (DOMAIN chapter 6).

Units are matched by code and parent, never by name: inside one county names repeat. Groups below the village stand in
no open data, so they are synthesised with the village's code and three more digits.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.domain.enums import UnitKind
from app.models import GridLevel, GridNode

KINDS = ("province", "city", "county", "township", "village", "group")
SHUCHENG = "341523"
_VILLAGE_OFFICE = re.compile(r"村?(?:村民委员会|村委会)$")
_COMMUNITY_OFFICE = re.compile(r"社区(?:居民委员会|居委会)$")
_ZH_DIGITS = "零一二三四五六七八九"


class DivisionError(ValueError):
    """A code that the shipped list does not hold, or a tree deeper than five levels."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of divisions.csv, or a synthesised group. `kind` is one of KINDS."""

    kind: str
    code: str
    name: str
    parent_code: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class CountyLoad:
    """`root_id`: node of the loaded unit; `depth`: levels of the tree; `created`: nodes that were not there before."""

    root_id: int
    depth: int
    created: int
    existing: int


def load_county(
    session: Any,
    code: str = SHUCHENG,
    *,
    groups_per_village: tuple[int, int] = (5, 11),
    rng: random.Random | None = None,
    profile: str = "anhui",
    group_alias: str = "",
) -> CountyLoad:
    """Load the unit `code` and everything below it; what is there already is left alone. Does not commit.

    The root may be a city (5 levels), county (4), township (3) or village (2); (0, 0) groups leave the group level out.
    `group_alias` marks the synthesised groups. Raises DivisionError for an unknown code or a tree deeper than 5.
    """
    # Seeded by the code: the same unit always gets the same groups. Nothing here is a secret (S311).
    rng = rng or random.Random(code)  # noqa: S311
    units = [*subtree(code), *synthesise_groups(subtree(code), groups_per_village, rng, group_alias)]
    top = KINDS.index(units[0].kind)
    kinds = KINDS[top : 1 + max(KINDS.index(unit.kind) for unit in units)]
    if not 1 <= len(kinds) <= 5:
        raise DivisionError(f"the tree below {code} has {len(kinds)} levels; the grid holds at most 5")
    _add_levels(session, kinds, profile)
    created = sum(_add_layer(session, [unit for unit in units if unit.kind == kind], depth)
                  for depth, kind in enumerate(kinds, start=1))  # fmt: skip
    session.expire_all()
    root_id = session.execute(select(GridNode.__table__.c.id).where(GridNode.__table__.c.code == code)).scalar_one()
    return CountyLoad(root_id, len(kinds), created, len(units) - created)


def subtree(code: str) -> list[Unit]:
    """The unit `code` first, then all units below it, by level and code. Raises DivisionError when it is unknown."""
    units = _read_units()
    wanted = {code}
    found = []
    for unit in units:
        if unit.code == code or unit.parent_code in wanted:
            wanted.add(unit.code)
            found.append(unit)
    if not found:
        raise DivisionError(f"the shipped list of divisions has no unit {code}")
    return found


def synthesise_groups(
    units: Iterable[Unit], per_village: tuple[int, int], rng: random.Random, alias: str
) -> list[Unit]:
    """Numbered groups for every village, between the two bounds (both included) for each."""
    low, high = per_village
    return [
        Unit("group", f"{unit.code}{number:03d}", f"{chinese_number(number)}组", unit.code, alias)
        for unit in units
        if unit.kind == "village"
        for number in range(1, rng.randint(low, high) + 1)
    ]


def plain_name(official: str) -> str:
    """The place's name without its committee: 仁和村委会 → 仁和村, 孔集社区居委会 → 孔集社区."""
    return _COMMUNITY_OFFICE.sub("社区", _VILLAGE_OFFICE.sub("村", official))


def chinese_number(number: int) -> str:
    """1–99 in Chinese numerals: 一, 十二, 二十."""
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is outside 1-99")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_ZH_DIGITS[tens]}十"
    return head + (_ZH_DIGITS[ones] if ones else "")


def _read_units() -> list[Unit]:
    aliases = {row["code"]: row["alias"] for row in _read_csv("aliases.csv")}
    units = []
    for row in sorted(_read_csv("divisions.csv"), key=lambda row: (int(row["level"]), row["code"])):
        name = plain_name(row["name"])
        alias = aliases.get(row["code"]) or (row["name"] if row["name"] != name else "")
        units.append(Unit(KINDS[int(row["level"]) - 1], row["code"], name, row["parent_code"], alias))
    return units


def _read_csv(name: str) -> list[dict[str, str]]:
    text = resources.files("app.data").joinpath(name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def _add_levels(session: Any, kinds: Sequence[str], profile: str) -> None:
    """Titles for depths that have none yet; a title somebody has edited stays."""
    titles = {row["kind"]: row for row in _read_csv("levels.csv") if row["profile"] == profile}
    if not titles:
        raise DivisionError(f"levels.csv has no profile {profile}")
    table = GridLevel.__table__
    known = set(session.execute(select(table.c.depth)).scalars())
    rows = [
        {"depth": depth, "title": titles[kind]["title"], "title_en": titles[kind]["title_en"],
         "worker_title": titles[kind]["worker_title"]}
        for depth, kind in enumerate(kinds, start=1)
        if depth not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(table), rows)


def _add_layer(session: Any, units: list[Unit], depth: int) -> int:
    """Insert the units of one depth that are missing, with area columns and path. The number inserted."""
    table = GridNode.__table__
    parents = _nodes_of_depth(session, depth - 1)
    known = _nodes_of_depth(session, depth)
    rows: list[dict[str, Any]] = []
    for unit in units:
        if unit.code in known:
            continue
        parent = parents.get(unit.parent_code)
        area = {f"l{n}_id": parent[f"l{n}_id"] if parent else None for n in range(1, 6)}
        rows.append({"code": unit.code, "name": unit.name, "alias": unit.alias, "depth": depth, "is_active": True,
                     "parent_id": parent["id"] if parent else None, "path": parent["path"] if parent else "/",
                     "unit_kind": UnitKind.GROUP if unit.kind == "group" else UnitKind.ADMIN, **area})  # fmt: skip
    if not rows:
        return 0
    session.execute(insert(table), rows)
    # The own id is part of path and area, and only the database knows it: second pass over what was just inserted.
    made = _nodes_of_depth(session, depth)
    own = f"l{depth}_id"
    session.execute(
        update(table).where(table.c.id == bindparam("node")).values({own: bindparam("own"), "path": bindparam("way")}),
        [{"node": made[row["code"]]["id"], "own": made[row["code"]]["id"],
          "way": f"{row['path']}{made[row['code']]['id']}/"} for row in rows],
    )  # fmt: skip
    return len(rows)


def _nodes_of_depth(session: Any, depth: int) -> dict[str, dict[str, Any]]:
    table = GridNode.__table__
    rows = session.execute(select(table).where(table.c.depth == depth)).mappings()
    return {row["code"]: dict(row) for row in rows}
