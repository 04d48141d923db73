"""Households with anything to do, tasks and contacts owed taken together: the order of the worker's one list.

For the people who go to the households: an area of a few villages at most. Township and county read counts and pages of
duties instead; their task list stays a walk along its index (app.queries.worklist).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Subquery, func, select, union_all
from sqlalchemy.orm import Session

from app.domain.enums import WorkTaskState
from app.models import WorkTask
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.duties.lists import beyond, key_of, position_of, waited
from app.queries.duties.places import Places
from app.queries.duties.standing import NOTHING, OVERDUE, standing_rows
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class Lead:
    """A household's place in the list; `key`: where the page after it begins."""

    household_id: int
    key: str


@dataclass(frozen=True, slots=True)
class JoinedCounts:
    """`households` with a task or a contact owed; `owed`: with a contact owed; `overdue`: with one that is late."""

    households: int
    owed: int
    overdue: int


def lead_households(session: Session, places: Places, after: str | None, limit: int) -> list[Lead]:
    """The first `limit` households after `after`: most urgent first, then who has waited longest for a contact.

    Raises ValueError for an `after` that is none.
    """
    standing = standing_rows(places, current_access())
    merged = _merged(standing)
    since = waited(standing)
    order = (merged.c.rank, since, merged.c.id)
    query = select(merged.c.rank, since, merged.c.id).select_from(
        merged.outerjoin(standing, standing.c.id == merged.c.id)
    )
    if after is not None:
        query = query.where(beyond(order, position_of(after)))
    rows = session.execute(vouched(query.order_by(*order).limit(limit)))
    return [Lead(row.id, key_of(row)) for row in rows]


def count_joined(session: Session, places: Places) -> JoinedCounts:
    standing = standing_rows(places, current_access())
    merged = _merged(standing)
    owed = select(
        func.count(), func.count().filter(standing.c.state == OVERDUE)
    ).select_from(standing).where(standing.c.state > NOTHING).subquery()  # fmt: skip
    total = select(func.count()).select_from(merged).scalar_subquery()
    row = session.execute(vouched(select(total, owed))).one()
    return JoinedCounts(row[0], row[1], row[2])


def _merged(standing: Subquery) -> Subquery:
    """(id, rank): each household once, with the rank of its most urgent matter."""
    tasks = select(WorkTask.household_id.label("id"), func.min(WorkTask.rank).label("rank")).where(
        WorkTask.state == WorkTaskState.OPEN, criterion(current_access(), WorkTask)
    )
    owed = select(standing.c.id, standing.c.rank).where(standing.c.state > NOTHING)
    both = union_all(tasks.group_by(WorkTask.household_id), owed).subquery("both")
    return select(both.c.id, func.min(both.c.rank).label("rank")).group_by(both.c.id).subquery("merged")
