"""Who is, or is about to be, over age: asked of the birthdays every time, never kept (D0-07, D0-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from app.domain.policy import Source
from app.domain.worker_files.ages import AgeFinding, Limits, born_before, judge_age
from app.domain.worker_files.words import AgeState, ExceptionState
from app.extensions import db
from app.models import AgeException, GridNode, GridWorker
from app.queries.worker_files.people import FIELD_DUTIES, Post, list_posts
from app.queries.worker_files.rules import Rulebook, source_of_age

WORRYING = (AgeState.BLOCKED, AgeState.OVER, AgeState.EXCEPTION_ENDS, AgeState.SOON, AgeState.LAST_YEAR,
            AgeState.EXCEPTED, AgeState.UNKNOWN)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgeRow:
    """One person on one unit whose age needs a look, with the rule that says so."""

    post: Post
    finding: AgeFinding
    limits: Limits
    source: Source


def list_ages(
    on: date, node: GridNode | None = None, state: AgeState | None = None, within: int | None = None
) -> list[AgeRow]:
    """Those one leads whose age needs a look on `on`, by unit; `within`: only states that change in so many days.

    The lowest limit and the longest warning of all townships narrow the birthdays in the database; what each place's
    own rules say is judged row by row.
    """
    book = Rulebook(on)
    youngest = _youngest(book, on)
    if youngest is None:
        return []
    rows = list_posts(on, node, FIELD_DUTIES, or_(GridWorker.born_on.is_(None), GridWorker.born_on <= youngest))
    exceptions = exceptions_on(on)
    found = []
    for post in rows:
        row = _judge(book, post, on, exceptions)
        if row.finding.state not in WORRYING or (state is not None and row.finding.state is not state):
            continue
        if within is None or (row.finding.days is not None and row.finding.days <= within):
            found.append(row)
    return found


def _youngest(book: Rulebook, on: date) -> date | None:
    """The latest birthday that any township's rules would name; None where no rule has a limit."""
    places = db.session.scalars(select(GridNode).where(GridNode.depth <= 2, GridNode.is_active.is_(True)))
    limits = [book.limits_at(place) for place in places]
    days = [born_before(on + timedelta(days=one.warn), one.most) for one in limits if one.most is not None]
    return max(days, default=None)


def find_age(post: Post, on: date) -> AgeRow:
    """The same for one person's post."""
    return _judge(Rulebook(on), post, on, exceptions_on(on, post.worker_id))


def _judge(book: Rulebook, post: Post, on: date, exceptions: dict[tuple[int, int], date]) -> AgeRow:
    limits = book.limits_at(post)
    finding = judge_age(post.born_on, on, limits, exceptions.get((post.worker_id, post.node_id)))
    above = finding.state in (AgeState.EXCEPTED, AgeState.EXCEPTION_ENDS, AgeState.OVER, AgeState.BLOCKED)
    return AgeRow(post, finding, limits, source_of_age(book.at(post), above))


def exceptions_on(on: date, worker_id: int | None = None) -> dict[tuple[int, int], date]:
    """{(worker, unit): last day} of exceptions in force: for individual grids (D0-08), so bound to the unit."""
    query = select(AgeException.worker_id, AgeException.node_id, AgeException.expires_on)
    query = query.where(AgeException.state == ExceptionState.GRANTED, AgeException.from_on <= on,
                        AgeException.expires_on >= on)  # fmt: skip
    if worker_id is not None:
        query = query.where(AgeException.worker_id == worker_id)
    return {(row[0], row[1]): row[2] for row in db.session.execute(query.order_by(AgeException.expires_on))}


def list_exceptions(worker_id: int) -> list[AgeException]:
    query = select(AgeException).where(AgeException.worker_id == worker_id)
    return list(db.session.scalars(query.order_by(AgeException.from_on.desc(), AgeException.id.desc())))


def list_waiting_exceptions() -> list[AgeException]:
    query = select(AgeException).where(AgeException.state == ExceptionState.REQUESTED)
    return list(db.session.scalars(query.order_by(AgeException.requested_at)))
