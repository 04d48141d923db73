"""督查: inspections with their units, the issues they and others find, and how each was rectified (D4-17, D4-29)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.policy.kinds import FoundBy
from app.domain.supervision.words import InspectionState, IssueSeverity, IssueState, IssueStepKind, PatternKind
from app.extensions import UtcDateTime, db
from app.models.cases import Case
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.visits import Visit


class Inspection(AreaMixin, db.Model):
    """One inspection of the units below `node`. `code`: the rule of the profile it fulfils, "" for one that nobody
    owes (不定期督查). `checklist`: [{code, label, group}] as the profile listed it the day it was planned."""

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(8))  # 2026H2
    state: Mapped[InspectionState] = mapped_column(EnumText(InspectionState), default=InspectionState.PLANNED)
    lead: Mapped[str] = mapped_column(String(80), default="")
    team: Mapped[str] = mapped_column(String(300), default="")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    summary: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    units: Mapped[list[InspectionUnit]] = relationship(back_populates="inspection", order_by="InspectionUnit.id")

    __table_args__ = (Index("ix_inspection_owed", "code", "period", "l1_id"),)

    def __repr__(self) -> str:
        return f"{self.title} {self.period}"


class InspectionUnit(AreaMixin, db.Model):
    """One unit that is looked at. `marks`: {item code: Mark}; `remarks`: {item code: words}."""

    __tablename__ = "inspection_unit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    inspected_on: Mapped[date | None] = mapped_column(Date)
    marks: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    remarks: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    inspection: Mapped[Inspection] = relationship(back_populates="units")
    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("inspection_id", "node_id", name="uq_inspection_unit"),)


class Issue(AreaMixin, db.Model):
    """问题. `node`: the unit that has to rectify it; `category`: code of the profile's list `issue_categories`.
    `steps` counts the history: a step names the number it follows, so that one decision is made once."""

    __tablename__ = "issue"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)  # WT2026-000123
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), index=True)
    category: Mapped[str] = mapped_column(String(40))
    severity: Mapped[IssueSeverity] = mapped_column(EnumText(IssueSeverity))
    found_by: Mapped[FoundBy] = mapped_column(EnumText(FoundBy))
    found_on: Mapped[date] = mapped_column(Date)
    words: Mapped[str] = mapped_column(EncryptedText)
    deadline_on: Mapped[date] = mapped_column(Date)
    state: Mapped[IssueState] = mapped_column(EnumText(IssueState), default=IssueState.OPEN)
    rectified_on: Mapped[date | None] = mapped_column(Date)  # of the last report
    rectified_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    steps: Mapped[int] = mapped_column(Integer, default=0)
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    household: Mapped[Household | None] = relationship()
    inspection: Mapped[Inspection | None] = relationship()
    case: Mapped[Case | None] = relationship()
    visit: Mapped[Visit | None] = relationship()
    history: Mapped[list[IssueStep]] = relationship(back_populates="issue", order_by="IssueStep.number")

    __table_args__ = (Index("ix_issue_town", "l2_id", "state", "deadline_on"),)

    def __repr__(self) -> str:
        return self.number or ""


class IssueStep(AreaMixin, db.Model):
    """One line of an issue's history. `photo`: base64 of a cleaned JPEG or PNG, the evidence."""

    __tablename__ = "issue_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"))
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, 3 … within the issue
    kind: Mapped[IssueStepKind] = mapped_column(EnumText(IssueStepKind))
    words: Mapped[str | None] = mapped_column(EncryptedText)
    photo: Mapped[str | None] = deferred(mapped_column(EncryptedText))
    photo_type: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    issue: Mapped[Issue] = relationship(back_populates="history")
    node: Mapped[GridNode] = relationship()
    user: Mapped[Any] = relationship("User")

    __table_args__ = (UniqueConstraint("issue_id", "number", name="uq_issue_step_number"),)


class PatternNote(AreaMixin, db.Model):
    """Somebody looked at a pattern of recorded visits and found nothing wrong with it, and why."""

    __tablename__ = "pattern_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[PatternKind] = mapped_column(EnumText(PatternKind))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    reason: Mapped[str] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
