"""农户: the household, its members, their phones, who is away, and who asked not to be called."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, SmallInteger, String, Text, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.domain.enums import HouseholdCategory, PhoneOwner, PhoneState, Relation
from app.domain.phones import time_zone_of
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, now


class Household(AreaMixin, db.Model):
    """One household of the register. It lives at its grid node; who is away stands in `absences`."""

    __tablename__ = "household"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # 户编号
    head_name: Mapped[str] = mapped_column(String(40), index=True)
    head_initials: Mapped[str] = mapped_column(String(20), default="", index=True)  # pinyin initials, for search
    category: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory), default=HouseholdCategory.GENERAL)
    address: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(10), default="cmn-CN")  # spoken in calls
    preferred_from: Mapped[time | None] = mapped_column(Time)  # calling time of day, callee's zone
    preferred_to: Mapped[time | None] = mapped_column(Time)
    visit_only: Mapped[bool] = mapped_column(Boolean, default=False)  # do not call, visit instead
    gone_on: Mapped[date | None] = mapped_column(Date)  # died out, moved away, merged into another household
    gone_reason: Mapped[str] = mapped_column(String(40), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    import_batch_id: Mapped[int | None] = mapped_column(BigId, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    node: Mapped[GridNode] = relationship()
    members: Mapped[list[Member]] = relationship(back_populates="household", order_by="Member.id")
    phones: Mapped[list[Phone]] = relationship(back_populates="household", order_by="Phone.priority, Phone.id")
    absences: Mapped[list[Absence]] = relationship(back_populates="household", order_by="Absence.since_on")

    def __repr__(self) -> str:
        return f"{self.head_name} {self.code}"


class Member(AreaMixin, db.Model):
    __tablename__ = "member"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    relation: Mapped[Relation] = mapped_column(EnumText(Relation), default=Relation.OTHER)
    sex: Mapped[str] = mapped_column(String(1), default="")  # 'm', 'f' or unknown ''
    born_on: Mapped[date | None] = mapped_column(Date)
    id_number: Mapped[str | None] = mapped_column(EncryptedText)  # 18, 20 or 22 characters
    id_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    health: Mapped[str | None] = mapped_column(EncryptedText)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship(back_populates="members")

    def __repr__(self) -> str:
        return self.name


def _zone_of_number(context: Any) -> str:
    """IANA name of the zone the number rings in: rows that are inserted without passing through `Phone`."""
    return time_zone_of(context.get_current_parameters().get("e164") or "").key


class Phone(AreaMixin, db.Model):
    """A number of a household. The same number may belong to several households (a shared phone)."""

    __tablename__ = "phone"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    e164: Mapped[str] = mapped_column(EncryptedText)
    e164_hash: Mapped[str] = mapped_column(String(32), index=True)
    tail: Mapped[str] = mapped_column(String(4), index=True)  # last four digits, for search and display
    zone: Mapped[str] = mapped_column(String(40), default=_zone_of_number)  # follows e164; for set-based schedules
    owner: Mapped[PhoneOwner] = mapped_column(EnumText(PhoneOwner), default=PhoneOwner.HEAD)
    owner_name: Mapped[str] = mapped_column(String(40), default="")
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)  # 1 is dialled first
    state: Mapped[PhoneState] = mapped_column(EnumText(PhoneState), default=PhoneState.ACTIVE)
    state_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship(back_populates="phones")
    member: Mapped[Member | None] = relationship()

    __table_args__ = (UniqueConstraint("household_id", "e164_hash", name="uq_phone_household_number"),)

    @validates("e164")
    def _follow_number(self, key: str, number: str) -> str:
        self.zone = time_zone_of(number or "").key
        return number

    def __repr__(self) -> str:
        return f"****{self.tail}"


class Absence(AreaMixin, db.Model):
    """长期外出: who is away, since when, where. Open while `ended_on` is None (D0-25)."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    whole_household: Mapped[bool] = mapped_column(Boolean, default=True)
    since_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(100), default="")
    expected_return_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship(back_populates="absences")
    member: Mapped[Member | None] = relationship()

    __table_args__ = (
        Index("ix_absence_open", "household_id", unique=True,
              postgresql_where=text("ended_on IS NULL"), sqlite_where=text("ended_on IS NULL")),
    )  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.since_on} {self.place}"


class OptOut(db.Model):
    """The one ledger of numbers that asked not to be contacted, on any channel (TELEPHONY 1.11)."""

    __tablename__ = "opt_out"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    e164_hash: Mapped[str] = mapped_column(String(32), index=True)
    tail: Mapped[str] = mapped_column(String(4), default="")
    source: Mapped[str] = mapped_column(String(20))  # call, sms, carrier, worker
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        Index("ix_opt_out_active", "e164_hash", unique=True,
              postgresql_where=text("revoked_at IS NULL"), sqlite_where=text("revoked_at IS NULL")),
    )  # fmt: skip
