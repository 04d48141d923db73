"""A few meetings and reports of the demo, in the township where its own people log in. No name of a real person."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.meetings.owed import meetings_of, window_of
from app.domain.meetings.words import ResolutionState, ResolutionStep
from app.domain.monthly import chain
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import Meeting as Rule
from app.domain.quarters import CHINA
from app.models import GridNode, Household, Meeting, Resolution, ResolutionEntry
from app.queries.meetings.units import Unit, unit_of
from app.services.casework.actors import Actor
from app.services.demo_grid import TOWNSHIPS
from app.services.meetings import drafting, locking
from app.services.meetings.drafting import Draft, Person, Resolve, Topic
from app.services.monthly import reporting

VILLAGES, GROUPS, PERIODS = 3, 3, 2
ACTOR = Actor(0, frozenset(LevelKind))  # nobody: 0 names no account
_PEOPLE = (Person("演示甲", "党组织书记", True), Person("演示乙", "村委会主任", True),
           Person("演示丙", "村民小组长", True), Person("演示丁", "驻村工作队", False))  # fmt: skip
_MINUTES = (
    "一、通报上月走访情况，核对监测户名单。\n二、研判收入骤减线索，逐户明确包保人。\n三、对长期外出户逐户电话联系。",
    "一、研判因病支出较大的农户，核对医保报销。\n二、对住房隐患户现场查看。\n三、安排下月入户走访。",
    "一、学习监测帮扶政策。\n二、逐户研判监测对象帮扶措施落实情况。\n三、研究公示和台账更新。",
)
_TASKS = ("核实医疗自付支出并报送", "完成住房安全排查并上传照片", "对外出户逐户电话联系", "更新监测户台账",
          "落实公益岗位一户")  # fmt: skip


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the demo's households, workers and rules. The caller commits."""
    today = now.astimezone(CHINA).date()
    groups = _groups(session)
    if not groups:
        return
    town = session.get(GridNode, groups[-1].l2_id)
    villages = [session.get(GridNode, key) for key in dict.fromkeys(group.l3_id for group in groups)]
    resolutions: list[Resolution] = []
    for node in (session.get(GridNode, town.l1_id), town, *villages):
        unit = unit_of(session, node, today)
        for rule, held_on in sorted(_held(unit, today, rng), key=lambda one: one[1]):
            resolutions += _meet(session, node, rule, held_on, rng).resolutions
    _begin_one(session, villages[-1], today)
    _chase(session, resolutions, rng, now)
    _report(session, villages, groups, today)


def _groups(session: Any) -> list[GridNode]:
    """Groups of the few villages that get rows: the first of all, where the demo's village people log in, and those of
    its township's people; of any township where that has none."""
    used = select(Household.node_id).where(Household.is_demo.is_(True)).distinct()
    found = list(session.scalars(select(GridNode).where(GridNode.id.in_(used), GridNode.depth == 4)
                                 .order_by(GridNode.code)))  # fmt: skip
    if not found:
        return []
    town = next((group.l2_id for group in found if group.code.startswith(TOWNSHIPS[0])), found[0].l2_id)
    villages = list(dict.fromkeys(group.l3_id for group in found if group.l2_id == town))[:VILLAGES]
    wanted = list(dict.fromkeys([found[0].l3_id, *villages]))
    return [group for key in wanted for group in found if group.l3_id == key]


def _held(unit: Unit, today: date, rng: random.Random) -> Iterator[tuple[Rule, date]]:
    """The meetings of the last periods, oldest first; one in six was not held, and the present ones not yet."""
    for rule in meetings_of(unit.rules, unit.level):
        window = window_of(rule, today)
        for _time in range(PERIODS):
            window = window_of(rule, window.period_first_on - timedelta(days=1))
            if rng.random() < 0.84 and (today - window.last_on).days < 200:
                yield rule, window.first_on + timedelta(days=rng.randint(0, (window.last_on - window.first_on).days))


def _begin_one(session: Any, node: GridNode, today: date) -> None:
    """A record that is still being written."""
    unit = unit_of(session, node, today)
    rule = next(iter(meetings_of(unit.rules, unit.level)), None)
    if rule is not None:
        drafting.begin(session, node, rule.code, ACTOR, today)


def _meet(session: Any, node: GridNode, rule: Rule, held_on: date, rng: random.Random) -> Meeting:
    """Held and locked, with one or two resolutions."""
    meeting = drafting.begin(session, node, rule.code, ACTOR, held_on)
    due = [held_on + timedelta(days=rng.choice((10, 20, 45))) for _one in range(rng.randint(1, 2))]
    draft = Draft(
        held_on=held_on, place=f"{node.name}会议室", chair=_PEOPLE[0].name, recorder="演示戊",
        minutes=rng.choice(_MINUTES), people=_PEOPLE,
        topics=[Topic("研判监测对象和风险线索"), Topic("安排下月走访")],
        resolved=[Resolve(rng.choice(_TASKS), node.id, None, rng.choice(_PEOPLE).name, day) for day in due],
    )  # fmt: skip
    drafting.save(session, meeting.id, ACTOR, meeting.revision, draft)
    locking.lock(session, meeting.id, ACTOR, meeting.revision)
    meeting.locked_at = datetime.combine(held_on, time(17, 30), CHINA)
    session.flush()
    return meeting


def _chase(session: Any, resolutions: list[Resolution], rng: random.Random, now: datetime) -> None:
    """Most of the old ones are struck off, some wait for a check, some lie open, a few of them late."""
    for one in resolutions:
        if one.due_on is None or one.due_on > now.astimezone(CHINA).date() or rng.random() < 0.15:
            continue
        answered_at = datetime.combine(one.due_on - timedelta(days=1), time(16), CHINA)
        is_closed = rng.random() < 0.75
        one.state = ResolutionState.CLOSED if is_closed else ResolutionState.ANSWERED
        one.answered_at, one.closed_at = answered_at, answered_at + timedelta(hours=20) if is_closed else None
        steps = [(ResolutionStep.ANSWERED, "已办理完毕，材料已上传", answered_at)]
        if one.closed_at is not None:
            steps.append((ResolutionStep.CLOSED, "核查属实", one.closed_at))
        one.steps = len(steps)
        for number, (step, words, at) in enumerate(steps, start=1):
            session.add(ResolutionEntry(resolution=one, node=one.node, node_id=one.node_id, number=number, step=step,
                                        words=words, at=at, is_demo=True))  # fmt: skip
    session.flush()


def _report(session: Any, villages: list[GridNode], groups: list[GridNode], today: date) -> None:
    """Last month's reports: most groups and villages have sent theirs; the township has not closed the month."""
    month = chain.month_before(today)
    last = [group for group in groups if group.l3_id == villages[-1].id]
    sending = [*last[:GROUPS], *villages[1:-1]]
    for at, node in enumerate(sending):
        place = reporting.place_of(session, node, month)
        if place is None or place.closes:
            continue
        report = reporting.submit(session, node, month, ACTOR, comment="" if at else "已逐户走访")
        sent_on = chain.month_after(month) + timedelta(days=min(at, 8))
        report.submitted_at = min(datetime.combine(sent_on, time(9 + at % 8), CHINA),
                                  datetime.combine(today, time(0), CHINA))  # fmt: skip
        for entry in report.history:
            entry.at = report.submitted_at
    session.flush()
