"""走访: every contact with a household, over any channel, is one visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import VisitChannel
from app.extensions import UtcDateTime, db
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.workers import GridWorker


class Visit(AreaMixin, db.Model):
    """One contact. `findings`: [{question, value, risk}], as the script's question ids name them.

    `attempt_id` is unique: an answered check-in is exactly one visit (I5). `client_id` is made by the worker's phone,
    so that an offline record sent twice is stored once.
    """

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), unique=True)
    client_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    channel: Mapped[VisitChannel] = mapped_column(EnumText(VisitChannel))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    respondent: Mapped[str] = mapped_column(String(24), default="")  # head | member | home_side_relative
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    closes_duty: Mapped[bool] = mapped_column(Boolean, default=False)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # recorded by mistake; closes nothing
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    household: Mapped[Household] = relationship()
    worker: Mapped[GridWorker | None] = relationship()

    __table_args__ = (
        Index("ix_visit_household_time", "household_id", "happened_at"),
        Index("ix_visit_town", "l2_id", "id"),
    )
