"""Resolutions by how far they are: to be done, overdue, to be checked, struck off (D4-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from app.domain.meetings.words import IN_WORK, NOT_CLOSED, ResolutionState
from app.domain.msgids import N_
from app.models import GridNode, Resolution


class Shelf(StrEnum):
    """Which resolutions a list shows."""

    TO_DO = "to_do"
    OVERDUE = "overdue"
    TO_CHECK = "to_check"
    NOT_CLOSED = "not_closed"
    CLOSED = "closed"


SHELF_WORDS = {
    Shelf.TO_DO: N_("To be done"), Shelf.OVERDUE: N_("Overdue"), Shelf.TO_CHECK: N_("Waiting for a check"),
    Shelf.NOT_CLOSED: N_("Not struck off yet"), Shelf.CLOSED: N_("Struck off"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    to_do: int
    overdue: int
    to_check: int

    @property
    def not_closed(self) -> int:
        return self.to_do + self.to_check


def count_resolutions(session: Any, today: date, node: GridNode | None = None) -> Counts:
    """Of the reader's area, or of `node` and what lies below. One read."""
    numbers = [func.count(Resolution.id).filter(_on(shelf, today))
               for shelf in (Shelf.TO_DO, Shelf.OVERDUE, Shelf.TO_CHECK)]  # fmt: skip
    row = session.execute(_within(select(*numbers).select_from(Resolution), node)).one()
    return Counts(*row)


def list_resolutions(
    session: Any, shelf: Shelf, today: date, node: GridNode | None = None, *, after: int = 0, limit: int = 50
) -> list[Resolution]:
    """The nearest day first (closed ones: the last closed first); `after` rows are left out."""
    query = _within(select(Resolution).where(_on(shelf, today)), node)
    order = (Resolution.closed_at.desc(),) if shelf is Shelf.CLOSED else (Resolution.due_on,)
    query = query.options(joinedload(Resolution.node)).order_by(*order, Resolution.id)
    return list(session.scalars(query.offset(after).limit(limit)))


def count_on(session: Any, shelf: Shelf, today: date, node: GridNode | None = None) -> int:
    return int(session.scalar(_within(select(func.count(Resolution.id)).where(_on(shelf, today)), node)) or 0)


def _on(shelf: Shelf, today: date) -> ColumnElement[bool]:
    if shelf is Shelf.OVERDUE:
        return Resolution.state.in_(IN_WORK) & (Resolution.due_on < today)
    states = {Shelf.TO_DO: IN_WORK, Shelf.TO_CHECK: (ResolutionState.ANSWERED,), Shelf.NOT_CLOSED: NOT_CLOSED,
              Shelf.CLOSED: (ResolutionState.CLOSED,)}[shelf]  # fmt: skip
    return Resolution.state.in_(states)


def _within(query: Any, node: GridNode | None) -> Any:
    return query if node is None else query.where(getattr(Resolution, f"l{node.depth}_id") == node.id)
