"""What an inspector of a drawn sample sees: the households that stand in it now with their own records, nothing else.

An inspector has no unit, so nothing they might send can be written (app.queries.areas refuses it). The one thing they
fill in, the form of a household, is written by app.services.supervision.checks once it has looked at the grant
(docs/adr/0029-scope-of-sampled-inspectors.md).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from app import models as m
from app.queries.access import Access

_ITEM, _DRAW, _DUTY = m.SampleItem.__table__, m.SampleDraw.__table__, m.Assignment.__table__
# Have a household as well, and are not for an inspector's eyes: how it is reached, spoken with and written to.
_WITHHELD = frozenset({m.Recording, m.SmsMessage, m.HouseholdQr, m.GridNoticeText, m.SampleReplacement})


def in_sample(access: Access, entity: Any, model: type[Any]) -> ColumnElement[bool]:
    """Rows of `entity` (a scoped model or an alias of one) an access with `samples` may read."""
    rule = _RULES.get(model)
    if rule is not None:
        ruled: ColumnElement[bool] = rule(access, entity)
        return ruled
    if model in _WITHHELD or "household_id" not in model.__table__.c:
        return false()
    inside: ColumnElement[bool] = entity.household_id.in_(_households(access))
    return inside


def _households(access: Access) -> Select[Any]:
    item = _ITEM.alias()
    return select(item.c.household_id).where(item.c.draw_id.in_(access.samples), item.c.is_active.is_(True))


def _items(access: Access) -> Select[Any]:
    item = _ITEM.alias()
    return select(item.c.id).where(item.c.draw_id.in_(access.samples), item.c.is_active.is_(True))


def _inspections(access: Access) -> Select[Any]:
    draw = _DRAW.alias()
    return select(draw.c.inspection_id).where(draw.c.id.in_(access.samples))


def _workers(access: Access) -> Select[Any]:
    """Who serves the villages and groups of the sample: a visit's author must have a name."""
    duty = _DUTY.alias()
    return select(duty.c.worker_id).where(duty.c.node_id.in_(access.above))


_RULES: dict[type[Any], Any] = {
    m.Household: lambda access, entity: entity.id.in_(_households(access)),
    m.GridNode: lambda access, entity: entity.id.in_(access.above),
    m.GridWorker: lambda access, entity: entity.id.in_(_workers(access)),
    m.SampleDraw: lambda access, entity: entity.id.in_(access.samples),
    m.SampleItem: lambda access, entity: entity.id.in_(_items(access)),
    m.SampleCheck: lambda access, entity: entity.item_id.in_(_items(access)),
    m.SampleInspector: lambda access, entity: entity.user_id == access.user_id,
    m.Inspection: lambda access, entity: entity.id.in_(_inspections(access)),
    m.AuditEntry: lambda access, entity: entity.user_id == access.user_id,
}
