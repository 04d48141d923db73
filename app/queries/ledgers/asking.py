"""Which unit a ledger is asked of, and as of which day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.domain.ledgers.kept import Span
from app.models import GridNode
from app.queries.access import current_access, mark, today
from app.queries.ledgers.listing import Ask, Place
from app.queries.policy.chains import kinds_from, place_of
from app.queries.scope import scoped

node = GridNode.__table__
_WANTED = (node.c.id, node.c.depth, node.c.code, node.c.name)


def own_places(session: Any) -> list[Place]:
    """The units the reader serves, by code; for the whole system the roots of the trees."""
    access = current_access()
    wanted = node.c.depth == 1 if access.everything else node.c.id.in_([node_id for _, node_id in access.grants])
    rows = session.execute(mark(select(*_WANTED).where(wanted, node.c.is_active).order_by(node.c.code))).all()
    return [_place(session, row) for row in rows]


def find_place(session: Any, node_id: int) -> Place | None:
    """A unit of the reader's area."""
    row = session.execute(scoped(select(*_WANTED).where(node.c.id == node_id), GridNode)).first()
    return None if row is None else _place(session, row)


def _place(session: Any, row: Any) -> Place:
    codes = place_of(session, row.id).codes
    root = select(node.c.id).where(node.c.code == codes[-1]).scalar_subquery()
    deepest = session.execute(mark(select(func.max(node.c.depth)).where(node.c.l1_id == root))).scalar_one()
    return Place(row.id, row.depth, row.code, row.name, kinds_from(codes[-1], max(deepest, row.depth)))


def ask_for(place: Place, as_of: date, *, masked: bool = True) -> Ask:
    return Ask(place, Span(as_of), is_today=as_of >= today(), masked=masked)
