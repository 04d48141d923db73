"""Who is asked to come: those who came last time, else the posts the profile names and the people who serve here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.domain.labels import label_of
from app.domain.policy.rules import Meeting as Rule
from app.models import Assignment, Department, GridNode, GridWorker
from app.queries.meetings.book import latest_of_kind
from app.queries.scope import today

MOST = 60


@dataclass(frozen=True, slots=True)
class Seat:
    """One line of the attendance. `post` in the profile's words; a duty's label is an English msgid (`is_label`)."""

    name: str
    post: str
    is_label: bool = False


def seats_for(session: Any, node: GridNode, rule: Rule) -> list[Seat]:
    """Posts without a name are to be filled in; nobody is asked twice."""
    before = latest_of_kind(session, node.id, rule.code)
    if before is not None and before.attendees:
        return [Seat(one.name, one.post) for one in before.attendees][:MOST]
    posts = [Seat("", post) for post in dict.fromkeys((rule.convenor, *rule.attendees)) if post]
    return (posts + _people(session, node) + _departments(session, node))[:MOST]


def _people(session: Any, node: GridNode) -> list[Seat]:
    """Who serves the unit, and the units right below it."""
    day = today()
    query = (
        select(GridWorker.name, GridWorker.title, Assignment.duty)
        .join(Assignment, Assignment.worker_id == GridWorker.id)
        .join(GridNode, GridNode.id == Assignment.node_id)
        .where(or_(GridNode.id == node.id, GridNode.parent_id == node.id), GridWorker.is_active)
        .where(Assignment.from_on <= day, or_(Assignment.to_on.is_(None), Assignment.to_on >= day))
        .order_by(GridNode.depth, GridNode.code, GridWorker.name)
    )
    seats: dict[str, Seat] = {}
    for name, title, duty in session.execute(query.limit(MOST)):
        seats.setdefault(name, Seat(name, title) if title else Seat(name, label_of(duty), is_label=True))
    return list(seats.values())


def _departments(session: Any, node: GridNode) -> list[Seat]:
    day = today()
    query = select(Department).where(Department.node_id == node.id, Department.from_on <= day,
                                     or_(Department.to_on.is_(None), Department.to_on >= day))  # fmt: skip
    found = session.scalars(query.order_by(Department.kind_code, Department.id).limit(MOST))
    return [Seat(one.contact_name, one.name) for one in found]
