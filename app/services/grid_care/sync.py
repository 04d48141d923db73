"""待同步: what changed here and is not yet in the provincial platform (D0-12).

One waiting row a thing: later changes collapse into it. An export takes the waiting rows it finds into a batch, and
exactly those are marked as synchronised, or put back; what changes after the export waits again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.domain.grid_care.words import SyncChange, SyncEntity, SyncState
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Assignment, GridNode, GridWorker, Household, Member, SyncBatch, SyncItem
from app.models.types import AREA_COLUMNS
from app.queries.scope import criterion, current_access, today, vouched
from app.security import audit

# The weightier word speaks for the row: what was created and then changed is new to the platform.
_WEIGHT = (SyncChange.UPDATED, SyncChange.MOVED, SyncChange.ENDED, SyncChange.CREATED)
_MODELS: Mapping[SyncEntity, type[Any]] = {
    SyncEntity.UNIT: GridNode, SyncEntity.WORKER: GridWorker, SyncEntity.ASSIGNMENT: Assignment,
    SyncEntity.HOUSEHOLD: Household, SyncEntity.MEMBER: Member,
}  # fmt: skip


class SyncError(ValueError):
    """Why the queue cannot do so. The message is an English msgid."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing lies, as AREA_COLUMNS name it, and whether it belongs to the demo."""

    area: Mapping[str, int | None]
    is_demo: bool


def note(session: Any, entity: SyncEntity | str, entity_id: int, change: SyncChange | str) -> None:
    """Put a change on the queue for the provincial platform, or into the row that waits already. Never commits.

    `entity`: unit | worker | assignment | household | member; `change`: created | updated | moved | ended. A worker
    who serves no unit yet has no place in the grid and is noted with the first assignment. LookupError: no such row.
    """
    note_many(session, SyncEntity(entity), {int(entity_id): SyncChange(change)})


def note_many(session: Any, entity: SyncEntity, changed: Mapping[int, SyncChange]) -> None:
    """The same for many things of one kind (id → change): two reads and two writes a thousand."""
    ids = sorted(changed)
    for start in range(0, len(ids), 500):
        _note_some(session.connection(), entity, {key: changed[key] for key in ids[start : start + 500]})


def _note_some(connection: Any, entity: SyncEntity, changed: Mapping[int, SyncChange]) -> None:
    item = SyncItem.__table__
    places = _places(connection, entity, list(changed))
    if entity is not SyncEntity.WORKER and set(places) != set(changed):
        raise LookupError(f"no {entity.value} {sorted(set(changed) - set(places))[:3]}")
    now = clock.now()
    query = select(item.c.id, item.c.entity_id, item.c.changes).where(
        item.c.entity == entity, item.c.entity_id.in_(list(places)), item.c.state == SyncState.WAITING
    )
    waiting = {row.entity_id: row for row in connection.execute(query.with_for_update())}
    fresh = []
    for key, place in places.items():
        said = [*(waiting[key].changes if key in waiting else [])]
        said += [changed[key].value] if changed[key].value not in said else []
        values = {"change": max(map(SyncChange, said), key=_WEIGHT.index), "changes": said, "last_at": now,
                  "is_demo": place.is_demo, **place.area}  # fmt: skip
        if key in waiting:
            connection.execute(update(item).where(item.c.id == waiting[key].id).values(**values))
        else:
            fresh.append({"entity": entity, "entity_id": key, "state": SyncState.WAITING, "first_at": now,
                          **values})  # fmt: skip
    if fresh:
        connection.execute(insert(item), fresh)


def forget(session: Any, entity: SyncEntity, entity_id: int) -> None:
    """What was entered by mistake and taken out again is no news for the platform."""
    item = SyncItem.__table__
    gone = (item.c.entity == entity) & (item.c.entity_id == entity_id) & (item.c.state == SyncState.WAITING)
    session.connection().execute(delete(item).where(gone))


def _places(connection: Any, entity: SyncEntity, ids: list[int]) -> dict[int, Place]:
    """id → where it lies; a worker lies where the latest assignment is."""
    node, duty, worker = GridNode.__table__, Assignment.__table__, GridWorker.__table__
    levels = [node.c[name] for name in AREA_COLUMNS[1:]]
    if entity is SyncEntity.UNIT:
        query = select(node.c.id.label("key"), node.c.id.label("node_id"), *levels).where(node.c.id.in_(ids))
    elif entity is SyncEntity.ASSIGNMENT:
        query = (select(duty.c.id.label("key"), duty.c.node_id, duty.c.is_demo, *levels)
                 .join(node, node.c.id == duty.c.node_id).where(duty.c.id.in_(ids)))  # fmt: skip
    elif entity is SyncEntity.WORKER:
        query = (select(duty.c.worker_id.label("key"), duty.c.node_id, worker.c.is_demo, *levels)
                 .join(node, node.c.id == duty.c.node_id).join(worker, worker.c.id == duty.c.worker_id)
                 .where(duty.c.worker_id.in_(ids)).order_by(duty.c.from_on, duty.c.id))  # fmt: skip
    else:
        table = _MODELS[entity].__table__
        query = select(table.c.id.label("key"), table.c.is_demo, *(table.c[name] for name in AREA_COLUMNS))
        query = query.where(table.c.id.in_(ids))
    return {row["key"]: Place({name: row[name] for name in AREA_COLUMNS}, bool(row.get("is_demo", False)))
            for row in connection.execute(query).mappings()}  # fmt: skip


# ---------------------------------------------------------------- batches


def export(session: Any, node: GridNode, token: str, entity: SyncEntity | None = None) -> SyncBatch:
    """Take the waiting rows of `node` and below into a batch; the same `token` gives the same batch. Set-based.

    Raises SyncError when nothing waits there.
    """
    known: SyncBatch | None = session.scalars(select(SyncBatch).where(SyncBatch.token == token)).first()
    if known is not None:
        return known
    batch = SyncBatch(node_id=node.id, node=node, token=token, entity=entity, rows=0, exported_at=clock.now(),
                      exported_by_id=current_access().user_id)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(batch)
    except IntegrityError:  # the other click was first
        return session.scalars(select(SyncBatch).where(SyncBatch.token == token)).one()  # type: ignore[no-any-return]
    item = SyncItem.__table__
    inside = [item.c.state == SyncState.WAITING, item.c[f"l{node.depth}_id"] == node.id,
              criterion(current_access(), SyncItem)]  # fmt: skip
    if entity is not None:
        inside.append(item.c.entity == entity)
    taken = session.execute(vouched(update(item).where(*inside)
                                    .values(state=SyncState.EXPORTED, batch_id=batch.id)))  # fmt: skip
    if not taken.rowcount:
        raise SyncError(N_("Nothing waits to be synchronised here."))
    batch.rows = taken.rowcount
    session.flush()
    audit.record("export", "sync_batch", batch.id, node_id=node.id, changes={"rows": [0, batch.rows]})
    return batch


def mark_synced(session: Any, batch: SyncBatch, on: date) -> None:
    """The platform has exactly the rows of this export, since civil date `on`. Raises SyncError."""
    _lock(session, batch)
    if batch.synced_at is not None or batch.withdrawn_at is not None:
        raise SyncError(N_("This export is settled already."))
    if on > today():
        raise SyncError(N_("The day lies in the future."))
    if on < batch.exported_at.astimezone(CHINA).date():
        raise SyncError(N_("It cannot be in the platform before it was exported."))
    batch.synced_on, batch.synced_at, batch.synced_by_id = on, clock.now(), current_access().user_id
    _move(session, batch, SyncState.EXPORTED, SyncState.SYNCED)
    audit.record("synced", "sync_batch", batch.id, node_id=batch.node_id, changes={"synced_on": [None, on.isoformat()]})


def undo_synced(session: Any, batch: SyncBatch, reason: str) -> None:
    """The mark was a mistake: the rows are exported and not confirmed again. Raises SyncError."""
    _lock(session, batch)
    if batch.synced_at is None:
        raise SyncError(N_("This export is not marked as synchronised."))
    _need_reason(reason)
    was = batch.synced_on
    batch.synced_on = batch.synced_at = batch.synced_by_id = None
    _move(session, batch, SyncState.SYNCED, SyncState.EXPORTED)
    audit.record("sync_undone", "sync_batch", batch.id, node_id=batch.node_id, reason=reason,
                 changes={"synced_on": [was.isoformat() if was else None, None]})  # fmt: skip


def withdraw(session: Any, batch: SyncBatch, reason: str) -> None:
    """The file was never used: its rows wait again, except where a newer row of the same thing waits already: that one
    takes over what the old one said. Raises SyncError."""
    _lock(session, batch)
    if batch.synced_at is not None or batch.withdrawn_at is not None:
        raise SyncError(N_("This export is settled already."))
    _need_reason(reason)
    item, newer = SyncItem.__table__, SyncItem.__table__.alias()
    pairs = session.execute(vouched(
        select(item.c.id, item.c.changes, item.c.first_at, newer.c.id, newer.c.changes)
        .join_from(item, newer, (newer.c.entity == item.c.entity) & (newer.c.entity_id == item.c.entity_id))
        .where(item.c.batch_id == batch.id, item.c.state == SyncState.EXPORTED, newer.c.state == SyncState.WAITING)
    )).all()  # fmt: skip
    connection = session.connection()
    for old_id, old_said, first_at, new_id, new_said in pairs:
        said = [*old_said, *(word for word in new_said if word not in old_said)]
        weight = max(map(SyncChange, said), key=_WEIGHT.index)
        connection.execute(update(item).where(item.c.id == new_id)
                           .values(changes=said, change=weight, first_at=first_at))  # fmt: skip
        connection.execute(update(item).where(item.c.id == old_id).values(state=SyncState.FOLDED))
    batch.withdrawn_at = clock.now()
    _move(session, batch, SyncState.EXPORTED, SyncState.WAITING)
    audit.record("sync_withdrawn", "sync_batch", batch.id, node_id=batch.node_id, reason=reason)


def _lock(session: Any, batch: SyncBatch) -> None:
    session.refresh(batch, with_for_update=True)


def _move(session: Any, batch: SyncBatch, before: SyncState, after: SyncState) -> None:
    item = SyncItem.__table__
    session.flush()
    values: dict[str, Any] = {"state": after} | ({"batch_id": None} if after is SyncState.WAITING else {})
    session.execute(vouched(update(item).where(item.c.batch_id == batch.id, item.c.state == before).values(**values)))
    session.expire_all()


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise SyncError(N_("Say why: the reason goes into the audit trail."))
