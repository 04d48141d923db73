"""Household rosters as XLSX bytes, for tests of reading and importing."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

from app.sheets.columns import HOUSEHOLD_COLUMNS

HEADINGS = {column.key: column.heading for column in HOUSEHOLD_COLUMNS}


def workbook(rows: list[list[Any]], *, title: str = "农户名册") -> bytes:
    """A sheet with these rows, first one included as it is."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return save(book)


def save(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def roster(*rows: dict[str, Any], keys: tuple[str, ...] | None = None) -> bytes:
    """A roster whose rows are given by column key; only the columns used (or `keys`) are in the sheet."""
    used = keys or tuple(key for key in HEADINGS if any(key in row for row in rows))
    return workbook([[HEADINGS[key] for key in used], *([row.get(key) for key in used] for row in rows)])


def row(serial: int = 1, **values: Any) -> dict[str, Any]:
    """A good row in the first group of the factory county (tests.factories.world.make_tree)."""
    return {
        "code": f"R{serial:05d}",
        "node_code": "990001101201001",
        "head_name": "孙试户",
        "phone1": f"100{serial:08d}",
        "absent": "是",
        "away_since": "2026-02-20",
        "away_place": "测试市",
    } | values
