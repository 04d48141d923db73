"""A plan from its opening into force, in versions, to its closing (D4-24, D4-25, D0-48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import models as m
from app.domain.enums import HouseholdCategory
from app.domain.measures.words import LineState, PlanState
from app.domain.policy import Rules
from app.services.measures import items, lines, plans
from app.services.measures.plans import civil_today
from app.services.measures.problems import NotYourTurnError, PlanError
from tests.factories.measures import (
    COUNTY,
    RULES,
    TOWN,
    VILLAGE,
    actor,
    add_item,
    in_force,
    income_sheet,
    rules_saying,
    tick_all,
)


def test_a_plan_begins_with_what_the_rules_say_of_each_risk(
    session: Any, household: m.Household, users: list[int]
) -> None:
    assert plans.suggested(session, household, RULES) == ("income",)

    plan = plans.open_plan(session, household, ["medical", "income"], user_id=users[0], goal="年底前稳定增收")

    assert [(line.title, line.what, [one.title for one in line.evidence]) for line in plan.lines] == [
        ("因病", "定期核算", ["结算单"]),
        ("收入不稳", "写明增收措施", ["务工合同"]),
    ]
    assert (plan.version, plan.state, plan.goal) == (1, PlanState.DRAFT, "年底前稳定增收")
    assert plan.l2_id == household.l2_id


def test_a_household_has_one_plan(session: Any, household: m.Household, users: list[int]) -> None:
    plans.open_plan(session, household, ["income"], user_id=users[0])

    with pytest.raises(PlanError, match="has a plan"):
        plans.open_plan(session, household, ["medical"], user_id=users[0])


@pytest.mark.parametrize(("templates", "field"), [((), "templates"), (("nothing",), "templates")])
def test_a_plan_needs_a_risk(session: Any, household: m.Household, templates: tuple[str, ...], field: str) -> None:
    with pytest.raises(PlanError) as caught:
        plans.open_plan(session, household, templates, user_id=None)
    assert caught.value.field == field


def test_no_plan_for_a_household_nobody_monitors(session: Any, household: m.Household) -> None:
    household.category = HouseholdCategory.GENERAL
    with pytest.raises(PlanError, match="monitored"):
        plans.open_plan(session, household, ["income"], user_id=None)


def test_each_level_checks_in_turn_and_none_its_own(session: Any, household: m.Household, users: list[int]) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    add_item(session, plan.lines[0])
    plans.submit(session, plan.id, actor(users[0], VILLAGE, TOWN), seen=plan.changes)

    with pytest.raises(NotYourTurnError):
        plans.check(session, plan.id, actor(users[0], TOWN), seen=plan.changes, passed=True)
    with pytest.raises(NotYourTurnError):
        plans.check(session, plan.id, actor(users[1], COUNTY), seen=plan.changes, passed=True)
    plans.check(session, plan.id, actor(users[1], TOWN), seen=plan.changes, passed=True)
    assert (plan.state, plan.turn) == (PlanState.CHECKING, COUNTY)
    plans.check(session, plan.id, actor(users[2], COUNTY), seen=plan.changes, passed=True)

    assert (plan.state, plan.in_force_on) == (PlanState.IN_FORCE, civil_today())
    assert [one.level for one in plan.checks] == [TOWN, COUNTY]


def test_sent_back_it_is_a_draft_again_with_the_reason(session: Any, household: m.Household, users: list[int]) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    add_item(session, plan.lines[0])
    plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes)

    with pytest.raises(PlanError) as caught:
        plans.check(session, plan.id, actor(users[1], TOWN), seen=plan.changes, passed=False)
    assert caught.value.field == "reason"
    plans.check(session, plan.id, actor(users[1], TOWN), seen=plan.changes, passed=False, reason="缺对接单位")

    assert (plan.state, plan.checks[0].reason) == (PlanState.DRAFT, "缺对接单位")


def test_without_rules_about_checking_it_is_in_force_at_once(
    session: Any, household: m.Household, users: list[int]
) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    add_item(session, plan.lines[0])

    with rules_saying(Rules(plan_templates=RULES.plan_templates)):
        plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes)

    assert plan.state is PlanState.IN_FORCE


def test_what_is_not_written_is_not_handed_in(session: Any, household: m.Household, users: list[int]) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])

    with pytest.raises(PlanError, match="has no measure"):
        plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes)


def test_one_click_is_one_act(session: Any, household: m.Household, users: list[int]) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    add_item(session, plan.lines[0])
    seen = plan.changes
    plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=seen)

    with pytest.raises(PlanError, match="meanwhile"):
        plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=seen)


def test_a_new_version_takes_over_what_goes_on(session: Any, household: m.Household, users: list[int]) -> None:
    old = in_force(session, household, users)
    measure = items.begin(session, old.lines[0].items[0].id, on=civil_today())
    draft = plans.new_version(session, old.id, users[0], seen=old.changes)
    plans.add_line(session, draft, RULES.plan_templates[1])
    add_item(session, draft.lines[1], class_code="health", what="大病报销")
    lines.tick(session, old.lines[0].evidence[0].id, user_id=users[0], note="合同在村部")

    plans.submit(session, draft.id, actor(users[0], VILLAGE), seen=draft.changes)
    for level in (TOWN, COUNTY):
        plans.check(session, draft.id, actor(users[1], level), seen=draft.changes, passed=True)
    session.expire_all()

    assert (old.state, draft.state, draft.version) == (PlanState.REPLACED, PlanState.IN_FORCE, 2)
    assert [item.id for item in draft.lines[0].items] == [measure.plan_item_id]
    assert draft.lines[0].evidence[0].note == "合同在村部"
    assert "养鸡五十只" in (old.lines[0].listed or "")


def test_two_versions_are_not_written_at_once(session: Any, household: m.Household, users: list[int]) -> None:
    plan = in_force(session, household, users)
    plans.new_version(session, plan.id, users[0], seen=plan.changes)

    with pytest.raises(PlanError, match="being written already"):
        plans.new_version(session, plan.id, users[0], seen=plan.changes)


# ---------------------------------------------------------------- lines


def test_a_risk_is_crossed_off_with_all_its_evidence(session: Any, household: m.Household, users: list[int]) -> None:
    plan = in_force(session, household, users)
    line = plan.lines[0]

    with pytest.raises(PlanError, match="务工合同"):
        lines.cross_off(session, line.id, user_id=users[0], note="稳定务工", seen=plan.changes)
    tick_all(session, line, users[0])
    lines.cross_off(session, line.id, user_id=users[0], note="稳定务工", seen=plan.changes)

    assert (line.state, line.crossed_off_on) == (LineState.CROSSED_OFF, civil_today())
    plans.close(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes, reason="目标达到")
    assert plan.state is PlanState.CLOSED


def test_an_open_risk_keeps_the_plan_open(session: Any, household: m.Household, users: list[int]) -> None:
    plan = in_force(session, household, users)
    with pytest.raises(PlanError, match="Cross off every risk"):
        plans.close(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes, reason="目标达到")


def test_income_is_reckoned_on_a_new_sheet_with_a_judgement(session: Any, clock: Any, household: m.Household,
                                                            users: list[int]) -> None:  # fmt: skip
    plan = in_force(session, household, users, ("medical",))
    line, sheet = plan.lines[0], income_sheet(session, household)
    clock.advance(timedelta(days=10).total_seconds())

    with pytest.raises(PlanError) as caught:
        lines.reckon(session, line.id, user_id=users[0], sheet_id=sheet.id, relief_needed=None)
    assert caught.value.field == "relief_needed"
    found = lines.reckon(
        session, line.id, user_id=users[0], sheet_id=sheet.id, relief_needed=True, judgement="自付过高"
    )

    assert (line.reckoned_on, found.done_on, found.due_on) == (
        civil_today(),
        civil_today(),
        plan.opened_on.replace(month=12),
    )
    with pytest.raises(PlanError, match="earlier reckoning"):
        lines.reckon(session, line.id, user_id=users[0], sheet_id=sheet.id, relief_needed=True, judgement="自付过高")


def test_evidence_needs_a_note_or_a_photo(session: Any, household: m.Household, users: list[int]) -> None:
    one = in_force(session, household, users).lines[0].evidence[0]

    with pytest.raises(PlanError) as empty:
        lines.tick(session, one.id, user_id=users[0])
    with pytest.raises(PlanError) as no_photo:
        lines.tick(session, one.id, user_id=users[0], content=b"%PDF-1.4")
    with pytest.raises(PlanError) as future:
        lines.tick(session, one.id, user_id=users[0], note="有", on=civil_today() + timedelta(days=1))

    assert (empty.value.field, no_photo.value.field, future.value.field) == ("note", "file", "on")
    assert one.ticked_on is None
