"""What the provincial platform has to hear of a changed register (D0-12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.grid_care.words import SyncChange, SyncEntity
from app.models import Household, Member
from app.services.grid_care import sync


def note(session: Session, owner: Household | Member) -> None:
    """A household or a member has changed: it waits on the queue once, however often it changes."""
    entity = SyncEntity.HOUSEHOLD if isinstance(owner, Household) else SyncEntity.MEMBER
    session.flush()
    sync.note(session, entity, owner.id, SyncChange.UPDATED)
