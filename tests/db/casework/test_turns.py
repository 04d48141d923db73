"""A case along its template: turns, reasons, votes, notices, objections."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import models as m
from app.domain.casework import FAIL, PASS, RETURN
from app.domain.casework.words import CaseState, EntryKind
from app.domain.enums import ClueKind, ClueSource, ClueState
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.domain.quarters import CHINA
from app.services import casework, clues
from app.services.casework import CaseError
from app.services.casework.problems import NotYoursError
from tests.factories.casework import (
    actor,
    go_on,
    hang_notice,
    open_case,
    review,
    rules_saying,
    shipped_workflows,
)
from tests.factories.world import make_household

FLOWS = shipped_workflows()
PROVINCE = FLOWS["ah-2023"][1]
ELIMINATION = next(flow for kind, flow in FLOWS.values() if kind is WorkflowKind.ELIMINATION)


def test_a_case_begins_with_the_first_step(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])

    first = PROVINCE.steps[0]
    assert (case.step, case.actor, case.state) == (first.code, first.actor.value, CaseState.OPEN)
    assert case.number == f"{case.opened_on.year}-{case.id:06d}"
    assert case.step_due_at is not None
    assert case.step_due_at > case.step_from_at
    assert [(e.kind, e.reason, e.user_id) for e in case.history] == [(EntryKind.OPENED, "a fall in income", users[0])]


def test_a_second_case_names_the_first(session: Any, household: m.Household, users: list[int]) -> None:
    first = open_case(session, household, PROVINCE, users[0])

    with pytest.raises(CaseError, match=str(first.number)):
        open_case(session, household, PROVINCE, users[0])


def test_without_a_workflow_no_case(session: Any, household: m.Household, users: list[int]) -> None:
    with rules_saying(PROVINCE, WorkflowKind.RECOGNITION), pytest.raises(CaseError, match="No rules say"):
        casework.open_case(session, household, WorkflowKind.ELIMINATION, user_id=users[0], reason="secure")


def test_no_case_for_who_is_gone(session: Any, household: m.Household, clock: Any) -> None:
    household.gone_on = clock.now().date()

    with pytest.raises(CaseError, match="no longer here"):
        open_case(session, household, PROVINCE)


def test_the_clue_is_confirmed_with_the_case(session: Any, household: m.Household, users: list[int]) -> None:
    clue = clues.raise_clue(session, household, ClueKind.INCOME_DROP, ClueSource.WORKER)
    with rules_saying(PROVINCE):
        case = casework.open_case(session, household, WorkflowKind.RECOGNITION, user_id=users[0], reason="seen",
                                  clue=clue)  # fmt: skip

    assert (clue.state, clue.result) == (ClueState.CONFIRMED, case.number)


def test_a_settled_clue_opens_nothing(session: Any, household: m.Household, users: list[int]) -> None:
    clue = clues.raise_clue(session, household, ClueKind.HOUSING, ClueSource.WORKER)
    clues.move(session, clue.id, ClueState.VERIFYING, user_id=users[0])
    clues.move(session, clue.id, ClueState.UNFOUNDED, user_id=users[0], result="the roof is whole")

    with rules_saying(PROVINCE), pytest.raises(CaseError, match="settled already"):
        casework.open_case(session, household, WorkflowKind.RECOGNITION, user_id=users[0], reason="x", clue=clue)


def test_a_running_case_keeps_its_template(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])
    changed = replace(PROVINCE, title="changed", steps=PROVINCE.steps[::-1])
    other = make_household(session, household.node)

    newer = open_case(session, other, changed, users[0])

    assert casework.flow_of(case) == PROVINCE
    assert (casework.flow_of(newer), newer.template_id != case.template_id) == (changed, True)


def test_equal_workflows_share_one_template(session: Any, household: m.Household, users: list[int]) -> None:
    first = open_case(session, household, PROVINCE, users[0])

    second = open_case(session, make_household(session, household.node), replace(PROVINCE), users[0])

    assert second.template_id == first.template_id


def test_another_level_has_no_say(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])

    with pytest.raises(NotYoursError):
        casework.decide(session, case.id, actor(users[1], LevelKind.COUNTY), PASS, number=case.entries)


def test_nobody_approves_their_own_paper(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="township_check")

    with pytest.raises(NotYoursError, match="colleague"):
        casework.decide(session, case.id, actor(users[0]), PASS, number=case.entries)
    casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)

    assert case.step == "county_decision"


def test_two_clicks_make_one_decision(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])
    seen = case.entries
    casework.decide(session, case.id, actor(users[1]), PASS, number=seen)

    with pytest.raises(CaseError, match="meanwhile"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=seen)

    assert [entry.number for entry in case.history] == [1, 2]


@pytest.mark.parametrize("decision", [FAIL, RETURN])
def test_stopping_and_sending_back_need_a_reason(
    session: Any, household: m.Household, users: list[int], clock: Any, decision: str
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="committee")

    with pytest.raises(CaseError, match="reason") as caught:
        casework.decide(session, case.id, actor(users[1]), decision, number=case.entries, reason="  ")

    assert caught.value.field == "reason"


def test_sent_back_the_case_waits_where_it_came_from(
    session: Any, household: m.Household, users: list[int], clock: Any
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="committee")

    casework.decide(session, case.id, actor(users[1]), RETURN, number=case.entries, reason="the yard was not seen")

    assert (case.step, case.history[-1].kind, case.history[-1].reason) == (
        "household_check", EntryKind.RETURNED, "the yard was not seen",
    )  # fmt: skip


def test_an_offer_the_template_does_not_make_is_refused(session: Any, household: m.Household, users: list[int]) -> None:
    case = open_case(session, household, PROVINCE, users[0])

    with pytest.raises(CaseError, match="does not offer"):
        casework.decide(session, case.id, actor(users[1]), "included", number=case.entries, reason="short cut")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"in_favour": 9}, "in_favour"),
        ({"present": 0, "in_favour": 0, "abstained": 0}, "present"),
        ({"against": -1, "in_favour": 12}, "present"),
        ({"minutes": " "}, "minutes"),
        ({"held_on": "tomorrow"}, "held_on"),
        ({"held_on": "before"}, "held_on"),
    ],
)
def test_a_vote_that_cannot_be(
    session: Any, household: m.Household, users: list[int], clock: Any, changes: dict[str, Any], field: str
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="committee")
    today = clock.now().astimezone(CHINA).date()
    days = {"tomorrow": today + timedelta(days=1), "before": case.opened_on - timedelta(days=1)}
    given = {name: days.get(value, value) for name, value in changes.items()}

    with pytest.raises(CaseError) as caught:
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries, review=review(clock, **given))

    assert caught.value.field == field


def test_a_meeting_step_passes_with_its_record_alone(
    session: Any, household: m.Household, users: list[int], clock: Any
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="committee")

    with pytest.raises(CaseError, match="record of a meeting"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)
    casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries, review=review(clock))

    assert json.loads(case.history[-1].facts or "")["review"]["in_favour"] == 11


def test_the_notice_hangs_its_days(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="publicity")
    casework.post_notice(session, case.id, actor(users[0]), number=case.entries, place="board",
                         from_on=clock.now().astimezone(CHINA).date())  # fmt: skip
    clock.advance(timedelta(days=4).total_seconds())

    with pytest.raises(CaseError, match="5 days"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)
    clock.advance(timedelta(days=1).total_seconds())
    casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)

    assert case.step == "township_check"


@pytest.mark.parametrize("days", [1, -3])
def test_a_notice_hangs_neither_in_future_nor_before_its_step(
    session: Any, household: m.Household, users: list[int], clock: Any, days: int
) -> None:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="publicity")

    with pytest.raises(CaseError) as caught:
        casework.post_notice(session, case.id, actor(users[0]), number=case.entries, place="board",
                             from_on=clock.now().astimezone(CHINA).date() + timedelta(days=days))  # fmt: skip

    assert caught.value.field == "from_on"


def objected(session: Any, clock: Any, household: m.Household, users: list[int]) -> tuple[m.Case, m.CaseObjection]:
    case = go_on(session, clock, open_case(session, household, PROVINCE, users[0]), users[0], to="publicity")
    hang_notice(session, clock, case, users[0])
    raised = casework.object_to(session, case.id, actor(users[2]), number=case.entries, words="they own a lorry",
                                said_by="")  # fmt: skip
    return case, raised


def test_an_open_objection_holds_the_case(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case, _ = objected(session, clock, household, users)

    with pytest.raises(CaseError, match="not been answered"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)


def test_a_dismissed_objection_lets_it_pass(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case, raised = objected(session, clock, household, users)
    casework.answer_objection(session, case.id, raised.id, actor(users[0]), number=case.entries, upheld=False,
                              answer="the lorry was sold")  # fmt: skip

    casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)

    assert case.step == "township_check"


def test_an_upheld_objection_ends_the_step(session: Any, household: m.Household, users: list[int], clock: Any) -> None:
    case, raised = objected(session, clock, household, users)
    casework.answer_objection(session, case.id, raised.id, actor(users[0]), number=case.entries, upheld=True,
                              answer="they do")  # fmt: skip

    with pytest.raises(CaseError, match="upheld"):
        casework.decide(session, case.id, actor(users[1]), PASS, number=case.entries)
    casework.decide(session, case.id, actor(users[1]), FAIL, number=case.entries, reason="look again")

    assert case.step == "household_check"
