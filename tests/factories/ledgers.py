"""A county with something in every ledger, spread unevenly over its groups."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app import models as m
from app.domain.enums import HouseholdCategory
from tests.factories.world import Tree, area_of, make_household, make_tree, make_worker

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CATEGORIES = tuple(HouseholdCategory)


def make_ledger_world(session: Any, seed: int, households: int = 24) -> Tree:
    """`households` of random types, places and histories, some before and some after the middle of the year."""
    rng = random.Random(seed)
    tree = make_tree(session)
    worker = make_worker(session, rng.choice(tree.groups))
    places = [*tree.groups, tree.villages[0]]  # one household may lie above the groups
    for number in range(households):
        node = rng.choice(places)
        home = make_household(session, node, name=f"户{number}", category=rng.choice(CATEGORIES),
                              absent=rng.random() < 0.4)  # fmt: skip
        home.created_at = NOW - timedelta(days=rng.randrange(0, 900))
        if rng.random() < 0.15:
            home.gone_on = (NOW - timedelta(days=rng.randrange(0, 300))).date()
        _history(session, rng, home, node, worker)
    _office(session, rng, tree, worker)
    _warnings(session, rng, tree)
    session.flush()
    return tree


def _history(session: Any, rng: random.Random, home: Any, node: Any, worker: Any) -> None:
    own: dict[str, Any] = {"household_id": home.id, **area_of(node)}
    for _ in range(rng.randrange(0, 4)):
        at = NOW - timedelta(days=rng.randrange(0, 500))
        visit = m.Visit(channel="in_person", happened_at=at, worker_id=worker.id, closes_duty=rng.random() < 0.7, **own)
        session.add(visit)
        session.flush()
        if rng.random() < 0.4:
            settled = at + timedelta(days=rng.randrange(1, 60)) if rng.random() < 0.5 else None
            session.add(m.Clue(visit_id=visit.id, kind="major_illness", source="worker", raised_at=at,
                               state="unfounded" if settled else "pending", settled_at=settled, **own))  # fmt: skip
    if rng.random() < 0.5:
        began = date(2026, rng.randrange(1, 11), 3)
        session.add(m.Measure(class_code="industry", kind="=养鸡", started_on=began,
                              amount=rng.choice((None, 300, 12.5)),
                              ended_on=rng.choice((None, began + timedelta(days=90))), **own))  # fmt: skip
    for name in rng.sample(("李助", "周帮"), rng.randrange(0, 3)):
        session.add(m.Helper(name=name, from_on=date(2026, 1, 1), **own))
    if home.category in ("unstable", "marginal", "sudden_hardship"):
        session.add(m.MonitoringRecord(kind=home.category, identified_on=date(2026, rng.randrange(1, 12), 5),
                                       risks=["01"], contact_name="吴联", **own))  # fmt: skip


def _office(session: Any, rng: random.Random, tree: Tree, worker: Any) -> None:
    for node in (*tree.villages, *tree.groups):
        if rng.random() < 0.5:
            session.add(m.SyncItem(entity="member", entity_id=900_000 + node.id, change="updated", first_at=NOW,
                                   last_at=NOW, **area_of(node)))  # fmt: skip
    for node in rng.sample([*tree.villages, *tree.towns], 4):
        _meeting(session, rng, node)
        _inspection(session, rng, tree, node)
    for node in (tree.county, *tree.towns):
        session.add(m.TrainingSession(year=2026, kind="培训班", title="业务", planned_on=date(2026, 5, 6),
                                      held_on=date(2026, 5, 7), state="held", hours=3, **area_of(node)))  # fmt: skip


def _warnings(session: Any, rng: random.Random, tree: Tree) -> None:
    """A department's list, sent out this year: rows answered or not, some of them a clue, some without a household."""
    office = m.Department(name="县医保部门", kind_code="medical_insurance", from_on=NOW.date(), **area_of(tree.county))
    session.add(office)
    session.flush()
    at = NOW - timedelta(days=rng.randrange(0, 400))
    batch = m.WarningBatch(title="大额报销", department_id=office.id, state="dispatched", pushed_on=at.date(),
                           dispatched_at=at, due_at=at + timedelta(days=5), **area_of(tree.county))  # fmt: skip
    session.add(batch)
    session.flush()
    clues: list[Any] = session.query(m.Clue).all()
    for line in range(2, 8):
        clue = rng.choice(clues) if rng.random() < 0.3 else None
        own: dict[str, Any] = area_of(rng.choice(tree.groups))
        if clue is not None:
            own = area_of(clue.household.node) | {"household_id": clue.household_id, "clue_id": clue.id}
        answered = clue.raised_at if clue else rng.choice((None, at + timedelta(days=rng.randrange(0, 9))))
        session.add(m.WarningRow(batch_id=batch.id, line=line, digest=f"{line}", person="查试某", kind="=大额费用",
                                 is_sent=line != 7, answer="no_risk" if answered else None, answered_at=answered,
                                 **own))  # fmt: skip


def _meeting(session: Any, rng: random.Random, node: Any) -> None:
    own: dict[str, Any] = area_of(node)
    held = date(2026, rng.randrange(1, 12), 12)
    meeting = m.Meeting(kind="study", title="研判会", unit_name=node.name, level="village", held_on=held, year=2026,
                        **own)  # fmt: skip
    session.add(meeting)
    session.flush()
    for number in range(rng.randrange(0, 4)):
        session.add(m.MeetingAttendee(meeting_id=meeting.id, position=number, name="赵到会", is_present=number != 1,
                                      **own))  # fmt: skip
        session.add(m.Resolution(meeting_id=meeting.id, position=number, text="办", due_on=held, meeting_on=held,
                                 state=rng.choice(("open", "closed")), **own))  # fmt: skip


def _inspection(session: Any, rng: random.Random, tree: Tree, node: Any) -> None:
    began = date(2026, rng.randrange(1, 12), 1)
    inspection = m.Inspection(title="专项督查", period="2026H2", from_on=began, to_on=began + timedelta(days=20),
                              **area_of(tree.county))  # fmt: skip
    session.add(inspection)
    session.flush()
    session.add(m.InspectionUnit(inspection_id=inspection.id, **area_of(node)))
    for _ in range(rng.randrange(0, 3)):
        session.add(m.Issue(inspection_id=inspection.id, category="缺访", severity="minor", found_by="inspection",
                            found_on=began, words="缺记录", deadline_on=began + timedelta(days=30),
                            **area_of(node)))  # fmt: skip
