"""What SQL says of a county is what the judgement of each household says, and a county costs no more than it should."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.duties.judging import strictest
from app.domain.duties.words import RuleWord, Standing
from app.domain.enums import ClueKind, ClueSource, ClueState, HouseholdCategory, Urgency, VisitChannel
from app.domain.policy.kinds import Every, Target
from app.models import Absence, Clue, Household, HouseholdCategoryChange, Visit
from app.queries.access import current_access
from app.queries.duties import standing as sql
from app.queries.duties.details import list_duties
from app.queries.scope import vouched
from app.services.duties import last_contacts
from tests.factories.duties import COUNTY_RULES, ON_SITE, TOWN_RULES, places, rule
from tests.factories.world import Tree, area_of, make_household, make_tree

STATE = {Standing.OVERDUE: sql.OVERDUE, Standing.DUE: sql.DUE}


def populate(session: Any, tree: Tree, now: datetime, rng: random.Random, count: int = 120) -> None:
    """Households of every kind, some away, some gone, with visits of all ages over all channels, and events."""
    homes = []
    for _ in range(count):
        home = make_household(session, rng.choice(tree.groups), numbers=(), absent=False,
                              category=rng.choice(list(HouseholdCategory)))  # fmt: skip
        home.created_at = now - timedelta(days=rng.choice((0, 5, 20, 40, 100, 300, 700)))
        home.gone_on = now.date() + timedelta(days=rng.choice((-9, 9))) if rng.random() < 0.1 else None
        area = area_of(home.node)
        if rng.random() < 0.4:
            session.add(Absence(household_id=home.id, since_on=now.date() - timedelta(days=rng.randint(0, 200)),
                                whole_household=rng.random() < 0.5, **area))  # fmt: skip
        if rng.random() < 0.2:
            session.add(HouseholdCategoryChange(
                household_id=home.id, from_category=HouseholdCategory.GENERAL, to_category=home.category,
                changed_on=now.date() - timedelta(days=rng.randint(0, 150)), **area))  # fmt: skip
        homes.append((home, area))
    for _ in range(count * 3):
        home, area = rng.choice(homes)
        session.add(Visit(household_id=home.id, channel=rng.choice(list(VisitChannel)), findings=[],
                          happened_at=now - timedelta(hours=rng.choice((1, 30, 300, 900, 2000, 5000, 9000))),
                          closes_duty=rng.random() < 0.9, **area))  # fmt: skip
    for _ in range(count // 4):
        home, area = rng.choice(homes)
        session.add(Clue(household_id=home.id, kind=rng.choice(list(ClueKind)), source=ClueSource.WORKER,
                         state=rng.choice(list(ClueState)), urgency=rng.choice(list(Urgency)),
                         raised_at=now - timedelta(hours=rng.choice((2, 20, 40, 500))), **area))  # fmt: skip
    session.flush()
    last_contacts.rebuild(session)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_statement_and_the_judgement_agree(session: Any, clock: Any, seed: int) -> None:
    tree, now = make_tree(session), clock.now()
    populate(session, tree, now, random.Random(seed))
    known = places(now, ([tree.county], COUNTY_RULES), ([tree.towns[0]], TOWN_RULES))
    rows = sql.Standing(known, current_access()).rows
    found = {row.id: row for row in session.execute(vouched(select(rows)))}
    households = session.scalars(select(Household)).all()
    judged = list_duties(session, [one.id for one in households], now, known)

    seen = set()
    for household in households:
        duties = judged[household.id]
        if household.gone_on is not None and household.gone_on <= now.date():
            assert household.id not in found
            assert {duty.standing for duty in duties} <= {Standing.PAUSED}
            continue
        lead = strictest(duties)
        state = STATE[lead.standing] if lead else sql.NOTHING
        assert found[household.id].state == state, (household.id, duties)
        for word in RuleWord:
            own = max((STATE.get(duty.standing, 0) for duty in duties if duty.word is word), default=0)
            assert getattr(found[household.id], f"word_{word}", 0) == own, (household.id, word, duties)
            seen.add((word, own))
    assert len(seen) >= 14  # the county shows nearly every reason in nearly every state

    tally = sql.tally_of(known, current_access(), depth=2)
    counted = Counter({(unit, tally.kind(packed), tuple(tally.states(packed).items())): number
                       for unit, packed, number in session.execute(vouched(tally.query))})  # fmt: skip
    assert counted == Counter(
        (row.l2_id, row.category, tuple((word, getattr(row, f"word_{word}")) for word in tally.words))
        for row in found.values()
    )


def test_the_deeper_unit_decides_which_rules_hold(session: Any, clock: Any) -> None:
    tree, now = make_tree(session), clock.now()
    homes = [make_household(session, group, absent=False) for group in (tree.groups[0], tree.groups[7])]
    for home in homes:
        home.created_at = now - timedelta(days=400)
    session.flush()
    known = places(now, ([tree.county], COUNTY_RULES), ([tree.towns[0]], (rule(Target.GENERAL, Every.QUARTER),)))
    rows = sql.Standing(known, current_access()).rows

    assert dict(session.execute(vouched(select(rows.c.id, rows.c.state))).all()) == {homes[0].id: 2, homes[1].id: 0}


def test_a_rule_that_began_in_this_period_owes_nothing_earlier(session: Any, clock: Any) -> None:
    from tests.factories.duties import place

    tree, now = make_tree(session), clock.now()
    home = make_household(session, tree.groups[0], absent=False)
    home.created_at = now - timedelta(days=400)
    session.flush()
    new = place([tree.county], (rule(Target.GENERAL, Every.QUARTER),), now.date(), since=date(2026, 11, 10))
    duty = list_duties(session, [home.id], now, type(places(now))((new,), now))[home.id][0]

    assert (duty.standing, duty.due_on) == (Standing.DUE, date(2026, 12, 31))


def test_while_all_are_away_a_call_meets_the_visit_rule(session: Any, clock: Any) -> None:
    tree, now = make_tree(session), clock.now()
    homes = [make_household(session, tree.groups[0], category=HouseholdCategory.MARGINAL) for _ in range(2)]
    homes[1].absences[0].whole_household = False
    for home in homes:
        home.created_at = now - timedelta(days=20)
        session.add(Visit(household_id=home.id, channel=VisitChannel.PHONE, happened_at=now, findings=[],
                          closes_duty=True, **area_of(home.node)))  # fmt: skip
    session.flush()
    last_contacts.rebuild(session)
    monthly = rule(Target.MONITORED, Every.MONTH, ON_SITE)
    known = places(now, ([tree.county], (rule(Target.LONG_ABSENT, Every.QUARTER), monthly)))
    found = list_duties(session, [home.id for home in homes], now, known)
    of_rule = [next(d for d in found[home.id] if d.rule is monthly) for home in homes]

    assert [(duty.standing, duty.replaced) for duty in of_rule] == [(Standing.DONE, True), (Standing.DUE, False)]
