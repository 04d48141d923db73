"""Cases in a small world: the shipped workflows, households, and people who act at every level."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any
from unittest import mock

from flask_appbuilder.security.sqla.models import User

from app.domain.casework import PASS
from app.domain.policy import Rules, Workflow
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.domain.policy.parsing import parse
from app.domain.quarters import CHINA
from app.models import Case, Household
from app.services import casework
from app.services.casework import Review, opening
from app.services.casework.actors import Actor
from app.services.policy.files import shipped
from app.services.policy.loading import read_file

ALL_LEVELS = frozenset(LevelKind)


@cache
def shipped_workflows() -> dict[str, tuple[WorkflowKind, Workflow]]:
    """{code: (kind, workflow)} of every profile that ships with the product."""
    found = {}
    for _name, text in shipped():
        profile = read_file(text)
        for kind, flow in parse(profile.rules, dated=profile.profile["valid_from"]).workflows.items():
            found[flow.code] = (kind, flow)
    return found


@contextmanager
def rules_saying(flow: Workflow, kind: WorkflowKind = WorkflowKind.RECOGNITION) -> Iterator[None]:
    """Within it, `flow` holds everywhere and always."""
    rules = Rules(workflows={kind: flow})
    with mock.patch.object(opening, "rules_for", return_value=rules):
        yield


def open_case(
    session: Any, household: Household, flow: Workflow, user_id: int | None = None,
    kind: WorkflowKind = WorkflowKind.RECOGNITION,
) -> Case:  # fmt: skip
    with rules_saying(flow, kind):
        return casework.open_case(session, household, kind, user_id=user_id, reason="a fall in income")


def make_case(session: Any, household: Household) -> Case:
    """An open case along a shipped workflow, by nobody in particular."""
    return open_case(session, household, shipped_workflows()["five-steps"][1])


def actor(user_id: int, *levels: LevelKind) -> Actor:
    """Somebody of these levels; of every level when none is named."""
    return Actor(user_id, frozenset(levels) or ALL_LEVELS)


def make_user(session: Any, name: str) -> int:
    """An account without role or unit: what it may do, the test says itself."""
    user = User(username=name, first_name=name, last_name="-", email=f"{name}@example.invalid", password="-")
    session.add(user)
    session.flush()
    return int(user.id)


def review(clock: Any, **changes: Any) -> Review:
    values: dict[str, Any] = {"held_on": clock.now().astimezone(CHINA).date(), "present": 12, "in_favour": 11,
                              "against": 0, "abstained": 1, "minutes": "agreed"}  # fmt: skip
    return Review(**(values | changes))


def go_on(session: Any, clock: Any, case: Case, user: int, *, to: str) -> Case:
    """Pass step after step until the case stands at `to`."""
    while case.step != to:
        pass_step(session, clock, case, user)
    return case


def pass_step(session: Any, clock: Any, case: Case, user: int, **values: Any) -> None:
    step = casework.flow_of(case).step(case.step)
    if step.needs_publicity_days:
        hang_notice(session, clock, case, user)
    meeting = review(clock) if step.needs_meeting else None
    with not_submitted_by(case, user):
        casework.decide(session, case.id, actor(user), PASS, number=case.entries, review=meeting, **values)


class not_submitted_by:
    """One pair of hands plays all levels: within it, the case came from somebody else."""

    def __init__(self, case: Case, user: int) -> None:
        self.case, self.user = case, user

    def __enter__(self) -> None:
        if self.case.submitted_by_id == self.user:
            self.case.submitted_by_id = None

    def __exit__(self, *_: object) -> None:
        return None


def hang_notice(session: Any, clock: Any, case: Case, user: int) -> None:
    days = casework.flow_of(case).step(case.step).needs_publicity_days
    casework.post_notice(session, case.id, actor(user), number=case.entries,
                         from_on=clock.now().astimezone(CHINA).date(), place="village board")  # fmt: skip
    clock.advance(timedelta(days=days).total_seconds())
