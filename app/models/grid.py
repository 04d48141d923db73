"""The grid: levels from data, nodes of any depth between 1 and 5."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, Float, ForeignKey, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.enums import UnitKind
from app.extensions import db
from app.models.types import BigId, EnumText


class GridLevel(db.Model):
    """What a depth of the tree is called here: 县级, 乡级, 村级, 村组 (D0) or 镇, 村, 组 (D2). Data, never code."""

    __tablename__ = "grid_level"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    depth: Mapped[int] = mapped_column(SmallInteger, unique=True)
    title: Mapped[str] = mapped_column(String(32))
    title_en: Mapped[str] = mapped_column(String(32), default="")
    worker_title: Mapped[str] = mapped_column(String(32), default="网格员")

    __table_args__ = (CheckConstraint("depth BETWEEN 1 AND 5", name="ck_grid_level_depth"),)

    def __repr__(self) -> str:
        return self.title


class GridNode(db.Model):
    """One unit of the grid. `l{depth}_id` is its own id, so that scope is the same equality as on every other row."""

    __tablename__ = "grid_node"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("grid_node.id"), index=True)
    depth: Mapped[int] = mapped_column(SmallInteger)
    code: Mapped[str] = mapped_column(String(20), unique=True)  # statistical code, 12 + 3 digits below the village
    name: Mapped[str] = mapped_column(String(64), index=True)
    alias: Mapped[str] = mapped_column(String(64), default="")
    unit_kind: Mapped[UnitKind] = mapped_column(EnumText(UnitKind), default=UnitKind.ADMIN)
    path: Mapped[str] = mapped_column(String(120), default="", index=True)  # '/1/23/456/'
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    boundary: Mapped[str] = mapped_column(Text, default="", server_default="")  # 四至, in words
    latitude: Mapped[float | None] = mapped_column(Float)  # degrees, WGS 84, typed; no map service
    longitude: Mapped[float | None] = mapped_column(Float)
    organisation: Mapped[str] = mapped_column(String(80), default="", server_default="")  # who runs it: 村两委 (D0-13)
    opened_on: Mapped[date | None] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)  # merged, split or given up; see NodeLineage
    l1_id: Mapped[int | None] = mapped_column(BigId)
    l2_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l3_id: Mapped[int | None] = mapped_column(BigId, index=True)
    l4_id: Mapped[int | None] = mapped_column(BigId)
    l5_id: Mapped[int | None] = mapped_column(BigId)

    parent: Mapped[GridNode | None] = relationship(remote_side=[id], back_populates="children")
    children: Mapped[list[GridNode]] = relationship(back_populates="parent", order_by="GridNode.code")

    __table_args__ = (
        CheckConstraint("depth BETWEEN 1 AND 5", name="ck_grid_node_depth"),
        CheckConstraint("latitude IS NULL OR latitude BETWEEN -90 AND 90", name="ck_grid_node_latitude"),
        CheckConstraint("longitude IS NULL OR longitude BETWEEN -180 AND 180", name="ck_grid_node_longitude"),
    )

    def __repr__(self) -> str:
        return self.name
