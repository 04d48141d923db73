"""A county with the shipped rules in force, meetings and reports in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app import models as m
from app.domain.policy.kinds import LevelKind
from app.queries.scope import today
from app.services.casework.actors import Actor
from app.services.meetings import drafting, locking
from app.services.meetings.drafting import Draft, Person, Resolve, Topic

TOWN_RULES = {
    "calendar": [
        {"code": "group_report", "kind": "report", "title": "组报告", "level": "group", "to_level": "village",
         "from_day": 1, "to_day": 5, "nil_allowed": True, "source": {"local": True}},
        {"code": "village_report", "kind": "report", "title": "村报告", "level": "village", "to_level": "township",
         "from_day": 1, "to_day": 10, "nil_allowed": True, "source": {"local": True}},
        {"code": "bulletin", "kind": "bulletin", "title": "月通报", "level": "township", "source": {"local": True}},
        {"code": "dispatch", "kind": "dispatch", "title": "月调度", "level": "township", "source": {"local": True}},
    ],
    "meetings": [
        {"code": "consult", "title": "会商", "level": "county", "every": "quarter", "source": {"local": True}},
        {"code": "joint", "title": "部门联席会议", "level": "township", "every": "month", "convenor": "分管领导",
         "source": {"local": True}},
        {"code": "study", "title": "研判会", "level": "village", "every": "month", "convenor": "党支部书记",
         "attendees": ["村四职干部", "村民小组长"], "source": {"local": True}},
        {"code": "committee", "title": "村两委会", "level": "village", "every": "month", "from_day": 10, "to_day": 15,
         "source": {"local": True}},
    ],
}  # fmt: skip
ALL_LEVELS = frozenset(LevelKind)


def put_rules_in_force(session: Any, place_code: str = "990001") -> None:
    """Rules like those of the four documents, for the tests' own county."""
    session.add(m.PolicyProfile(code="T-MEET", title="会议规则", place_code=place_code, status="in_force",
                                valid_from=today() - timedelta(days=900), body=TOWN_RULES))  # fmt: skip
    session.flush()


def actor(user_id: int, *levels: LevelKind) -> Actor:
    return Actor(user_id, frozenset(levels) or ALL_LEVELS)


def draft_on(held_on: date, node_id: int, **changes: Any) -> Draft:
    """A complete record with one resolution for `node_id`."""
    draft = Draft(
        held_on=held_on, place="村部", chair="赵试", recorder="钱试", minutes="研判三户，一户需修屋。",
        people=[Person("赵试", "党支部书记", True), Person("孙试", "村民小组长", False)],
        topics=[Topic("研判监测对象")],
        resolved=[Resolve("组织修屋", node_id, None, "李试", held_on + timedelta(days=14))],
    )  # fmt: skip
    return replace(draft, **changes)


def make_locked(
    session: Any, node: m.GridNode, user_id: int, *, kind: str = "study", held_on: date | None = None, **changes: Any
) -> m.Meeting:
    """A meeting that was held and locked, with its resolution in force."""
    held_on = held_on or today()
    meeting = drafting.begin(session, node, kind, actor(user_id), held_on)
    meeting = drafting.save(session, meeting.id, actor(user_id), meeting.revision,
                            draft_on(held_on, changes.pop("for_node", node.id), **changes))  # fmt: skip
    return locking.lock(session, meeting.id, actor(user_id), meeting.revision)
