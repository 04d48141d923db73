"""An uploaded roster and what each of its rows did, so that one batch can be undone and nothing is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import ImportState
from app.extensions import UtcDateTime, db
from app.models.types import BigId, EncryptedText, EnumText, Json, now


class ImportBatch(db.Model):
    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="households")
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted workbook, dropped once applied or cancelled
    state: Mapped[ImportState] = mapped_column(EnumText(ImportState), default=ImportState.UPLOADED)
    rows_total: Mapped[int] = mapped_column(Integer, default=0)
    rows_new: Mapped[int] = mapped_column(Integer, default=0)
    rows_changed: Mapped[int] = mapped_column(Integer, default=0)
    rows_same: Mapped[int] = mapped_column(Integer, default=0)
    rows_bad: Mapped[int] = mapped_column(Integer, default=0)
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)  # why the whole file failed
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its rows had served their time: no undo any more


class ImportRow(db.Model):
    """One sheet row (number as Excel shows it). `before` holds the household as it was, encrypted JSON, for undo."""

    __tablename__ = "import_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(10))  # new | changed | same | bad
    household_id: Mapped[int | None] = mapped_column(BigId)
    values: Mapped[str] = mapped_column(EncryptedText)  # JSON of the parsed row
    errors: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # [{column, code, message, params}]
    before: Mapped[str | None] = mapped_column(EncryptedText)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_import_row_batch", "batch_id", "verdict", "row_number"),)
