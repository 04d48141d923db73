"""What an answer leads to: clues, tasks on the worker's list, changes to the register."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import ChangeRequestState, ClueKind, ClueSource, ClueState, Urgency, WorkTaskKind, WorkTaskState
from app.extensions import UtcDateTime, db
from app.models.campaigns import Contact
from app.models.households import Household, Member
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.visits import Visit


class Clue(AreaMixin, db.Model):
    """线索: a risk that somebody saw or said; one kind once per visit (D0-28, D0-31)."""

    __tablename__ = "clue"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[ClueKind] = mapped_column(EnumText(ClueKind))
    source: Mapped[ClueSource] = mapped_column(EnumText(ClueSource))
    state: Mapped[ClueState] = mapped_column(EnumText(ClueState), default=ClueState.PENDING)
    urgency: Mapped[Urgency] = mapped_column(EnumText(Urgency), default=Urgency.NORMAL)
    detail: Mapped[str | None] = mapped_column(EncryptedText)
    result: Mapped[str] = mapped_column(String(400), default="")
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    source_code: Mapped[str] = mapped_column(String(32), default="", server_default="")  # of the list `clue_sources`
    observed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was seen; None: when it was raised
    held_depth: Mapped[int | None] = mapped_column(Integer)  # level of the grid whose inbox it lies in; None: village
    assignee_id: Mapped[int | None] = mapped_column(BigId, index=True)  # a user
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  # of the present state; None: no limit
    department_id: Mapped[int | None] = mapped_column(BigId)  # whence it came, or where it was passed to
    reporter_id: Mapped[int | None] = mapped_column(BigId)
    duplicate_of_id: Mapped[int | None] = mapped_column(BigId)
    # Somebody of the household worked away when it was raised: heeded before the others of its urgency (D2-15).
    is_away: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    visit: Mapped[Visit | None] = relationship()
    assignee: Mapped[Any] = relationship("User", primaryjoin="foreign(Clue.assignee_id) == User.id", viewonly=True)

    __table_args__ = (
        UniqueConstraint("visit_id", "kind", name="uq_clue_visit_kind"),
        Index("ix_clue_town", "l2_id", "id"),
    )


class WorkTask(AreaMixin, db.Model):
    """Something the grid worker has to do for a household. `rank`: smaller is more urgent (domain.urgency)."""

    __tablename__ = "work_task"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"))
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"))
    sms_message_id: Mapped[int | None] = mapped_column(ForeignKey("sms_message.id"))
    kind: Mapped[WorkTaskKind] = mapped_column(EnumText(WorkTaskKind))
    state: Mapped[WorkTaskState] = mapped_column(EnumText(WorkTaskState), default=WorkTaskState.OPEN)
    reason: Mapped[str] = mapped_column(String(40), default="")  # code of domain.urgency's reasons
    reason_detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    rank: Mapped[int] = mapped_column(Integer, default=0)
    due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    result: Mapped[str] = mapped_column(String(40), default="")
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    contact: Mapped[Contact | None] = relationship()
    clue: Mapped[Clue | None] = relationship()

    __table_args__ = (
        Index("uq_work_task_open", "household_id", "kind", unique=True,
              postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
        Index("ix_work_task_list", "l4_id", "state", "rank"),
    )  # fmt: skip


class ChangeRequest(AreaMixin, db.Model):
    """信息变更: something new was said; the register changes only when it is accepted (D0-29)."""

    __tablename__ = "change_request"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # whose field it is; None: the household's
    field: Mapped[str] = mapped_column(String(40))  # absence | phone | a key of app.domain.register.fields
    old_value: Mapped[str | None] = mapped_column(EncryptedText)
    new_value: Mapped[str | None] = mapped_column(EncryptedText)
    source: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[ChangeRequestState] = mapped_column(EnumText(ChangeRequestState), default=ChangeRequestState.PENDING)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    member: Mapped[Member | None] = relationship()
    visit: Mapped[Visit | None] = relationship()

    __table_args__ = (
        Index("uq_change_visit_field", "visit_id", "field", unique=True, postgresql_where=text("member_id IS NULL"),
              sqlite_where=text("member_id IS NULL")),
        Index("uq_change_visit_member_field", "visit_id", "member_id", "field", unique=True),
        Index("ix_change_request_pending", "household_id", "state"),
    )  # fmt: skip
