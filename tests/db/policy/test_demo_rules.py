"""The demo's rules and sheets: there after loading, gone after wiping, the documents kept."""

from __future__ import annotations

import random

from app.models import IncomeSheet, PolicyProfile
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services import demo
from app.services.policy import demo as demo_policy
from tests.factories.world import make_household, make_node


def test_the_demo_brings_rules_and_takes_its_own_away(session):
    county = make_node(session, None, "341523", "测试县")
    for _ in range(3):
        make_household(session, county, is_demo=True)
    demo_policy.load(session, random.Random(1))
    assert session.query(IncomeSheet).count() == 3
    assert rules_for(county.id, today()).chain[0].code == "DEMO-COUNTY-2026"
    demo.wipe(session)
    assert session.query(IncomeSheet).count() == 0
    left = {profile.code for profile in session.query(PolicyProfile)}
    assert "AH-2023" in left
    assert "DEMO-COUNTY-2026" not in left
