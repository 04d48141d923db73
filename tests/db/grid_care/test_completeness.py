"""What is missing in the grid is found by the rules of the place and the day, and counted once."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from app import models as m
from app.domain.enums import Duty, UnitKind
from app.domain.grid_care.words import Gap
from app.domain.policy.kinds import ProfileStatus
from app.queries.grid_care import completeness
from app.services.policy import profiles
from tests.factories.world import Tree, make_household, make_node, make_tree, make_worker

BODY = {
    "document": "试发〔2026〕1号", "dated": "2026-01-01",
    "grid": {"min_workers": 1, "unit_kinds": ["group"], "unit_level": "group", "source": "一(一)"},
    "staffing": [{"code": "town", "level": "township", "minimum": 2, "title": "信息员", "source": "四(一)"}],
    "codes": {"grid_size": {"source": "local",
                            "rows": [{"code": "least", "label": "2"}, {"code": "most", "label": "3"}]}},
}  # fmt: skip


def rule(session: Any, place: str, body: dict[str, Any] = BODY) -> None:
    head = {"code": f"T-{place}", "title": "试行", "place_code": place, "valid_from": date(2026, 1, 1)}
    profiles.publish(session, profiles.create(session, head, body), status=ProfileStatus.IN_FORCE, user_id=None)


@pytest.fixture
def tree(session: Any) -> Tree:
    made = make_tree(session)
    rule(session, "990001")
    return made


def at(check: completeness.Check, gap: Gap) -> list[int]:
    return [finding.node.id for finding in completeness.of_gap(check.findings, gap)]


def test_an_empty_grid_lacks_everything(session: Any, tree: Tree) -> None:
    totals = completeness.check(tree.county).totals
    assert totals == Counter({Gap.NO_WORKER: 8, Gap.NO_SUPERVISOR: 8, Gap.NO_HEAD: 6, Gap.UNDERSTAFFED: 2})


def test_each_gap_closes_when_it_is_mended(session: Any, tree: Tree) -> None:
    group, village, town = tree.groups[0], tree.villages[0], tree.towns[0]
    make_worker(session, group)
    make_worker(session, group, Duty.GROUP_SUPERVISOR)
    make_worker(session, village, Duty.UNIT_HEAD)
    make_worker(session, town, Duty.UNIT_HEAD)
    make_worker(session, town, Duty.TOWNSHIP_STAFF)
    check = completeness.check(tree.county)
    assert group.id not in [*at(check, Gap.NO_WORKER), *at(check, Gap.NO_SUPERVISOR)]
    assert not {village.id, town.id} & {*at(check, Gap.NO_HEAD)}
    assert at(check, Gap.UNDERSTAFFED) == [tree.towns[1].id]


def test_who_has_left_serves_no_more(session: Any, tree: Tree) -> None:
    worker = make_worker(session, tree.groups[0])
    worker.assignments[0].to_on = date(2026, 11, 22)
    session.flush()
    assert tree.groups[0].id in at(completeness.check(tree.county), Gap.NO_WORKER)


def test_a_sub_area_and_a_lead_of_the_village_supervise_its_groups(session: Any, tree: Tree) -> None:
    village, (one, two) = tree.villages[0], tree.groups[:2]
    worker = make_worker(session, village, Duty.VILLAGE_CADRE)
    area = m.SubArea(node_id=village.id, name="东片", from_on=date(2026, 1, 1))
    session.add(area)
    session.flush()
    session.add(m.SubAreaUnit(sub_area_id=area.id, node_id=one.id, from_on=date(2026, 1, 1)))
    session.add(m.SubAreaLead(sub_area_id=area.id, node_id=village.id, worker_id=worker.id, from_on=date(2026, 1, 1)))
    session.flush()
    assert one.id not in at(completeness.check(village), Gap.NO_SUPERVISOR)
    assert two.id in at(completeness.check(village), Gap.NO_SUPERVISOR)
    make_worker(session, village, Duty.GRID_LEAD)
    assert at(completeness.check(village), Gap.NO_SUPERVISOR) == []


def test_size_kind_and_households_higher_up(session: Any, tree: Tree) -> None:
    small, large = tree.groups[0], tree.groups[1]
    make_household(session, small)
    for _ in range(4):
        make_household(session, large)
    make_household(session, large, gone_on=date(2026, 1, 1))
    make_household(session, tree.villages[1])
    tree.groups[2].unit_kind = UnitKind.ADMIN
    session.flush()
    check = completeness.check(tree.county)
    assert (at(check, Gap.TOO_FEW), at(check, Gap.TOO_MANY)) == ([small.id], [large.id])
    assert at(check, Gap.HIGHER_UP) == [tree.villages[1].id]
    assert at(check, Gap.NO_KIND) == [tree.groups[2].id]
    assert (check.size.least, check.size.most, check.size.is_local) == (2, 3, False)


def test_a_village_without_units(session: Any, tree: Tree) -> None:
    bare = make_node(session, tree.towns[0], "990001101299", "空村")
    assert at(completeness.check(tree.towns[0]), Gap.NO_UNITS) == [bare.id]


def test_where_the_village_is_the_lowest_grid_it_is_the_unit(session: Any) -> None:
    tree = make_tree(session)
    rule(session, "990001101", {**BODY, "grid": {**BODY["grid"], "unit_level": "village", "unit_kinds": []}})
    check = completeness.check(tree.towns[0])
    assert check.units == 2
    assert at(check, Gap.NO_WORKER) == [village.id for village in tree.villages[:2]]


def test_the_lines_sum_to_the_total(session: Any, tree: Tree) -> None:
    make_household(session, tree.groups[0])
    check = completeness.check(tree.county)
    summed: Counter[Gap] = sum((line.gaps for line in check.lines), Counter())
    assert summed == check.totals
    assert (sum(line.units for line in check.lines), sum(line.households for line in check.lines)) == (8, 1)
