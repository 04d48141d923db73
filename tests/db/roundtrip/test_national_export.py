"""What waits for the platform, in the platform's own columns: what goes out comes in again unchanged."""

from __future__ import annotations

import io

from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.grid_care.words import SyncChange, SyncEntity
from app.models import AuditEntry, Member
from app.services.grid_care import sync
from app.sheets.national_export import WATERMARK, count_changes, export_changes
from tests.db.roundtrip.conftest import household, kinds
from tests.factories.national import HEADINGS, id_of, person, spouse


def _export(session, *, masked):
    buffer = io.BytesIO()
    export_changes(session, buffer, who="王试员", masked=masked)
    session.commit()
    rows = list(load_workbook(io.BytesIO(buffer.getvalue())).worksheets[0].values)
    return buffer.getvalue(), [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _wait(session, code):
    sync.note(session, SyncEntity.HOUSEHOLD, household(session, code).id, SyncChange.UPDATED)
    session.commit()


def test_whole_households_that_wait_are_sent(session, take):
    take(person(1), spouse(1), person(2))
    son = session.scalars(select(Member).where(Member.relation == "spouse")).one()
    sync.note(session, SyncEntity.MEMBER, son.id, SyncChange.UPDATED)
    session.commit()
    _, rows = _export(session, masked=True)
    assert [(row["户编号"], row["与户主关系"]) for row in rows] == [("N00001", "户主"), ("N00001", "配偶")]
    assert count_changes(session) == 1


def test_numbers_are_masked_unless_asked_in_full(session, take):
    take(person(1))
    _wait(session, "N00001")
    _, (masked,) = _export(session, masked=True)
    assert id_of(1) not in masked.values()
    assert "*" in masked["户联系电话"]
    _, (full,) = _export(session, masked=False)
    assert (full["证件号码"], full["户联系电话"]) == (id_of(1), "10000000001")


def test_every_row_says_who_took_it_and_the_trail_knows(session, take):
    take(person(1))
    _wait(session, "N00001")
    _, (row,) = _export(session, masked=False)
    assert row[WATERMARK] == "守望 王试员 2026-11-23 10:00"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "sync_item")).one()
    assert entry.changes["masked"] == [None, False]


def test_what_goes_out_in_full_comes_in_unchanged(session, take, preview):
    monitored = {"category": "一般农户", "monitored": "边缘易致贫户", "risk_on": "2022-05-01", "eliminated": "否"}
    take(person(1, **monitored), spouse(1, **monitored), person(2, unsafe_house="B级"))
    for code in ("N00001", "N00002"):
        _wait(session, code)
    data, rows = _export(session, masked=False)
    assert set(HEADINGS.values()) <= set(rows[0])
    batch = preview(data=data)
    assert [kind for _, kind in kinds(session, batch)] == ["same"] * 3
    assert batch.notes["ignored"] == [WATERMARK]
