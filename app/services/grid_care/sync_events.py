"""Every change of a unit, a worker or an assignment becomes a row for the provincial platform, whoever made it.

Gathered when it is flushed, like the audit trail, so that no page or service can forget it. Bulk loads (the demo, the
shipped divisions) do not pass through here: they are the state from which changes are counted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, func, insert, inspect, select, update
from sqlalchemy.orm import Session

from app.domain.enums import Duty
from app.domain.grid_care import wording
from app.domain.grid_care.words import PublicityKind, PublicityState, SyncChange, SyncEntity
from app.extensions import clock, db
from app.models import Assignment, GridNode, GridWorker, PublicityRecord
from app.models.types import AREA_COLUMNS
from app.queries.scope import current_access
from app.services.grid_care import sync
from app.services.grid_care.publicity import LONGEST

_ENTITIES: dict[type[Any], SyncEntity] = {
    GridNode: SyncEntity.UNIT, GridWorker: SyncEntity.WORKER, Assignment: SyncEntity.ASSIGNMENT,
}  # fmt: skip
_WATCHED: dict[type[Any], frozenset[str]] = {
    GridNode: frozenset({"parent_id", "code", "name", "unit_kind", "is_active", "boundary", "organisation"}),
    GridWorker: frozenset({"name", "title", "phone", "is_active", "is_demo"}),
    Assignment: frozenset({"node_id", "duty", "from_on", "to_on", "is_demo"}),
}


@event.listens_for(db.session, "after_flush")
def _gather(session: Session, flush_context: Any) -> None:
    found: dict[SyncEntity, dict[int, SyncChange]] = {}
    for row in (*session.new, *session.dirty):
        entity = _ENTITIES.get(type(row))
        change = _change_of(row) if entity is not None else None
        if entity is None or change is None:
            continue
        found.setdefault(entity, {})[row.id] = change
        if entity is SyncEntity.ASSIGNMENT:  # where a worker lies follows the assignments
            workers = found.setdefault(SyncEntity.WORKER, {})
            workers.setdefault(row.worker_id, SyncChange.UPDATED)
    for row in session.deleted:
        if type(row) in _ENTITIES:
            sync.forget(session, _ENTITIES[type(row)], row.id)
    for entity, changed in found.items():
        sync.note_many(session, entity, changed)
    changes = found.get(SyncEntity.ASSIGNMENT, {})
    _raise_publicity(session, [key for key, change in changes.items() if change is not SyncChange.UPDATED])


def _raise_publicity(session: Session, assignment_ids: list[int]) -> None:
    """Farmers must be told who their grid worker is and that it changed (D0-11); one due record a unit is enough."""
    if not assignment_ids:
        return  # every flush of the product comes by, a carrier's callbacks among them
    duty, worker, node = Assignment.__table__, GridWorker.__table__, GridNode.__table__
    record = PublicityRecord.__table__
    query = (
        select(duty.c.from_on, duty.c.to_on, duty.c.is_demo, worker.c.name, worker.c.title, node.c.name.label("unit"),
               *(node.c[column] for column in AREA_COLUMNS[1:]), node.c.id.label("node_id"))
        .join_from(duty, worker, worker.c.id == duty.c.worker_id).join(node, node.c.id == duty.c.node_id)
        .where(duty.c.id.in_(assignment_ids), duty.c.duty == Duty.GRID_WORKER, node.c.is_active)
    )  # fmt: skip
    connection = session.connection()
    for row in connection.execute(query).mappings().all():
        due = select(record.c.id).where(record.c.node_id == row["node_id"], record.c.state == PublicityState.DUE,
                                        record.c.kind == PublicityKind.WORKER_CHANGE)  # fmt: skip
        ends = row["to_on"] is not None
        words = wording.worker_ends if ends else wording.worker_begins
        what = words(row["title"] or "网格员", row["name"], row["unit"], row["to_on"] if ends else row["from_on"])
        known = connection.execute(due).scalar()
        if known is not None:
            connection.execute(update(record).where(record.c.id == known)
                               .values(what=func.substr(record.c.what + what, 1, LONGEST)))  # fmt: skip
            continue
        connection.execute(insert(record).values(
            kind=PublicityKind.WORKER_CHANGE, state=PublicityState.DUE, what=what, created_at=clock.now(),
            created_by_id=current_access().user_id, is_demo=row["is_demo"],
            **{column: row[column] for column in AREA_COLUMNS},
        ))  # fmt: skip


def _change_of(row: Any) -> SyncChange | None:
    state: Any = inspect(row)
    if state.pending or state.key is None:
        return SyncChange.CREATED
    touched = {name for name in _WATCHED[type(row)] if state.attrs[name].history.has_changes()}
    if not touched:
        return None
    if touched & {"parent_id", "node_id"}:
        return SyncChange.MOVED
    ended = isinstance(row, Assignment) and row.to_on is not None
    return SyncChange.ENDED if ended or getattr(row, "is_active", True) is False else SyncChange.UPDATED
