"""Households change their unit with everything that is theirs: a few statements a table, however many rows.

The caller has settled the scope: the units were read through it and the access covers them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Table, func, insert, literal, select, update

from app.domain.grid_care.words import SyncChange, SyncEntity, SyncState
from app.extensions import clock
from app.models import GridNode, Household, SyncItem
from app.models.types import AREA_COLUMNS
from app.queries.areas import PLACED_MODELS
from app.queries.scope import vouched

_AT_ONCE = 500  # ids in one statement: SQLite takes no more than some thousand parameters


def area_of(node: GridNode) -> dict[str, int | None]:
    return {"node_id": node.id, **{name: getattr(node, name) for name in AREA_COLUMNS[1:]}}


def move_all(session: Any, old: GridNode, new: GridNode) -> dict[str, int]:
    """Every household that lives at `old` itself lives at `new` from now on. Table name → rows moved."""
    return _move(session, old, new, None)


def move_some(session: Any, old: GridNode, new: GridNode, household_ids: Sequence[int]) -> dict[str, int]:
    """The same for these households of `old`."""
    return _move(session, old, new, list(household_ids))


def _move(session: Any, old: GridNode, new: GridNode, ids: list[int] | None) -> dict[str, int]:
    session.flush()
    connection, area = session.connection(), area_of(new)
    chunks = [None] if ids is None else [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]
    moved: dict[str, int] = {}
    for chunk in chunks:
        _note_households(connection, old, area, chunk)
        for table in _tables():
            key = table.c.id if table is Household.__table__ else table.c.household_id
            statement = update(table).where(table.c.node_id == old.id, key.is_not(None)).values(**area)
            done = connection.execute(vouched(statement if chunk is None else statement.where(key.in_(chunk))))
            moved[table.name] = moved.get(table.name, 0) + done.rowcount
    session.expire_all()
    return moved


def _tables() -> list[Table]:
    found = [model.__table__ for model in PLACED_MODELS if "household_id" in model.__table__.c]
    return [Household.__table__, *found]


def _note_households(connection: Any, old: GridNode, area: dict[str, int | None], ids: list[int] | None) -> None:
    """Before they move: one waiting row a household for the provincial platform, at the new unit."""
    household, item, now = Household.__table__, SyncItem.__table__, clock.now()
    here = [household.c.node_id == old.id, *([] if ids is None else [household.c.id.in_(ids)])]
    of_households = item.c.entity == SyncEntity.HOUSEHOLD
    connection.execute(
        update(item).where(of_households, item.c.entity_id.in_(select(household.c.id).where(*here))).values(**area)
    )
    waits = select(item.c.id).where(
        of_households, item.c.entity_id == household.c.id, item.c.state == SyncState.WAITING
    )
    values: dict[str, Any] = {
        "entity": literal(SyncEntity.HOUSEHOLD.value), "entity_id": household.c.id,
        "state": literal(SyncState.WAITING.value), "change": literal(SyncChange.MOVED.value),
        "changes": literal([SyncChange.MOVED.value], item.c.changes.type),
        "first_at": literal(now, item.c.first_at.type), "last_at": literal(now, item.c.last_at.type),
        "is_demo": household.c.is_demo,
        **{name: literal(value, BigInteger) for name, value in area.items()},
    }  # fmt: skip
    source = select(*(value.label(name) for name, value in values.items())).where(*here, ~waits.exists())
    connection.execute(vouched(insert(item).from_select(list(values), source)))


def count_households(session: Any, node: GridNode) -> int:
    """All that live at this very unit, those that left the register included."""
    table = Household.__table__
    query = select(func.count()).select_from(table).where(table.c.node_id == node.id)
    return int(session.execute(vouched(query)).scalar_one())
