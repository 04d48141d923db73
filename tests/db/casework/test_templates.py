"""Every shipped template, walked at random to its end: no dead end, nothing without actor, time limit and trace."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app import models as m
from app.domain.casework import PASS, RETURN, ways
from app.domain.casework.words import CaseEffect, CaseState, EntryKind
from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.services import casework
from app.services.casework import files
from tests.factories.casework import actor, hang_notice, not_submitted_by, open_case, review, shipped_workflows

FLOWS = shipped_workflows()
WALKS, LONGEST = 6, 60
ACTING = {LevelKind.GROUP, LevelKind.VILLAGE, LevelKind.TOWNSHIP, LevelKind.COUNTY}


@pytest.mark.parametrize("code", sorted(FLOWS))
def test_every_step_is_reached_and_leaves_for_an_end(code: str) -> None:
    _, flow = FLOWS[code]
    onward = {step.code: {way.target for way in ways(flow, step.code)} for step in flow.steps}

    for step in flow.steps:
        assert step.actor in ACTING
        assert step.sla >= 1
        assert set(flow.outcomes) & closure({step.code}, onward), f"{step.code} is a dead end"
    assert set(onward) <= closure({flow.steps[0].code}, onward)


@pytest.mark.parametrize("code", sorted(FLOWS))
def test_every_outcome_says_what_it_does(code: str) -> None:
    kind, flow = FLOWS[code]
    effects = {CaseEffect.of(outcome) for outcome in flow.outcomes}

    assert None not in effects
    assert (CaseEffect.INCLUDED if kind is WorkflowKind.RECOGNITION else CaseEffect.ELIMINATED) in effects


@pytest.mark.parametrize("code", sorted(FLOWS))
def test_any_walk_ends_and_leaves_a_trace(
    session: Any, household: m.Household, users: list[int], clock: Any, code: str
) -> None:
    kind, flow = FLOWS[code]
    for seed in range(WALKS):
        rng = random.Random(f"{code}-{seed}")
        case = open_case(session, household, flow, users[0], kind)
        walk(session, clock, case, users, rng)

        assert (case.state, case.outcome in flow.outcomes, case.step) == (CaseState.CLOSED, True, "")
        assert [entry.number for entry in case.history] == list(range(1, case.entries + 1))
        decided = [entry for entry in case.history if entry.kind in (EntryKind.DECIDED, EntryKind.RETURNED)]
        assert all(entry.user_id and entry.step and entry.target and entry.target_title for entry in decided)
        assert [entry.target for entry in decided[:-1]] == [entry.step for entry in decided[1:]]
        assert decided[-1].target == case.outcome


def walk(session: Any, clock: Any, case: m.Case, users: list[int], rng: random.Random) -> None:
    """Decide at random until the case ends; from some length on, only forward."""
    while case.state is CaseState.OPEN:
        flow = casework.flow_of(case)
        step = flow.step(case.step)
        assert case.actor == step.actor.value
        assert case.step_due_at is not None
        offered = ways(flow, case.step, files.travelled(case))
        way = rng.choice(offered) if case.entries < LONGEST else offered[0]
        if way.code == PASS and step.needs_publicity_days:
            hang_notice(session, clock, case, users[1])
        user = rng.choice(users)
        with not_submitted_by(case, user):
            casework.decide(
                session, case.id, actor(user, step.actor), way.code, number=case.entries,
                reason="for the walk" if way.needs_reason or way.code == RETURN else "",
                review=review(clock) if step.needs_meeting else None,
                category=HouseholdCategory.SUDDEN_HARDSHIP, risks=["illness"],
            )  # fmt: skip


def closure(reached: set[str], onward: dict[str, set[str]]) -> set[str]:
    """Everything that can be reached from `reached`, it included."""
    while True:
        further = reached.union(*(onward.get(code, set()) for code in reached))
        if further == reached:
            return reached
        reached = further
