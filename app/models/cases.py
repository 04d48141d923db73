"""案件: a household's way from a clue or an application to an outcome, along the template it began with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.casework.words import CaseState, EntryKind, ObjectionState
from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import WorkflowKind
from app.extensions import UtcDateTime, db
from app.models.followup import Clue
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now


class CaseTemplate(db.Model):
    """One workflow exactly as it stood when the first case began with it. Never changed: a changed workflow is a new
    row, and the cases under way keep theirs."""

    __tablename__ = "case_template"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the body
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[WorkflowKind] = mapped_column(EnumText(WorkflowKind))
    rules_version: Mapped[str] = mapped_column(String(400), default="")  # the profiles it was resolved from
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    def __repr__(self) -> str:
        return self.title


class Case(AreaMixin, db.Model):
    """`step`: code of the step under way, "" once closed; `outcome`: code of the template's outcome, "" before.
    `entries` counts the history: a decision names the number it follows, so that one decision is made once."""

    __tablename__ = "case_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)  # 2026-000123
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"), index=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))  # identified again after this one
    template_id: Mapped[int] = mapped_column(ForeignKey("case_template.id"))
    kind: Mapped[WorkflowKind] = mapped_column(EnumText(WorkflowKind))
    state: Mapped[CaseState] = mapped_column(EnumText(CaseState), default=CaseState.OPEN)
    step: Mapped[str] = mapped_column(String(40), default="")
    step_title: Mapped[str] = mapped_column(String(200), default="")  # as the template words it, for lists
    actor: Mapped[str] = mapped_column(String(16), default="")  # level whose turn it is
    step_from_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    step_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entries: Mapped[int] = mapped_column(Integer, default=0)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    outcome_title: Mapped[str] = mapped_column(String(200), default="")
    category: Mapped[HouseholdCategory | None] = mapped_column(EnumText(HouseholdCategory))  # proposed, then decided
    risks: Mapped[list[str]] = mapped_column(Json, default=list)  # codes of the policy's risk list
    opened_on: Mapped[date] = mapped_column(Date)  # judged by the lines valid on this day
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))  # who brought it to this step
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rolled_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    clue: Mapped[Clue | None] = relationship()
    template: Mapped[CaseTemplate] = relationship()
    history: Mapped[list[CaseEntry]] = relationship(back_populates="case", order_by="CaseEntry.number")
    photos: Mapped[list[CasePhoto]] = relationship(back_populates="case", order_by="CasePhoto.id")
    objections: Mapped[list[CaseObjection]] = relationship(back_populates="case", order_by="CaseObjection.id")
    notices: Mapped[list[CaseNotice]] = relationship(back_populates="case", order_by="CaseNotice.id")

    __table_args__ = (
        Index("uq_case_open", "household_id", unique=True,
              postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
        Index("ix_case_turn", "l2_id", "state", "actor", "step_due_at"),
    )  # fmt: skip

    def __repr__(self) -> str:
        return self.number or ""


class CaseEntry(AreaMixin, db.Model):
    """One line of the history: who did what when, with the step it was done at and where it led."""

    __tablename__ = "case_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 … within the case
    kind: Mapped[EntryKind] = mapped_column(EnumText(EntryKind))
    step: Mapped[str] = mapped_column(String(40), default="")
    step_title: Mapped[str] = mapped_column(String(200), default="")
    decision: Mapped[str] = mapped_column(String(40), default="")
    target: Mapped[str] = mapped_column(String(40), default="")
    target_title: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    form: Mapped[str] = mapped_column(String(200), default="")  # title of the paper this step is recorded on
    facts: Mapped[str | None] = mapped_column(EncryptedText)  # JSON: what the paper says beyond the register
    in_time: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    case: Mapped[Case] = relationship(back_populates="history")
    user: Mapped[Any] = relationship("User")

    __table_args__ = (UniqueConstraint("case_id", "number", name="uq_case_entry_number"),)


class CaseNotice(AreaMixin, db.Model):
    """公示: a notice on the board from a day to a day, both included. What it may show is decided where it is drawn
    up (DOMAIN 4.2: never ID number, phone, bank account or health)."""

    __tablename__ = "case_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    step: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(200), default="")
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    case: Mapped[Case] = relationship(back_populates="notices")

    __table_args__ = (CheckConstraint("to_on >= from_on", name="ck_case_notice_dates"),)


class CaseObjection(AreaMixin, db.Model):
    """异议: somebody objects while the notice hangs; the case waits until it is answered in writing."""

    __tablename__ = "case_objection"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    step: Mapped[str] = mapped_column(String(40))
    said_by: Mapped[str | None] = mapped_column(EncryptedText)
    words: Mapped[str] = mapped_column(EncryptedText)
    state: Mapped[ObjectionState] = mapped_column(EnumText(ObjectionState), default=ObjectionState.OPEN)
    answer: Mapped[str | None] = mapped_column(EncryptedText)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    case: Mapped[Case] = relationship(back_populates="objections")


class CasePhoto(AreaMixin, db.Model):
    """A photo of the review meeting or of its signed sheet, encrypted below the installation's folder (D0-37).

    `step`: code of the step whose meeting it shows."""

    __tablename__ = "case_photo"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    step: Mapped[str] = mapped_column(String(40))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)  # bytes before encryption
    stored_as: Mapped[str] = mapped_column(String(80))
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    stored_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    case: Mapped[Case] = relationship(back_populates="photos")
