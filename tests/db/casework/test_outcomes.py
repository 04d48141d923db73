"""What an outcome does to the register, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import models as m
from app.domain.casework import FAIL, PASS
from app.domain.casework.words import CaseState, EntryKind
from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.domain.quarters import CHINA
from app.domain.register.words import EliminationKind
from app.services import casework
from app.services.casework import CaseError
from app.services.casework.problems import NotYoursError
from tests.factories.casework import (
    actor,
    go_on,
    open_case,
    pass_step,
    shipped_workflows,
)

FLOWS = shipped_workflows()
PROVINCE = FLOWS["ah-2023"][1]
ELIMINATION = next(flow for kind, flow in FLOWS.values() if kind is WorkflowKind.ELIMINATION)


def included(session: Any, clock: Any, household: m.Household, users: list[int]) -> m.Case:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="announcement")
    pass_step(session, clock, case, users[1], category=HouseholdCategory.MARGINAL, risks=["illness"])
    return case


def test_included_means_monitored(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = included(session, clock, household, users)

    record = session.scalars(select(m.MonitoringRecord).where(m.MonitoringRecord.household_id == household.id)).one()
    change = session.scalars(select(m.HouseholdCategoryChange)).one()
    assert (case.state, case.outcome, household.category) == (CaseState.CLOSED, "included", HouseholdCategory.MARGINAL)
    assert (record.kind, record.risks, record.case_id) == (HouseholdCategory.MARGINAL, ["illness"], case.id)
    assert (change.to_category, change.case_id) == (HouseholdCategory.MARGINAL, case.id)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "category"),
        ({"category": HouseholdCategory.GENERAL, "risks": ["illness"]}, "category"),
        ({"category": HouseholdCategory.MARGINAL}, "risks"),
    ],
)
def test_inclusion_says_which_kind_and_which_risk(
    session: Any, household: m.Household, users: list[int], clock: Any, values: dict[str, Any], field: str
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="announcement")

    with pytest.raises(CaseError) as caught:
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries, **values)

    assert caught.value.field == field


def test_refused_nothing_changes_but_the_reason_stands(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])
    before = household.category

    casework.decide(session, case.id, actor(users[1]), FAIL, number=case.entries, reason="income well above the line")

    assert (case.outcome, household.category) == ("refused", before)
    assert case.history[-1].reason == "income well above the line"


def test_watched_is_a_category(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])

    casework.decide(session, case.id, actor(users[1]), "watch", number=case.entries)

    assert (case.outcome, household.category) == ("watch", HouseholdCategory.WATCH)


def test_a_closed_case_takes_no_decision(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])
    casework.decide(session, case.id, actor(users[1]), "watch", number=case.entries)

    with pytest.raises(CaseError, match="closed"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)


def eliminated(session: Any, clock: Any, household: m.Household, users: list[int]) -> m.Case:
    included(session, clock, household, users)
    case = open_case(session, household, ELIMINATION, users[0], WorkflowKind.ELIMINATION)
    go_on(session, clock, case, users[0], to=ELIMINATION.steps[-1].code)
    pass_step(session, clock, case, users[1])
    return case


def test_eliminated_the_record_ends(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = eliminated(session, clock, household, users)

    record = session.scalars(select(m.MonitoringRecord)).one()
    assert (case.outcome, household.category) == ("eliminated", HouseholdCategory.GENERAL)
    assert record.eliminated_on == clock.now().astimezone(CHINA).date()
    assert record.elimination_kind is EliminationKind.NATURAL


def test_an_elimination_taken_back_monitors_again(
    session: Any, household: m.Household, users: list[int], clock: Any
) -> None:
    case = eliminated(session, clock, household, users)

    casework.roll_back(session, case.id, actor(users[2], LevelKind.COUNTY), number=case.entries, reason="ill again")

    record = session.scalars(select(m.MonitoringRecord)).one()
    assert (household.category, record.eliminated_on) == (HouseholdCategory.MARGINAL, None)
    assert case.history[-1].kind is EntryKind.ROLLED_BACK


def test_an_inclusion_taken_back_leaves_its_record_on_file(
    session: Any, household: m.Household, users: list[int], clock: Any
) -> None:
    before = household.category
    case = included(session, clock, household, users)

    casework.roll_back(session, case.id, actor(users[2], LevelKind.COUNTY), number=case.entries, reason="a mistake")

    record = session.scalars(select(m.MonitoringRecord)).one()
    assert (household.category, record.elimination_kind) == (before, EliminationKind.ROLLED_BACK)


def test_the_county_takes_back_once(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = included(session, clock, household, users)
    with pytest.raises(NotYoursError):
        casework.roll_back(session, case.id, actor(users[0], LevelKind.TOWNSHIP), number=case.entries, reason="x")
    casework.roll_back(session, case.id, actor(users[2]), number=case.entries, reason="a mistake")

    with pytest.raises(CaseError, match="already"):
        casework.roll_back(session, case.id, actor(users[2]), number=case.entries, reason="again")


def test_unknown_cases_are_an_error(session: Any, users: list[int]) -> None:
    with pytest.raises(LookupError):
        casework.decide(session, 999, actor(users[0]), PASS, number=1)


def test_lateness_is_written_down(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = open_case(session, household, PROVINCE, users[0])
    clock.advance(timedelta(days=30).total_seconds())

    casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)

    assert [entry.in_time for entry in case.history] == [True, False]
