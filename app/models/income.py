"""Income sheets: what a household earned in twelve months, and what the lines of the day made of it (DOMAIN 4.4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import Tier
from app.extensions import UtcDateTime, db
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now


class EncryptedFen(EncryptedText):
    """Whole fen that lie encrypted in the database and in its backups."""

    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Any) -> bytes | None:  # type: ignore[override]
        return None if value is None else super().process_bind_param(str(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Any) -> int | None:  # type: ignore[override]
        text = super().process_result_value(value, dialect)
        return None if text is None else int(text)


class IncomeSheet(AreaMixin, db.Model):
    """One reckoning. Never changed: a correction is a new sheet. `items` is JSON: code, group, fen, note, evidence.

    `profiles` names the policy profiles it was judged by, nearest first, so that the same inputs give the same figures
    whatever the rules say later.
    """

    __tablename__ = "income_sheet"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    judged_on: Mapped[date] = mapped_column(Date)
    window_from: Mapped[date] = mapped_column(Date)
    window_to: Mapped[date] = mapped_column(Date)
    persons: Mapped[int] = mapped_column(SmallInteger)
    has_risk: Mapped[bool] = mapped_column(Boolean, default=False)  # one the family cannot solve itself
    judged_as: Mapped[HouseholdCategory | None] = mapped_column(EnumText(HouseholdCategory))  # its kind on that day
    items: Mapped[str] = mapped_column(EncryptedText, default="[]")
    wage: Mapped[int] = mapped_column(EncryptedFen, default=0)
    business: Mapped[int] = mapped_column(EncryptedFen, default=0)
    property: Mapped[int] = mapped_column(EncryptedFen, default=0)
    transfer: Mapped[int] = mapped_column(EncryptedFen, default=0)
    cost: Mapped[int] = mapped_column(EncryptedFen, default=0)
    net: Mapped[int] = mapped_column(EncryptedFen, default=0)
    per_capita: Mapped[int] = mapped_column(EncryptedFen, default=0)
    insurance: Mapped[int] = mapped_column(EncryptedFen, default=0)
    spending: Mapped[int] = mapped_column(EncryptedFen, default=0)
    reference: Mapped[int] = mapped_column(EncryptedFen, default=0)
    reference_per_capita: Mapped[int] = mapped_column(EncryptedFen, default=0)
    tier: Mapped[Tier | None] = mapped_column(EnumText(Tier))  # what the lines say; a person decides
    profiles: Mapped[list[Any]] = mapped_column(Json, default=list)  # [{id, code, title}], nearest first
    note: Mapped[str | None] = mapped_column(EncryptedText)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    made_by: Mapped[str] = mapped_column(String(40), default="")  # the name as it was then
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()

    __table_args__ = (
        CheckConstraint("window_to >= window_from", name="ck_income_sheet_window"),
        CheckConstraint("persons BETWEEN 1 AND 30", name="ck_income_sheet_persons"),
        Index("ix_income_sheet_household", "household_id", "judged_on"),
    )

    def __repr__(self) -> str:
        return f"{self.household_id} {self.judged_on}"
