"""交叉检查: a drawn sample, who may look at it and for how long, and what they found (D4-18)."""

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
    Numeric,
    String,
    UniqueConstraint,
    event,
    inspect,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from app.domain.enums import HouseholdCategory
from app.domain.supervision.words import Frame, ReplaceReason
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.households import Household
from app.models.supervision import Inspection
from app.models.types import AREA_COLUMNS, AreaMixin, BigId, EncryptedText, EnumText, Json, now


class SampleDraw(AreaMixin, db.Model):
    """One draw. Never changed: seed, numbers and digests say how to draw it again. `strata`: [[village code, category,
    households there were, households drawn], …]."""

    __tablename__ = "sample_draw"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), index=True)
    frame: Mapped[Frame] = mapped_column(EnumText(Frame), default=Frame.ALL)
    seed: Mapped[str] = mapped_column(String(64))
    villages: Mapped[int] = mapped_column(Integer, default=2)  # for each township
    households: Mapped[int] = mapped_column(Integer, default=40)  # for each village
    population: Mapped[int] = mapped_column(Integer, default=0)
    population_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    strata: Mapped[list[list[Any]]] = mapped_column(Json, default=list)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    inspection: Mapped[Inspection] = relationship()


class SampleItem(AreaMixin, db.Model):
    """One drawn household, in drawn order within its village. Only `is_active` changes: a replaced one leaves the
    sample, the one that steps in enters it."""

    __tablename__ = "sample_item"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    village_code: Mapped[str] = mapped_column(String(16))  # where it lay when it was drawn
    position: Mapped[int] = mapped_column(Integer)
    stratum: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory))
    is_reserve: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    draw: Mapped[SampleDraw] = relationship()
    household: Mapped[Household] = relationship()
    check: Mapped[SampleCheck | None] = relationship(back_populates="item", uselist=False)

    __table_args__ = (
        UniqueConstraint("draw_id", "household_id", name="uq_sample_item_household"),
        Index("ix_sample_item_place", "draw_id", "village_code", "position"),
    )


class SampleReplacement(AreaMixin, db.Model):
    """Why `item` left the sample, and which drawn household stepped in; None where the reserve was used up."""

    __tablename__ = "sample_replacement"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("sample_item.id"), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)  # that of `item`
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("sample_item.id"), unique=True)
    reason: Mapped[ReplaceReason] = mapped_column(EnumText(ReplaceReason))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    item: Mapped[SampleItem] = relationship(foreign_keys=[item_id])
    successor: Mapped[SampleItem | None] = relationship(foreign_keys=[successor_id])
    household: Mapped[Household] = relationship()


class SampleCheck(AreaMixin, db.Model):
    """The inspection form of one household. `marks`: {item code: Mark}; `remarks`: JSON {item code: words}."""

    __tablename__ = "sample_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("sample_item.id"), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    marks: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    score: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))  # 0–100, None when no item applied
    checked_on: Mapped[date] = mapped_column(Date)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    item: Mapped[SampleItem] = relationship(back_populates="check")
    household: Mapped[Household] = relationship()


class SampleInspector(AreaMixin, db.Model):
    """Who may look at the sampled households, from a day to a day, and nobody after `withdrawn_at`."""

    __tablename__ = "sample_inspector"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    draw: Mapped[SampleDraw] = relationship()
    node: Mapped[GridNode] = relationship()
    user: Mapped[Any] = relationship("User", foreign_keys=[user_id])

    __table_args__ = (CheckConstraint("to_on >= from_on", name="ck_sample_inspector_days"),)


class FrozenError(RuntimeError):
    """Somebody tried to change a draw. It can only be drawn anew, as another one."""


def _refuse_change(_mapper: Mapper[Any], _connection: Any, row: Any) -> None:
    loose = {"is_active", *AREA_COLUMNS}
    state: Any = inspect(row)
    touched = [
        a.key for a in state.mapper.column_attrs if a.key not in loose and state.attrs[a.key].history.has_changes()
    ]
    if touched:
        raise FrozenError(f"{type(row).__name__} {row.id}: {', '.join(touched)} cannot be changed")


event.listen(SampleDraw, "before_update", _refuse_change)
event.listen(SampleItem, "before_update", _refuse_change)
