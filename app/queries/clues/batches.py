"""Lists of department warnings: what they hold, what a village has to answer, how long answers took (D2-41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.clues.words import BatchState
from app.models import WarningBatch, WarningRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of a batch within the reader's area. `hours`: mean from dispatch to answer, None before the first."""

    rows: int = 0
    sent: int = 0
    answered: int = 0
    hours: float | None = None


def list_batches(session: Session, most: int = 50) -> list[tuple[WarningBatch, Tally]]:
    """The batches the reader took in, and those of which rows lie in the reader's area; newest first."""
    tallies = _tallies(session)
    query = select(WarningBatch).order_by(WarningBatch.id.desc()).options(joinedload(WarningBatch.department))
    return [(batch, tallies.get(batch.id, Tally())) for batch in session.scalars(query.limit(most))]


def tally_of(session: Session, batch: WarningBatch) -> Tally:
    return _tallies(session, batch.id).get(batch.id, Tally())


def _tallies(session: Session, batch_id: int | None = None) -> dict[int, Tally]:
    sent = func.sum(case((WarningRow.is_sent.is_(True), 1), else_=0))
    answered = func.count(WarningRow.answered_at)
    query = select(WarningRow.batch_id, func.count(WarningRow.id), sent, answered).group_by(WarningRow.batch_id)
    if batch_id is not None:
        query = query.where(WarningRow.batch_id == batch_id)
    return {key: Tally(rows, int(went or 0), done) for key, rows, went, done in session.execute(query)}


def mean_hours(session: Session, batch: WarningBatch) -> float | None:
    """From the dispatch to the answer, over the answered rows."""
    times = session.scalars(select(WarningRow.answered_at).where(WarningRow.batch_id == batch.id,
                                                                 WarningRow.answered_at.is_not(None)))  # fmt: skip
    took = [(at - batch.dispatched_at).total_seconds() / 3600 for at in times if at and batch.dispatched_at]
    return sum(took) / len(took) if took else None


def list_rows(session: Session, batch_id: int, page: int = 1) -> tuple[list[WarningRow], int]:
    """One page of the rows in the reader's area, and how many there are; unanswered ones first."""
    own = select(WarningRow).where(WarningRow.batch_id == batch_id)
    total = session.scalar(select(func.count(WarningRow.id)).where(WarningRow.batch_id == batch_id)) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    query = own.order_by(WarningRow.answered_at.is_not(None), WarningRow.line).limit(PAGE).offset((page - 1) * PAGE)
    return list(session.scalars(query)), total


def list_to_answer(session: Session, most: int = 200) -> list[WarningRow]:
    """What waits for an answer in the reader's area, the nearest deadline first."""
    query = (
        select(WarningRow).join(WarningBatch, WarningBatch.id == WarningRow.batch_id)
        .where(WarningRow.is_sent.is_(True), WarningRow.answer.is_(None), WarningBatch.state == BatchState.DISPATCHED)
        .order_by(WarningBatch.due_at, WarningRow.batch_id, WarningRow.line).limit(most)
    )  # fmt: skip
    return list(session.scalars(query))


def count_overdue(session: Session, now: datetime) -> int:
    """Rows whose answer is late, within the reader's area."""
    query = (
        select(func.count(WarningRow.id)).join(WarningBatch, WarningBatch.id == WarningRow.batch_id)
        .where(WarningRow.is_sent.is_(True), WarningRow.answer.is_(None), WarningBatch.state == BatchState.DISPATCHED)
        .where(WarningBatch.due_at < now)
    )  # fmt: skip
    return session.scalar(query) or 0


def all_rows(batch_id: int) -> Any:
    """The whole list in the order it came, as far as it lies in the reader's area."""
    return select(WarningRow).where(WarningRow.batch_id == batch_id).order_by(WarningRow.line)
