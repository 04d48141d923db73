"""The hotline calls those whom the duty engine says were not contacted this quarter, and nobody else."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.domain.duties.words import RuleWord, Standing
from app.domain.enums import ExclusionReason, VisitChannel
from app.domain.quarters import Quarter
from app.models import Campaign, Contact, PolicyProfile, Visit
from app.queries.duties import list_duties
from app.services import planning
from app.services.duties import last_contacts
from tests.factories.world import area_of, make_household, make_tree

RULES = {"contact_rules": [
    {"code": "long_absent", "target": "long_absent", "every": "quarter", "channels": ["phone", "wechat", "in_person"],
     "source": {"local": True}},
]}  # fmt: skip


def test_planning_and_the_engine_agree_on_who_was_contacted(session: Any, clock: Any) -> None:
    tree, now, rng = make_tree(session), clock.now(), random.Random(8)
    session.add(PolicyProfile(code="T", title="规则", place_code="990001", status="in_force",
                              valid_from=now.date() - timedelta(days=900), body=RULES))  # fmt: skip
    homes = [make_household(session, rng.choice(tree.groups)) for _ in range(60)]
    for home in homes:
        home.created_at = now - timedelta(days=300)
        for _ in range(rng.randint(0, 2)):
            session.add(Visit(household_id=home.id, channel=rng.choice(list(VisitChannel)), findings=[],
                              happened_at=now - timedelta(days=rng.choice((3, 30, 60, 120))),
                              closes_duty=rng.random() < 0.8, **area_of(home.node)))  # fmt: skip
    session.flush()
    last_contacts.rebuild(session)
    campaign = Campaign(name="活动", quarter=str(Quarter.at(now)), **area_of(tree.county))
    session.add(campaign)
    session.flush()
    planning.plan(session, campaign)

    contacted = set(session.scalars(select(Contact.household_id).where(
        Contact.exclusion == ExclusionReason.ALREADY_CONTACTED)))  # fmt: skip
    judged = list_duties(session, [home.id for home in homes], now)
    done = {key for key, duties in judged.items()
            if any(d.word is RuleWord.LONG_ABSENT and d.standing is Standing.DONE for d in duties)}  # fmt: skip
    assert contacted == done
    assert 5 < len(done) < 55
