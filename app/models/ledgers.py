"""Packs of ledgers: what somebody asked for, how far it is, and the file until it goes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.ledgers.words import PackState
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EnumText, Json, now


class LedgerPack(AreaMixin, db.Model):
    """A zip of ledgers of `node` as of a day. `token` is made by the page, so that a double click makes one pack.

    `turn` counts who took it up: a worker that was thought dead and comes back finds another turn and stops. `counts`:
    {ledger: rows}, None for one too long for a sheet. The file lies encrypted below the installation's folder.
    """

    __tablename__ = "ledger_pack"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(36), unique=True)
    as_of_on: Mapped[date] = mapped_column(Date)
    codes: Mapped[list[str]] = mapped_column(Json)
    masked: Mapped[bool] = mapped_column(Boolean, default=True)
    state: Mapped[PackState] = mapped_column(EnumText(PackState), default=PackState.WAITING)
    turn: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)  # rows
    total: Mapped[int] = mapped_column(Integer, default=0)
    current: Mapped[str] = mapped_column(String(32), default="")  # the ledger being written
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    size: Mapped[int] = mapped_column(Integer, default=0)  # bytes of the zip
    stored_as: Mapped[str] = mapped_column(String(80), default="")
    problem: Mapped[str] = mapped_column(String(100), default="")  # kind of the failure, for whoever looks after it
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)  # last sign of life of whoever works on it
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    created_by: Mapped[Any] = relationship("User")

    __table_args__ = (Index("ix_ledger_pack_state", "state", "beat_at"),)
