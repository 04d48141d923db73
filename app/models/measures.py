"""一户一方案 (D4-24, D4-25): a household's plan in versions, its lines by kind of risk, what proves them, the list of
measures, and their dispatch to departments (D0-48, D3-18)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.measures.words import Answer, DispatchState, ItemKind, ItemState, LineState, PlanState
from app.domain.policy.kinds import Every, LevelKind
from app.extensions import UtcDateTime, db
from app.models.departments import Department
from app.models.households import Household, Member
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.visits import Visit

IS_OPEN = text("state IN ('draft', 'checking')")
IS_IN_FORCE = text("state = 'in_force'")
IS_WAITING = text("state = 'waiting'")


class HelpPlan(AreaMixin, db.Model):
    """One version of a household's plan. `turn`: the level whose check is awaited, "" before and after; `changes`
    counts what was done to it, so that one click is one act."""

    __tablename__ = "help_plan"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    version: Mapped[int] = mapped_column(SmallInteger)  # 1, 2, 3 … of the household
    state: Mapped[PlanState] = mapped_column(EnumText(PlanState), default=PlanState.DRAFT)
    turn: Mapped[str] = mapped_column(String(16), default="")
    changes: Mapped[int] = mapped_column(Integer, default=0)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)  # the case it was opened from
    goal: Mapped[str | None] = mapped_column(EncryptedText)
    opened_on: Mapped[date] = mapped_column(Date)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    in_force_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)  # replaced or closed
    ending_note: Mapped[str | None] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    lines: Mapped[list[PlanLine]] = relationship(back_populates="plan", order_by="PlanLine.number")
    checks: Mapped[list[PlanCheck]] = relationship(back_populates="plan", order_by="PlanCheck.id")

    __table_args__ = (
        UniqueConstraint("household_id", "version", name="uq_help_plan_version"),
        Index("uq_help_plan_open", "household_id", unique=True, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("uq_help_plan_in_force", "household_id", unique=True, postgresql_where=IS_IN_FORCE,
              sqlite_where=IS_IN_FORCE),
        Index("ix_help_plan_turn", "l2_id", "state", "turn"),
    )  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.household_id}/{self.version}"


class PlanLine(AreaMixin, db.Model):
    """What is done about one kind of risk. `basis`: the rule it was made from, {kind, document, clause, note}.
    `reckoned_on`: when income was last reckoned, at first the day the line began; the next one is due from there."""

    __tablename__ = "help_plan_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("help_plan.id"), index=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    template_code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    basis: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    what: Mapped[str | None] = mapped_column(EncryptedText)
    state: Mapped[LineState] = mapped_column(EnumText(LineState), default=LineState.OPEN)
    reckon_every: Mapped[Every | None] = mapped_column(EnumText(Every))
    judge_relief: Mapped[bool] = mapped_column(Boolean, default=False)
    reckoned_on: Mapped[date] = mapped_column(Date)
    crossed_off_on: Mapped[date | None] = mapped_column(Date)
    crossed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    crossing_note: Mapped[str | None] = mapped_column(EncryptedText)
    listed: Mapped[str | None] = mapped_column(EncryptedText)  # JSON: the list as it stood when a later version came
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    plan: Mapped[HelpPlan] = relationship(back_populates="lines")
    evidence: Mapped[list[PlanEvidence]] = relationship(back_populates="line", order_by="PlanEvidence.id")
    items: Mapped[list[PlanItem]] = relationship(back_populates="line", order_by="PlanItem.id")
    reckonings: Mapped[list[PlanReckoning]] = relationship(back_populates="line", order_by="PlanReckoning.id")

    __table_args__ = (
        UniqueConstraint("plan_id", "number", name="uq_help_plan_line_number"),
        Index("ix_help_plan_line_reckoning", "l2_id", "state", "reckon_every", "reckoned_on"),
    )

    def __repr__(self) -> str:
        return self.title


class PlanEvidence(AreaMixin, db.Model):
    """One entry of a line's list of evidence. Ticked with a note or a file; a file is kept encrypted."""

    __tablename__ = "help_plan_evidence"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("help_plan_line.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    ticked_on: Mapped[date | None] = mapped_column(Date)
    ticked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    file: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    file_type: Mapped[str] = mapped_column(String(40), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    line: Mapped[PlanLine] = relationship(back_populates="evidence")

    def __repr__(self) -> str:
        return self.title


class PlanReckoning(AreaMixin, db.Model):
    """定期核算收支 (D4-25): what a reckoning found, and whether relief is needed. Rows are only ever added."""

    __tablename__ = "help_plan_reckoning"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("help_plan_line.id"), index=True)
    due_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date] = mapped_column(Date)
    income_sheet_id: Mapped[int | None] = mapped_column(ForeignKey("income_sheet.id"))
    relief_needed: Mapped[bool | None] = mapped_column(Boolean)
    judgement: Mapped[str | None] = mapped_column(EncryptedText)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    line: Mapped[PlanLine] = relationship(back_populates="reckonings")


class PlanCheck(AreaMixin, db.Model):
    """A level has looked at the plan and its list of measures: passed, or sent back with a reason (D0-48)."""

    __tablename__ = "help_plan_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("help_plan.id"), index=True)
    level: Mapped[LevelKind] = mapped_column(EnumText(LevelKind))
    passed: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    plan: Mapped[HelpPlan] = relationship(back_populates="checks")


class PlanItem(AreaMixin, db.Model):
    """One line of the list of measures (措施清单): what is to be done until when, by which department. Once it has
    begun there is a Measure of it; until then it counts as none."""

    __tablename__ = "help_plan_item"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("help_plan_line.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[ItemKind] = mapped_column(EnumText(ItemKind), default=ItemKind.MEASURE)
    class_code: Mapped[str] = mapped_column(String(24))  # of `measure_classes` or `early_measures`
    what: Mapped[str] = mapped_column(String(80), default="")
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # yuan, as planned
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState), default=ItemState.PLANNED)
    dropped_why: Mapped[str | None] = mapped_column(EncryptedText)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    member: Mapped[Member | None] = relationship()
    line: Mapped[PlanLine] = relationship(back_populates="items")
    dispatches: Mapped[list[MeasureDispatch]] = relationship(back_populates="item", order_by="MeasureDispatch.id")

    __table_args__ = (CheckConstraint("amount IS NULL OR amount >= 0", name="ck_help_plan_item_amount"),)

    def __repr__(self) -> str:
        return self.what or self.class_code


class MeasureDispatch(AreaMixin, db.Model):
    """分办: one item of a list sent to one department, to be answered by a day. At most one of an item waits."""

    __tablename__ = "measure_dispatch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("help_plan_item.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    state: Mapped[DispatchState] = mapped_column(EnumText(DispatchState), default=DispatchState.WAITING)
    sent_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    words: Mapped[str | None] = mapped_column(EncryptedText)  # what the department is asked
    answered_on: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[Answer | None] = mapped_column(EnumText(Answer))
    answer_words: Mapped[str | None] = mapped_column(EncryptedText)  # the answer, or why it was returned or withdrawn
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    item: Mapped[PlanItem] = relationship(back_populates="dispatches")
    department: Mapped[Department] = relationship()

    __table_args__ = (
        CheckConstraint("due_on >= sent_on", name="ck_measure_dispatch_dates"),
        Index("uq_measure_dispatch_waiting", "item_id", unique=True, postgresql_where=IS_WAITING,
              sqlite_where=IS_WAITING),
        Index("ix_measure_dispatch_due", "l2_id", "state", "due_on"),
    )  # fmt: skip


class VisitReceipt(AreaMixin, db.Model):
    """The village archive has taken in the paper of a home visit (D4-26); once a visit."""

    __tablename__ = "visit_receipt"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    received_on: Mapped[date] = mapped_column(Date)
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    visit: Mapped[Visit] = relationship()
