"""What people ask for themselves: applications sent from their own phone, appeals and suggestions (D0-30, D0-32)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.register.words import AppealKind, AppealState, ApplicationAct, ApplicationState
from app.extensions import UtcDateTime, db
from app.models.followup import Clue
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, now


class Application(AreaMixin, db.Model):
    """自主申报. It lies in the village it was sent to, matched to a household or not.

    `person_key`: blind index of the ID number: the same person within 30 days gets the same receipt. `elsewhere`: the
    register knows this person in another village; where, is for the township to look up.
    """

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    receipt: Mapped[str] = mapped_column(String(16), unique=True)  # ten digits and a check digit
    matched_household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    elsewhere: Mapped[bool] = mapped_column(Boolean, default=False)
    head_name: Mapped[str] = mapped_column(EncryptedText)
    phone: Mapped[str] = mapped_column(EncryptedText)
    phone_hash: Mapped[str] = mapped_column(String(32), index=True)
    phone_tail: Mapped[str] = mapped_column(String(4))
    id_number: Mapped[str] = mapped_column(EncryptedText)
    person_key: Mapped[str] = mapped_column(String(32), index=True)
    hardship: Mapped[str] = mapped_column(EncryptedText)
    risk_code: Mapped[str] = mapped_column(String(8))  # of the policy's list `risk_kinds`
    risk_note: Mapped[str | None] = mapped_column(EncryptedText)
    state: Mapped[ApplicationState] = mapped_column(EnumText(ApplicationState), default=ApplicationState.RECEIVED)
    is_assisted: Mapped[bool] = mapped_column(Boolean, default=False)  # a worker filled it in (D0-33)
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    fingerprint_note: Mapped[str] = mapped_column(String(200), default="")  # read out, fingerprint taken, where kept
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    accept_due_on: Mapped[date] = mapped_column(Date)
    check_due_on: Mapped[date] = mapped_column(Date)
    finish_due_on: Mapped[date] = mapped_column(Date)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    matched_household: Mapped[Household | None] = relationship()
    clue: Mapped[Clue | None] = relationship()
    entries: Mapped[list[ApplicationEntry]] = relationship(back_populates="application", order_by="ApplicationEntry.id")

    __table_args__ = (Index("ix_application_inbox", "l3_id", "state", "accept_due_on"),)

    def __repr__(self) -> str:
        return self.receipt


class ApplicationEntry(AreaMixin, db.Model):
    """One line of an application's history. `words`: a reason, a question or an answer."""

    __tablename__ = "application_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    act: Mapped[ApplicationAct] = mapped_column(EnumText(ApplicationAct))
    words: Mapped[str | None] = mapped_column(EncryptedText)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    application: Mapped[Application] = relationship(back_populates="entries")
    user: Mapped[Any] = relationship("User")


class Appeal(AreaMixin, db.Model):
    """群众诉求、意见建议 (D0-30): what was said, what was answered, how it was closed."""

    __tablename__ = "appeal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    kind: Mapped[AppealKind] = mapped_column(EnumText(AppealKind))
    state: Mapped[AppealState] = mapped_column(EnumText(AppealState), default=AppealState.OPEN)
    told_by: Mapped[str | None] = mapped_column(EncryptedText)  # who said it, when no household is known
    words: Mapped[str] = mapped_column(EncryptedText)
    received_on: Mapped[date] = mapped_column(Date)
    answer: Mapped[str | None] = mapped_column(EncryptedText)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closing: Mapped[str | None] = mapped_column(EncryptedText)  # what became of it
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    household: Mapped[Household | None] = relationship()

    __table_args__ = (Index("ix_appeal_inbox", "l3_id", "state"),)


class RateWindow(db.Model):
    """How often something anonymous was tried within a window of time, counted for all web processes together.

    `key_hash`: blind index of an address or a number; nothing here names anybody. Rows die after a day.
    """

    __tablename__ = "rate_window"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(32))
    key_hash: Mapped[str] = mapped_column(String(32))
    window_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    count: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (UniqueConstraint("subject", "key_hash", "window_at", name="uq_rate_window"),)
