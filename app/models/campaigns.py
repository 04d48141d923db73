"""A quarter's check-in: the campaign of an area, one contact per household and quarter, the shared pacing budget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import CampaignState, ContactState, Disposition, ExclusionReason
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EnumText, Json, now

NEEDS_NO_LINE = "next_kind <> 'call'"  # texts, and waits for an answer: due although every line is taken


class Campaign(AreaMixin, db.Model):
    """One quarter in one area. `policy` holds calling windows, retry matrix and pacing as they were at launch."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10), default="checkin", server_default="checkin")  # or callback
    quarter: Mapped[str] = mapped_column(String(6), index=True)  # 2026Q4; of call-backs their round's code
    state: Mapped[CampaignState] = mapped_column(EnumText(CampaignState), default=CampaignState.DRAFT, index=True)
    script_code: Mapped[str] = mapped_column(String(40), default="checkin")
    script_version: Mapped[int] = mapped_column(Integer, default=1)
    policy: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last open contact ended after the closing
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("quarter", "node_id", name="uq_campaign_quarter_node"),)

    def __repr__(self) -> str:
        return self.name


class Contact(AreaMixin, db.Model):
    """One household in one quarter: the unit that is reached or missed.

    `next_attempt_at` is the only schedule there is (HOUSE rule 5): a contact is due when it is not in the future and
    the state is planned or waiting. `next_kind` is 'call', 'sms' or 'notice'. `ivr_state` is where a hung-up dialogue
    goes on. A plan writes one row a household of the county: no index here that another one begins with.
    """

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    quarter: Mapped[str] = mapped_column(String(6))
    state: Mapped[ContactState] = mapped_column(EnumText(ContactState), default=ContactState.PLANNED)
    exclusion: Mapped[ExclusionReason | None] = mapped_column(EnumText(ExclusionReason))
    disposition: Mapped[Disposition] = mapped_column(EnumText(Disposition), default=Disposition.PENDING)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_kind: Mapped[str | None] = mapped_column(String(10))
    next_phone_id: Mapped[int | None] = mapped_column(ForeignKey("phone.id"))
    next_reason: Mapped[str] = mapped_column(String(60), default="")
    chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a time the callee chose
    attempts_made: Mapped[int] = mapped_column(SmallInteger, default=0)
    attempts_rung: Mapped[int] = mapped_column(SmallInteger, default=0)
    ivr_state: Mapped[dict[str, Any] | None] = mapped_column(Json)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_channel: Mapped[str | None] = mapped_column(String(20))  # VisitChannel that closed the quarter's duty
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    l2_id: Mapped[int | None] = mapped_column(BigId)  # ix_contact_town begins with it

    campaign: Mapped[Campaign] = relationship()
    household: Mapped[Household] = relationship()

    __table_args__ = (
        UniqueConstraint("household_id", "quarter", name="uq_contact_household_quarter"),
        Index("ix_contact_due", "campaign_id", "next_attempt_at", "id",
              postgresql_where=text("next_attempt_at IS NOT NULL"), sqlite_where=text("next_attempt_at IS NOT NULL")),
        Index("ix_contact_due_town", "campaign_id", "l2_id", "next_attempt_at", "id",
              postgresql_where=text("next_attempt_at IS NOT NULL"), sqlite_where=text("next_attempt_at IS NOT NULL")),
        Index("ix_contact_due_text", "campaign_id", "next_attempt_at",
              postgresql_where=text(NEEDS_NO_LINE), sqlite_where=text(NEEDS_NO_LINE)),
        Index("ix_contact_report", "campaign_id", "l2_id", "disposition"),
        Index("ix_contact_town", "l2_id", "id"),
    )  # fmt: skip


class PacingBudget(db.Model):
    """The one budget of a carrier account, shared by all workers (TELEPHONY 1.8).

    `next_slot_at` hands out dial slots `1 / calls_per_second` apart; the row is locked while slots are reserved.
    """

    __tablename__ = "pacing_budget"

    carrier: Mapped[str] = mapped_column(String(20), primary_key=True)
    calls_per_second: Mapped[float] = mapped_column(Float, default=1.0)
    concurrent_calls: Mapped[int] = mapped_column(Integer, default=20)
    messages_per_second: Mapped[float] = mapped_column(Float, default=1.0)
    next_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_sms_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tick(db.Model):
    """Recurring work. Any number of `beat` processes race for a row by compare-and-set; one wins each slot."""

    __tablename__ = "tick"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    every_s: Mapped[float] = mapped_column(Float)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CarrierRoute(db.Model):
    """(channel, number prefix, area) → carrier; the county admin edits it. 'human' = the worker dials."""

    __tablename__ = "carrier_route"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), default="voice")
    prefix: Mapped[str] = mapped_column(String(16), default="+")
    node_id: Mapped[int | None] = mapped_column(ForeignKey("grid_node.id"))
    carrier: Mapped[str] = mapped_column(String(20))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    node: Mapped[GridNode | None] = relationship()


class IvrScript(db.Model):
    """A published version of a dialogue; a campaign keeps the version it was launched with."""

    __tablename__ = "ivr_script"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(db.Text)  # YAML
    is_published: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (UniqueConstraint("code", "version", name="uq_ivr_script_version"),)

    def __repr__(self) -> str:
        return f"{self.code} v{self.version}"
