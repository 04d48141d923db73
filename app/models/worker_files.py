"""The file of a person who serves the grid: who they are, what was checked, who let them serve, and who took over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import Duty
from app.domain.worker_files.words import ExceptionState, ParticipationKind, ProposalKind, ProposalState, RewardKind
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.households import Household
from app.models.types import AreaMixin, BigId, EncryptedText, EnumText, Json, now
from app.models.workers import Assignment, GridWorker


class WorkerFile(db.Model):
    """Personal numbers and the duty sheet (定岗定责, D3-09): for the person and those who lead them alone."""

    __tablename__ = "worker_file"

    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), primary_key=True)
    id_number: Mapped[str | None] = mapped_column(EncryptedText)  # 18 characters; sex and birth stand on GridWorker
    id_hash: Mapped[str | None] = mapped_column(String(32), unique=True)
    bank_name: Mapped[str] = mapped_column(String(60), default="")
    bank_account: Mapped[str | None] = mapped_column(EncryptedText)
    account_tail: Mapped[str] = mapped_column(String(4), default="")
    post: Mapped[str] = mapped_column(String(60), default="")
    duties: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship()


class WorkerIdentity(db.Model):
    """村民小组长, 农村党员, 村干部 …: several at once, each from a day to a day, both included (D0-06, D2-08)."""

    __tablename__ = "worker_identity"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))  # of the profile's list `identities`
    note: Mapped[str] = mapped_column(String(100), default="")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_worker_identity_dates"),)


class WorkerCheck(db.Model):
    """One condition found fulfilled or not on a day, by whom (D0-09). The newest of a condition holds."""

    __tablename__ = "worker_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    condition: Mapped[str] = mapped_column(String(60))  # in the words of the profile
    is_met: Mapped[bool] = mapped_column(Boolean)
    checked_on: Mapped[date] = mapped_column(Date)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (Index("ix_worker_check_newest", "worker_id", "condition", "checked_on"),)


class AgeException(AreaMixin, db.Model):
    """Leave to serve above the age limit, for one place and until a day (D0-08)."""

    __tablename__ = "age_exception"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    state: Mapped[ExceptionState] = mapped_column(EnumText(ExceptionState), default=ExceptionState.REQUESTED)
    reason: Mapped[str] = mapped_column(String(300))
    from_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)  # last day
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (CheckConstraint("expires_on >= from_on", name="ck_age_exception_dates"),)


class WorkerProposal(AreaMixin, db.Model):
    """网格员选任/调整审批表 (form 20). Decided once; the assignment follows from the approval."""

    __tablename__ = "worker_proposal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ProposalKind] = mapped_column(EnumText(ProposalKind))
    state: Mapped[ProposalState] = mapped_column(EnumText(ProposalState), default=ProposalState.PROPOSED)
    duty: Mapped[Duty] = mapped_column(EnumText(Duty), default=Duty.GRID_WORKER)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("grid_worker.id"), index=True)  # None: new, until approved
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_tail: Mapped[str] = mapped_column(String(4), default="")
    id_number: Mapped[str | None] = mapped_column(EncryptedText)
    id_hash: Mapped[str | None] = mapped_column(String(32), index=True)
    born_on: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[str] = mapped_column(String(1), default="")
    identities: Mapped[list[str]] = mapped_column(Json, default=list)
    checks: Mapped[dict[str, bool]] = mapped_column(Json, default=dict)
    post: Mapped[str] = mapped_column(String(60), default="")
    duties: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(300))
    from_on: Mapped[date] = mapped_column(Date)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    exception_reason: Mapped[str] = mapped_column(String(300), default="")
    exception_until: Mapped[date | None] = mapped_column(Date)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(300), default="")
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    worker: Mapped[GridWorker | None] = relationship()
    replaces: Mapped[Assignment | None] = relationship(foreign_keys=[replaces_id])


class WorkerHandover(AreaMixin, db.Model):
    """What lay open on the day a successor took over: ids counted before and found again after (D0-10)."""

    __tablename__ = "worker_handover"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("worker_proposal.id"), unique=True)
    from_worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    to_worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    items: Mapped[dict[str, list[int]]] = mapped_column(Json, default=dict)  # {"tasks": [ids], "contacts", "clues"}
    households: Mapped[int] = mapped_column(default=0)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    from_worker: Mapped[GridWorker] = relationship(foreign_keys=[from_worker_id])
    to_worker: Mapped[GridWorker] = relationship(foreign_keys=[to_worker_id])


class WorkerReward(db.Model):
    """奖惩记录 (D0-62)."""

    __tablename__ = "worker_reward"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    kind: Mapped[RewardKind] = mapped_column(EnumText(RewardKind))
    given_on: Mapped[date] = mapped_column(Date)
    text: Mapped[str] = mapped_column(String(300))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    worker: Mapped[GridWorker] = relationship()


class Participation(AreaMixin, db.Model):
    """A worker named to take part in a check of a household or in a measure for it (D0-34)."""

    __tablename__ = "participation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    clue_id: Mapped[int | None] = mapped_column(ForeignKey("clue.id"))
    kind: Mapped[ParticipationKind] = mapped_column(EnumText(ParticipationKind))
    what: Mapped[str] = mapped_column(String(200))
    named_on: Mapped[date] = mapped_column(Date)
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    done_on: Mapped[date | None] = mapped_column(Date)
    result: Mapped[str] = mapped_column(String(300), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    household: Mapped[Household] = relationship()
    worker: Mapped[GridWorker] = relationship()


class RosterFiling(AreaMixin, db.Model):
    """名册备案 (D4-21): who stood on a unit's roster the day it was handed in, and whether that was in time."""

    __tablename__ = "roster_filing"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))  # of the profile's one-off days
    due_on: Mapped[date] = mapped_column(Date)
    filed_on: Mapped[date] = mapped_column(Date)
    filed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    people: Mapped[int] = mapped_column(default=0)
    worker_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("node_id", "code", "due_on", name="uq_roster_filing"),)
