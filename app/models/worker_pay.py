"""Evaluation and subsidy of those who serve the grid (D0-54…D0-65, D4-31)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Numeric, SmallInteger, String, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.policy.kinds import SubsidyScope
from app.domain.worker_files.words import EvaluationState, PayMode, PayPeriod, PayReason, RunState
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.workers import GridWorker


class EvaluationScheme(AreaMixin, db.Model):
    """How the workers of a unit and all below it are evaluated, from a day on (D0-60…D0-62)."""

    __tablename__ = "evaluation_scheme"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date] = mapped_column(Date)
    weights: Mapped[dict[str, int]] = mapped_column(Json)  # {dimension: weight}; with manual_weight they sum to 100
    manual_weight: Mapped[int] = mapped_column(SmallInteger, default=0)
    objection_days: Mapped[int] = mapped_column(SmallInteger)
    bands: Mapped[list[list[str]]] = mapped_column(Json)  # [[floor, grade, coefficient], …], decimals as text
    adjust_below: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=0)  # below: adjustment is suggested (D0-65)
    source: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()


class Evaluation(AreaMixin, db.Model):
    """考核评分表 (form 22) of one person for one period. Figures are frozen when it is published."""

    __tablename__ = "evaluation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("evaluation_scheme.id"))
    period: Mapped[str] = mapped_column(String(7))  # '2026', '2026Q4', '2026-11'
    from_on: Mapped[date] = mapped_column(Date)  # the part of the period the person served here
    to_on: Mapped[date] = mapped_column(Date)
    state: Mapped[EvaluationState] = mapped_column(EnumText(EvaluationState), default=EvaluationState.DRAFT)
    tallies: Mapped[dict[str, list[int | None]]] = mapped_column(Json, default=dict)  # {dimension: [done, target]}
    manual_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    manual_reason: Mapped[str] = mapped_column(String(300), default="")
    deductions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # {points, reason, on, by}
    veto: Mapped[bool] = mapped_column(Boolean, default=False)
    veto_reason: Mapped[str] = mapped_column(String(300), default="")
    total: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    grade: Mapped[str] = mapped_column(String(20), default="")
    coefficient: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    objections_until: Mapped[date | None] = mapped_column(Date)  # last day
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    worker: Mapped[GridWorker] = relationship()
    scheme: Mapped[EvaluationScheme] = relationship()
    objections: Mapped[list[EvaluationObjection]] = relationship(order_by="EvaluationObjection.id")

    __table_args__ = (Unique("worker_id", "node_id", "period", name="uq_evaluation_period"),)


class EvaluationObjection(AreaMixin, db.Model):
    """Raised by the worker, answered in writing by those who published (D0-62)."""

    __tablename__ = "evaluation_objection"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    words: Mapped[str] = mapped_column(String(1000))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()


class SubsidyScheme(AreaMixin, db.Model):
    """误工补贴 of a unit's workers: how much, how often, and who bears it (D0-54…D0-59). Never changed once used."""

    __tablename__ = "subsidy_scheme"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    mode: Mapped[PayMode] = mapped_column(EnumText(PayMode))
    period: Mapped[PayPeriod] = mapped_column(EnumText(PayPeriod))
    base_fen: Mapped[int] = mapped_column(BigId)
    performance_fen: Mapped[int] = mapped_column(BigId, default=0)  # paid in full at coefficient 1
    shares: Mapped[dict[str, int]] = mapped_column(Json)  # {county, town, village} in hundredths of a percent
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(200), default="")
    # For whom it is the one standard (D0-56); None: of an older version, the unit's own level says it.
    uniform_for: Mapped[SubsidyScope | None] = mapped_column(EnumText(SubsidyScope))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        CheckConstraint("base_fen >= 0 AND performance_fen >= 0", name="ck_subsidy_scheme_amounts"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_subsidy_scheme_dates"),
    )


class SubsidyRun(AreaMixin, db.Model):
    """补贴发放表 (form 23) of one scheme, unit and period. An approved one is locked; a later one corrects it."""

    __tablename__ = "subsidy_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("subsidy_scheme.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    pay_on: Mapped[date] = mapped_column(Date)
    state: Mapped[RunState] = mapped_column(EnumText(RunState), default=RunState.DRAFT)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("subsidy_run.id"))
    total_fen: Mapped[int] = mapped_column(BigId, default=0)
    people: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    scheme: Mapped[SubsidyScheme] = relationship()

    __table_args__ = (
        # One payment a period; corrections and cancelled drafts apart.
        Index("uq_subsidy_run_period", "node_id", "scheme_id", "period", unique=True,
              postgresql_where=text("corrects_id IS NULL AND state != 'cancelled'"),
              sqlite_where=text("corrects_id IS NULL AND state != 'cancelled'")),
    )  # fmt: skip


class SubsidyLine(AreaMixin, db.Model):
    """One person on the payroll, with what decided. `node_id` is the unit served; names are as of the run."""

    __tablename__ = "subsidy_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("subsidy_run.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[PayReason] = mapped_column(EnumText(PayReason))
    detail: Mapped[str] = mapped_column(String(100), default="")  # the identity that excludes, the run corrected
    days: Mapped[int] = mapped_column(SmallInteger, default=0)
    of_days: Mapped[int] = mapped_column(SmallInteger)
    coefficient: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    base_fen: Mapped[int] = mapped_column(BigId, default=0)
    performance_fen: Mapped[int] = mapped_column(BigId, default=0)
    amount_fen: Mapped[int] = mapped_column(BigId, default=0)
    split_fen: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    account: Mapped[str | None] = mapped_column(EncryptedText)
    account_tail: Mapped[str] = mapped_column(String(4), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    run: Mapped[SubsidyRun] = relationship()

    __table_args__ = (Unique("run_id", "worker_id", "node_id", name="uq_subsidy_line"),)
