"""Rows belong where their household or unit is; what lies outside is not written; moves take everything along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app import models as m
from app.queries.criteria import AREA_MODELS
from app.queries.scope import NOBODY, ScopeError, acting_as, today, using
from app.services import grid_nodes
from app.services.grid_care import restructure
from app.services.grid_care.restructure import Decision
from tests.factories.cast import World, make_world


@pytest.fixture
def world(session: Any) -> Iterator[World]:
    found = make_world(session)
    session.commit()
    session.expunge_all()
    yield found
    session.rollback()


def visit(household_id: int, **values: Any) -> m.Visit:
    return m.Visit(household_id=household_id, channel="phone", findings=[], **values)


def test_area_is_derived_not_believed(session: Any, world: World) -> None:
    with acting_as(world.users["town_a"]):
        row = visit(world.a["household"], node_id=world.nodes["990001102"], l2_id=world.nodes["990001102"])
        session.add(row)
        session.flush()
    assert (row.node_id, row.l2_id) == (world.nodes["990001101201001"], world.nodes["990001101"])


def test_new_household_with_its_phones_in_one_flush(session: Any, world: World) -> None:
    with acting_as(world.users["town_a"]):
        household = m.Household(code="N", head_name="吴", node_id=world.nodes["990001101201001"])
        household.phones.append(m.Phone(e164="+8610000000001", e164_hash="h", tail="0001"))
        session.add(household)
        session.flush()
        assert household.phones[0].l4_id == world.nodes["990001101201001"]


@pytest.mark.parametrize("user", ["town_b", "worker2", "outsider"])
def test_rows_of_a_foreign_household_are_refused(session: Any, world: World, user: str) -> None:
    with acting_as(world.users[user]):
        session.add(visit(world.a["household"]))
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_foreign_keys_to_the_outside_are_refused(session: Any, world: World) -> None:
    with acting_as(world.users["town_a"]):
        session.add(m.Absence(household_id=world.a["household"], member_id=world.b["member"],
                              since_on=m.visits.now().date()))  # fmt: skip
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_nobody_writes_nothing(session: Any, world: World) -> None:
    with using(NOBODY):
        session.add(visit(world.a["household"]))
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_the_trail_is_only_added_to(session: Any, world: World) -> None:
    with acting_as(world.users["county"]):
        entry = session.scalars(select(m.AuditEntry).where(m.AuditEntry.action == "user_added")).first()
        entry.reason = "never mind"
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_only_the_system_plants_a_root(session: Any, world: World) -> None:
    with acting_as(world.users["county"]):
        session.add(m.GridNode(code="970001", name="第三县"))
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def test_units_get_path_and_levels_in_one_flush(session: Any, world: World) -> None:
    county = session.get(m.GridNode, world.nodes["990001"])
    town = m.GridNode(code="990001109", name="新镇", parent=county)
    village = m.GridNode(code="990001109201", name="新村", parent=town)
    session.add_all([village, town])
    session.flush()
    assert village.path == f"/{county.id}/{town.id}/{village.id}/"
    assert (village.depth, village.l1_id, village.l2_id, village.l3_id) == (3, county.id, town.id, village.id)
    assert (town.l2_id, town.l3_id) == (town.id, None)


def test_a_household_moves_with_everything_of_its_own(session: Any, world: World) -> None:
    target = session.get(m.GridNode, world.nodes["990001101202001"])
    household = session.get(m.Household, world.a["household"])
    with acting_as(world.users["county"]):
        grid_nodes.move_household(session, household, target, "搬迁")
    session.commit()
    for model in AREA_MODELS:
        if "household_id" in model.__table__.c:
            row = session.get(model, world.a[model.__tablename__])
            assert (row.node_id, row.l3_id, row.l4_id) == (target.id, target.l3_id, target.id), model.__name__


def test_a_household_cannot_leave_the_own_area(session: Any, world: World) -> None:
    with acting_as(world.users["town_a"]):
        household = session.get(m.Household, world.a["household"])
        household.node_id = world.nodes["990001102201001"]
        with pytest.raises(ScopeError):
            session.flush()
        session.rollback()


def move_unit(session: Any, node: Any, parent: Any, reason: str) -> None:
    restructure.move(session, node, parent, Decision(f"{node.id} to {parent.id}", reason, today()))


def test_a_unit_moves_with_everything_below(session: Any, world: World) -> None:
    village, other = world.nodes["990001101201"], world.nodes["990001102"]
    with acting_as(world.users["county"]):
        move_unit(session, session.get(m.GridNode, village), session.get(m.GridNode, other), "区划调整")
    session.commit()
    group = session.get(m.GridNode, world.nodes["990001101201001"])
    assert group.path == f"/{world.nodes['990001']}/{other}/{village}/{group.id}/"
    assert group.l2_id == other
    for model in AREA_MODELS:
        assert session.get(model, world.a[model.__tablename__]).l2_id == other, model.__name__
    with acting_as(world.users["town_a"]):
        assert session.query(m.Household).count() == 0


@pytest.mark.parametrize("target", ["990001101201001", "990001101"])
def test_a_unit_never_lies_below_itself(session: Any, world: World, target: str) -> None:
    town = session.get(m.GridNode, world.nodes["990001101"])
    with pytest.raises(grid_nodes.GridError):
        move_unit(session, town, session.get(m.GridNode, world.nodes[target]), "错")


def test_a_move_too_deep_is_refused(session: Any, world: World) -> None:
    town, group = (session.get(m.GridNode, world.nodes[code]) for code in ("990001101", "990001102201001"))
    with pytest.raises(grid_nodes.GridError):
        move_unit(session, town, group, "错")
