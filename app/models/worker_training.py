"""Training of those who serve the grid (D0-49…D0-52, D4-22) and the handbook they work by (D0-53)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, LargeBinary, Numeric, SmallInteger, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.worker_files.words import TrainingState
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EnumText, now
from app.models.workers import GridWorker


class TrainingSession(AreaMixin, db.Model):
    """One round for the workers of a unit and all below it: planned, then held with its sign-in sheet.

    `counts`: attendance counts as a round; a meeting counts where the rules say so (D0-52).
    """

    __tablename__ = "training_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(40))  # in the words of the profile: 培训班, 以会代训, 技能比武
    title: Mapped[str] = mapped_column(String(100))
    planned_on: Mapped[date] = mapped_column(Date)
    held_on: Mapped[date | None] = mapped_column(Date)
    hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    place: Mapped[str] = mapped_column(String(100), default="")
    trainer: Mapped[str] = mapped_column(String(60), default="")
    is_meeting: Mapped[bool] = mapped_column(Boolean, default=False)
    counts: Mapped[bool] = mapped_column(Boolean, default=True)
    state: Mapped[TrainingState] = mapped_column(EnumText(TrainingState), default=TrainingState.PLANNED)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (CheckConstraint("hours IS NULL OR hours > 0", name="ck_training_hours"),)


class TrainingAttendance(db.Model):
    """Who came. A worker who is not on the sheet was not there."""

    __tablename__ = "training_attendance"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    session: Mapped[TrainingSession] = relationship()
    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (Unique("session_id", "worker_id", name="uq_training_attendance"),)


class Handbook(AreaMixin, db.Model):
    """One version of 《网格化监测手册》, as a file, as a page, or both. The newest of the nearest unit above holds."""

    __tablename__ = "handbook"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date] = mapped_column(Date)
    body: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (Unique("node_id", "version", name="uq_handbook_version"),)


class HandbookReceipt(db.Model):
    """手册发放登记 (form 24): handed out on, and signed for on."""

    __tablename__ = "handbook_receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    handbook_id: Mapped[int] = mapped_column(ForeignKey("handbook.id"))
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    handed_on: Mapped[date] = mapped_column(Date)
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    handbook: Mapped[Handbook] = relationship()
    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (Unique("handbook_id", "worker_id", name="uq_handbook_receipt"),)
