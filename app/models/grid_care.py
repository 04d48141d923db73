"""The upkeep of the grid: what a unit covers, sub-areas, other networks, lineage, supervision, the leading group."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import UnitKind
from app.domain.grid_care.words import Gap, GridChangeKind, GridTaskState, LeadingPost
from app.extensions import UtcDateTime, db
from app.models.grid import GridNode
from app.models.types import AreaMixin, BigId, EnumText, Json, now
from app.models.workers import GridWorker

OPEN_ENDED = text("to_on IS NULL")
HAS_CODE = text("foreign_code <> ''")
IS_OPEN = text("state = 'open'")


class NodeAlias(AreaMixin, db.Model):
    """Another name of a unit: what people say, a former name, a spelling of a document."""

    __tablename__ = "node_alias"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("node_id", "name", name="uq_node_alias_name"),)


class CoveredPlace(AreaMixin, db.Model):
    """A natural village or villager group that a unit covers, wholly or in part (D0-02, D0-03)."""

    __tablename__ = "covered_place"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[UnitKind] = mapped_column(EnumText(UnitKind), default=UnitKind.GROUP)
    is_part: Mapped[bool] = mapped_column(Boolean, default=False)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("node_id", "name", name="uq_covered_place_name"),)


class NetworkCode(AreaMixin, db.Model):
    """多网合一: this unit is also a grid of another network, there under a code of its own (D0-04, D2-02).

    `network` is a code of the policy's list; `foreign_code` '' while the other network has not told it.
    """

    __tablename__ = "network_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    network: Mapped[str] = mapped_column(String(32))
    foreign_code: Mapped[str] = mapped_column(String(40), default="", index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        UniqueConstraint("node_id", "network", name="uq_network_code_node"),
        Index("uq_network_code_foreign", "network", "foreign_code", unique=True,
              postgresql_where=HAS_CODE, sqlite_where=HAS_CODE),
    )  # fmt: skip


class SubArea(AreaMixin, db.Model):
    """片区: some units of a village under one responsible person (D0-14). `node` is the village."""

    __tablename__ = "sub_area"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    units: Mapped[list[SubAreaUnit]] = relationship(back_populates="sub_area", order_by="SubAreaUnit.from_on")
    leads: Mapped[list[SubAreaLead]] = relationship(back_populates="sub_area", order_by="SubAreaLead.from_on")

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_sub_area_dates"),)

    def __repr__(self) -> str:
        return self.name


class SubAreaUnit(AreaMixin, db.Model):
    """A unit belongs to a sub-area between two civil dates, both included; to one at a time."""

    __tablename__ = "sub_area_unit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sub_area_id: Mapped[int] = mapped_column(ForeignKey("sub_area.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    sub_area: Mapped[SubArea] = relationship(back_populates="units")
    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_sub_area_unit_dates"),
        Index("uq_sub_area_unit_open", "node_id", unique=True,
              postgresql_where=OPEN_ENDED, sqlite_where=OPEN_ENDED),
    )  # fmt: skip


class SubAreaLead(AreaMixin, db.Model):
    """Who answers for a sub-area, from when to when. `node` is the village."""

    __tablename__ = "sub_area_lead"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sub_area_id: Mapped[int] = mapped_column(ForeignKey("sub_area.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("grid_worker.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    sub_area: Mapped[SubArea] = relationship(back_populates="leads")
    worker: Mapped[GridWorker] = relationship()

    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_sub_area_lead_dates"),
        Index("uq_sub_area_lead_open", "sub_area_id", unique=True,
              postgresql_where=OPEN_ENDED, sqlite_where=OPEN_ENDED),
    )  # fmt: skip


class GridChange(AreaMixin, db.Model):
    """One merge, split or move, decided once. `node`: the unit that is there afterwards, or the parent of the parts.

    `token` is made by the form, so that a second click finds the change done. `figures`: what was moved, by table.
    """

    __tablename__ = "grid_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[GridChangeKind] = mapped_column(EnumText(GridChangeKind))
    token: Mapped[str] = mapped_column(String(36), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    effective_on: Mapped[date] = mapped_column(Date)
    figures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()


class NodeLineage(AreaMixin, db.Model):
    """What a unit became: `node` is the old unit, `into_id` the one that took over `households` of its households.

    Of a move, `into_id` is the new parent and `from_parent_id` the old one.
    """

    __tablename__ = "node_lineage"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("grid_change.id"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("grid_node.id"), index=True)
    from_parent_id: Mapped[int | None] = mapped_column(ForeignKey("grid_node.id"))
    kind: Mapped[GridChangeKind] = mapped_column(EnumText(GridChangeKind))
    on: Mapped[date] = mapped_column("on_day", Date)
    households: Mapped[int] = mapped_column(Integer, default=0)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    change: Mapped[GridChange] = relationship()


class GridTask(AreaMixin, db.Model):
    """A village or unit is urged to mend something by a day (D0-18). At most one open task of a kind a unit."""

    __tablename__ = "grid_task"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gap: Mapped[Gap] = mapped_column(EnumText(Gap))
    text: Mapped[str] = mapped_column(String(400), default="")
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[GridTaskState] = mapped_column(EnumText(GridTaskState), default=GridTaskState.OPEN)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    result: Mapped[str] = mapped_column(String(400), default="")
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (
        Index("uq_grid_task_open", "node_id", "gap", unique=True, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
    )


class GridSupervision(AreaMixin, db.Model):
    """定期督导: the village looked after its groups (D0-35). `node` is the village."""

    __tablename__ = "grid_supervision"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    held_on: Mapped[date] = mapped_column(Date)
    by_name: Mapped[str] = mapped_column(String(80))
    found: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[str] = mapped_column(Text, default="")
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    followed_up_on: Mapped[date | None] = mapped_column(Date)
    follow_up_note: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    token: Mapped[str | None] = mapped_column(String(36), unique=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()
    units: Mapped[list[GridSupervisionUnit]] = relationship(back_populates="supervision")

    __table_args__ = (
        CheckConstraint("follow_up_on IS NULL OR follow_up_on >= held_on", name="ck_grid_supervision_dates"),
        Index("ix_grid_supervision_village", "l3_id", "held_on"),
    )


class GridSupervisionUnit(AreaMixin, db.Model):
    """A unit that was looked at in one supervision. `node` is the unit."""

    __tablename__ = "grid_supervision_unit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supervision_id: Mapped[int] = mapped_column(ForeignKey("grid_supervision.id"), index=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    supervision: Mapped[GridSupervision] = relationship(back_populates="units")
    node: Mapped[GridNode] = relationship()

    __table_args__ = (UniqueConstraint("supervision_id", "node_id", name="uq_grid_supervision_unit"),)


class LeadingMember(AreaMixin, db.Model):
    """领导小组: a person's post in the leading group of a unit, from a date to a date (D2-42)."""

    __tablename__ = "leading_member"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    post: Mapped[LeadingPost] = mapped_column(EnumText(LeadingPost))
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(80), default="")  # the office the person holds elsewhere
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int] = mapped_column(Integer, default=100)  # order within the post
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)

    node: Mapped[GridNode] = relationship()

    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ck_leading_member_dates"),)
