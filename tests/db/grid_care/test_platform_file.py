"""The file for the platform holds exactly the rows of its export, however many, and never a formula."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import insert, select

from app import models as m
from app.domain.grid_care.words import SyncChange, SyncEntity
from app.extensions import clock
from app.services.grid_care import sync
from app.sheets import platform_sync
from tests.factories.world import area_of, make_household, make_tree

MANY = 100_000


def test_every_kind_has_a_layout() -> None:
    assert set(platform_sync.layouts()) == set(SyncEntity)
    assert all(layout.columns for layout in platform_sync.layouts().values())


def test_a_hundred_thousand_rows(session: Any) -> None:
    """The rows are read page by page and streamed: a county's queue fits one file."""
    many = MANY if session.get_bind().dialect.name == "sqlite" else MANY // 10  # the slower of the two in full
    tree = make_tree(session)
    area, now = area_of(tree.groups[0]), clock.now()
    for start in range(0, many, 10_000):
        session.execute(insert(m.Household.__table__), [
            {"code": f"X{start + n:07d}", "head_name": "=1+1", "category": "general", "created_at": now,
             "updated_at": now, **area} for n in range(10_000)])  # fmt: skip
    ids = session.scalars(select(m.Household.id)).all()
    session.query(m.SyncItem).delete()
    for start in range(0, many, 10_000):
        session.execute(insert(m.SyncItem.__table__), [
            {"entity": SyncEntity.HOUSEHOLD, "entity_id": key, "change": SyncChange.CREATED, "changes": ["created"],
             "state": "waiting", "first_at": now, "last_at": now, **area}
            for key in ids[start : start + 10_000]])  # fmt: skip
    batch = sync.export(session, tree.county, "t")
    buffer = io.BytesIO()
    assert batch.rows == platform_sync.write_kind(session, buffer, batch, SyncEntity.HOUSEHOLD) == many
    sheet = load_workbook(io.BytesIO(buffer.getvalue()), read_only=True).active
    first = next(sheet.iter_rows(min_row=2, max_row=2, values_only=True))
    assert first[:6] == ("X0000000", "'=1+1", "一般农户", None, None, "990001101201001")


def test_the_file_can_be_made_again_with_the_same_rows(session: Any) -> None:
    tree = make_tree(session)
    household = make_household(session, tree.groups[0])
    session.query(m.SyncItem).delete()
    sync.note(session, "household", household.id, "created")
    batch = sync.export(session, tree.county, "t")
    sync.note(session, "household", make_household(session, tree.groups[0]).id, "created")
    for _time in range(2):
        content, extension = platform_sync.write_batch(session, batch)
        sheet = load_workbook(io.BytesIO(content)).active
        assert (extension, [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]) == (
            "xlsx", [household.code])  # fmt: skip
