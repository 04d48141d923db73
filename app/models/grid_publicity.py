"""What the people and the provincial platform are told of the grid: publicity, rounds of texts, the sync queue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.domain.grid_care.words import (
    NeedAnswer,
    NoticeState,
    NoticeTextState,
    PublicityKind,
    PublicityState,
    SyncChange,
    SyncEntity,
    SyncState,
)
from app.extensions import UtcDateTime, db
from app.models.attempts import Attempt
from app.models.grid import GridNode
from app.models.households import Household, Phone
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now

IS_WAITING = text("state = 'waiting'")
IS_QUEUED = text("state = 'queued'")


class PublicityRecord(AreaMixin, db.Model):
    """The people of `node` are told of a change: what, through which channels, from when to when (D0-11, D3-22).

    A change raises it as due; publishing it fills channels and dates. `channels`: PublicityChannel values.
    """

    __tablename__ = "publicity_record"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[PublicityKind] = mapped_column(EnumText(PublicityKind))
    state: Mapped[PublicityState] = mapped_column(EnumText(PublicityState), default=PublicityState.DUE)
    what: Mapped[str] = mapped_column(String(400))
    channels: Mapped[list[str]] = mapped_column(Json, default=list)
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)  # None: standing
    place: Mapped[str] = mapped_column(String(120), default="")  # where the board hangs
    change_id: Mapped[int | None] = mapped_column(ForeignKey("grid_change.id"), index=True)
    reached: Mapped[int | None] = mapped_column(Integer)  # people present or visited, where somebody counted (D3-23)
    photo: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    photo_type: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    needs: Mapped[list[HeardNeed]] = relationship(back_populates="publicity", order_by="HeardNeed.id")

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR to_on >= from_on", name="ck_publicity_dates"),
        Index("ix_publicity_town", "l2_id", "state", "id"),
    )


class HeardNeed(AreaMixin, db.Model):
    """What somebody wished or was in need of while a policy was explained, and what was done at once (D3-23).

    It lies where it was heard. What could not be settled on the spot is a clue; an emergency is one as well."""

    __tablename__ = "heard_need"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    publicity_id: Mapped[int] = mapped_column(ForeignKey("publicity_record.id"), index=True)
    words: Mapped[str] = mapped_column(EncryptedText)
    answer: Mapped[NeedAnswer] = mapped_column(EnumText(NeedAnswer))
    # Not `household_id`: a need lies where it was heard, wherever the household may move.
    about_household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"))
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heard_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    publicity: Mapped[PublicityRecord] = relationship(back_populates="needs")
    about_household: Mapped[Household | None] = relationship()


class GridNotice(AreaMixin, db.Model):
    """One round of texts to the households of `node`. `excluded`: {NoticeExclusion: households}.

    `token` is made by the preview, so that confirming twice starts one round. The body holds nothing personal.
    """

    __tablename__ = "grid_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    publicity_id: Mapped[int | None] = mapped_column(ForeignKey("publicity_record.id"), index=True)
    token: Mapped[str] = mapped_column(String(36), unique=True)
    body: Mapped[str] = mapped_column(String(500))
    segments: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[NoticeState] = mapped_column(EnumText(NoticeState), default=NoticeState.SENDING, index=True)
    recipients: Mapped[int] = mapped_column(Integer)
    excluded: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    publicity: Mapped[PublicityRecord | None] = relationship()


class GridNoticeText(AreaMixin, db.Model):
    """One text of a round to one number; a number gets it once however many households share it."""

    __tablename__ = "grid_notice_text"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("grid_notice.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"))
    phone_hash: Mapped[str] = mapped_column(String(32))
    state: Mapped[NoticeTextState] = mapped_column(EnumText(NoticeTextState), default=NoticeTextState.QUEUED)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    notice: Mapped[GridNotice] = relationship()
    household: Mapped[Household] = relationship()
    phone: Mapped[Phone] = relationship()
    attempt: Mapped[Attempt | None] = relationship()

    __table_args__ = (
        UniqueConstraint("notice_id", "phone_hash", name="uq_grid_notice_text_number"),
        Index("ix_grid_notice_text_due", "next_at", postgresql_where=IS_QUEUED, sqlite_where=IS_QUEUED),
    )


class SyncBatch(AreaMixin, db.Model):
    """One file for the provincial platform: exactly the rows that bear its id (D0-12)."""

    __tablename__ = "sync_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(36), unique=True)
    entity: Mapped[SyncEntity | None] = mapped_column(EnumText(SyncEntity))  # None: all kinds
    rows: Mapped[int] = mapped_column("row_count", Integer)
    exported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    exported_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    synced_on: Mapped[date | None] = mapped_column(Date)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    synced_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()


class SyncItem(AreaMixin, db.Model):
    """One thing that changed here and not yet there. Later changes of the same thing collapse into its waiting row.

    `changes`: SyncChange values in the order they happened first. The values themselves are read when exported.
    """

    __tablename__ = "sync_item"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entity: Mapped[SyncEntity] = mapped_column(EnumText(SyncEntity))
    entity_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[SyncState] = mapped_column(EnumText(SyncState), default=SyncState.WAITING)
    change: Mapped[SyncChange] = mapped_column(EnumText(SyncChange))  # the weightiest of `changes`
    changes: Mapped[list[Any]] = mapped_column(Json, default=list)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("sync_batch.id"), index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    batch: Mapped[SyncBatch | None] = relationship()

    __table_args__ = (
        Index("uq_sync_item_waiting", "entity", "entity_id", unique=True,
              postgresql_where=IS_WAITING, sqlite_where=IS_WAITING),
        Index("ix_sync_item_entity", "entity", "entity_id"),
        Index("ix_sync_item_waiting", "l1_id", "first_at", postgresql_where=IS_WAITING, sqlite_where=IS_WAITING),
    )  # fmt: skip
