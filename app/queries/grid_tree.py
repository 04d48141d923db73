"""The tree as people see it: from the units they serve downwards, with what lies in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from app.extensions import db
from app.models import Assignment, GridNode, GridWorker, Household
from app.queries.scope import current_access, today, vouched


@dataclass(frozen=True)
class Branch:
    """A unit in the tree: `households` lie in it and below; `children` is the number of units right below."""

    node: GridNode
    households: int
    children: int


def list_roots() -> list[Branch]:
    """Where the tree begins for the current user: the units they serve; for the whole system, the top units."""
    access = current_access()
    if access.everything:
        query = select(GridNode).where(GridNode.parent_id.is_(None))
    else:
        query = select(GridNode).where(GridNode.id.in_([node_id for _, node_id in access.grants]))
    nodes = list(db.session.scalars(query.order_by(GridNode.code)))
    inner = [n for n in nodes if not any(o is not n and n.path.startswith(o.path) for o in nodes)]
    return _branches(inner)


def list_children(node: GridNode) -> list[Branch]:
    query = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active).order_by(GridNode.code)
    return _branches(list(db.session.scalars(query)))


def branch_of(node: GridNode) -> Branch:
    return _branches([node])[0]


def _branches(nodes: list[GridNode]) -> list[Branch]:
    """Two grouped counts for all of them, however many."""
    ids = [node.id for node in nodes]
    children = dict(
        db.session.execute(
            select(GridNode.parent_id, func.count(GridNode.id)).where(GridNode.parent_id.in_(ids), GridNode.is_active)
            .group_by(GridNode.parent_id)
        ).all()
    )  # fmt: skip
    found: dict[int, int] = {}
    for depth in {node.depth for node in nodes}:
        column = getattr(Household, f"l{depth}_id")
        counted = select(column, func.count(Household.id)).where(column.in_(ids), Household.gone_on.is_(None))
        found |= dict(db.session.execute(counted.group_by(column)).all())
    return [Branch(node, found.get(node.id, 0), children.get(node.id, 0)) for node in nodes]


def breadcrumb(node: GridNode) -> list[tuple[int, str]]:
    """(id, name) from the top down to the unit itself. Names of ancestors are shown even where their rows are not."""
    table = GridNode.__table__
    ids = [getattr(node, f"l{depth}_id") for depth in range(1, node.depth + 1)]
    rows = db.session.execute(vouched(select(table.c.id, table.c.name).where(table.c.id.in_(ids))))
    names = dict(rows.all())
    return [(key, names[key]) for key in ids if key in names]


def place_of(node_id: int) -> str:
    """'千人桥镇 重阳村 中心组': the names below the county, for a card or a search result."""
    table = GridNode.__table__
    own = db.session.execute(vouched(select(table).where(table.c.id == node_id))).mappings().one()
    ids = [own[f"l{depth}_id"] for depth in range(2, own["depth"] + 1)] or [node_id]
    rows = db.session.execute(vouched(select(table.c.id, table.c.name).where(table.c.id.in_(ids))))
    names = dict(rows.all())
    return " ".join(names[key] for key in ids if key in names)


def list_workers(node: GridNode) -> list[Any]:
    """(worker, assignment) pairs serving this very unit today, in order of duty and name."""
    day = today()
    query = (
        select(GridWorker, Assignment)
        .join(Assignment, Assignment.worker_id == GridWorker.id)
        .where(Assignment.node_id == node.id, GridWorker.is_active, Assignment.from_on <= day)
        .where(or_(Assignment.to_on.is_(None), Assignment.to_on >= day))
        .order_by(Assignment.duty, Assignment.position.asc().nulls_last(), GridWorker.name)
    )
    return list(db.session.execute(query))
