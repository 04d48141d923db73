"""The queue to the provincial platform: one waiting row a thing; exactly what was exported is marked, or put back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app import models as m
from app.domain.grid_care.words import SyncChange, SyncEntity, SyncState
from app.queries.scope import acting_as
from app.services.grid_care import sync
from app.services.grid_care.sync import SyncError
from tests.factories.cast import make_world
from tests.factories.world import make_household

TODAY = date(2026, 11, 23)
G1 = "990001101201001"


@pytest.fixture
def world(session: Any) -> Any:
    made = make_world(session)
    session.query(m.SyncItem).delete()
    session.commit()
    return made


@pytest.fixture
def group(session: Any, world: Any) -> m.GridNode:
    found: m.GridNode = session.get_one(m.GridNode, world.nodes[G1])
    return found


@pytest.fixture
def town(session: Any, world: Any) -> m.GridNode:
    found: m.GridNode = session.get_one(m.GridNode, world.nodes["990001101"])
    return found


def rows(session: Any, **wanted: Any) -> list[m.SyncItem]:
    return list(session.scalars(select(m.SyncItem).filter_by(**wanted).order_by(m.SyncItem.id)))


def test_a_change_of_a_unit_waits_by_itself(session: Any, group: m.GridNode) -> None:
    group.boundary = "东至大塘，西至村道"
    session.commit()
    (row,) = rows(session)
    assert (row.entity, row.entity_id, row.change, row.l3_id) == (
        SyncEntity.UNIT, group.id, SyncChange.UPDATED, group.l3_id)  # fmt: skip


def test_later_changes_collapse_into_the_waiting_row(session: Any, world: Any) -> None:
    household = world.a["household"]
    for change in (SyncChange.CREATED, SyncChange.UPDATED, SyncChange.UPDATED):
        sync.note(session, "household", household, change)
    (row,) = rows(session)
    assert (row.change, row.changes) == (SyncChange.CREATED, ["created", "updated"])


def test_an_assignment_brings_its_worker(session: Any, group: m.GridNode) -> None:
    worker = m.GridWorker(name="吴试", title="网格员")
    session.add(worker)
    session.flush()
    assert rows(session) == []  # no unit yet: nobody's to report
    session.add(m.Assignment(worker_id=worker.id, node_id=group.id, duty="grid_worker", from_on=TODAY))
    session.commit()
    assert {(row.entity, row.node_id) for row in rows(session)} == {
        (SyncEntity.ASSIGNMENT, group.id), (SyncEntity.WORKER, group.id)}  # fmt: skip
    told = session.scalars(select(m.PublicityRecord).where(m.PublicityRecord.node_id == group.id)
                           .order_by(m.PublicityRecord.id.desc())).first()  # fmt: skip
    assert told.what == "自2026年11月23日起，第1组的网格员为吴试。"


def test_what_is_taken_out_again_waits_no_more(session: Any, group: m.GridNode) -> None:
    worker = m.GridWorker(name="吴试", title="网格员")
    session.add(worker)
    session.flush()
    duty = m.Assignment(worker_id=worker.id, node_id=group.id, duty="grid_worker", from_on=TODAY)
    session.add(duty)
    session.flush()
    session.delete(duty)
    session.flush()
    session.delete(worker)
    session.commit()
    assert rows(session) == []


def test_an_unknown_thing_cannot_be_noted(session: Any) -> None:
    with pytest.raises(LookupError):
        sync.note(session, "household", 424242, "updated")
    with pytest.raises(ValueError, match="carpet"):
        sync.note(session, "carpet", 1, "updated")


def test_exactly_the_exported_rows_are_marked(session: Any, world: Any, town: m.GridNode) -> None:
    first = world.a["household"]
    sync.note(session, "household", first, "updated")
    batch = sync.export(session, town, "token-1")
    sync.note(session, "household", first, "updated")  # after the export: waits again
    sync.mark_synced(session, batch, TODAY)
    session.commit()
    assert [(row.state, row.batch_id) for row in rows(session)] == [(SyncState.SYNCED, batch.id),
                                                                    (SyncState.WAITING, None)]  # fmt: skip
    assert (batch.rows, batch.synced_on) == (1, TODAY)


def test_a_second_click_gives_the_same_export(session: Any, world: Any, town: m.GridNode) -> None:
    sync.note(session, "household", world.a["household"], "updated")
    assert sync.export(session, town, "token-1").id == sync.export(session, town, "token-1").id
    with pytest.raises(SyncError, match="Nothing waits"):
        sync.export(session, town, "token-2")


def test_a_township_exports_its_own_rows(session: Any, world: Any) -> None:
    for records in (world.a, world.b):
        sync.note(session, "household", records["household"], "updated")
    session.commit()
    with acting_as(world.users["county"]):
        county = session.get(m.GridNode, world.nodes["990001"])
        assert sync.export(session, county, "all").rows == 2
    session.rollback()
    session.expunge_all()
    with acting_as(world.users["town_a"]):
        assert session.get(m.GridNode, world.nodes["990001"]) is None
        assert sync.export(session, session.get(m.GridNode, world.nodes["990001101"]), "own").rows == 1


def test_the_mark_can_be_undone_and_the_export_taken_back(session: Any, world: Any, town: m.GridNode) -> None:
    sync.note(session, "household", world.a["household"], "moved")
    batch = sync.export(session, town, "token-1")
    sync.mark_synced(session, batch, TODAY)
    with pytest.raises(SyncError, match="Say why"):
        sync.undo_synced(session, batch, "")
    sync.undo_synced(session, batch, "标错了")
    assert (batch.synced_on, rows(session)[0].state) == (None, SyncState.EXPORTED)
    sync.withdraw(session, batch, "没有上传")
    assert [(row.state, row.batch_id) for row in rows(session)] == [(SyncState.WAITING, None)]
    with pytest.raises(SyncError, match="settled"):
        sync.mark_synced(session, batch, TODAY)


def test_what_is_taken_back_folds_into_the_newer_row(session: Any, world: Any, town: m.GridNode) -> None:
    household = world.a["household"]
    sync.note(session, "household", household, "created")
    batch = sync.export(session, town, "token-1")
    sync.note(session, "household", household, "updated")
    sync.withdraw(session, batch, "没有上传")
    session.commit()
    assert [(row.state, row.change, row.changes) for row in rows(session)] == [
        (SyncState.FOLDED, SyncChange.CREATED, ["created"]),
        (SyncState.WAITING, SyncChange.CREATED, ["created", "updated"])]  # fmt: skip


@pytest.mark.parametrize(("on", "message"), [(date(2026, 11, 24), "future"), (date(2026, 11, 22), "before it was")])
def test_the_day_of_the_mark_makes_sense(session: Any, world: Any, town: m.GridNode, on: date, message: str) -> None:
    sync.note(session, "household", world.a["household"], "updated")
    batch = sync.export(session, town, "token-1")
    with pytest.raises(SyncError, match=message):
        sync.mark_synced(session, batch, on)


def test_many_things_at_once(session: Any, group: m.GridNode) -> None:
    ids = [make_household(session, group).id for _ in range(7)]
    sync.note_many(session, SyncEntity.HOUSEHOLD, dict.fromkeys(ids, SyncChange.CREATED))
    assert [row.entity_id for row in rows(session, entity=SyncEntity.HOUSEHOLD)] == ids
