"""One attempt to reach a household over a carrier, what the carrier said of it, and what the household answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import AttemptOutcome, AttemptState
from app.extensions import UtcDateTime, db
from app.models.campaigns import Contact
from app.models.households import Household, Phone
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now

# Calls we place. A household that rings us while our own call to it still counts as live is no second call of ours.
LIVE_CALL = (
    "channel = 'voice' AND state IN ('intent', 'dispatched', 'ringing', 'in_dialogue', 'unknown') AND NOT is_inbound"
)


class Attempt(AreaMixin, db.Model):
    """A call or an SMS. The row is committed as `intent` before the request leaves (HOUSE rule 4).

    `token` travels in every callback URL. `lease_until`: while it lasts only the claiming worker may dial; afterwards
    the sweeper asks the carrier. `next_check_at`: when the sweeper asks again. At most one live call a number (I1).
    """

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(36), unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phone.id"))
    phone_hash: Mapped[str] = mapped_column(String(32), index=True)
    number: Mapped[int] = mapped_column(SmallInteger, default=1)  # 1st, 2nd … attempt of the contact
    channel: Mapped[str] = mapped_column(String(10), default="voice")  # voice | sms
    purpose: Mapped[str] = mapped_column(String(16), default="checkin")  # checkin | notice | fallback | inbound
    is_inbound: Mapped[bool] = mapped_column(Boolean, default=False)
    carrier: Mapped[str] = mapped_column(String(20))
    carrier_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[AttemptState] = mapped_column(EnumText(AttemptState), default=AttemptState.INTENT)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(EnumText(AttemptOutcome))
    raw_state: Mapped[str] = mapped_column(String(40), default="")  # the carrier's own last word
    error_code: Mapped[str] = mapped_column(String(20), default="")
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    slot_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the request may leave
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    window_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ringing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_s: Mapped[int | None] = mapped_column(Integer)
    answered_by: Mapped[str | None] = mapped_column(String(10))
    hour: Mapped[int | None] = mapped_column(SmallInteger)  # callee's hour of day when dialled
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    ivr_state: Mapped[dict[str, Any] | None] = mapped_column(Json)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    contact: Mapped[Contact | None] = relationship()
    household: Mapped[Household] = relationship()
    phone: Mapped[Phone | None] = relationship()

    __table_args__ = (
        UniqueConstraint("contact_id", "number", "channel", "purpose", name="uq_attempt_contact_number"),
        Index("uq_attempt_live_call", "phone_hash", unique=True,
              postgresql_where=text(LIVE_CALL), sqlite_where=text(LIVE_CALL)),
        Index("ix_attempt_check", "next_check_at",
              postgresql_where=text("next_check_at IS NOT NULL"), sqlite_where=text("next_check_at IS NOT NULL")),
        Index("ix_attempt_live", "carrier", "state",
              postgresql_where=text(LIVE_CALL), sqlite_where=text(LIVE_CALL)),
    )  # fmt: skip


class CarrierCallback(db.Model):
    """Every callback that passed the signature check, once. Late or out-of-order ones are kept, not applied."""

    __tablename__ = "carrier_callback"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    carrier: Mapped[str] = mapped_column(String(20))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int | None] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    was_applied: Mapped[bool] = mapped_column(Boolean, default=True)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # without numbers and digits
    response: Mapped[str | None] = mapped_column(EncryptedText)  # what was answered, so that a repeat gets the same
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # detail and response went; the key stays


class Answer(AreaMixin, db.Model):
    """What a household answered to one question of a check-in, over whichever channel."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    question: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(40))
    digits: Mapped[str] = mapped_column(String(32), default="")
    is_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (UniqueConstraint("attempt_id", "question", name="uq_answer_attempt_question"),)


class Recording(AreaMixin, db.Model):
    """A voice message. `audio` is None until the carrier has it; a worker fetches it (I11)."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    carrier: Mapped[str] = mapped_column(String(20))
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    media_type: Mapped[str] = mapped_column(String(40), default="")
    audio: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_fetch_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    fetches: Mapped[int] = mapped_column(SmallInteger, default=0)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the audio had served its time


class SmsMessage(db.Model):
    """An inbound SMS, kept whole (encrypted) until somebody has dealt with it. No area while the sender is unknown."""

    __tablename__ = "sms_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carrier: Mapped[str] = mapped_column(String(20))
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    phone_hash: Mapped[str] = mapped_column(String(32), index=True)
    tail: Mapped[str] = mapped_column(String(4), default="")
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    node_id: Mapped[int | None] = mapped_column(ForeignKey("grid_node.id"))
    l1_id: Mapped[int | None] = mapped_column(BigId)
    l2_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l3_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l4_id: Mapped[int | None] = mapped_column(BigId)
    l5_id: Mapped[int | None] = mapped_column(BigId)
    body: Mapped[str] = mapped_column(EncryptedText)
    meaning: Mapped[str] = mapped_column(String(20))  # answer | opt_out | triage
    hint: Mapped[str] = mapped_column(String(40), default="")  # suggested clue kind for triage
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the body had served its time

    household: Mapped[Household | None] = relationship()
