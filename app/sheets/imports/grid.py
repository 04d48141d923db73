"""Finds the unit a roster row means: by code, or by the names of township, village and group."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.models import GridNode
from app.queries.scope import vouched
from app.services.divisions import chinese_number, plain_name
from app.sheets.cells import CellError

_COLUMNS = ("id", "parent_id", "code", "name", "alias", *(f"l{n}_id" for n in range(1, 6)))
_SUFFIX = re.compile(r"(?<=.)(?:村民小组|村民组|村组|小组|组|社区|村|街道|镇|乡|县|区)$")
_NUMBERED = re.compile(r"第?(\d{1,2})(?:村民小组|村民组|小组|组|队)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A node with the names of its chain from the root; `area` as AreaMixin's columns."""

    id: int
    code: str
    chain: tuple[str, ...]
    area: dict[str, int | None]
    is_lowest: bool

    @property
    def title(self) -> str:
        """Township, village and group in a row, for messages."""
        return "".join(self.chain[1:] or self.chain)


class GridIndex:
    """All units of the installation, read once for an import. Names are no secret; areas are checked by the service."""

    def __init__(self, session: Any) -> None:
        table = GridNode.__table__
        columns = [table.c[name] for name in _COLUMNS]
        rows = session.execute(vouched(select(*columns).where(table.c.is_active.is_(True)).order_by(table.c.depth)))
        nodes = {row["id"]: dict(row) for row in rows.mappings()}
        parents = {row["parent_id"] for row in nodes.values()}
        self._forms_of = {key: (_exact_forms(row), _forms(row)) for key, row in nodes.items()}
        self._by_code: dict[str, Unit] = {}
        self._exact: dict[str, list[Unit]] = defaultdict(list)
        self._loose: dict[str, list[Unit]] = defaultdict(list)
        self._names: dict[int, list[set[str]]] = {}
        self._exact_names: dict[int, list[set[str]]] = {}
        self._answers: dict[tuple[str, ...], Unit | CellError] = {}
        self._lowest_below: dict[int, list[Unit]] = {}
        self._agreed: dict[tuple[int, tuple[str, ...], bool], bool] = {}
        for row in nodes.values():
            self._add(row, nodes, is_lowest=row["id"] not in parents)

    def _add(self, row: dict[str, Any], nodes: dict[int, dict[str, Any]], *, is_lowest: bool) -> None:
        chain = [nodes[key] for n in range(1, 6) if (key := row[f"l{n}_id"]) is not None and key in nodes]
        area = {"node_id": row["id"], **{f"l{n}_id": row[f"l{n}_id"] for n in range(1, 6)}}
        unit = Unit(row["id"], row["code"], tuple(node["name"] for node in chain), area, is_lowest)
        self._by_code[unit.code] = unit
        self._names[unit.id] = [self._forms_of[node["id"]][1] for node in chain]
        self._exact_names[unit.id] = [self._forms_of[node["id"]][0] for node in chain]
        exact, loose = self._forms_of[row["id"]]
        for form in exact:
            self._exact[form].append(unit)
        for form in loose:
            self._loose[form].append(unit)

    def by_code(self, code: str) -> Unit:
        """Raises CellError unknown_unit, unit_not_lowest."""
        unit = self._by_code.get(code)
        if unit is None:
            raise CellError("unknown_unit")
        return _lowest(unit)

    def by_names(self, *names: str) -> Unit:
        """From the largest unit to the smallest; empty ones are passed over. Raises CellError, with candidates."""
        given = tuple(name for name in names if name)
        if given not in self._answers:
            try:
                self._answers[given] = self._search(given)
            except CellError as error:
                self._answers[given] = error
        answer = self._answers[given]
        if isinstance(answer, CellError):
            raise CellError(answer.code, **answer.params)
        return answer

    def place(self, names: tuple[str, ...], natural: str) -> Unit:
        """The unit the last of `names` means, at whatever level; below it the one called `natural`, if there is one.

        Villages name their groups otherwise than the platform its natural villages, so an unknown one is no mistake:
        the household belongs to the village until somebody assigns it. Raises CellError, with candidates.
        """
        asked = ("place", *names, natural)
        if asked not in self._answers:
            try:
                self._answers[asked] = self._place(tuple(filter(None, names)), natural)
            except CellError as error:
                self._answers[asked] = error
        answer = self._answers[asked]
        if isinstance(answer, CellError):
            raise CellError(answer.code, **answer.params)
        return answer

    def _place(self, names: tuple[str, ...], natural: str) -> Unit:
        above = self._search(names, lowest=False)
        if above.is_lowest:
            return above
        below = [unit for unit in self._below(above) if unit.is_lowest]
        if len(below) == 1:
            return below[0]
        for index, form in ((0, _canonical(natural)), (1, _stem(_canonical(natural)))) if natural else ():
            found = [unit for unit in below if form in self._forms_of[unit.id][index]]
            if len(found) == 1:
                return found[0]
        return above

    def _below(self, unit: Unit) -> list[Unit]:
        level = f"l{len(unit.chain)}_id"
        if unit.id not in self._lowest_below:
            self._lowest_below[unit.id] = [one for one in self._by_code.values()
                                           if one.area[level] == unit.id and one.id != unit.id]  # fmt: skip
        return self._lowest_below[unit.id]

    def _search(self, names: tuple[str, ...], *, lowest: bool = True) -> Unit:
        if not names:
            raise CellError("unit_missing")
        last = _canonical(names[-1])
        # 孔集村 and 孔集社区 are two units: the loose reading comes only where the exact one finds nothing.
        for index, key, is_exact in ((self._exact, last, True), (self._exact, last, False),
                                     (self._loose, _stem(last), False)):  # fmt: skip
            found = [unit for unit in index.get(key, ()) if self.agrees(unit, names[:-1], is_exact=is_exact)]
            meant = [unit for unit in found if unit.is_lowest is lowest] or found
            if len(meant) == 1:
                return _lowest(meant[0]) if lowest else meant[0]
            if meant:
                shown = "、".join(f"{unit.title}({unit.code})" for unit in meant[:5])
                raise CellError("ambiguous_unit", units=shown + ("…" if len(meant) > 5 else ""))
        raise CellError("unknown_unit")

    def agrees(self, unit: Unit, names: tuple[str, ...], *, is_exact: bool = False) -> bool:
        """Are all these names those of the unit or of units above it? `is_exact`: 村 and 社区 are told apart."""
        asked = (unit.id, names, is_exact)
        if asked not in self._agreed:  # a sheet names the same few units in every row
            self._agreed[asked] = self._compare(unit, names, is_exact=is_exact)
        return self._agreed[asked]

    def _compare(self, unit: Unit, names: tuple[str, ...], *, is_exact: bool) -> bool:
        chain = self._exact_names[unit.id] if is_exact else self._names[unit.id]
        if is_exact:
            return all(any(_canonical(name) in level for level in chain) for name in names if name)
        return all(any(_canonical(name) in level or _stem(_canonical(name)) in level for level in chain)
                   for name in names if name)  # fmt: skip


def _lowest(unit: Unit) -> Unit:
    if not unit.is_lowest:
        raise CellError("unit_not_lowest", unit=unit.title)
    return unit


@lru_cache(maxsize=4096)
def _canonical(name: str) -> str:
    """One spelling: without the committee, groups in Chinese numerals (第3村民组 → 三组)."""
    name = plain_name(re.sub(r"\s+", "", name))
    match = _NUMBERED.fullmatch(name)
    if match and 1 <= int(match[1]) <= 99:
        return f"{chinese_number(int(match[1]))}组"
    return re.sub(r"^第([一二三四五六七八九十]+)(?:村民小组|村民组|小组|组)$", r"\1组", name)


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name)


def _exact_forms(row: dict[str, Any]) -> set[str]:
    return {_canonical(name) for name in (row["name"], row["alias"]) if name}


def _forms(row: dict[str, Any]) -> set[str]:
    exact = _exact_forms(row)
    return exact | {_stem(name) for name in exact}
