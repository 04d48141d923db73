"""农户: the household, its members, their phones, who is away, and who asked not to be called."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, SmallInteger, String, Text, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.domain.enums import HouseholdCategory, PhoneOwner, PhoneState, Relation
from app.domain.phones import time_zone_of
from app.domain.register.words import LeftReason
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
    natural_village: Mapped[str] = mapped_column(String(64), default="")
    first_identified_on: Mapped[date | None] = mapped_column(Date)  # 首次识别时间
    first_registered_year: Mapped[int | None] = mapped_column(SmallInteger)  # 建档立卡 since 2014 (D2-04)
    was_poor: Mapped[bool | None] = mapped_column(Boolean)  # 是否脱贫户; a sudden hardship may strike either kind
    poverty_cause: Mapped[str] = mapped_column(String(8), default="")  # 致贫原因1: code of the list `risk_kinds`
    is_relocated: Mapped[bool | None] = mapped_column(Boolean)  # lives in an 易地搬迁 resettlement area
    relocation_address: Mapped[str] = mapped_column(String(200), default="")
    has_no_labour: Mapped[bool | None] = mapped_column(Boolean)  # 整户无劳动能力兜底保障户
    is_military_family: Mapped[bool | None] = mapped_column(Boolean)  # 军烈属
    lives_intermittently: Mapped[bool] = mapped_column(Boolean, default=False)  # in this house, now and then (D4-07)
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

    __table_args__ = (Index("ix_household_group", "l4_id", "id"),)  # a grid worker's own households

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
    health: Mapped[str | None] = mapped_column(EncryptedText)  # which illness, in words
    # The codes are those of the policy's lists; "" and None mean that nobody has told. Health, disability and social
    # assistance stand here as coarse codes because rules select by them (docs/adr, "coarse codes").
    person_code: Mapped[str] = mapped_column(String(32), default="", index=True)  # 人编号 of the national platform
    ethnicity: Mapped[str] = mapped_column(String(20), default="")
    political_status: Mapped[str] = mapped_column(String(20), default="")
    education: Mapped[str] = mapped_column(String(8), default="")  # 文化程度
    schooling: Mapped[str] = mapped_column(String(24), default="")  # 在校生状况
    dropout_reason: Mapped[str] = mapped_column(String(100), default="")  # 失辍学原因
    health_code: Mapped[str] = mapped_column(String(16), default="")  # 健康状况
    is_disabled: Mapped[bool | None] = mapped_column(Boolean)
    disability_level: Mapped[int | None] = mapped_column(SmallInteger)  # 1 (gravest) to 4
    labour_skill: Mapped[str] = mapped_column(String(16), default="")  # 劳动技能
    work_place: Mapped[str] = mapped_column(String(100), default="")  # 务工地点, to the county
    work_place_code: Mapped[str] = mapped_column(String(12), default="")  # its statistical code
    work_months: Mapped[int | None] = mapped_column(SmallInteger)  # 务工时间 this year
    work_from_on: Mapped[date | None] = mapped_column(Date)
    work_to_on: Mapped[date | None] = mapped_column(Date)
    medical_insurance: Mapped[str] = mapped_column(String(16), default="")  # 居民/职工医保 or none
    has_illness_insurance: Mapped[bool | None] = mapped_column(Boolean)  # 大病保险
    has_commercial_insurance: Mapped[bool | None] = mapped_column(Boolean)  # 商业补充医保
    has_medical_aid: Mapped[bool | None] = mapped_column(Boolean)  # 医疗救助
    pension: Mapped[str] = mapped_column(String(16), default="")  # 居民/职工养老 or none
    has_minimum_allowance: Mapped[bool | None] = mapped_column(Boolean)  # 低保
    has_extreme_poverty_aid: Mapped[bool | None] = mapped_column(Boolean)  # 特困供养
    is_relocated: Mapped[bool | None] = mapped_column(Boolean)  # 易地搬迁人口
    has_public_post: Mapped[bool | None] = mapped_column(Boolean)  # 公益岗位
    public_post_months: Mapped[int | None] = mapped_column(SmallInteger)
    identified_on: Mapped[date | None] = mapped_column(Date)  # 人员识别时间
    shares_income: Mapped[bool] = mapped_column(Boolean, default=True)  # counts in the family's income (DOMAIN 4.1)
    hukou_here: Mapped[bool] = mapped_column(Boolean, default=True)
    left_on: Mapped[date | None] = mapped_column(Date)  # no longer counted from this day on
    left_reason: Mapped[LeftReason | None] = mapped_column(EnumText(LeftReason))
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
