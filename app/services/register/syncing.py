"""What the provincial platform has to hear of a changed register (D0-12)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.grid_care.words import SyncChange, SyncEntity, SyncState
from app.extensions import clock
from app.models import Household, Member, SyncItem


def note(session: Session, owner: Household | Member) -> None:
    """A household or a member has changed: it waits on the queue once, however often it changes."""
    entity = SyncEntity.HOUSEHOLD if isinstance(owner, Household) else SyncEntity.MEMBER
    query = select(SyncItem).where(SyncItem.entity == entity, SyncItem.entity_id == owner.id)
    waiting = session.scalars(query.where(SyncItem.state == SyncState.WAITING).with_for_update()).first()
    if waiting is not None:
        waiting.last_at = clock.now()
        if SyncChange.UPDATED.value not in waiting.changes:
            waiting.changes = [*waiting.changes, SyncChange.UPDATED.value]
        return
    session.add(SyncItem(node_id=owner.node_id, entity=entity, entity_id=owner.id, change=SyncChange.UPDATED,
                         changes=[SyncChange.UPDATED.value], is_demo=owner.is_demo))  # fmt: skip
