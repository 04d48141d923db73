"""Demo rows: cases of the first township at every stage, each walked there step by step, as people would have."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.casework import FAIL, PASS, RETURN
from app.domain.casework.words import CaseState
from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Case, Household
from app.queries.policy import rules_for
from app.services.casework import files
from app.services.casework.actors import Actor
from app.services.casework.deciding import Review, decide
from app.services.casework.opening import open_case
from app.services.casework.publicity import object_to, post_notice
from telephony.clock import ManualClock

FULL = 99  # more steps than any workflow has
Users = Mapping[LevelKind, Sequence[int]]  # ids of those who act for a level


@dataclass(frozen=True, slots=True)
class _Story:
    """`steps`: how many are passed; then the case stays, or `ends` with that decision, or meets an objection."""

    days_ago: int
    steps: int
    reason: str
    ends: str = ""
    objection: str = ""


_STORIES = (
    _Story(75, FULL, "户主因病住院，自付费用较高，家庭收入下降"),
    _Story(70, FULL, "务工的厂停工，家中无稳定收入"),
    _Story(45, 1, "申报收入下降，经核实收入稳定", ends=FAIL),
    _Story(40, 3, "家中一人意外受伤，丧失部分劳动力", objection="该户去年新购小汽车，请再核实"),
    _Story(30, 3, "房屋漏雨，存在安全隐患"),
    _Story(20, 2, "两个孩子上大学，教育支出较大"),
    _Story(16, 2, "养殖亏损，欠有借款", ends=RETURN),
    _Story(12, 1, "独居老人生活不便，收入仅靠低保"),
    _Story(9, 1, "户主患慢性病，长期服药"),
    _Story(3, 0, "接到外出务工人员回电，反映工伤"),
)


def load(session: Any, rng: random.Random, now: datetime, users: Users, town_id: int) -> None:
    """Under system access, after the log-ins were made: `users` act for their levels. The caller commits."""
    homes = _homes(session, town_id, len(_STORIES))
    for story, home in zip(_STORIES, homes, strict=False):
        _tell(session, story, home, rng, now, users)


def _homes(session: Any, town_id: int, count: int) -> list[Household]:
    """From the end of each village's list in turn; the first ones stay as they are, for trying out."""
    chosen: list[Household] = []
    common = (Household.is_demo.is_(True), Household.l2_id == town_id, Household.gone_on.is_(None),
              Household.category == HouseholdCategory.GENERAL)  # fmt: skip
    villages = select(Household.l3_id).where(*common).group_by(Household.l3_id).order_by(Household.l3_id)
    for number, village in enumerate(list(session.scalars(villages))):
        last = select(Household).where(*common, Household.l3_id == village).order_by(Household.id.desc())
        chosen += session.scalars(last.limit(4 if number == 0 else 2))
    return chosen[:count]


def _tell(session: Any, story: _Story, home: Household, rng: random.Random, now: datetime, users: Users) -> None:
    morning = (now - timedelta(days=story.days_ago)).astimezone(CHINA).replace(hour=9, minute=30)
    risks = [kind.code for kind in rules_for(home.node_id, now.astimezone(CHINA).date()).codes.get("risk_kinds", ())]
    with _standing_at(morning) as then:
        opener = users[LevelKind.VILLAGE][0]
        case = open_case(session, home, WorkflowKind.RECOGNITION, user_id=opener, reason=story.reason, risks=risks[:1])
        for _ in range(story.steps):
            if not _is_open(case) or not _pass(session, case, then, now, rng, users):
                return
        if not _is_open(case):
            return
        _wait(then, now, 1, rng)
        actor = _actor(case, users)
        if story.ends:
            _decide(session, case, story.ends, actor, reason=story.reason)
        if story.objection:
            _hang(session, case, then, actor)
            _wait(then, now, 1, rng)
            object_to(session, case.id, actor, number=case.entries, words=story.objection, said_by="")


def _hang(session: Any, case: Case, then: ManualClock, actor: Actor) -> None:
    post_notice(session, case.id, actor, number=case.entries, from_on=then.now().astimezone(CHINA).date(),
                place="村务公开栏")  # fmt: skip


def _pass(session: Any, case: Case, then: ManualClock, now: datetime, rng: random.Random, users: Users) -> bool:
    """Pass the present step, with its meeting and its notice; False where today is too early for that, or where the
    template wants another person than the one there is."""
    step = files.flow_of(case).step(case.step)
    actor = _actor(case, users)
    if step.forbid_submitter and actor.user_id == case.submitted_by_id and len(case.history) > 1:
        return False
    _wait(then, now, rng.randint(1, 2), rng)
    if step.needs_publicity_days:
        _hang(session, case, then, actor)
        if then.now() + timedelta(days=step.needs_publicity_days) >= now:
            return False
        then.advance(timedelta(days=step.needs_publicity_days).total_seconds())
    review = None
    if step.needs_meeting:
        against = rng.randint(0, 2)
        review = Review(held_on=then.now().astimezone(CHINA).date(), present=15, in_favour=15 - against - 1,
                        against=against, abstained=1, minutes="与会人员讨论了该户情况，同意按程序办理。")  # fmt: skip
    _decide(session, case, PASS, actor, review=review, category=HouseholdCategory.MARGINAL)
    return True


def _decide(session: Any, case: Case, decision: str, actor: Actor, **values: Any) -> None:
    decide(session, case.id, actor, decision, number=case.entries, **values)


def _is_open(case: Case) -> bool:
    return case.state is CaseState.OPEN


def _actor(case: Case, users: Users) -> Actor:
    """Somebody of the level whose turn it is, who did not submit the case if there is a colleague."""
    level = files.flow_of(case).step(case.step).actor
    people = users.get(level, users[LevelKind.VILLAGE])
    other = next((person for person in people if person != case.submitted_by_id), people[0])
    return Actor(other, frozenset({level}))


def _wait(then: ManualClock, now: datetime, days: int, rng: random.Random) -> None:
    """Some days and a while later, but never later than now."""
    wanted = timedelta(days=days, minutes=rng.randint(5, 180))
    then.advance(max(0.0, min(wanted, now - then.now() - timedelta(minutes=1)).total_seconds()))


@contextmanager
def _standing_at(at: datetime) -> Iterator[ManualClock]:
    """Within it the product's clock shows that moment, and goes on only when told."""
    source, then = clock.source, ManualClock(at)
    clock.source = then
    try:
        yield then
    finally:
        clock.source = source
