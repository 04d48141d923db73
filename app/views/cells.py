"""Cells that lead somewhere: a household with its village and group, a unit with the units above it.

`load(rows)` reads what a page of rows needs in two queries; a single record does the same for itself. What lies
outside the reader's area is a dash: its name is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, url_for
from markupsafe import Markup, escape
from sqlalchemy import select

from app.extensions import db
from app.models import GridNode, Household
from app.queries.grid_tree import breadcrumb
from app.queries.household_file_places import BELOW_TOWN, names_of, units_of

_NODES, _HOUSEHOLDS = "shouwang_cell_places", "shouwang_cell_households"


def load(rows: Iterable[Any], columns: Iterable[str]) -> None:
    """Read the households and units that `columns` of `rows` show, once for all of them."""
    rows, named = list(rows), set(columns)
    if named & {"household", "household_id"}:
        _load_households({row.household_id for row in rows if row.household_id is not None})
    for column in named & {"node", "parent"}:
        _load_places([node for row in rows if (node := getattr(row, column)) is not None])


def household_cell(household_id: int | None) -> Any:
    """A link to the household's file, its village and group below; None for none or one outside the area."""
    if household_id is None:
        return None
    if household_id not in g.get(_HOUSEHOLDS, {}):
        _load_households({household_id})
    name, place = g.shouwang_cell_households.get(household_id, (None, ""))
    if name is None:
        return None
    href = url_for("HouseholdFile.index", household_id=household_id)
    return Markup('<a href="{}">{}</a><small class="cell-place">{}</small>').format(href, name, place)


def unit_cell(node: GridNode | None) -> Any:
    """'千人桥镇 重阳村 中心组'; the name alone for a county."""
    if node is None:
        return None
    if node.id not in g.get(_NODES, {}):
        _load_places([node])
    return g.shouwang_cell_places[node.id]


def crumbs_of(item: Any) -> list[dict[str, Any]]:
    """Where a record stands in the grid, for ui.crumbs; empty for one that lies in no unit."""
    node_id = item.parent_id if isinstance(item, GridNode) else getattr(item, "node_id", None)
    node = db.session.get(GridNode, node_id) if node_id is not None else None
    if node is None:
        return []
    return [{"label": name, "href": url_for("GridTreeView.show", node_id=key)} for key, name in breadcrumb(node)]


def two_lines(first: Any, second: Any) -> Any:
    """Markup of a value with a quieter one below it."""
    return Markup('{}<small class="cell-place">{}</small>').format(first, second) if second else escape(first)


def _load_households(ids: set[int]) -> None:
    known: dict[int, tuple[str, str]] = g.setdefault(_HOUSEHOLDS, {})
    wanted = ids - set(known)
    if not wanted:
        return
    rows = list(db.session.scalars(select(Household).where(Household.id.in_(wanted))))
    names = names_of(unit for row in rows for unit in units_of(row, BELOW_TOWN))
    for row in rows:
        place = " ".join(names[unit] for unit in units_of(row, BELOW_TOWN) if unit in names)
        known[row.id] = row.head_name, place


def _load_places(nodes: list[GridNode]) -> None:
    known: dict[int, str] = g.setdefault(_NODES, {})
    chains = {node.id: units_of(node) or [node.id] for node in nodes if node.id not in known}
    names = names_of(unit for chain in chains.values() for unit in chain)
    for key, chain in chains.items():
        known[key] = " ".join(names[unit] for unit in chain if unit in names)
