"""纳入监测信息系统: whether what a case decided is in the provincial platform (D4-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.domain.grid_care.words import SyncEntity, SyncState
from app.models import Case, SyncItem


@dataclass(frozen=True, slots=True)
class Entry:
    """`since`: when it came on the queue, or was exported; `on`: the civil day since which the platform has it."""

    state: SyncState
    since: datetime
    on: date | None = None


def find_entry(session: Session, case: Case) -> Entry | None:
    """What became of the household's first row of the queue that holds the outcome. None while the case is open, and
    where its outcome changes nothing in the register."""
    if case.closed_at is None:
        return None
    query = select(SyncItem).options(joinedload(SyncItem.batch)).where(
        SyncItem.entity == SyncEntity.HOUSEHOLD, SyncItem.entity_id == case.household_id,
        SyncItem.state != SyncState.FOLDED, SyncItem.last_at >= case.closed_at,
    )  # fmt: skip
    item = session.scalars(query.order_by(SyncItem.id)).first()
    if item is None:
        return None
    if item.batch is None:
        return Entry(item.state, case.closed_at)
    return Entry(item.state, item.batch.exported_at, item.batch.synced_on)
