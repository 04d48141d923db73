"""Records of home visits that the village archive is to receive (D4-26): monitored and early-warning households."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, exists, select

from app.domain.enums import VisitChannel
from app.domain.measures.dates import months_later
from app.domain.measures.templates import PLANNED_FOR
from app.domain.quarters import CHINA
from app.extensions import db
from app.models import GridNode, Household, Visit, VisitReceipt
from app.queries.measures.plans import inside


def home_visits(node: GridNode | None, month: date, *, received: bool) -> Select[Any]:
    """Of the month that begins on `month`; withdrawn ones are no record."""
    first, after = (datetime.combine(day, time.min, CHINA) for day in (month, months_later(month, 1)))
    taken = exists().where(VisitReceipt.visit_id == Visit.id)
    query = (
        select(Visit)
        .join(Household, Household.id == Visit.household_id)
        .where(Household.category.in_(PLANNED_FOR), Visit.channel == VisitChannel.IN_PERSON,
               Visit.withdrawn_at.is_(None), Visit.happened_at >= first, Visit.happened_at < after,
               taken if received else ~taken)
    )  # fmt: skip
    return inside(query, Visit, node).order_by(Visit.happened_at, Visit.id)


def receipts_of(visit_ids: list[int]) -> dict[int, VisitReceipt]:
    """Visit id → its receipt, for the page that is shown."""
    rows = db.session.scalars(select(VisitReceipt).where(VisitReceipt.visit_id.in_(visit_ids)))
    return {row.visit_id: row for row in rows}
