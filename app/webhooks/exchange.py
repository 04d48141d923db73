"""One callback: found by its key or stored by it, applied once, committed once (HOUSE rules 6–8).

The attempt's row is locked first, so that callbacks of one call take turns. A repeat gets the stored answer and changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.extensions import clock, db, passing, writers_turn
from app.models import Attempt, CarrierCallback
from app.queries.scope import system_access
from app.services.contacts import note_lock
from app.webhooks.metrics import CALLBACKS
from telephony.ports import CarrierEvent, EventKind

_MID_CALL = frozenset({EventKind.ANSWERED, EventKind.DIGITS, EventKind.DIAL_ENDED, EventKind.MACHINE})
_TRIES = 4
_TRY_AGAIN = frozenset({"40P01", "40001"})  # deadlock, serialisation failure: PostgreSQL asks to run it again


# Built once: composing a statement costs more than running it, and this path is measured in milliseconds.
_STORED = (CarrierCallback.id, CarrierCallback.response)
_SAME_KEY = CarrierCallback.dedupe_key == bindparam("key")
_CALLBACK = select(*_STORED).where(_SAME_KEY)
_ATTEMPT = (
    select(Attempt, *_STORED)
    .outerjoin(CarrierCallback, _SAME_KEY)
    .where(Attempt.token == bindparam("token"), Attempt.carrier == bindparam("carrier"))
    .with_for_update(of=Attempt)
)
_TABLE = CarrierCallback.__table__
_INSERT = {
    name: insert(_TABLE).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(_TABLE.c.id)
    for name, insert in (("postgresql", pg_insert), ("sqlite", sqlite_insert))
}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a callback. `body`: the TwiML answered, None for a callback that wants no words."""

    body: str | None = None
    was_applied: bool = True
    attempt_id: int | None = None


class _RacedError(Exception):
    """Another request stored the same callback meanwhile."""


def exchange(event: CarrierEvent, work: Callable[[Session, Attempt | None], Done]) -> Done:
    """Run `work(session, attempt)` for a callback that is new and commit; give the stored answer to one that is not.

    `attempt`: the locked row whose token the callback carries, None when there is none. Deadlocks with a worker that
    closes the same contact are run again.
    """
    with system_access(), writers_turn(db.session), passing() if _ends_nothing(event) else nullcontext():
        for tries_left in reversed(range(_TRIES)):
            try:
                return _exchange(db.session, event, work)
            except _RacedError:
                db.session.rollback()
            except OperationalError as error:
                db.session.rollback()
                if tries_left == 0 or getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN:
                    raise
    raise RuntimeError("a callback was neither found nor stored")


def _ends_nothing(event: CarrierEvent) -> bool:
    """A word of a call under way: a power failure that takes it takes the line as well, and the call's end, whichever
    way it is learnt, is stored durably."""
    if event.kind is EventKind.CALL_STATUS:
        return event.call_state is not None and not event.call_state.is_terminal
    return event.kind in _MID_CALL


def _exchange(session: Session, event: CarrierEvent, work: Callable[[Session, Attempt | None], Done]) -> Done:
    attempt, stored = _load(session, event)
    if stored is not None:
        session.rollback()
        CALLBACKS.labels(event.kind.value, "repeated").inc()
        return Done(stored.response, was_applied=False)
    done = work(session, attempt)
    session.flush()
    if not _store(session, event, done, attempt):
        raise _RacedError
    session.commit()
    CALLBACKS.labels(event.kind.value, "applied" if done.was_applied else "kept").inc()
    return done


def _load(session: Session, event: CarrierEvent) -> tuple[Attempt | None, Any]:
    """The locked attempt and the stored callback of the same key, in one statement.

    After waiting for the lock PostgreSQL shows the attempt as it is now but the callback as it was: a repeat that slips
    through there is caught by the unique key when it is stored.
    """
    key = {"key": event.dedupe_key}
    if event.token:
        named = {**key, "token": event.token, "carrier": event.carrier}
        row = session.execute(_ATTEMPT, named, execution_options={"populate_existing": True}).first()
        if row is not None:
            return note_lock(session, row[0]), row if row[1] is not None else None
    return None, session.execute(_CALLBACK, key).first()


def _store(session: Session, event: CarrierEvent, done: Done, attempt: Attempt | None) -> bool:
    values = {
        "dedupe_key": event.dedupe_key, "carrier": event.carrier, "kind": event.kind.value, "sequence": event.sequence,
        "attempt_id": done.attempt_id if attempt is None else attempt.id, "received_at": clock.now(),
        "was_applied": done.was_applied, "detail": _detail(event), "response": done.body,
    }  # fmt: skip
    statement = _INSERT[session.get_bind().dialect.name]
    return session.connection().execute(statement, values).first() is not None  # flushed above; no entity concerned


def _detail(event: CarrierEvent) -> dict[str, Any]:
    """What an operator needs to follow a call. Numbers, digits and words stay out (rule 15)."""
    known = {
        "carrier_id": event.carrier_id,
        "state": event.raw_state,
        "occurred_at": event.occurred_at.isoformat() if event.occurred_at else None,
        "answered_by": event.answered_by.value if event.answered_by else None,
        "duration_s": event.duration_s,
        "error_code": event.error_code,
        "segments": event.segments,
        "recording_s": event.recording_s,
    }
    return {name: value for name, value in known.items() if value is not None}
