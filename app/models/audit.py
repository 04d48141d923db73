"""Who did what: readable history with old and new values, reveals of personal data with their reasons, exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import UtcDateTime, db
from app.models.types import BigId, Json, now


class AuditEntry(db.Model):
    """One act. Personal values are recorded as changed, never in clear. `user_id` None = the system."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)  # create | update | delete | reveal | export | …
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int | None] = mapped_column(BigId)
    household_id: Mapped[int | None] = mapped_column(BigId, index=True)
    node_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(200), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # {field: [old, new]}
    address: Mapped[str] = mapped_column(String(45), default="")

    __table_args__ = (Index("ix_audit_entity", "entity", "entity_id"),)
