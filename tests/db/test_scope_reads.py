"""The one door on both databases: what an access reads through the ORM, and that Core cannot walk around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, insert, inspect, select, text, update

from app import models as m
from app.extensions import db
from app.models.types import AreaMixin
from app.queries.criteria import OPEN_MODELS, SCOPED_MODELS
from app.queries.scope import (
    NOBODY,
    Access,
    ScopeError,
    access_of,
    acting_as,
    scoped,
    system_access,
    using,
    visible_to,
    vouched,
)
from app.services import users
from tests.factories.cast import World, make_world


@pytest.fixture
def world(session: Any) -> Iterator[World]:
    found = make_world(session)
    session.commit()
    session.expunge_all()
    yield found
    session.rollback()


@pytest.fixture
def town_a(world: World) -> Access:
    return access_of(world.users["town_a"])


def test_every_table_is_scoped_or_declared_open() -> None:
    ours = {mapper.class_ for mapper in db.Model.registry.mappers if mapper.class_.__module__.startswith("app.models")}
    assert ours == {*SCOPED_MODELS, *OPEN_MODELS}


def test_nobody_reads_nothing(session: Any, world: World) -> None:
    with using(NOBODY):
        assert [model.__name__ for model in SCOPED_MODELS if session.query(model).count()] == []


def test_a_township_reads_its_own_row_of_each_kind(session: Any, world: World, town_a: Access) -> None:
    """One county for all tables: building it takes longer than reading every one of them."""
    wrong = {}
    with using(town_a):
        for model in (model for model in SCOPED_MODELS if issubclass(model, AreaMixin)):
            own, foreign = world.a[model.__tablename__], world.b[model.__tablename__]
            keys = [inspect(row).identity for row in session.scalars(select(model))]
            reads = session.get(model, own) is not None, session.get(model, foreign) is not None
            if keys != [own if isinstance(own, tuple) else (own,)] or reads != (True, False):
                wrong[model.__tablename__] = (keys, reads)
    assert wrong == {}


def test_relations_stop_at_the_border(session: Any, world: World, town_a: Access) -> None:
    with using(town_a):
        county_node = session.scalar(select(m.GridNode).where(m.GridNode.depth == 2)).parent
        assert county_node is None
        household = session.get(m.Household, world.a["household"])
        assert [phone.id for phone in household.phones] == [world.a["phone"]]


def test_joins_and_aliases_are_restricted(session: Any, world: World, town_a: Access) -> None:
    from sqlalchemy.orm import aliased

    other = aliased(m.Household)
    with using(town_a):
        joined = select(func.count(m.Phone.id)).join(m.Household, m.Phone.household_id == m.Household.id)
        assert session.scalar(joined) == 1
        assert session.scalar(select(func.count(other.id))) == 1


def test_bulk_update_and_delete_touch_own_rows_only(session: Any, world: World, town_a: Access) -> None:
    with using(town_a):
        assert session.execute(update(m.Household).values(address="x")).rowcount == 1
        assert session.query(m.Recording).delete() == 1
    with system_access():
        assert session.get(m.Household, world.b["household"]).address != "x"
        assert session.get(m.Recording, world.b["recording"]) is not None


@pytest.mark.parametrize(
    "statement",
    [
        select(m.Household.__table__.c.id),
        select(func.count()).select_from(m.Visit.__table__),
        text("SELECT id FROM household"),
        insert(m.Household).values(code="x"),
        insert(m.Household.__table__).values(code="x"),
        update(m.Household.__table__).values(code="x"),
    ],
    ids=["select", "count", "text", "insert model", "insert", "update"],
)
def test_unmarked_core_is_refused(session: Any, world: World, town_a: Access, statement: Any) -> None:
    with using(town_a), pytest.raises(ScopeError):
        session.execute(statement)


def test_core_through_the_door(session: Any, world: World, town_a: Access) -> None:
    table = m.Household.__table__
    with using(town_a):
        assert session.scalars(scoped(select(m.Household.id), m.Household)).all() == [world.a["household"]]
        assert session.scalar(vouched(select(func.count()).select_from(table))) == 2
        assert session.scalar(select(func.count()).select_from(m.Household).where(visible_to(town_a, m.Household))) == 1


def test_campaigns_of_the_units_above_are_seen_and_not_changed(session: Any, world: World, town_a: Access) -> None:
    county = session.get(m.GridNode, world.nodes["990001"])
    campaign = m.Campaign(name="全县", quarter="2027Q1", node=county)
    session.add(campaign)
    session.commit()
    with using(town_a):
        seen = session.get(m.Campaign, campaign.id)
        assert seen is not None
        seen.name = "改名"
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_assignment_counts_from_its_first_to_its_last_day(session: Any, world: World) -> None:
    user_id = world.users["worker1"]
    worker = session.query(m.GridWorker).filter_by(user_id=user_id).one()
    worker.assignments[0].from_on, worker.assignments[0].to_on = date(2026, 3, 1), date(2026, 3, 31)
    session.flush()
    counted = [bool(access_of(user_id, day).grants) for day in (
        date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))]  # fmt: skip
    assert counted == [False, True, True, False]


def test_two_units_of_different_depth_add_up(session: Any, world: World) -> None:
    users.assign(session, world.users["worker1"], "990001102", m.workers.Duty.TOWNSHIP_STAFF)
    with acting_as(world.users["worker1"]):
        assert sorted(session.scalars(select(m.Household.id))) == sorted([world.a["household"], world.b["household"]])


def test_inactive_worker_and_unknown_user_have_no_access(session: Any, world: World) -> None:
    session.query(m.GridWorker).filter_by(user_id=world.users["lead"]).update({"is_active": False})
    assert access_of(world.users["lead"]).grants == ()
    assert access_of(10_000_000) == NOBODY


def test_unknown_sms_senders_are_the_countys(session: Any, world: World) -> None:
    session.add(m.SmsMessage(carrier="simulator", carrier_id="SMx", phone_hash="h", body="?", meaning="triage"))
    session.flush()
    with acting_as(world.users["county"]):
        assert session.query(m.SmsMessage).count() == 3
    with acting_as(world.users["town_a"]):
        assert session.query(m.SmsMessage).count() == 1
