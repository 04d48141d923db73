"""The ledgers of the office: what the provincial platform has yet to be told (D0-12)."""

from __future__ import annotations

from sqlalchemy import case, func, or_

from app.domain.grid_care.words import SyncState
from app.models import GridNode, SyncBatch, SyncItem
from app.queries.ledgers.listing import Ask, Listing


def platform(ask: Ask) -> Listing:
    """What changed in the year by the day, and what was still waiting; a change of a later day is none."""
    item, batch, unit = SyncItem.__table__, SyncBatch.__table__, GridNode.__table__.alias("unit_changed")
    in_year = item.c.last_at >= ask.span.from_at
    exported = batch.c.exported_at < ask.span.end_at
    return Listing(
        SyncItem,
        {
            "entity": item.c.entity, "change": item.c.change, "unit": unit.c.name, "first_at": item.c.first_at,
            "last_at": item.c.last_at, "state": item.c.state, "batch": item.c.batch_id,
            "exported_at": case((exported, batch.c.exported_at)), "synced_on": batch.c.synced_on,
        },
        (item.c.first_at < ask.span.end_at, or_(in_year, item.c.state == SyncState.WAITING)),
        more=((batch, batch.c.id == item.c.batch_id), (unit, unit.c.id == item.c.node_id)),
        order=(item.c.first_at,),
        updated=func.coalesce(item.c.last_at, item.c.first_at, type_=item.c.last_at.type),
    )  # fmt: skip
