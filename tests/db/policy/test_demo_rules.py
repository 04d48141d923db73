"""The demo's rules and sheets: there after loading, gone after wiping, the documents kept."""

from __future__ import annotations

from app.models import IncomeSheet, PolicyProfile
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services import demo


def test_the_demo_brings_rules_and_takes_its_own_away(session):
    demo.load(session, 60, logins=False)
    sheet = session.query(IncomeSheet).first()
    assert session.query(IncomeSheet).count() == 24
    assert "DEMO-COUNTY-2026" in [origin.code for origin in rules_for(sheet.node_id, today()).chain]
    demo.wipe(session)
    assert session.query(IncomeSheet).count() == 0
    left = {profile.code for profile in session.query(PolicyProfile)}
    assert "AH-2023" in left
    assert "DEMO-COUNTY-2026" not in left
