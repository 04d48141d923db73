"""What the register knows of a household beyond its roster row (DOMAIN 4.3): how it was classed and when, what it is
watched for, how it lives, who helps, and what was done."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import HouseholdCategory
from app.domain.measures.words import Effect, InformWay
from app.domain.register.words import ChangeSource, EliminationKind, HelperPost, Occasion
from app.extensions import UtcDateTime, db
from app.models.households import Household, Member
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now

OPEN_RECORD = text("eliminated_on IS NULL")
OPEN_TAG = text("to_on IS NULL")


class HouseholdCategoryChange(AreaMixin, db.Model):
    """户类型变更: from which to which, on what day, why. Rows are only ever added (D2-22..D2-24, D3-25)."""

    __tablename__ = "household_category_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    from_category: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory))
    to_category: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory))
    changed_on: Mapped[date] = mapped_column(Date)  # holds from this civil day on
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    source: Mapped[ChangeSource] = mapped_column(EnumText(ChangeSource), default=ChangeSource.STAFF)
    case_id: Mapped[int | None] = mapped_column(BigId, index=True)  # the case whose outcome it is
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (Index("ix_category_change_household", "household_id", "changed_on", "id"),)


class FocusTag(AreaMixin, db.Model):
    """重点关注: one of the policy's focus groups (D3-08), on a person or on the whole household; both days included."""

    __tablename__ = "focus_tag"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    code: Mapped[str] = mapped_column(String(24), index=True)  # of the policy's list `focus_tags`
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    member: Mapped[Member | None] = relationship()

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_focus_tag_dates"),
        Index("uq_focus_tag_household", "household_id", "code", unique=True,
              postgresql_where=text("to_on IS NULL AND member_id IS NULL"),
              sqlite_where=text("to_on IS NULL AND member_id IS NULL")),
        Index("uq_focus_tag_member", "member_id", "code", unique=True, postgresql_where=OPEN_TAG,
              sqlite_where=OPEN_TAG),
    )  # fmt: skip

    def __repr__(self) -> str:
        return self.code


class MonitoringRecord(AreaMixin, db.Model):
    """监测记录: one span of monitoring, from identification to the end of the risk. At most one is open a household.

    The four *_at_risk columns are the 三保障 and water as they stood at identification, *_after as they stood when the
    risk was eliminated; None: nobody has told. Incomes are yuan a year and person, as decimal text.
    """

    __tablename__ = "monitoring_record"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    kind: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory))
    identified_on: Mapped[date] = mapped_column(Date)
    risks: Mapped[list[str]] = mapped_column(Json, default=list)  # codes of the list `risk_kinds`, the gravest first
    risk_note: Mapped[str | None] = mapped_column(EncryptedText)  # what "other" stands for
    income: Mapped[str | None] = mapped_column(EncryptedText)
    housing_at_risk: Mapped[bool | None] = mapped_column(Boolean)
    schooling_at_risk: Mapped[bool | None] = mapped_column(Boolean)
    water_at_risk: Mapped[bool | None] = mapped_column(Boolean)
    insurance_at_risk: Mapped[bool | None] = mapped_column(Boolean)
    contact_name: Mapped[str] = mapped_column(String(40), default="")  # 监测联系人
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    contact_tail: Mapped[str] = mapped_column(String(4), default="")
    eliminated_on: Mapped[date | None] = mapped_column(Date)
    elimination_kind: Mapped[EliminationKind | None] = mapped_column(EnumText(EliminationKind))
    income_after: Mapped[str | None] = mapped_column(EncryptedText)
    housing_after: Mapped[bool | None] = mapped_column(Boolean)  # True: still a problem
    schooling_after: Mapped[bool | None] = mapped_column(Boolean)
    water_after: Mapped[bool | None] = mapped_column(Boolean)
    insurance_after: Mapped[bool | None] = mapped_column(Boolean)
    case_id: Mapped[int | None] = mapped_column(BigId, index=True)  # the case that led to it
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    household: Mapped[Household] = relationship()

    __table_args__ = (
        CheckConstraint("eliminated_on IS NULL OR eliminated_on >= identified_on", name="ck_monitoring_dates"),
        Index("uq_monitoring_open", "household_id", unique=True, postgresql_where=OPEN_RECORD,
              sqlite_where=OPEN_RECORD),
    )  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.kind.value} {self.identified_on}"


class LivingConditions(AreaMixin, db.Model):
    """生产生活条件 as they were on a day. Areas in mu (1/15 ha), floor space in m², distance in km."""

    __tablename__ = "living_conditions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    as_of_on: Mapped[date] = mapped_column(Date)
    occasion: Mapped[Occasion] = mapped_column(EnumText(Occasion), default=Occasion.YEARLY)
    farmland_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    forest_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    reforested_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))  # 退耕还林
    orchard_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    pasture_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    water_mu: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    road_kind: Mapped[str] = mapped_column(String(16), default="")  # 入户路类型
    road_km: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))  # to the village's main road
    house_grade: Mapped[str] = mapped_column(String(1), default="")  # A, B, C, D: C and D are 危房
    house_m2: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    fuel: Mapped[str] = mapped_column(String(16), default="")
    has_safe_water: Mapped[bool | None] = mapped_column(Boolean)
    has_power: Mapped[bool | None] = mapped_column(Boolean)
    has_broadcast: Mapped[bool | None] = mapped_column(Boolean)  # 广电
    in_cooperative: Mapped[bool | None] = mapped_column(Boolean)
    led_by_enterprise: Mapped[bool | None] = mapped_column(Boolean)  # 龙头企业 or 致富带头人
    income: Mapped[str | None] = mapped_column(EncryptedText)  # 人均纯收入 as the platform states it, decimal text
    filled_by: Mapped[str] = mapped_column(String(40), default="")
    filled_by_phone: Mapped[str | None] = mapped_column(EncryptedText)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (
        UniqueConstraint("household_id", "as_of_on", "occasion", name="uq_living_conditions_day"),
        CheckConstraint("house_grade IN ('', 'A', 'B', 'C', 'D')", name="ck_living_conditions_grade"),
    )

    def __repr__(self) -> str:
        return str(self.as_of_on)


class Helper(AreaMixin, db.Model):
    """帮扶责任人 and whoever else vouches for a household, from a day to a day, both included (D3-10)."""

    __tablename__ = "helper"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(80), default="")
    post: Mapped[HelperPost] = mapped_column(EnumText(HelperPost), default=HelperPost.RESPONSIBLE)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_tail: Mapped[str] = mapped_column(String(4), default="")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_helper_dates"),)

    def __repr__(self) -> str:
        return self.name


class Measure(AreaMixin, db.Model):
    """帮扶措施: a class of the policy's list, what it is, from when to when, how much; whether the household was told,
    the village's notice it stood on, and what it brought about (D3-20, D0-44)."""

    __tablename__ = "measure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    class_code: Mapped[str] = mapped_column(String(24), index=True)  # of `measure_classes` or `early_measures`
    kind: Mapped[str] = mapped_column(String(80), default="")  # what it is, in words
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # yuan; 0 means that nothing was paid
    note: Mapped[str | None] = mapped_column(EncryptedText)
    plan_item_id: Mapped[int | None] = mapped_column(BigId, index=True)  # the line of the plan it was begun from
    informed_on: Mapped[date | None] = mapped_column(Date)
    informed_way: Mapped[InformWay | None] = mapped_column(EnumText(InformWay))
    publicity_id: Mapped[int | None] = mapped_column(BigId, index=True)  # the village's notice of measures
    effect: Mapped[Effect | None] = mapped_column(EnumText(Effect))
    effect_on: Mapped[date | None] = mapped_column(Date)
    effect_note: Mapped[str | None] = mapped_column(EncryptedText)
    income_before_id: Mapped[int | None] = mapped_column(BigId)  # income sheets
    income_after_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    member: Mapped[Member | None] = relationship()

    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="ck_measure_dates"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="ck_measure_amount"),
    )

    def __repr__(self) -> str:
        return self.kind or self.class_code


class HouseholdQr(AreaMixin, db.Model):
    """一户一码 (D0-32): the random word on a household's door code. It names nobody; revoked, it opens nothing."""

    __tablename__ = "household_qr"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    token: Mapped[str] = mapped_column(EncryptedText)  # kept, so that a sheet can be printed again
    token_hash: Mapped[str] = mapped_column(String(32), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    revoke_reason: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (
        Index("uq_household_qr_open", "household_id", unique=True, postgresql_where=text("revoked_at IS NULL"),
              sqlite_where=text("revoked_at IS NULL")),
    )  # fmt: skip
