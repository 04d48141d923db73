"""部门预警: a department's list, its rows with the villages, and their answers (D0-43, D2-17, D2-41, D4-32)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.clues.words import BatchState, RowAnswer, RowChoice, RowMatch
from app.extensions import UtcDateTime, db
from app.models.departments import Department
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, now


class WarningBatch(AreaMixin, db.Model):
    """One list as it came. `node`: the unit that took it in; `pushed_on`: the day the department sent it."""

    __tablename__ = "warning_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    state: Mapped[BatchState] = mapped_column(EnumText(BatchState), default=BatchState.DRAFT)
    pushed_on: Mapped[date] = mapped_column(Date)
    file_name: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    department: Mapped[Department] = relationship()
    rows: Mapped[list[WarningRow]] = relationship(back_populates="batch", order_by="WarningRow.line")

    def __repr__(self) -> str:
        return self.title


class WarningRow(AreaMixin, db.Model):
    """One person of a list. It lies with the household, else in the village it names, else where the batch lies.

    `digest`: blind index of department, person, kind and amount: the same row in a second file changes nothing."""

    __tablename__ = "warning_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("warning_batch.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    line: Mapped[int] = mapped_column(Integer)  # as Excel numbers it
    digest: Mapped[str] = mapped_column(String(32))
    person: Mapped[str] = mapped_column(EncryptedText)
    id_number: Mapped[str | None] = mapped_column(EncryptedText)
    village: Mapped[str] = mapped_column(String(80), default="")  # as written
    kind: Mapped[str] = mapped_column(String(80), default="")  # as written
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # yuan
    words: Mapped[str | None] = mapped_column(EncryptedText)
    match: Mapped[RowMatch] = mapped_column(EnumText(RowMatch), default=RowMatch.NONE)
    choice: Mapped[RowChoice] = mapped_column(EnumText(RowChoice), default=RowChoice.SEND)
    is_sent: Mapped[bool] = mapped_column(Boolean, default=False)
    answer: Mapped[RowAnswer | None] = mapped_column(EnumText(RowAnswer))
    answer_words: Mapped[str | None] = mapped_column(EncryptedText)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    household: Mapped[Household | None] = relationship()
    batch: Mapped[WarningBatch] = relationship(back_populates="rows")
    answered_by: Mapped[Any] = relationship("User")

    __table_args__ = (
        UniqueConstraint("batch_id", "digest", name="uq_warning_row_digest"),
        Index("ix_warning_row_digest", "digest"),
        Index("ix_warning_row_village", "l3_id", "is_sent", "answered_at"),
    )


class ComparisonResult(AreaMixin, db.Model):
    """信息比对 (D0-41): what an outside register says of a household on a day; "" means: asked, nothing found."""

    __tablename__ = "comparison_result"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    item_code: Mapped[str] = mapped_column(String(32))  # of the policy's list `comparison_items`
    finding: Mapped[str] = mapped_column(EncryptedText)
    is_found: Mapped[bool] = mapped_column(Boolean, default=False)
    checked_on: Mapped[date] = mapped_column(Date)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (UniqueConstraint("household_id", "item_code", "checked_on", name="uq_comparison_result_day"),)
