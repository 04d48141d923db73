"""A change to one row of the register, as it is planned, written, kept in the journal and taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
NEW_HOUSEHOLD, NEW_MEMBER = "new:household", "new:member"  # stand for ids the database has yet to give


@dataclass(slots=True)
class Write:
    """`key` None: an insert of `values`. Otherwise an update from `old` to `values`, which have the same keys."""

    table: str
    key: int | None
    values: Row
    old: Row = field(default_factory=dict)


def difference(table: str, row: Row, wanted: Row) -> Write | None:
    """An update of what differs; None when the row says it all."""
    values = {name: value for name, value in wanted.items() if row[name] != value}
    return Write(table, row["id"], values, {name: row[name] for name in values}) if values else None
