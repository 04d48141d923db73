"""The prepared county with inspections in its rules, a drawn sample and an inspector who may look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import models as m
from app.domain.enums import RoleName
from app.extensions import db
from app.queries.scope import acting_as, system_access
from app.services import users
from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import PASSWORD, World
from tests.factories.supervision import ON, RULES, draw, plan, plan_cross, raise_issue
from tests.factories.web import SharedWeb
from tests.factories.worker_files import make_profile
from tests.factories.world import make_household


@dataclass(frozen=True)
class Office:
    """Ids. `sampled` household and item of township A, `reserve` the household that waits; `issue` at village A1."""

    special: int
    cross: int
    draw: int
    sampled: int
    item: int
    outside: int
    issue: int
    grant: int
    village: int
    town: int


@pytest.fixture(scope="package")
def furnished(
    prepared: tuple[Path, World], shared_web: SharedWeb, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Office]:
    """A copy of the prepared county with the office in it, written once for all tests of this folder."""
    folder = tmp_path_factory.mktemp("office")
    with shared_web.over(prepared[0], folder, ManualClock(MONDAY_MORNING)) as app:
        office = _furnish(app, prepared[1])
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        return shared_web.keep(folder / "county.db"), office


@pytest.fixture
def web_app(
    shared_web: SharedWeb, furnished: tuple[Path, Office], tmp_path: Path, clock: ManualClock
) -> Iterator[Flask]:
    with shared_web.over(furnished[0], tmp_path, clock) as app:
        yield app


@pytest.fixture
def office(furnished: tuple[Path, Office]) -> Office:
    return furnished[1]


def _furnish(app: Flask, world: World) -> Office:
    with app.app_context(), system_access():
        session: Any = db.session
        make_profile(session, rules=RULES)
        group = session.get(m.GridNode, world.nodes["990001101201001"])
        for number in range(8):
            make_household(session, group, name=f"钱样{number}")
        user, _secret = users.add_user(session, "checker", "孙试检", RoleName.INSPECTOR, None, PASSWORD)
        session.flush()
        county, town = session.get(m.GridNode, world.nodes["990001"]), session.get(m.GridNode, group.l2_id)
        with acting_as(world.users["county"]):
            cross = plan_cross(session, county)
            made = draw(session, cross)
        grant = m.SampleInspector(draw_id=made.id, node_id=county.id, user_id=user.id, from_on=ON,
                                  to_on=ON + timedelta(days=4))  # fmt: skip
        session.add(grant)
        with acting_as(world.users["town_a"]):
            special = plan(session, town)
            village = session.get(m.GridNode, group.parent_id)
            issue = raise_issue(session, village, inspection=special)
        drawn = select(m.SampleItem).where(m.SampleItem.draw_id == made.id).order_by(m.SampleItem.id)
        item = session.scalars(drawn.where(m.SampleItem.is_active.is_(True))).first()
        outside = session.scalars(drawn.where(m.SampleItem.is_active.is_(False))).first().household_id
        session.commit()
        return Office(special.id, cross.id, made.id, item.household_id, item.id, outside, issue.id, grant.id,
                      village.id, town.id)  # fmt: skip
