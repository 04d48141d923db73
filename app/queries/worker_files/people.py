"""Who serves where on a day, in the order of the units; never in an order of persons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import Duty
from app.extensions import db
from app.models import Assignment, GridNode, GridWorker, WorkerFile, WorkerIdentity
from app.queries.household_file_places import names_of
from app.queries.scope import current_access
from app.queries.worker_files.row_rules import led, workers_led

FIELD_DUTIES = (Duty.GRID_WORKER, Duty.GRID_LEAD)


@dataclass(frozen=True, slots=True)
class Post:
    """One duty of one person on one unit. `l1_id` … `l5_id` and `node_id` as on any placed row."""

    assignment_id: int
    worker_id: int
    name: str
    title: str
    phone_tail: str
    born_on: date | None
    sex: str
    duty: Duty
    from_on: date
    to_on: date | None
    node_id: int
    depth: int
    l1_id: int | None
    l2_id: int | None
    l3_id: int | None
    l4_id: int | None
    l5_id: int | None
    place: str = ""


_COLUMNS = (
    Assignment.id, GridWorker.id, GridWorker.name, GridWorker.title, GridWorker.phone_tail, GridWorker.born_on,
    GridWorker.sex, Assignment.duty, Assignment.from_on, Assignment.to_on, GridNode.id, GridNode.depth,
    GridNode.l1_id, GridNode.l2_id, GridNode.l3_id, GridNode.l4_id, GridNode.l5_id,
)  # fmt: skip


def in_force(on: date) -> tuple[Any, Any]:
    """Conditions on Assignment: valid on this day."""
    return Assignment.from_on <= on, or_(Assignment.to_on.is_(None), Assignment.to_on >= on)


def below(node: GridNode) -> Any:
    """Condition on GridNode: this unit or one below it."""
    return getattr(GridNode, f"l{node.depth}_id") == node.id


def _posts(*conditions: Any) -> Any:
    """Everybody one leads; without a wider condition, all duties."""
    query = select(*_COLUMNS).select_from(Assignment).join(GridWorker, GridWorker.id == Assignment.worker_id)
    query = query.join(GridNode, GridNode.id == Assignment.node_id).where(GridWorker.is_active.is_(True), *conditions)
    access = current_access()
    if not access.everything:
        query = query.where(led(access, GridNode, GridNode.id))
    return query.order_by(GridNode.code, Assignment.duty, Assignment.from_on, Assignment.id)


def list_posts(on: date, node: GridNode | None = None, duties: Sequence[Duty] = FIELD_DUTIES,
               *extra: Any) -> list[Post]:  # fmt: skip
    """The roster of those one leads on `on`, by unit code. One row for each person and unit."""
    conditions = [*in_force(on), Assignment.duty.in_(duties), *extra]
    if node is not None:
        conditions.append(below(node))
    return with_places(db.session.execute(_posts(*conditions)).all())


def with_places(rows: Iterable[Any]) -> list[Post]:
    rows = list(rows)
    names = names_of({key for row in rows for key in row[13:17] if key is not None})
    return [Post(*(*row, " ".join(names[key] for key in row[13:17] if key in names))) for row in rows]


def history_of(worker_id: int) -> list[Post]:
    """Every duty this person ever had inside one's area, newest first."""
    query = select(*_COLUMNS).select_from(Assignment).join(GridWorker, GridWorker.id == Assignment.worker_id)
    query = query.join(GridNode, GridNode.id == Assignment.node_id).where(GridWorker.id == worker_id)
    return with_places(db.session.execute(query.order_by(Assignment.from_on.desc(), Assignment.id.desc())).all())


def post_on(worker_id: int, on: date) -> Post | None:
    """The duty that says where a person belongs on a day: the field duty, else the one on the lowest unit."""
    valid = [post for post in history_of(worker_id) if post.from_on <= on and (post.to_on is None or post.to_on >= on)]
    return max(valid, key=lambda post: (post.duty in FIELD_DUTIES, post.depth), default=None)


def find_person(worker_id: int) -> GridWorker | None:
    """A person whose file one may read: oneself, or somebody one leads. Anybody else does not exist."""
    worker: GridWorker | None = db.session.get(GridWorker, worker_id)
    if worker is None:
        return None
    access = current_access()
    return worker if worker.user_id == access.user_id or leads(worker_id) else None


def leads(worker_id: int) -> bool:
    """May the current user decide about this person? Nobody decides about themselves."""
    access = current_access()
    if access.everything:
        return True
    is_led = select(GridWorker.id).where(GridWorker.id == worker_id)
    is_led = is_led.where(or_(GridWorker.user_id.is_(None), GridWorker.user_id != access.user_id))
    reach: Any = GridWorker.id.in_(workers_led(access))
    if access.is_county:
        anybody = Assignment.__table__.alias()
        reach = or_(reach, GridWorker.id.not_in(select(anybody.c.worker_id)))
    return db.session.scalar(is_led.where(reach)) is not None


def leads_place(node: GridNode) -> bool:
    """May the current user decide about those who serve this unit?"""
    access = current_access()
    if access.everything:
        return True
    return any(getattr(node, f"l{depth}_id") == key and (depth == 1 or node.id != key) for depth, key in access.grants)


def own_worker_id() -> int | None:
    found: int | None = db.session.scalar(select(GridWorker.id).where(GridWorker.user_id == current_access().user_id))
    return found


def file_of(worker_id: int) -> WorkerFile | None:
    found: WorkerFile | None = db.session.get(WorkerFile, worker_id)
    return found


def identities_on(worker_ids: Iterable[int], on: date) -> dict[int, list[WorkerIdentity]]:
    """{worker id: identities valid on the day}; a person without one is missing."""
    found: dict[int, list[WorkerIdentity]] = {}
    for block in _blocks(worker_ids):
        query = select(WorkerIdentity).where(WorkerIdentity.worker_id.in_(block), WorkerIdentity.from_on <= on)
        query = query.where(or_(WorkerIdentity.to_on.is_(None), WorkerIdentity.to_on >= on))
        for row in db.session.scalars(query.order_by(WorkerIdentity.id)):
            found.setdefault(row.worker_id, []).append(row)
    return found


def list_identities(worker_id: int) -> list[WorkerIdentity]:
    query = select(WorkerIdentity).where(WorkerIdentity.worker_id == worker_id)
    return list(db.session.scalars(query.order_by(WorkerIdentity.from_on.desc(), WorkerIdentity.id.desc())))


def _blocks(ids: Iterable[int], size: int = 500) -> Iterable[list[int]]:
    """SQLite takes a limited number of parameters."""
    keys = sorted(set(ids))
    return (keys[start : start + size] for start in range(0, len(keys), size))
