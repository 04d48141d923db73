"""The national export on its way into the register, and duplicates that were merged.

Rows are staged here and compared set by set; nothing reaches the register before somebody has confirmed it. What was
written is kept as a journal of single changes, encrypted, so that a batch or a merge can be taken back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.enums import ImportState
from app.domain.roundtrip.words import Decision, MergeState
from app.extensions import UtcDateTime, db
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now


class NationalBatch(db.Model):
    """One uploaded export. `counts`: RowKind → rows; `notes`: what was passed over; `problem`: why the file failed."""

    __tablename__ = "national_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[ImportState] = mapped_column(EnumText(ImportState), default=ImportState.UPLOADED)
    stage: Mapped[str] = mapped_column(String(12), default="reading")  # reading | comparing | writing | undoing
    done: Mapped[int] = mapped_column(Integer, default=0)  # rows of this stage
    total: Mapped[int] = mapped_column(Integer, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    notes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)  # last sign of life of whoever works on it
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its rows had served their time: no undo any more


class NationalPart(db.Model):
    """A piece of the uploaded file, encrypted; dropped as soon as its rows are staged."""

    __tablename__ = "national_part"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("national_batch.id"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("batch_id", "number", name="uq_national_part"),)


class NationalRow(db.Model):
    """One person's row (`row_number` as Excel shows it, 0 for what the file lacks), what it is and what becomes of it.

    The area is that of the unit the row names, or of the household it was matched with; None where none was found.
    `values`: JSON of the parsed cells; `journal`: what was written for it, for undo.
    """

    __tablename__ = "national_row"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("national_batch.id"))
    sheet: Mapped[str] = mapped_column(String(31), default="")
    row_number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10), default="")  # RowKind
    decision: Mapped[Decision] = mapped_column(EnumText(Decision), default=Decision.OPEN)
    household_code: Mapped[str] = mapped_column(String(32), default="")
    person_code: Mapped[str] = mapped_column(String(32), default="")
    name: Mapped[str] = mapped_column(String(40), default="")
    id_hash: Mapped[str | None] = mapped_column(String(32))
    is_head: Mapped[bool] = mapped_column(default=False)
    household_print: Mapped[str] = mapped_column(String(32), default="")  # equal: the rows agree on the household
    household_id: Mapped[int | None] = mapped_column(BigId)
    member_id: Mapped[int | None] = mapped_column(BigId)
    node_id: Mapped[int | None] = mapped_column(BigId)
    l1_id: Mapped[int | None] = mapped_column(BigId)
    l2_id: Mapped[int | None] = mapped_column(BigId)
    l3_id: Mapped[int | None] = mapped_column(BigId)
    l4_id: Mapped[int | None] = mapped_column(BigId)
    l5_id: Mapped[int | None] = mapped_column(BigId)
    fields: Mapped[list[Any]] = mapped_column(Json, default=list)  # keys of the columns that differ
    conflicts: Mapped[list[Any]] = mapped_column(Json, default=list)  # Conflict values
    problems: Mapped[list[Any]] = mapped_column(Json, default=list)  # [{column, code, params}]
    values: Mapped[str | None] = mapped_column(EncryptedText)
    journal: Mapped[str | None] = mapped_column(EncryptedText)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_national_row_kind", "batch_id", "kind", "id"),
        Index("ix_national_row_household", "batch_id", "household_code", "id"),
        Index("ix_national_row_identity", "batch_id", "id_hash"),
    )


class MergeRecord(AreaMixin, db.Model):
    """Two records of one household or person made one: which stayed, which went, and the journal to take it back."""

    __tablename__ = "merge_record"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entity: Mapped[str] = mapped_column(String(10))  # household | member
    kept_id: Mapped[int] = mapped_column(BigId, index=True)
    gone_id: Mapped[int] = mapped_column(BigId, index=True)
    state: Mapped[MergeState] = mapped_column(EnumText(MergeState), default=MergeState.DONE)
    reason: Mapped[str | None] = mapped_column(EncryptedText)
    journal: Mapped[str] = mapped_column(EncryptedText)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(default=False)
