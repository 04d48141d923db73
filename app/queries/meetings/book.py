"""专本: the locked records of a unit and year in their order (D4-16)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.domain.meetings.words import MeetingState
from app.models import Meeting


def list_book(session: Any, node_id: int, year: int) -> list[Meeting]:
    """All of a unit's locked records of the year, by number, with what belongs to them."""
    query = select(Meeting).where(Meeting.node_id == node_id, Meeting.year == year,
                                  Meeting.state == MeetingState.LOCKED)  # fmt: skip
    parts = (Meeting.attendees, Meeting.items, Meeting.resolutions, Meeting.addenda)
    return list(session.scalars(query.options(*map(selectinload, parts)).order_by(Meeting.number)))


def last_of_book(session: Any, node_id: int, year: int) -> Meeting | None:
    """The youngest record of the book, None before the first."""
    query = select(Meeting).where(Meeting.node_id == node_id, Meeting.year == year, Meeting.number.is_not(None))
    found: Meeting | None = session.scalars(query.order_by(Meeting.number.desc()).limit(1)).first()
    return found


def list_books(session: Any) -> list[tuple[int, int, int]]:
    """(unit, year, records) of the reader's area, the youngest year first."""
    query = select(Meeting.node_id, Meeting.year, func.count(Meeting.id)).where(Meeting.number.is_not(None))
    rows = session.execute(query.group_by(Meeting.node_id, Meeting.year).order_by(Meeting.year.desc(), Meeting.node_id))
    return [tuple(row) for row in rows]


def latest_of_kind(session: Any, node_id: int, kind: str) -> Meeting | None:
    """The unit's last meeting of a kind, drafts included: who came then is asked again."""
    query = select(Meeting).where(Meeting.node_id == node_id, Meeting.kind == kind)
    found: Meeting | None = session.scalars(query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(1)).first()
    return found
