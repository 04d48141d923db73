"""The rules and the level of many units at once: asking for each by itself costs three reads a unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import Rules
from app.models import GridNode, Household
from app.queries.access import current_access, mark
from app.queries.policy.chains import Place, chain_on, heads, kinds_from
from app.queries.policy.resolved import rules_of_chain


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in use with what it is to this cycle. `name` is the unit's own."""

    id: int
    name: str
    depth: int
    code: str
    level: LevelKind
    rules: Rules
    parent_id: int | None


def units_of(session: Any, nodes: Iterable[GridNode], on: date) -> list[Unit]:
    """Those units with the rules in force there on the civil date, in the given order. Two reads however many."""
    rows = list(nodes)
    ids = {int(part) for node in rows for part in node.path.strip("/").split("/") if part}
    table = GridNode.__table__
    codes: dict[int, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        query = select(table.c.id, table.c.code).where(table.c.id.in_(wanted[start : start + 500]))
        codes |= dict(session.execute(mark(query)).all())
    every = heads(session)
    return [_unit(session, node, codes, every, on) for node in rows]


def _unit(session: Any, node: GridNode, codes: dict[int, str], every: Sequence[Any], on: date) -> Unit:
    chain = [codes[int(part)] for part in node.path.strip("/").split("/")]
    kinds = kinds_from(chain[0], len(chain))
    place = Place(node.id, tuple(reversed(chain)), kinds)
    rules = rules_of_chain(session, chain_on(every, place, on)).rules
    return Unit(node.id, node.name, node.depth, node.code, kinds[-1], rules, node.parent_id)


def unit_of(session: Any, node: GridNode, on: date) -> Unit:
    """One unit with its level and rules."""
    [unit] = units_of(session, [node], on)
    return unit


def own_units(session: Any, on: date) -> list[Unit]:
    """The units the reader serves today; for somebody who sees everything, the roots."""
    access = current_access()
    if access.everything:
        query = select(GridNode).where(GridNode.parent_id.is_(None))
    else:
        query = select(GridNode).where(GridNode.id.in_([node_id for _, node_id in access.grants]))
    found = session.scalars(query.where(GridNode.is_active).order_by(GridNode.depth, GridNode.code))
    return units_of(session, found, on)


def below(session: Any, node: GridNode, on: date) -> list[Unit]:
    """The units in use right below, by code."""
    query = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active).order_by(GridNode.code)
    return units_of(session, session.scalars(query), on)


def units_within(session: Any, node: GridNode | None, depth: int, on: date, limit: int) -> list[Unit]:
    """Units in use of one depth, within `node` or the reader's whole area, by code; at most `limit`."""
    query = select(GridNode).where(GridNode.depth == depth, GridNode.is_active)
    if node is not None:
        query = query.where(getattr(GridNode, f"l{node.depth}_id") == node.id)
    return units_of(session, session.scalars(query.order_by(GridNode.code).limit(limit)), on)


def is_demo(session: Any, node: GridNode) -> bool:
    """Do households of the demo lie here? What is then written about the unit goes with them."""
    table = Household.__table__
    query = select(table.c.id).where(table.c[f"l{node.depth}_id"] == node.id, table.c.is_demo.is_(True)).limit(1)
    return session.execute(mark(query)).first() is not None
