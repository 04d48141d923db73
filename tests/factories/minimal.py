"""One plain row of any table that lies in the grid, so that the scope's tests cover each table from its first day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Integer, SmallInteger, inspect
from sqlalchemy.types import TypeDecorator

from app import models as m
from app.domain.enums import Duty
from app.models.types import AREA_COLUMNS, EncryptedText, EnumText
from tests.factories.world import area_of, demo_number

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_PLAIN: dict[type[Any], Any] = {
    float: 1.0, bool: False, date: date(2026, 11, 20), datetime: AT, time: time(9), Decimal: Decimal(1),
    dict: {}, list: [], bytes: b"x",
}  # fmt: skip

_ENCRYPTED_JSON = {"before", "after"}  # of a corrected visit


def make_minimal(session: Any, model: type[Any], node: Any, known: dict[str, Any], mark: str) -> Any:
    """A flushed row of `model` at `node`: required columns filled by type, foreign keys from `known` (table → row)."""
    values: dict[str, Any] = {}
    for attribute in inspect(model).column_attrs:
        column = attribute.columns[0]
        links = [key.column.table.name for key in column.foreign_keys]
        wanted = not column.nullable or attribute.key == "household_id"
        counted = column.primary_key and not links and isinstance(column.type, Integer)
        if attribute.key in AREA_COLUMNS or counted or not wanted:
            continue
        if links:
            values[attribute.key] = _parent(session, links[0], node, known, mark).id
        elif column.default is None and column.server_default is None:
            values[attribute.key] = _value(column, f"{mark}-{model.__tablename__}", node.id)
    row = model(**values, **{name: value for name, value in area_of(node).items() if hasattr(model, name)})
    session.add(row)
    session.flush()
    return row


def _parent(session: Any, table: str, node: Any, known: dict[str, Any], mark: str) -> Any:
    if table == "grid_node":
        return node
    if table == "grid_worker" and table not in known:
        worker = m.GridWorker(name=f"周{mark}", title="村干部", phone=demo_number(91_000_000))
        session.add(worker)
        session.flush()
        session.add(m.Assignment(worker_id=worker.id, node_id=node.id, duty=Duty.GROUP_SUPERVISOR,
                                 from_on=date(2026, 1, 1)))  # fmt: skip
        known[table] = worker
    if table not in known:
        model = next(one.class_ for one in m.Household.registry.mappers if one.class_.__tablename__ == table)
        known[table] = make_minimal(session, model, node, known, mark)
    return known[table]


def _value(column: Any, mark: str, number: int) -> Any:
    kind = column.type
    if isinstance(kind, EnumText):
        return next(iter(kind.members))
    if isinstance(kind, EncryptedText):
        return "{}" if column.name in _ENCRYPTED_JSON else mark
    if isinstance(kind, JSON):
        return {}
    python = (kind.impl if isinstance(kind, TypeDecorator) else kind).python_type
    if python is str:
        return mark[: kind.length or 100]
    if python is int:  # far from any row's id, so that it names nothing by chance
        return number if isinstance(kind, SmallInteger) else 900_000 + number
    return _PLAIN[python]
