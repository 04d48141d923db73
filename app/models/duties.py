"""What the duty engine needs beside visits: last contacts, sweeps, and what is kept with or corrected in a visit.

A duty itself is never stored: it follows from the rules, the dates and the last contacts (app.queries.duties).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.duties.words import FileKind, SweepKind, SweepState
from app.domain.enums import HouseholdCategory, VisitChannel
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.visits import Visit


class LastContact(AreaMixin, db.Model):
    """The latest valid contact of a household over one channel: visits with `closes_duty`, condensed.

    Kept by services.duties.last_contacts in the visit's own transaction, so that who is overdue in a county of
    3,000,000 visits is a question to one row a household and channel.
    """

    __tablename__ = "last_contact"

    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), primary_key=True)
    channel: Mapped[VisitChannel] = mapped_column(EnumText(VisitChannel), primary_key=True)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)

    household: Mapped[Household] = relationship()

    __table_args__ = (Index("ix_last_contact_group", "l4_id", "household_id"),)


class ContactDates(AreaMixin, db.Model):
    """What the rules ask of a household, in one narrow row: where it is, its kind, since when it is registered, of this
    kind and away, and its last contacts, a column a channel.

    Whoever asks about 300,000 households at once reads one row of each instead of putting six together. Every household
    has its row: the database itself keeps the first half equal to household, absence and category changes, by triggers
    (services.duties.contact_dates); services.duties.last_contacts writes the dates with `LastContact`.
    """

    __tablename__ = "contact_dates"

    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), primary_key=True)
    category: Mapped[HouseholdCategory] = mapped_column(
        EnumText(HouseholdCategory), default=HouseholdCategory.GENERAL, server_default=HouseholdCategory.GENERAL.value
    )
    category_since: Mapped[date | None] = mapped_column(Date)  # of the latest change, if there was any
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_on: Mapped[date | None] = mapped_column(Date)
    absent_since_on: Mapped[date | None] = mapped_column(Date)  # of the absence that is open
    whole_away: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    in_person_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wechat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sms_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    auto_call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    meeting_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relay_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    import_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    household: Mapped[Household] = relationship()

    __table_args__ = (Index("ix_contact_dates_group", "l4_id", "household_id"),)


class VisitFile(AreaMixin, db.Model):
    """A photo or voice note of a visit. The file lies encrypted below the installation's folder under `stored_as`."""

    __tablename__ = "visit_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(36), unique=True)  # sent twice by the outbox, kept once
    kind: Mapped[FileKind] = mapped_column(EnumText(FileKind))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)  # bytes before encryption
    stored_as: Mapped[str] = mapped_column(String(80))
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    stored_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    visit: Mapped[Visit] = relationship()


class VisitCorrection(AreaMixin, db.Model):
    """Who changed what in the record of a visit, when and why. Only ever added to; the visit holds what is true now.

    `before`, `after`: JSON objects {field: value}; they may hold personal words, so they are encrypted.
    """

    __tablename__ = "visit_correction"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(String(200))
    before: Mapped[str] = mapped_column(EncryptedText)
    after: Mapped[str] = mapped_column(EncryptedText)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    visit: Mapped[Visit] = relationship()


class Sweep(AreaMixin, db.Model):
    """排查, 遍访: all households of a unit are to be contacted between two civil dates, both included (D0-23, D4-12).

    `target`: a word of domain.policy.kinds.Target; `channels`: what counts, empty = any valid contact. `summary`: the
    counts by unit as they stood when it was closed. Coverage while it is open is a query.
    """

    __tablename__ = "sweep"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[SweepKind] = mapped_column(EnumText(SweepKind))
    state: Mapped[SweepState] = mapped_column(EnumText(SweepState), default=SweepState.OPEN)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    target: Mapped[str] = mapped_column(String(24), default="everyone")
    channels: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closing_note: Mapped[str] = mapped_column(String(400), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (CheckConstraint("to_on >= from_on", name="ck_sweep_dates"),)

    def __repr__(self) -> str:
        return self.name
