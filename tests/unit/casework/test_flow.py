"""The ways out of a step."""

from __future__ import annotations

import pytest

from app.domain.casework import FAIL, PASS, RETURN, FlowError, find_way, ways
from app.domain.policy import Branch, Source, Step, Workflow
from app.domain.policy.kinds import LevelKind, SourceKind, TimeUnit

SOURCE = Source(SourceKind.LOCAL)


def step(code: str, on_pass: str, on_fail: str, *branches: Branch) -> Step:
    return Step(code=code, title=code, actor=LevelKind.VILLAGE, sla=2, sla_unit=TimeUnit.WORKDAY, next_on_pass=on_pass,
                next_on_fail=on_fail, branches=branches, source=SOURCE)  # fmt: skip


FLOW = Workflow(
    code="f", title="f", source=SOURCE, outcomes={"included": "included", "refused": "refused", "watch": "watch"},
    steps=(
        step("check", "review", "refused"),
        step("review", "approve", "check", Branch(code="wait", title="keep watching", next="watch")),
        step("approve", "included", "check"),
    ),
)  # fmt: skip


def test_the_first_step_cannot_be_sent_back() -> None:
    assert [(way.code, way.target, way.ends) for way in ways(FLOW, "check")] == [
        (PASS, "review", False), (FAIL, "refused", True),
    ]  # fmt: skip


def test_a_branch_keeps_its_own_words() -> None:
    way = find_way(FLOW, "review", "wait", ["check"])

    assert (way.title, way.target, way.ends) == ("keep watching", "watch", True)


def test_sending_back_goes_to_the_step_the_case_came_from() -> None:
    assert find_way(FLOW, "approve", RETURN, ["check", "review"]).target == "review"


def test_a_step_entered_again_is_not_before_itself() -> None:
    assert find_way(FLOW, "approve", RETURN, ["check", "review", "approve", "review"]).target == "review"


@pytest.mark.parametrize("code", [FAIL, RETURN])
def test_stopping_and_sending_back_owe_a_reason(code: str) -> None:
    assert find_way(FLOW, "approve", code, ["check", "review"]).needs_reason


@pytest.mark.parametrize("code", [PASS, "wait"])
def test_going_on_owes_none(code: str) -> None:
    assert not find_way(FLOW, "review", code, ["check"]).needs_reason


@pytest.mark.parametrize("decision", ["approve", "", "included", "return"])
def test_what_the_template_does_not_offer_is_refused(decision: str) -> None:
    with pytest.raises(FlowError, match="step check"):
        find_way(FLOW, "check", decision)


def test_a_template_that_sends_back_itself_is_not_offered_twice() -> None:
    assert [way.code for way in ways(FLOW, "review", ["check"])] == [PASS, "wait", FAIL]


def test_an_unknown_step_is_an_error() -> None:
    with pytest.raises(KeyError):
        ways(FLOW, "included")
