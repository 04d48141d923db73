"""The prepared county with the shipped rules and one monitored household of township A."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import HouseholdCategory
from app.extensions import db
from app.queries.scope import system_access
from app.services.policy.loading import load_shipped
from tests.factories.cast import Browser, World
from tests.factories.world import make_household


@dataclass(frozen=True)
class Scene:
    """Ids of a monitored household and of a department of its county."""

    household: int
    department: int
    village: int


@pytest.fixture
def scene(web_app: Flask, world: World) -> Scene:
    with web_app.app_context(), system_access():
        load_shipped(db.session)
        node = db.session.get(m.GridNode, world.nodes["990001101201001"])
        household = make_household(db.session, node, name="周案一", absent=False,
                                   category=HouseholdCategory.MARGINAL)  # fmt: skip
        db.session.add(m.MonitoringRecord(household_id=household.id, kind=household.category, risks=["07"],
                                          identified_on=date(2026, 11, 2)))  # fmt: skip
        county = db.session.get(m.GridNode, world.nodes["990001"])
        department = m.Department(node_id=county.id, node=county, name="县人社局", kind_code="labour",
                                  from_on=date(2026, 1, 1), measure_classes=["employment"])  # fmt: skip
        db.session.add(department)
        db.session.commit()
        found = Scene(household.id, department.id, household.l3_id)
        db.session.remove()
    return found


def read(app: Flask, model: Any, **values: Any) -> Any:
    """The only row of a table with these values, as it stands in the database."""
    with app.app_context(), system_access():
        db.session.remove()
        return db.session.query(model).filter_by(**values).one()


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def open_plan(browser: Browser, app: Flask, scene: Scene) -> int:
    """Opened with the risk that is ticked already; its one measure is a post in a workshop."""
    browser.post(f"/plan/open/{scene.household}", {"templates": ["income"], "goal": "稳定就业"})
    plan = read(app, m.HelpPlan, household_id=scene.household)
    line = read(app, m.PlanLine, plan_id=plan.id)
    browser.post(f"/plan/line/{line.id}/item", {"kind": "measure", "class_code": "employment", "what": "帮扶车间就业",
                                                 "member": "", "due_on": "2026-12-10", "amount": "2400"})  # fmt: skip
    return int(plan.id)


def put_in_force(client_as: Any, app: Flask, scene: Scene) -> int:
    cadre, town = client_as("cadre"), client_as("town_a")
    plan = open_plan(cadre, app, scene)
    cadre.post(f"/plan/{plan}/submit", {"seen": changes_of(app, plan)})
    town.post(f"/plan/{plan}/check", {"seen": changes_of(app, plan), "passed": "yes"})
    return plan


def changes_of(app: Flask, plan: int) -> int:
    return int(read(app, m.HelpPlan, id=plan).changes)
