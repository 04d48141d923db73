"""会商、研判会、联席会议: what was said, who was there, what was resolved, and what became of it.

Which meetings are owed is never stored: it follows from the rules and the dates (app.domain.meetings.owed).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.meetings.words import MeetingState, ResolutionState, ResolutionStep
from app.domain.policy.kinds import LevelKind
from app.extensions import UtcDateTime, db
from app.models.cases import Case
from app.models.departments import Department
from app.models.followup import Clue
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, now


class Meeting(AreaMixin, db.Model):
    """One meeting of a unit. `kind`: code of the rule it meets; `number`: its place in the unit's book of the year,
    given with the seal; `revision` counts the savings of the draft, so that an old page overwrites nothing."""

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80))
    unit_name: Mapped[str] = mapped_column(String(80), default="")  # as it was called then: the seal covers it
    level: Mapped[LevelKind] = mapped_column(EnumText(LevelKind))
    held_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(80), default="")
    chair: Mapped[str] = mapped_column(String(40), default="")
    recorder: Mapped[str] = mapped_column(String(40), default="")  # 专人记录 (D4-16)
    minutes: Mapped[str] = mapped_column(EncryptedText, default="")
    state: Mapped[MeetingState] = mapped_column(EnumText(MeetingState), default=MeetingState.DRAFT)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int | None] = mapped_column(Integer)
    seal: Mapped[str] = mapped_column(String(64), default="")
    previous_seal: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    attendees: Mapped[list[MeetingAttendee]] = relationship(
        back_populates="meeting", order_by="MeetingAttendee.position", cascade="all, delete-orphan"
    )
    items: Mapped[list[MeetingItem]] = relationship(
        back_populates="meeting", order_by="MeetingItem.position", cascade="all, delete-orphan"
    )
    resolutions: Mapped[list[Resolution]] = relationship(
        back_populates="meeting", order_by="Resolution.position", cascade="all, delete-orphan"
    )
    addenda: Mapped[list[MeetingAddendum]] = relationship(back_populates="meeting", order_by="MeetingAddendum.number")
    files: Mapped[list[MeetingFile]] = relationship(back_populates="meeting", order_by="MeetingFile.id")

    __table_args__ = (
        UniqueConstraint("node_id", "year", "number", name="uq_meeting_book"),
        Index("ix_meeting_unit_day", "node_id", "held_on"),
        Index("ix_meeting_village_day", "l3_id", "held_on"),
    )

    def __repr__(self) -> str:
        return self.title


class MeetingAttendee(AreaMixin, db.Model):
    """Somebody who was asked to come, in which capacity, and whether they came."""

    __tablename__ = "meeting_attendee"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(EncryptedText)
    post: Mapped[str] = mapped_column(String(40), default="")
    is_present: Mapped[bool] = mapped_column(Boolean, default=False)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    meeting: Mapped[Meeting] = relationship(back_populates="attendees")


class MeetingItem(AreaMixin, db.Model):
    """One line of the agenda; it may be about a household, a clue or a case of the unit."""

    __tablename__ = "meeting_item"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(EncryptedText)
    about: Mapped[str] = mapped_column(EncryptedText, default="")  # in words, as it stood then: the seal covers it
    # Not `household_id`: an item lies where its meeting lies, wherever the household may move.
    about_household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    about_clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"), index=True)
    about_case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    meeting: Mapped[Meeting] = relationship(back_populates="items")
    about_household: Mapped[Household | None] = relationship()
    about_clue: Mapped[Clue | None] = relationship()
    about_case: Mapped[Case | None] = relationship()


class Resolution(AreaMixin, db.Model):
    """整改部门、责任人、期限 (D4-15): a task of a unit, chased until somebody else has struck it off.

    It lies at the unit that has to act, which may lie below the unit that met: hence the copies of what the meeting
    was. `steps` counts its history: an old page decides nothing.
    """

    __tablename__ = "resolution"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(EncryptedText)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    department_name: Mapped[str] = mapped_column(String(80), default="")  # as it was called then, as `unit_name`
    unit_name: Mapped[str] = mapped_column(String(80), default="")
    responsible: Mapped[str] = mapped_column(String(40), default="")
    due_on: Mapped[date | None] = mapped_column(Date)  # None only while its meeting is a draft
    meeting_title: Mapped[str] = mapped_column(String(80), default="")
    meeting_on: Mapped[date] = mapped_column(Date)
    state: Mapped[ResolutionState] = mapped_column(EnumText(ResolutionState), default=ResolutionState.DRAFT)
    steps: Mapped[int] = mapped_column(Integer, default=0)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    meeting: Mapped[Meeting] = relationship(back_populates="resolutions")
    department: Mapped[Department | None] = relationship()
    history: Mapped[list[ResolutionEntry]] = relationship(
        back_populates="resolution", order_by="ResolutionEntry.number", cascade="all, delete-orphan"
    )

    __table_args__ = (Index("ix_resolution_due", "l2_id", "state", "due_on"),)


class ResolutionEntry(AreaMixin, db.Model):
    """Who answered, sent back or struck off what, when, in which words."""

    __tablename__ = "resolution_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resolution_id: Mapped[int] = mapped_column(ForeignKey("resolution.id"))
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[ResolutionStep] = mapped_column(EnumText(ResolutionStep))
    words: Mapped[str] = mapped_column(EncryptedText, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    resolution: Mapped[Resolution] = relationship(back_populates="history")
    user: Mapped[Any] = relationship("User")

    __table_args__ = (UniqueConstraint("resolution_id", "number", name="uq_resolution_entry_number"),)


class MeetingAddendum(AreaMixin, db.Model):
    """What is put right after the locking: the record stands, this follows it with a seal of its own."""

    __tablename__ = "meeting_addendum"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(EncryptedText)
    previous_seal: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    meeting: Mapped[Meeting] = relationship(back_populates="addenda")
    user: Mapped[Any] = relationship("User")

    __table_args__ = (UniqueConstraint("meeting_id", "number", name="uq_meeting_addendum_number"),)


class MeetingFile(AreaMixin, db.Model):
    """A photo of the meeting or of the signed sheet, encrypted below the installation's folder under `stored_as`."""

    __tablename__ = "meeting_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)  # bytes before encryption
    stored_as: Mapped[str] = mapped_column(String(80))
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    stored_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    meeting: Mapped[Meeting] = relationship(back_populates="files")
