"""The units somebody without a log-in may choose from: names and codes of the grid, nothing of any person.

Core statements whose author vouches for them: what a unit is called stands on the notice board anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import GridLevel, GridNode
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class Area:
    """`takes_applications`: it is a village, to which an application can be sent; others only lead further down."""

    id: int
    parent_id: int | None
    code: str
    name: str
    depth: int
    takes_applications: bool


def find_area(code: str) -> Area | None:
    """A unit in use by its statistical code; None for an unknown one, a closed one, or one below the villages."""
    node = GridNode.__table__
    found = _read(node.c.code == code)
    return found[0] if found and found[0].depth <= _village_depth() else None


def list_below(area: Area | None) -> list[Area]:
    """What can be chosen next, by code: the roots, then what lies below."""
    node = GridNode.__table__
    return _read(node.c.parent_id.is_(None) if area is None else node.c.parent_id == area.id)


def path_of(area: Area) -> list[Area]:
    """From the root down to and with `area`."""
    path = [area]
    while path[0].parent_id is not None:
        path = _read(GridNode.__table__.c.id == path[0].parent_id) + path
    return path


def village_above(node_id: int) -> Area | None:
    """The village a unit lies in, or the unit itself when it is one or lies above."""
    node = GridNode.__table__
    found = _read(node.c.id == node_id)
    while found and found[0].depth > _village_depth():
        found = _read(node.c.id == found[0].parent_id)
    return found[0] if found else None


def _read(condition: Any) -> list[Area]:
    node, depth = GridNode.__table__, _village_depth()
    query = select(node.c.id, node.c.parent_id, node.c.code, node.c.name, node.c.depth)
    rows = db.session.execute(vouched(query.where(condition, node.c.is_active.is_(True)).order_by(node.c.code)))
    return [Area(row.id, row.parent_id, row.code, row.name, row.depth, row.depth == depth) for row in rows]


def _village_depth() -> int:
    """The level above the lowest one, whatever the levels are called here."""
    lowest = db.session.execute(vouched(select(func.max(GridLevel.__table__.c.depth)))).scalar()
    return max((lowest or 2) - 1, 1)
