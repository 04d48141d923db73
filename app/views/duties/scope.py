"""Which part of the grid a page of duties is about: a unit of the reader's area, or all of it."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from sqlalchemy import select

from app.extensions import db
from app.models import GridNode
from app.queries.scope import current_access
from app.views.guards import whole_number

MOST_DEPTH = 5


def unit_of_request() -> GridNode | None:
    """The unit of `?node=`; None without one. 404 for a unit that is unknown or outside the reader's area."""
    text = request.args.get("node", "")
    if not text:
        return None
    key = whole_number(text)
    node: GridNode | None = db.session.get(GridNode, key) if key is not None else None
    return node or abort(404)


def depth_below(node: GridNode | None) -> int:
    """The depth of the units to count by: those right below the chosen one, or below what the reader serves."""
    return min(own_depth(node) + 1, MOST_DEPTH)


def own_depth(node: GridNode | None) -> int:
    """The depth of the chosen unit, or of the highest one the reader serves."""
    if node is not None:
        return node.depth
    access = current_access()
    return 1 if access.everything else min((depth for depth, _ in access.grants), default=1)


def units_below(node: GridNode | None) -> dict[int, str]:
    """Id → name of the units in use right below, by code."""
    return units_at(depth_below(node), node)


def units_at(depth: int, node: GridNode | None) -> dict[int, str]:
    """Id → name of the units in use at this depth, by code, within the chosen one."""
    query = select(GridNode.id, GridNode.name).where(GridNode.depth == depth, GridNode.is_active)
    if node is not None:
        query = query.where(getattr(GridNode, f"l{node.depth}_id") == node.id)
    return {row[0]: row[1] for row in db.session.execute(query.order_by(GridNode.code))}


def crumbs_of(node: GridNode | None, address: Any) -> list[dict[str, str]]:
    """From the reader's own area down to the unit; `address(node_id)` gives the page of each."""
    if node is None:
        return []
    ids = [key for key in (getattr(node, f"l{depth}_id") for depth in range(1, node.depth + 1)) if key is not None]
    rows = db.session.execute(select(GridNode.id, GridNode.name).where(GridNode.id.in_(ids)).order_by(GridNode.depth))
    return [{"label": name, "href": address(key) if key != node.id else ""} for key, name in rows]
