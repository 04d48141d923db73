"""Where rows lie, in words: names of units above a row are shown even where the units themselves are out of scope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import GridNode
from app.queries.scope import vouched

BELOW_COUNTY = (2, 3, 4, 5)
BELOW_TOWN = (3, 4, 5)


def names_of(node_ids: Iterable[int]) -> dict[int, str]:
    """Unit id → name, in one query. A name of a unit says nothing about a person, so no scope applies."""
    ids = set(node_ids)
    if not ids:
        return {}
    table = GridNode.__table__
    rows = db.session.execute(vouched(select(table.c.id, table.c.name).where(table.c.id.in_(ids))))
    return dict(rows.all())


def units_of(row: Any, depths: Iterable[int] = BELOW_COUNTY) -> list[int]:
    """Ids of the units a row with area columns lies in, from the top down."""
    return [node_id for depth in depths if (node_id := getattr(row, f"l{depth}_id")) is not None]


def place_words(node_ids: Iterable[int | None], depths: Iterable[int] = BELOW_COUNTY) -> dict[int, str]:
    """Unit id → "千人桥镇 重阳村 中心组", in two queries: a group's name alone says nothing above the village."""
    table = GridNode.__table__
    wanted = {one for one in node_ids if one is not None}
    rows = db.session.execute(vouched(select(table).where(table.c.id.in_(wanted)))).all() if wanted else []
    return _in_words({row.id: units_of(row, depths) or [row.id] for row in rows})


def places_of(rows: Iterable[Any], depths: Iterable[int] = BELOW_COUNTY) -> dict[int, str]:
    """node_id → "千人桥镇 重阳村 中心组" for rows with area columns, in one query for all of them."""
    return _in_words({row.node_id: units_of(row, depths) for row in rows})


def _in_words(chains: dict[int, list[int]]) -> dict[int, str]:
    names = names_of(node_id for chain in chains.values() for node_id in chain)
    return {node_id: " ".join(names[i] for i in chain if i in names) for node_id, chain in chains.items()}
