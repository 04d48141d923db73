"""Which inspections are owed is computed; an inspection from plan to close."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.supervision.words import InspectionState, Mark
from app.models import Inspection
from app.queries.supervision.inspections import list_owed
from app.services.supervision import inspections
from app.services.worker_files.refusals import Refused
from tests.db.supervision.conftest import Scene
from tests.factories.supervision import ON, plan, plan_form

ALL_MET = {"grid": Mark.MET.value, "ledger": Mark.MET.value}


@pytest.fixture
def planned(scene: Scene) -> Inspection:
    with scene.as_("town"):
        row = plan(scene.session, scene.tree.towns[0])
        inspections.add_units(scene.session, row.id, [node.id for node in scene.tree.villages[:2]])
    return row


def owed(scene: Scene, who: str) -> list[tuple[str, str, str, bool, bool]]:
    with scene.as_(who):
        return [(one.node.name, one.rule.code, str(one.period), one.is_done, one.is_overdue) for one in list_owed(ON)]


def test_each_township_owes_one_each_half_year_and_the_county_one_a_year(scene: Scene) -> None:
    assert owed(scene, "town") == [("测试1镇", "special", "2026H1", False, True),
                                   ("测试1镇", "special", "2026H2", False, False)]  # fmt: skip
    assert [row[:3] for row in owed(scene, "county") if row[1] == "cross"] == [
        ("测试县", "cross", "2025"), ("测试县", "cross", "2026")]  # fmt: skip
    assert owed(scene, "cadre") == []


def test_a_closed_inspection_is_no_longer_owed(scene: Scene, planned: Inspection) -> None:
    with scene.as_("town"):
        for unit in planned.units:
            inspections.record_unit(scene.session, unit.id, ON, ALL_MET, {"grid": "有公示牌"})
        assert planned.state is InspectionState.UNDER_WAY
        inspections.close(scene.session, planned.id, "总体较好")
    assert owed(scene, "town")[1] == ("测试1镇", "special", "2026H2", True, False)
    assert [unit.remarks for unit in planned.units] == [{"grid": "有公示牌"}] * 2


def test_the_checklist_is_kept_as_the_rules_listed_it(scene: Scene, planned: Inspection) -> None:
    about = {kind: [one["code"] for one in planned.checklist if one["about"] == kind] for kind in ("unit", "household")}
    assert about == {"unit": ["grid", "ledger"], "household": ["water", "visited"]}


BAD_PLANS: list[tuple[dict[str, Any], set[str]]] = [
    ({"title": " "}, {"title"}),
    ({"title": "长" * 81}, {"title"}),
    ({"code": "unknown"}, {"code"}),
    ({"period": "2026H3"}, {"period"}),
    ({"from_on": None, "to_on": None}, {"from_on", "to_on"}),
    ({"to_on": ON - timedelta(days=1)}, {"to_on"}),
    ({"to_on": ON + timedelta(days=400)}, {"to_on"}),
    ({"title": "", "period": "x", "to_on": None}, {"title", "period", "to_on"}),
]


def test_bad_plan_names_every_field(scene: Scene) -> None:
    for changes, fields in BAD_PLANS:
        with scene.as_("town"), pytest.raises(Refused) as refusal:
            inspections.plan(scene.session, scene.tree.towns[0], plan_form(**changes))
        assert set(refusal.value.troubles) == fields, changes


def test_planned_once_a_period_but_unowed_ones_as_often_as_wanted(scene: Scene, planned: Inspection) -> None:
    with scene.as_("town"):
        with pytest.raises(Refused) as refusal:
            plan(scene.session, scene.tree.towns[0])
        assert set(refusal.value.troubles) == {"period"}
        assert plan(scene.session, scene.tree.towns[0], "").id != plan(scene.session, scene.tree.towns[0], "").id


BAD_RECORDS: list[tuple[date | None, dict[str, str], set[str]]] = [
    (None, ALL_MET, {"inspected_on"}),
    (ON + timedelta(days=1), ALL_MET, {"inspected_on"}),
    (ON - timedelta(days=1), ALL_MET, {"inspected_on"}),
    (ON, {"grid": "met"}, {"mark_ledger"}),
    (ON, {**ALL_MET, "grid": "excellent"}, {"mark_grid"}),
    (ON, {**ALL_MET, "other": "met"}, {""}),
]


def test_bad_record_of_a_unit(scene: Scene, planned: Inspection) -> None:
    for on, marks, fields in BAD_RECORDS:
        with scene.as_("town"), pytest.raises(Refused) as refusal:
            inspections.record_unit(scene.session, planned.units[0].id, on, marks, {})
        assert set(refusal.value.troubles) == fields, (on, marks)


def test_not_closed_before_every_unit_was_looked_at(scene: Scene, planned: Inspection) -> None:
    with scene.as_("town"):
        inspections.record_unit(scene.session, planned.units[0].id, ON, ALL_MET, {})
        with pytest.raises(Refused) as refusal:
            inspections.close(scene.session, planned.id, "完成")
        assert refusal.value.troubles[""].values == {"names": "测试12村"}
        with pytest.raises(Refused) as refusal:
            inspections.close(scene.session, planned.id, " ")
        assert set(refusal.value.troubles) == {"summary"}


def test_units_of_another_area_are_not_inspected(scene: Scene, planned: Inspection) -> None:
    with scene.as_("county"), pytest.raises(Refused):
        inspections.add_units(scene.session, planned.id, [scene.tree.villages[2].id])


def test_the_inspected_village_reads_it_and_changes_nothing(scene: Scene, planned: Inspection) -> None:
    with scene.as_("cadre"):
        assert scene.session.get(Inspection, planned.id) is not None
        with pytest.raises(LookupError):
            inspections.close(scene.session, planned.id, "完成")
    with scene.as_("town_b"):
        assert scene.session.query(Inspection).all() == []
