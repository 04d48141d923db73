"""What happens to a clue, who has to be told, and who reports from outside the grid (DOMAIN 3.6, D2-15…D2-19)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.clues.words import ClueAct, NoticeMeans, NoticeTarget, ReportState
from app.domain.enums import ClueKind, ClueState
from app.extensions import UtcDateTime, db
from app.models.departments import Department
from app.models.followup import Clue
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, now


class ClueEntry(AreaMixin, db.Model):
    """One line of a clue's history: who did what when, and why. `from_depth`, `to_depth`: whose inbox."""

    __tablename__ = "clue_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    clue_id: Mapped[int] = mapped_column(ForeignKey("clue.id"), index=True)
    act: Mapped[ClueAct] = mapped_column(EnumText(ClueAct))
    from_state: Mapped[ClueState | None] = mapped_column(EnumText(ClueState))
    to_state: Mapped[ClueState | None] = mapped_column(EnumText(ClueState))
    from_depth: Mapped[int | None] = mapped_column(Integer)
    to_depth: Mapped[int | None] = mapped_column(Integer)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))  # whom it was given to
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    in_time: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    clue: Mapped[Clue] = relationship()
    user: Mapped[Any] = relationship("User", foreign_keys=[user_id])
    person: Mapped[Any] = relationship("User", foreign_keys=[person_id])


class ClueNotice(AreaMixin, db.Model):
    """Somebody has to be told: owed from the day it is written, done when `told_at` is set."""

    __tablename__ = "clue_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    clue_id: Mapped[int] = mapped_column(ForeignKey("clue.id"))
    target: Mapped[NoticeTarget] = mapped_column(EnumText(NoticeTarget))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    words: Mapped[str] = mapped_column(EncryptedText)
    owed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    means: Mapped[NoticeMeans | None] = mapped_column(EnumText(NoticeMeans))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    clue: Mapped[Clue] = relationship()
    department: Mapped[Department | None] = relationship()

    __table_args__ = (Index("ix_clue_notice_owed", "clue_id", "told_at"),)


class ClueReporter(AreaMixin, db.Model):
    """An enterprise, a school, a health centre, a village doctor: reports by a link of its own, without a log-in.

    `token_hash`: blind index of the link's word, which is shown once; a new link ends the old one."""

    __tablename__ = "clue_reporter"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    source_code: Mapped[str] = mapped_column(String(32))  # of the policy's list `clue_sources`
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # hears what becomes of it, too
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    contact_tail: Mapped[str] = mapped_column(String(4), default="")
    token_hash: Mapped[str | None] = mapped_column(String(32), unique=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    department: Mapped[Department | None] = relationship()

    __table_args__ = (UniqueConstraint("node_id", "name", name="uq_clue_reporter_name"),)

    def __repr__(self) -> str:
        return self.name


class ClueReport(AreaMixin, db.Model):
    """What a reporter wrote. It lies at the reporter's unit until somebody has said whose household it is about."""

    __tablename__ = "clue_report"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    receipt: Mapped[str] = mapped_column(String(16), unique=True)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("clue_reporter.id"), index=True)
    person: Mapped[str] = mapped_column(EncryptedText)
    id_number: Mapped[str | None] = mapped_column(EncryptedText)
    village: Mapped[str] = mapped_column(String(80), default="")  # as written
    kind: Mapped[ClueKind] = mapped_column(EnumText(ClueKind))
    words: Mapped[str] = mapped_column(EncryptedText)
    observed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[ReportState] = mapped_column(EnumText(ReportState), default=ReportState.WAITING)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    # Not held to the row: the household's clue may lie where the reporter's township does not see.
    clue_id: Mapped[int | None] = mapped_column(BigId, index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    reporter: Mapped[ClueReporter] = relationship()

    def __repr__(self) -> str:
        return self.receipt
