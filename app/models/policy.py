"""The rules as data: the register of policy documents and the profiles that quote them (DOMAIN 2, D0-01)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, validates

from app.domain.policy.kinds import LevelKind, ProfileStatus
from app.extensions import UtcDateTime, db
from app.models.types import EnumText, Json, now


class PolicyDocument(db.Model):
    """One official document. Rules cite it by `number`, as printed on it."""

    __tablename__ = "policy_document"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(100), default="")
    issued_on: Mapped[date | None] = mapped_column(Date)
    level: Mapped[LevelKind] = mapped_column(EnumText(LevelKind))
    effective_from: Mapped[date | None] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(1000), default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_type: Mapped[str] = mapped_column(String(80), default="")
    file_content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (
        CheckConstraint("effective_to IS NULL OR effective_from IS NULL OR effective_to >= effective_from",
                        name="ck_policy_document_dates"),
    )  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.number} {self.title}"


class PolicyProfile(db.Model):
    """One version of the rules of a place. A published version is never edited; a new version succeeds it.

    `place_code` is the statistical code of the place it holds for, a province's included though the tree may begin
    lower; "" holds nowhere by itself (a template) or, without a parent, everywhere (the national defaults).
    `parent_code` names the profile it inherits from; without one, the profile of the next place above.
    """

    __tablename__ = "policy_profile"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    title: Mapped[str] = mapped_column(String(120))
    parent_code: Mapped[str] = mapped_column(String(40), default="")
    place_code: Mapped[str] = mapped_column(String(20), default="", index=True)
    status: Mapped[ProfileStatus] = mapped_column(EnumText(ProfileStatus), default=ProfileStatus.DRAFT, index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    year: Mapped[int | None] = mapped_column(Integer)  # of an annual plan (D4-01)
    note: Mapped[str] = mapped_column(String(1000), default="")
    body: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")  # of the body: what was resolved is remembered by it
    revision: Mapped[int] = mapped_column(Integer, default=1)  # counts every change of a draft
    succeeds_id: Mapped[int | None] = mapped_column(ForeignKey("policy_profile.id"))  # what it was made from
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    __mapper_args__ = {"version_id_col": revision}
    __table_args__ = (
        UniqueConstraint("code", "version", name="uq_policy_profile_code_version"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ck_policy_profile_dates"),
        Index("ix_policy_profile_valid", "status", "valid_from"),
    )

    @validates("body")
    def _follow_body(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(body, sort_keys=True, ensure_ascii=False)
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        return body

    def __repr__(self) -> str:
        return f"{self.code} v{self.version}"
