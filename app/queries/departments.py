"""Offices and stations that serve a place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from app.extensions import db
from app.models import Department
from app.queries.scope import today


def serving(row: Any) -> list[Department]:
    """Those that still work at the units `row` lies in, by name; the nearest units first. `row`: of an AreaMixin."""
    above = [key for n in range(1, 6) if (key := getattr(row, f"l{n}_id")) is not None]
    query = select(Department).where(or_(Department.to_on.is_(None), Department.to_on >= today()),
                                     Department.node_id.in_(above))  # fmt: skip
    order = {key: place for place, key in enumerate(reversed(above))}
    return sorted(db.session.scalars(query), key=lambda one: (order[one.node_id], one.name))
