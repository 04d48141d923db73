"""Supervision in the demo county: an inspection, issues in all states, a drawn sample, a finished call-back round."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.domain.enums import CampaignState, ContactState, Disposition, RoleName, VisitChannel
from app.domain.policy.kinds import FoundBy
from app.domain.supervision import periods, rounds
from app.domain.supervision.scoring import score
from app.domain.supervision.words import Frame, InspectionState, IssueSeverity, Mark, ReplaceReason
from app.models import (
    Answer,
    Campaign,
    GridNode,
    Household,
    Inspection,
    SampleCheck,
    SampleDraw,
    SampleInspector,
    SampleItem,
    VisitCheck,
)
from app.models.types import AREA_COLUMNS
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services import users
from app.services.campaign_kinds import callback
from app.services.supervision import inspections, issues, samples, visit_checks
from app.services.worker_files.refusals import Refused

SEED = "2026-1121"
_MARKS = (Mark.MET, Mark.MET, Mark.MET, Mark.MET, Mark.PARTLY, Mark.NOT_MET)
_ASKED = 12
# (said by the household, how many of every twelve)
_SAID = ((("yes", "yes"), 7), (("yes", "no"), 1), (("no", ""), 1), (("unsure", ""), 1), (("", ""), 2))


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """After grid, policy and visits are in. Under system access; the caller commits."""
    home: Household | None = session.scalars(select(Household).where(Household.is_demo.is_(True)).order_by(
        Household.id)).first()  # fmt: skip
    if home is None:
        return
    county: GridNode = session.get_one(GridNode, home.l1_id)
    town: GridNode = session.get_one(GridNode, home.l2_id)
    codes = {rule.code: rule for rule in rules_for(county.id, today()).inspections}
    if "special" in codes:
        _inspect(session, town, rng)
    if "cross" in codes:
        _sample(session, county, rng)
    _ask(session, town, rng, now)


def let_inspector_in(session: Any, username: str, name: str) -> tuple[str, str] | None:
    """(password, unit) of an inspector of the demo's sample; None where none was drawn."""
    made: SampleDraw | None = session.scalars(select(SampleDraw).where(SampleDraw.is_demo.is_(True))).first()
    if made is None:
        return None
    user, secret = users.add_user(session, username, name, RoleName.INSPECTOR, None)
    session.add(SampleInspector(draw_id=made.id, draw=made, node_id=made.node_id, node=made.node, user_id=user.id,
                                from_on=today(), to_on=today() + timedelta(days=30), is_demo=True))  # fmt: skip
    session.flush()
    return (secret or ""), made.node.name


def _inspect(session: Any, town: GridNode, rng: random.Random) -> None:
    on = today()
    first = on - timedelta(days=20)
    period = str(periods.half_year(first.year, 1 if first.month <= 6 else 2))
    given = inspections.Plan("special", "专项督查", period, "镇纪委", "镇纪委、乡村振兴工作站", first, on)
    try:
        row = inspections.plan(session, town, given, is_demo=True)
    except Refused:  # the county has planned one of its own
        return
    villages = session.scalars(select(GridNode).where(GridNode.parent_id == town.id).order_by(GridNode.code).limit(3))
    inspections.add_units(session, row.id, [one.id for one in villages])
    items = [one["code"] for one in row.checklist if one["about"] == "unit"]
    for place, unit in enumerate(row.units[:2]):
        marks = {code: rng.choice(_MARKS).value for code in items}
        inspections.record_unit(session, unit.id, first + timedelta(days=place + 1), marks, {items[0]: "公示牌已更新"}
                                if items else {})  # fmt: skip
    _raise(session, row, [unit.node for unit in row.units])


def _raise(session: Any, row: Inspection, nodes: list[GridNode]) -> None:
    """Open, overdue, waiting for the re-check, struck off, dismissed; and one found by the village itself in time."""
    on = today()
    s, f = IssueSeverity, FoundBy
    cases = (
        ("record", s.GENERAL, f.INSPECTION, "七月、八月没有研判记录。", 25, ()),
        ("missed", s.SERIOUS, f.COVERT_VISIT, "一户因病支出大，未按程序核查。", -3, ()),
        ("data", s.MINOR, f.INSPECTION, "两户联系电话已停机，未更新。", 10, ("rectify",)),
        ("visit", s.GENERAL, f.INSPECTION, "脱贫户三季度走访缺两户。", 10, ("rectify", "close")),
        ("publicity", s.MINOR, f.EVALUATION, "公示栏未见网格员名单。", 10, ("dismiss",)),
        ("guarantee", s.GENERAL, f.SELF_CHECK, "一户饮水管道冻裂，自查发现。", 10, ("rectify", "close")),
    )  # fmt: skip
    for place, (category, severity, found_by, words, days, steps) in enumerate(cases):
        given = issues.Raised(category, severity.value, found_by.value, words, on - timedelta(days=18),
                              on + timedelta(days=days), nodes[place % len(nodes)],
                              inspection=None if found_by is f.SELF_CHECK else row)  # fmt: skip
        try:
            issue = issues.raise_issue(session, given, is_demo=True)
        except Refused:  # the county's own list of kinds has no such entry
            continue
        if "rectify" in steps:
            issues.rectify(session, issue.id, issue.steps, "已整改，资料附后。")
        if "close" in steps:
            issues.recheck(session, issue.id, issue.steps, True, "现场复核，整改到位。")
        if "dismiss" in steps:
            issues.dismiss(session, issue.id, issue.steps, "名单在村部另一处公示，核实无误。")


def _sample(session: Any, county: GridNode, rng: random.Random) -> None:
    on = today()
    given = inspections.Plan("cross", "交叉检查", str(on.year), "", "外乡镇检查组", on - timedelta(days=6),
                             on + timedelta(days=24))  # fmt: skip
    try:
        row = inspections.plan(session, county, given, is_demo=True)
        made = samples.draw(session, row.id, samples.Wish(Frame.ALL.value, SEED, None, None))
    except Refused:  # planned by the county itself
        return
    items = list(session.scalars(select(SampleItem).where(SampleItem.draw_id == made.id, SampleItem.is_active)
                                 .order_by(SampleItem.village_code, SampleItem.position)))  # fmt: skip
    samples.replace(session, items[0].id, ReplaceReason.AWAY.value, "两次上门均无人，邻居称外出务工。")
    codes = [one["code"] for one in row.checklist if one["about"] == "household"]
    rows = []
    for item in items[1 : 1 + len(items) // 3]:
        marks = {code: rng.choice(_MARKS) for code in codes}
        rows.append({"item_id": item.id, "household_id": item.household_id, "marks": marks, "score": score(marks),
                     "checked_on": on - timedelta(days=rng.randrange(5)), "is_demo": True,
                     **{name: getattr(item, name) for name in AREA_COLUMNS}})  # fmt: skip
    if rows:
        session.execute(insert(SampleCheck), rows)
        row.state = InspectionState.UNDER_WAY


def _ask(session: Any, town: GridNode, rng: random.Random, now: datetime) -> None:
    """A round that is over: most say yes, some were not reached, two say otherwise."""
    wish = visit_checks.Wish(today() - timedelta(days=92), today(), _ASKED, SEED)
    try:
        campaign = visit_checks.start(session, town, wish)
    except Refused:  # no home visit was recorded there
        return
    campaign.is_demo, campaign.state = True, CampaignState.CLOSED
    campaign.closed_at = campaign.settled_at = now
    said = [answers for answers, count in _SAID for _ in range(count)]
    rng.shuffle(said)
    asked = session.scalars(select(VisitCheck).where(VisitCheck.campaign_id == campaign.id))
    for check, (visited, in_person) in zip(asked.all(), said, strict=False):
        _answered(session, campaign, check, visited, in_person, now)
    session.flush()


def _answered(session: Any, campaign: Campaign, check: VisitCheck, visited: str, in_person: str, now: datetime) -> None:
    contact = check.contact
    contact.next_attempt_at = contact.next_kind = contact.next_phone_id = None
    contact.closed_at = now
    if contact.state is ContactState.EXCLUDED:
        return
    contact.state, contact.disposition = ContactState.MISSED, Disposition.UNREACHABLE
    if not visited:
        return
    contact.state, contact.disposition = ContactState.REACHED, Disposition.REACHED
    contact.closed_channel = VisitChannel.AUTO_CALL.value
    values = {rounds.VISITED: visited} | ({rounds.IN_PERSON: in_person} if in_person else {})
    for place, (question, value) in enumerate(values.items()):
        session.add(Answer(contact_id=contact.id, visit_id=check.visit_id, household_id=check.household_id,
                           question=question, value=value, is_confirmed=True, sequence=place, answered_at=now,
                           **{name: getattr(check, name) for name in AREA_COLUMNS}))  # fmt: skip
    if visited == "no" or in_person == "no":
        check.issue = issues.report(session, check.visit, callback.CATEGORY, rounds.contradiction(values),
                                    callback.DAYS_TO_LOOK)  # fmt: skip
