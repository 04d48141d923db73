"""What is to become of the rows of a previewed batch: one by one, or all of a kind at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from app.domain.enums import ImportState
from app.domain.roundtrip.words import DECISIONS, Decision, RowKind
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import NationalBatch, NationalPart, NationalRow
from app.queries.scope import vouched
from app.services.roundtrip.comparing import get_batch

TABLE = NationalRow.__table__


class CannotDecide(ValueError):
    """The batch is not waiting for decisions, or the decision makes no sense for rows of this kind."""


def decide(session: Any, batch_id: int, row_id: int, decision: Decision) -> None:
    """Raises CannotDecide, LookupError."""
    _waiting(session, batch_id)
    query = select(TABLE.c.kind).where(TABLE.c.id == row_id, TABLE.c.batch_id == batch_id)
    kind = session.execute(vouched(query)).scalar()
    if kind is None:
        raise LookupError(f"batch {batch_id} has no row {row_id}")
    _check(RowKind(kind), decision)
    session.execute(vouched(update(TABLE).where(TABLE.c.id == row_id).values(decision=decision)))


def decide_all(session: Any, batch_id: int, kind: RowKind, decision: Decision, *conditions: Any) -> int:
    """Every row of a kind, within further `conditions` on the table (a unit, say). How many rows changed."""
    _waiting(session, batch_id)
    _check(kind, decision)
    wanted = update(TABLE).where(TABLE.c.batch_id == batch_id, TABLE.c.kind == kind, TABLE.c.decision != decision,
                                 *conditions)  # fmt: skip
    if kind is RowKind.MISSING and decision is Decision.TAKE:
        wanted = wanted.where(TABLE.c.member_id.is_not(None))  # a whole household is never taken out by a list
    return int(session.execute(vouched(wanted.values(decision=decision))).rowcount)


def _waiting(session: Any, batch_id: int) -> NationalBatch:
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is not ImportState.PREVIEWED:
        raise CannotDecide
    return batch


def _check(kind: RowKind, decision: Decision) -> None:
    if decision not in DECISIONS.get(kind, ()):
        raise CannotDecide


def cancel(session: Any, batch_id: int) -> NationalBatch:
    """Forget a batch that was not written, with the personal data it holds. Raises InvalidTransition afterwards."""
    batch = get_batch(session, batch_id, lock=True)
    require_move(batch.state, ImportState.CANCELLED)
    batch.state, batch.stage, batch.finished_at = ImportState.CANCELLED, "", clock.now()
    for model in (NationalRow, NationalPart):
        session.execute(vouched(delete(model.__table__).where(model.__table__.c.batch_id == batch_id)))
    session.flush()
    return batch


def count_decisions(session: Any, batch_id: int) -> dict[tuple[str, str], int]:
    """(kind, decision) → rows: what would happen now."""
    query = select(TABLE.c.kind, TABLE.c.decision, func.count()).where(TABLE.c.batch_id == batch_id)
    found = session.execute(vouched(query.group_by(TABLE.c.kind, TABLE.c.decision)))
    return {(kind, decision.value): count for kind, decision, count in found}
