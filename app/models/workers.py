"""Who is responsible for which part of the grid, from when to when (D0-05..D0-17: history is never overwritten)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import Duty
from app.extensions import db
from app.models.grid import GridNode
from app.models.types import BigId, EncryptedText, EnumText


class GridWorker(db.Model):
    """A person who serves the grid: grid worker, cadre, township officer, county admin, auditor."""

    __tablename__ = "grid_worker"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    title: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str | None] = mapped_column(EncryptedText)  # E.164; dialled when a household asks for its worker
    phone_tail: Mapped[str] = mapped_column(String(4), default="")
    born_on: Mapped[date | None] = mapped_column(Date)  # from the ID number, which lies in the worker's file
    sex: Mapped[str] = mapped_column(String(1), default="")  # 'm', 'f' or unknown ''
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    user: Mapped[Any] = relationship("User")
    assignments: Mapped[list[Assignment]] = relationship(back_populates="worker", order_by="Assignment.from_on")

    def __repr__(self) -> str:
        return self.name


class Assignment(db.Model):
    """A duty on a node between two civil dates, both included; `to_on` None = until further notice."""

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("grid_node.id"), index=True)
    duty: Mapped[Duty] = mapped_column(EnumText(Duty))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int | None] = mapped_column(SmallInteger)  # order among those of one duty; None: after these
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship(back_populates="assignments")
    node: Mapped[GridNode] = relationship()

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_assignment_dates"),)

    def __repr__(self) -> str:
        return f"{self.worker_id}@{self.node_id}"


class LoginState(db.Model):
    """What FAB's user row has no place for: session epoch (log-out everywhere), first password, interface choices."""

    __tablename__ = "login_state"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    large_text: Mapped[bool] = mapped_column(Boolean, default=False)
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans")
