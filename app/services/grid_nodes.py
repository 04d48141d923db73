"""Units of the grid come and close, households move. Units merge, split and move in app.services.grid_care."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.domain.enums import UnitKind
from app.domain.msgids import N_
from app.models import GridNode, Household
from app.security import audit

DEEPEST = 5


class GridError(ValueError):
    """Why the tree cannot be changed so. The message is an English msgid."""


def add_node(session: Any, parent: GridNode | None, code: str, name: str, kind: UnitKind | None = None) -> GridNode:
    """A new unit below `parent` (None: the root of a tree, system access only). Flushed: id, path, levels are set."""
    depth = 1 if parent is None else parent.depth + 1
    if depth > DEEPEST:
        raise GridError(N_("The grid has at most five levels."))
    if session.scalar(select(GridNode.id).where(GridNode.code == code)) is not None:
        raise GridError(N_("This code is taken."))
    node = GridNode(parent_id=parent.id if parent else None, parent=parent, code=code, name=name, depth=depth,
                    unit_kind=kind or (UnitKind.GROUP if depth >= 4 else UnitKind.ADMIN))  # fmt: skip
    session.add(node)
    session.flush()
    return node


def move_household(session: Any, household: Household, node: GridNode, reason: str) -> None:
    """The household now belongs to another unit, with its people, phones, contacts and visits."""
    if not node.is_active:
        raise GridError(N_("This unit is closed."))
    _need_reason(reason)
    old = household.node_id
    if old == node.id:
        return
    household.node = node
    household.node_id = node.id
    session.flush()
    audit.record("moved", "household", household.id, household_id=household.id, node_id=node.id, reason=reason,
                 changes={"node_id": [old, node.id]})  # fmt: skip


def close_node(session: Any, node: GridNode, reason: str) -> None:
    """Out of use; kept for history. Only when nothing lives in it any more."""
    households = session.scalar(
        select(func.count(Household.id)).where(Household.node_id == node.id, Household.gone_on.is_(None))
    )
    children = session.scalar(select(func.count(GridNode.id)).where(GridNode.parent_id == node.id, GridNode.is_active))
    if households or children:
        raise GridError(N_("Move its households and units elsewhere first."))
    _need_reason(reason)
    node.is_active = False
    session.flush()
    audit.record("closed", "grid_node", node.id, node_id=node.id, reason=reason)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise GridError(N_("Say why: the reason goes into the audit trail."))
