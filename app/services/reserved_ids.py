"""Ids for rows that are about to be inserted in bulk.

INSERT … RETURNING gives ids back in order only by sending SQLite one row at a time (17,000 statements for 5,000
households). Taking the ids first lets every table be written by one executemany.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text

from app.queries.scope import vouched


def reserve_ids(session: Any, model: type[Any], count: int) -> range | list[int]:
    """`count` ids nobody else gets, in ascending order. On SQLite good until the transaction ends, which holds the
    only write lock; on PostgreSQL for ever, since they come from the table's sequence."""
    if count == 0:
        return range(0)
    table = model.__table__
    if session.get_bind().dialect.name == "sqlite":
        first = (session.execute(vouched(select(func.max(table.c.id)))).scalar() or 0) + 1
        return range(first, first + count)
    taken = vouched(text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"))
    return sorted(session.execute(taken, {"name": table.name, "count": count}).scalars())
