"""Lets go of what has served its time, in short transactions. Runs every night, at any time, and twice.

What belongs to an open matter stays until that is settled. The audit trail keeps how many of which kind went.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from app.domain.retention import Kept
from app.extensions import clock
from app.models import AuditEntry
from app.queries.retention.standing import free, periods, served
from app.queries.retention.stores import CLEARED, STORES, Store
from app.queries.scope import vouched

CHUNK = 2_000  # rows in one transaction: nobody waits for it, and a worker that is stopped has lost seconds
Unit = Callable[[], AbstractContextManager[Session]]


def clear(unit: Unit) -> dict[Kept, int]:
    """Everything that is due; how many rows of each kind went. `unit()` opens one transaction and commits it."""
    gone: dict[Kept, int] = {}
    now = clock.now()
    for position, store in enumerate(STORES):
        while True:
            with unit() as session:
                count = clear_chunk(session, position, now)
            gone[store.kind] = gone.get(store.kind, 0) + count
            if count < CHUNK:
                break
    if any(gone.values()):
        with unit() as session:
            _note(session, gone)
    return gone


def clear_chunk(session: Session, position: int, now: datetime) -> int:
    """At most CHUNK rows of the store at `position` of STORES; how many went."""
    store = STORES[position]
    over = served(store, periods(session, now)[store.kind], now)
    if over is None:
        return 0
    where = (over, free(store))
    _mark(session, store, where, now)
    key = tuple_(*store.table.primary_key.columns)
    some = select(*store.table.primary_key.columns).select_from(store.rows).where(*where).limit(CHUNK)
    keys = [tuple(row) for row in session.execute(vouched(some))]
    for start in range(0, len(keys), 200):  # SQLite counts the parameters of a statement
        chosen = key.in_(keys[start : start + 200])
        session.execute(vouched(_change(store, chosen, now)))
    return len(keys)


def _change(store: Store, chosen: ColumnElement[bool], now: datetime) -> Any:
    if store.emptied is None:
        return delete(store.table).where(chosen)
    values = dict(store.emptied)
    if CLEARED in store.table.c:
        values[CLEARED] = now
    return update(store.table).where(chosen).values(values)


def _mark(session: Session, store: Store, where: tuple[ColumnElement[bool], ...], now: datetime) -> None:
    """Before the first of its rows goes: half an upload is not to be undone."""
    if store.marks is None:
        return
    table, names = store.marks
    concerned = select(names).select_from(store.rows).where(*where).distinct()
    ids = list(session.execute(vouched(concerned)).scalars())
    unmarked = update(table).where(table.c.id.in_(ids), table.c[CLEARED].is_(None))
    session.execute(vouched(unmarked.values({CLEARED: now})))


def _note(session: Session, gone: dict[Kept, int]) -> None:
    changes = {kind.value: [count, 0] for kind, count in gone.items() if count}
    entry = {"at": clock.now(), "action": "retention", "entity": "retention", "changes": changes}
    session.execute(vouched(insert(AuditEntry.__table__)), [entry])  # in the unit's own session: SQLite has one writer
