"""月报: what a unit reported of a month. Every figure is counted from the records, none is typed (D2-14, D4-13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.monthly.words import ReportState, ReportStep
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now


class MonthlyReport(AreaMixin, db.Model):
    """One unit's month. `month`: its first day; `figures`: the counts as they stood when it was sent; `missing`: names
    of the units below that had not reported by then; `steps` counts the history: an old page sends nothing."""

    __tablename__ = "monthly_report"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    rule: Mapped[str] = mapped_column(String(40), default="")  # code of the calendar's rule
    state: Mapped[ReportState] = mapped_column(EnumText(ReportState), default=ReportState.SUBMITTED)
    is_nil: Mapped[bool] = mapped_column(Boolean, default=False)  # 零报告
    figures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    missing: Mapped[list[str]] = mapped_column(Json, default=list)
    comment: Mapped[str | None] = mapped_column(EncryptedText)
    steps: Mapped[int] = mapped_column(Integer, default=0)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    history: Mapped[list[MonthlyReportEntry]] = relationship(
        back_populates="report", order_by="MonthlyReportEntry.number"
    )

    __table_args__ = (
        UniqueConstraint("node_id", "month", name="uq_monthly_report_month"),
        Index("ix_monthly_report_town", "l2_id", "month"),
    )


class MonthlyReportEntry(AreaMixin, db.Model):
    """Who sent it, sent it back or closed the month, when, in which words."""

    __tablename__ = "monthly_report_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("monthly_report.id"))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[ReportStep] = mapped_column(EnumText(ReportStep))
    words: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    report: Mapped[MonthlyReport] = relationship(back_populates="history")
    user: Mapped[Any] = relationship("User")

    __table_args__ = (UniqueConstraint("report_id", "number", name="uq_monthly_report_entry_number"),)
