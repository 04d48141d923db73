"""Merging, splitting and moving units: nothing is lost, all of a household follows it, one click is one change."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app import models as m
from app.domain.enums import Duty, UnitKind
from app.domain.grid_care.words import GridChangeKind, PublicityState, SyncEntity, SyncState
from app.models.types import AREA_COLUMNS
from app.queries.areas import PLACED_MODELS
from app.queries.scope import ScopeError, acting_as
from app.services.grid_care import restructure
from app.services.grid_care.restructure import Decision, NewUnit, Part
from app.services.grid_nodes import GridError
from tests.factories.cast import make_world
from tests.factories.minimal import make_minimal
from tests.factories.world import area_of, make_household, make_node, make_worker

TODAY = date(2026, 11, 23)


def decide(token: str = "t1", on: date = TODAY) -> Decision:
    return Decision(token, "区划调整", on)


@pytest.fixture
def world(session: Any) -> Any:
    made = make_world(session)
    session.commit()
    return made


def node(session: Any, world: Any, code: str) -> m.GridNode:
    found: m.GridNode = session.get_one(m.GridNode, world.nodes[code])
    return found


def living(session: Any, unit: m.GridNode) -> list[int]:
    return list(session.scalars(select(m.Household.id).where(m.Household.node_id == unit.id).order_by(m.Household.id)))


G1, G2, OTHER_TOWN = "990001101201001", "990001101201002", "990001102201001"


def test_two_groups_become_one(session: Any, world: Any) -> None:
    first, second, village = node(session, world, G1), node(session, world, G2), node(session, world, "990001101201")
    make_household(session, second, code="H-2")
    change = restructure.merge(session, [first, second], NewUnit(village, "合心组"), decide())
    session.commit()
    new = session.scalars(select(m.GridNode).where(m.GridNode.name == "合心组")).one()
    assert (new.code, new.unit_kind, new.depth) == ("990001101201003", UnitKind.MERGED, 4)
    assert len(living(session, new)) == 2
    assert [(n.is_active, n.closed_on) for n in (first, second)] == [(False, TODAY)] * 2
    lines = session.scalars(select(m.NodeLineage).where(m.NodeLineage.change_id == change.id)).all()
    led = {(line.node_id, line.into_id, line.households) for line in lines}
    assert led == {(first.id, new.id, 1), (second.id, new.id, 1)}
    covered = select(m.CoveredPlace.name).where(m.CoveredPlace.node_id == new.id)
    assert set(session.scalars(covered)) >= {"第1组", "第2组"}


def test_every_row_of_the_household_follows(session: Any, world: Any) -> None:
    first, second = node(session, world, G1), node(session, world, G2)
    restructure.merge(session, [first], second, decide())
    session.commit()
    for model in PLACED_MODELS:
        if "household_id" in model.__table__.c:
            row = session.get(model, world.a[model.__tablename__])
            assert row.node_id == (second.id if row.household_id else first.id), model.__name__


def test_duties_go_on_at_the_new_unit(session: Any, world: Any) -> None:
    first, second = node(session, world, G1), node(session, world, G2)
    worker = make_worker(session, first)
    restructure.merge(session, [first], second, decide())
    session.commit()
    duties = session.scalars(select(m.Assignment).where(m.Assignment.worker_id == worker.id)
                             .order_by(m.Assignment.id)).all()  # fmt: skip
    assert [(d.node_id, d.from_on, d.to_on) for d in duties] == [
        (first.id, date(2026, 1, 1), date(2026, 11, 22)), (second.id, TODAY, None)]  # fmt: skip


def test_a_split_gives_each_household_to_one_part(session: Any, world: Any) -> None:
    old = node(session, world, G1)
    ids = [world.a["household"], *(make_household(session, old, code=f"S-{n}").id for n in range(4))]
    gone = make_household(session, old, code="S-gone", gone_on=date(2026, 1, 5)).id
    supervisor = make_worker(session, old, Duty.GROUP_SUPERVISOR)
    restructure.split(session, old, [Part("上组", ids[:2]), Part("下组", ids[2:])], decide())
    session.commit()
    new = select(m.GridNode).where(m.GridNode.name.in_(("上组", "下组"))).order_by(m.GridNode.code)
    upper, lower = session.scalars(new).all()
    assert (living(session, upper), living(session, lower)) == ([*ids[:2], gone], ids[2:])
    serving = session.scalars(select(m.Assignment.node_id).where(
        m.Assignment.worker_id == supervisor.id, m.Assignment.to_on.is_(None))).all()  # fmt: skip
    assert sorted(serving) == sorted([upper.id, lower.id])
    parts = session.scalars(select(m.CoveredPlace).where(m.CoveredPlace.node_id == upper.id)).all()
    assert ("第1组", True) in {(p.name, p.is_part) for p in parts}


@pytest.mark.parametrize("share", [lambda ids: ([], ids[1:]), lambda ids: (ids, ids[:1]), lambda ids: (ids, [999_999])])
def test_a_split_leaves_no_household_over(session: Any, world: Any, share: Any) -> None:
    old = node(session, world, G1)
    ids = [world.a["household"], make_household(session, old, code="S-1").id]
    one, two = share(ids)
    with pytest.raises(GridError, match="left over"):
        restructure.split(session, old, [Part("上组", one), Part("下组", two)], decide())


def test_units_of_two_townships_do_not_merge(session: Any, world: Any) -> None:
    with pytest.raises(GridError, match="townships"):
        restructure.merge(session, [node(session, world, G1)], node(session, world, OTHER_TOWN), decide())


@pytest.mark.parametrize(("code", "parent"), [("990001101", G1), ("990001101", "990001101201")])
def test_a_unit_does_not_move_below_itself(session: Any, world: Any, code: str, parent: str) -> None:
    with pytest.raises(GridError, match="below itself"):
        restructure.move(session, node(session, world, code), node(session, world, parent), decide())


def test_the_day_is_not_in_the_future_and_a_reason_is_given(session: Any, world: Any) -> None:
    units = [node(session, world, G1)], node(session, world, G2)
    with pytest.raises(GridError, match="future"):
        restructure.merge(session, *units, decide(on=date(2026, 11, 24)))
    with pytest.raises(GridError, match="Say why"):
        restructure.merge(session, *units, Decision("t", " ", TODAY))


def test_a_township_does_not_touch_another(session: Any, world: Any) -> None:
    first, second = node(session, world, OTHER_TOWN), node(session, world, "990001102201002")
    with acting_as(world.users["town_a"]), pytest.raises(ScopeError):
        restructure.merge(session, [first], second, decide())
    session.rollback()


def test_a_double_click_makes_one_change(session: Any, world: Any) -> None:
    first, second = node(session, world, G1), node(session, world, G2)
    one = restructure.merge(session, [first], second, decide())
    session.commit()
    two = restructure.merge(session, [first], second, decide())
    session.commit()
    assert one.id == two.id
    assert session.scalar(select(func.count(m.GridChange.id)).where(m.GridChange.kind == GridChangeKind.MERGE,
                                                                    m.GridChange.token == "t1")) == 1  # fmt: skip


def test_a_change_is_to_be_published_and_synchronised(session: Any, world: Any) -> None:
    first, second = node(session, world, G1), node(session, world, G2)
    change = restructure.merge(session, [first], second, decide())
    session.commit()
    record = session.scalars(select(m.PublicityRecord).where(m.PublicityRecord.change_id == change.id)).one()
    assert (record.node_id, record.state) == (second.id, PublicityState.DUE)
    assert record.what == "自2026年11月23日起，第1组合并为第2组。"
    waiting = session.execute(select(m.SyncItem.entity, m.SyncItem.entity_id, m.SyncItem.node_id).where(
        m.SyncItem.state == SyncState.WAITING)).all()  # fmt: skip
    assert (SyncEntity.UNIT, first.id, first.id) in waiting
    assert (SyncEntity.HOUSEHOLD, world.a["household"], second.id) in waiting


# ---------------------------------------------------------------- random trees


def tables() -> list[Any]:
    return [model for model in PLACED_MODELS if model not in (m.SyncItem, m.PublicityRecord, m.CoveredPlace,
                                                             m.NodeAlias, m.NodeLineage, m.GridChange)]  # fmt: skip


def census(session: Any) -> dict[str, int]:
    return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) for model in tables()}


def plant(session: Any, rng: random.Random) -> list[m.GridNode]:
    """A tree of two townships, 2 to 5 levels deep, households on its lowest units and now and then higher up."""
    depth = rng.randint(3, 5)
    layer = [make_node(session, None, f"98{rng.randint(1000, 9999)}", "随县")]
    everything = list(layer)
    for level in range(2, depth + 1):
        layer = [make_node(session, up, f"{up.code}{n:03d}", f"{level}级{n}") for up in layer
                 for n in range(1, (2 if level == 2 else rng.randint(1, 3)) + 1)]  # fmt: skip
        everything += layer
    for unit in everything[1:]:
        for _ in range(rng.randint(0, 2) if unit in layer else rng.random() < 0.3):
            household = make_household(session, unit)
            known = {"household": household, "member": household.members[0], "phone": household.phones[0]}
            for model in (m.Visit, m.Clue, m.WorkTask, m.ChangeRequest):
                known[model.__tablename__] = make_minimal(session, model, unit, known, f"{household.code}")
    session.flush()
    return everything


def act(session: Any, rng: random.Random, units: list[m.GridNode], token: str) -> None:
    unit = rng.choice([u for u in units if u.is_active and u.parent_id])
    same = [u for u in units if u.is_active and u.depth == unit.depth and u.id != unit.id]
    kind = rng.choice(["merge", "split", "move"])
    if kind == "merge" and same:
        restructure.merge(session, [unit], rng.choice(same), decide(token))
    elif kind == "split":
        homes = living(session, unit)
        children = select(m.GridNode.id).where(m.GridNode.parent_id == unit.id, m.GridNode.is_active)
        below = list(session.scalars(children))
        cut, row = rng.randint(0, len(homes)), rng.randint(0, len(below))
        parts = [Part("甲", homes[:cut], below[:row]), Part("乙", homes[cut:], below[row:])]
        change = restructure.split(session, unit, parts, decide(token))
        units += session.scalars(select(m.GridNode).join(m.NodeLineage, m.NodeLineage.into_id == m.GridNode.id).where(
            m.NodeLineage.change_id == change.id)).all()  # fmt: skip
    else:
        parents = [u for u in units if u.is_active and u.depth == unit.depth - 1]
        restructure.move(session, unit, rng.choice(parents), decide(token))


def misplaced(session: Any) -> list[str]:
    """Rows that do not lie where their household does, and households that do not lie where their unit does."""
    wrong = []
    home = {h.id: [getattr(h, name) for name in AREA_COLUMNS] for h in session.scalars(select(m.Household))}
    for household in session.scalars(select(m.Household)):
        if {name: getattr(household, name) for name in AREA_COLUMNS} != area_of(household.node):
            wrong.append(f"household {household.id}")
    for model in tables():
        if "household_id" in model.__table__.c:
            rows = [row for row in session.scalars(select(model)) if row.household_id]
            wrong += [f"{model.__tablename__} of {row.household_id}" for row in rows
                      if [getattr(row, name) for name in AREA_COLUMNS] != home[row.household_id]]  # fmt: skip
    return wrong


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_in_random_trees(session: Any, seed: int) -> None:
    rng = random.Random(seed)
    units = plant(session, rng)
    before, acted = census(session), 0
    for step in range(12):
        try:
            with session.begin_nested():
                act(session, rng, units, f"{seed}-{step}")
            acted += 1
        except GridError:
            session.expire_all()
    assert acted
    assert census(session) == before
    assert misplaced(session) == []
    closed = [u.id for u in units if not u.is_active]
    assert not session.scalar(select(func.count(m.Household.id)).where(m.Household.node_id.in_(closed)))
