"""数据体检: findings, exceptions granted for them, the runs that look, and which rules a county uses (DOMAIN 4.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.checkup.words import ExceptionState, FindingEnd, Severity
from app.domain.policy.kinds import LevelKind
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now

_OPEN = text("closed_at IS NULL")


class CheckupFinding(AreaMixin, db.Model):
    """One thing that is wrong with one household: a task with an owner and a deadline. It opens and closes by itself.

    `subject`: which member ("m12") or measure ("a7") of the household, "" for the household itself. `facts` holds
    codes, counts and days for the message, never personal data. `excepted_until`: the last day an exception holds.
    """

    __tablename__ = "checkup_finding"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    rule: Mapped[str] = mapped_column(String(4))
    subject: Mapped[str] = mapped_column(String(24), default="")
    severity: Mapped[Severity] = mapped_column(EnumText(Severity))
    owner_id: Mapped[int] = mapped_column(BigId, index=True)  # the unit that mends it
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    due_on: Mapped[date] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended: Mapped[FindingEnd | None] = mapped_column(EnumText(FindingEnd))
    excepted_until: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    l2_id: Mapped[int | None] = mapped_column(BigId)  # ix_checkup_finding_town begins with it

    household: Mapped[Household] = relationship()

    __table_args__ = (
        Index("uq_checkup_finding_open", "household_id", "rule", "subject", unique=True,
              postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_checkup_finding_town", "l2_id", "rule", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )  # fmt: skip


class CheckupException(AreaMixin, db.Model):
    """Why a finding is right as it is: asked for with a reason, decided by somebody else, and it expires."""

    __tablename__ = "checkup_exception"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("checkup_finding.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    reason: Mapped[str] = mapped_column(EncryptedText)
    expires_on: Mapped[date] = mapped_column(Date)  # the last day it holds
    state: Mapped[ExceptionState] = mapped_column(EnumText(ExceptionState), default=ExceptionState.PENDING)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    answer: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    finding: Mapped[CheckupFinding] = relationship()
    household: Mapped[Household] = relationship()

    __table_args__ = (
        Index("uq_checkup_exception_pending", "finding_id", unique=True,
              postgresql_where=text("state = 'pending'"), sqlite_where=text("state = 'pending'")),
        Index("ix_checkup_exception_finding", "finding_id", "id"),
    )  # fmt: skip


class CheckupRun(AreaMixin, db.Model):
    """One look at a unit's register. `last_household_id`: how far it got; a run that broke off is gone on with."""

    __tablename__ = "checkup_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    last_household_id: Mapped[int] = mapped_column(BigId, default=0)
    households: Mapped[int] = mapped_column(Integer, default=0)
    opened: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[int] = mapped_column(Integer, default=0)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        Index("ix_checkup_run_unit", "node_id", "id"),
        Index("uq_checkup_run_open", "node_id", unique=True, postgresql_where=text("finished_at IS NULL"),
              sqlite_where=text("finished_at IS NULL")),
    )  # fmt: skip


class CheckupSetting(AreaMixin, db.Model):
    """How a place uses a rule, where it departs from what is above: the county from the shipped rule, a unit below from
    its county. `severity`, `owner` None: those of the rule. `parameters` are the county's alone; `reason` says why."""

    __tablename__ = "checkup_setting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule: Mapped[str] = mapped_column(String(4))
    is_on: Mapped[bool] = mapped_column(Boolean, default=True)
    days: Mapped[int] = mapped_column(SmallInteger)
    parameters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    severity: Mapped[Severity | None] = mapped_column(EnumText(Severity))
    owner: Mapped[LevelKind | None] = mapped_column(EnumText(LevelKind))
    reason: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", name="fk_checkup_setting_changed_by"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        Unique("node_id", "rule", name="uq_checkup_setting_rule"),
        CheckConstraint("days BETWEEN 1 AND 365", name="ck_checkup_setting_days"),
    )
