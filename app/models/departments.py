"""行业部门和站所 (D0-21, D2-25…D2-33, D3-19): who supplies which warnings and owns which measures, and whom to ring."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EncryptedText, Json


class Department(AreaMixin, db.Model):
    """One office at one unit of the grid, from a day to a day, both included; its level is that unit's. Whoever works
    below the unit sees it too."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind_code: Mapped[str] = mapped_column(String(32), index=True)  # of the policy's `departments` or `stations`
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))  # 镇中心校 → 县教育局 (D2-18)
    duties: Mapped[str] = mapped_column(String(400), default="")
    data_supplied: Mapped[str] = mapped_column(String(400), default="")  # which lists it sends, in words
    measure_classes: Mapped[list[str]] = mapped_column(Json, default=list)  # codes of the policy's `measure_classes`
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_post: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    contact_tail: Mapped[str] = mapped_column(String(4), default="")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    parent: Mapped[Department | None] = relationship(remote_side=[id])

    __table_args__ = (
        UniqueConstraint("node_id", "name", name="uq_department_name"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_department_dates"),
        Index("ix_department_place", "l1_id", "l2_id"),
    )

    def __repr__(self) -> str:
        return self.name
