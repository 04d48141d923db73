"""Pages of households that have to be contacted, the most urgent first where the part of the grid is small enough.

A page goes on where the last one ended (its place in the order), so that a deep page costs what the first one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.domain.duties.judging import Duty
from app.domain.duties.words import RuleWord
from app.domain.enums import HouseholdCategory
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import GridNode, Household
from app.queries.access import current_access
from app.queries.duties.details import list_duties
from app.queries.duties.places import Places, list_places
from app.queries.duties.standing import Part, at, ranked_rows
from app.queries.scope import vouched

PAGE = 50
MOST_PAGE = 200


@dataclass(frozen=True, slots=True)
class DueFilter:
    """`node`: a unit; `word`: one reason; `overdue`: only what is late; `category`: one kind of household."""

    node: GridNode | None = None
    word: RuleWord | None = None
    overdue: bool = False
    category: HouseholdCategory | None = None

    @property
    def part(self) -> Part:
        words = None if self.word is None else frozenset({self.word})
        if self.node is None:
            return Part(category=self.category, words=words, overdue_only=self.overdue)
        return Part(self.node.depth, self.node.id, self.category, words, self.overdue)


@dataclass(frozen=True, slots=True)
class DueRow:
    """One household with every rule that concerns it; `duties` the most urgent first."""

    household_id: int
    code: str
    head_name: str
    category: HouseholdCategory
    node_id: int
    duties: tuple[Duty, ...]

    @property
    def lead(self) -> Duty:
        return self.duties[0]


@dataclass(frozen=True, slots=True)
class DuePage:
    """`next_after`: where the next page begins, None on the last one. `total`: households on all pages; 0 on a page
    after the last."""

    rows: tuple[DueRow, ...]
    next_after: str | None
    total: int


def duties_due(
    session: Session, chosen: DueFilter | None = None, *, after: str | None = None, limit: int = PAGE,
    now: datetime | None = None,
) -> DuePage:  # fmt: skip
    """One page of the user's area: the most urgent first, then who has waited longest for a contact.

    `after`: a page's `next_after`; ValueError for anything else. `now`: aware, default the clock's.
    """
    chosen, now = chosen or DueFilter(), now or clock.now()
    places = list_places(session, now)
    ranked = ranked_rows(places, current_access(), chosen.part)
    rows = select(ranked, func.count().over().label("total")).subquery("counted")  # a county is not asked twice
    order = _order(rows)
    query = select(rows.c.id, rows.c.total, *order)
    if after is not None:
        query = query.where(beyond(order, position_of(after)))
    size = min(max(limit, 1), MOST_PAGE)
    found = session.execute(vouched(query.order_by(*order).limit(size + 1))).all()
    page = found[:size]
    following = key_of(page[-1]) if len(found) > size else None
    total = page[0].total if page else 0
    return DuePage(_rows(session, [row.id for row in page], chosen, places), following, total)


def _rows(session: Session, ids: list[int], chosen: DueFilter, places: Places) -> tuple[DueRow, ...]:
    households = {one.id: one for one in session.scalars(select(Household).where(Household.id.in_(ids)))}
    duties = list_duties(session, ids, places.now, places)
    return tuple(
        DueRow(one.id, one.code, one.head_name, one.category, one.node_id, _shown(duties[one.id], chosen))
        for one in (households[key] for key in ids)
    )


def _shown(duties: tuple[Duty, ...], chosen: DueFilter) -> tuple[Duty, ...]:
    """The reason that was asked for stands first."""
    return tuple(sorted(duties, key=lambda duty: chosen.word is not None and duty.word is not chosen.word))


# ---------------------------------------------------------------- order

_NEVER = datetime(1970, 1, 1, tzinfo=CHINA)


def _order(rows: Any) -> tuple[ColumnElement[Any], ...]:
    return rows.c.rank, waited(rows), rows.c.id


def waited(rows: Any) -> ColumnElement[Any]:
    """The latest contact over any channel; a household nobody ever reached has waited longest."""
    return func.coalesce(rows.c.waited, at(_NEVER)).label("waited_since")


def beyond(order: tuple[ColumnElement[Any], ...], position: tuple[int, datetime, int]) -> ColumnElement[bool]:
    rank, since, key = order
    later = or_(since > at(position[1]), and_(since == at(position[1]), key > position[2]))
    return or_(rank > position[0], and_(rank == position[0], later))


def key_of(row: Any) -> str:
    since = row.waited_since
    micros = (since - _NEVER) // timedelta(microseconds=1)
    return f"{row.rank}-{micros}-{row.id}"


def position_of(after: str) -> tuple[int, datetime, int]:
    parts = after.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise ValueError("after: not a position of this list")
    rank, micros, key = (int(part) for part in parts)
    return rank, _NEVER + timedelta(microseconds=micros), key
