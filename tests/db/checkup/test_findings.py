"""Findings open and close by themselves; exceptions hold for a time; a broken-off look is gone on with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.checkup import ExceptionState, FindingEnd, Severity
from app.domain.policy.kinds import LevelKind
from app.models import CheckupException, CheckupFinding, CheckupRun, MonitoringRecord
from app.queries.checkup import lists
from app.queries.checkup.lists import Chosen
from app.services.checkup import exceptions, runs, settings
from app.services.checkup.exceptions import ExceptionRefused
from app.services.checkup.settings import SettingError
from tasks.checkups import check_up_all
from tests.db.checkup.cases import TODAY, Maker
from tests.db.checkup.conftest import look
from tests.factories.cast import CAST, _account
from tests.factories.world import Tree, make_tree


@pytest.fixture
def tree(session: Any) -> Tree:
    made = make_tree(session)
    session.commit()
    return made


def without_contact(session: Any, tree: Tree, serial: int = 1, group: int = 0) -> Maker:
    maker = Maker(session, tree.groups[group], serial)
    maker.monitored("05", contact_phone=None)
    session.commit()
    return maker


def only(session: Any, rule: str = "08") -> CheckupFinding:
    session.expire_all()
    found: CheckupFinding = session.query(CheckupFinding).filter_by(rule=rule).one()
    return found


def people(session: Any, tree: Tree) -> tuple[int, int]:
    names = ("village_a", "town_a") if "village_a" in CAST else tuple(CAST)[:2]
    made = tuple(_account(session, name, CAST[name][0], CAST[name][1](tree)) for name in names)
    session.commit()
    return made[0], made[1]


def test_a_finding_is_a_task_of_the_right_level_with_a_deadline(session: Any, tree: Tree) -> None:
    maker = without_contact(session, tree)
    look(session, tree)
    found = only(session)
    assert (found.owner_id, found.due_on) == (maker.household.l3_id, TODAY + timedelta(days=7))
    assert found.l4_id == maker.household.l4_id


def test_a_second_look_changes_nothing(session: Any, tree: Tree) -> None:
    without_contact(session, tree)
    look(session, tree)
    before = only(session).found_at
    look(session, tree)
    assert only(session).found_at == before
    assert [run.opened for run in session.query(CheckupRun).order_by(CheckupRun.id)] == [1, 0]


def test_a_mended_record_closes_its_finding(session: Any, tree: Tree) -> None:
    maker = without_contact(session, tree)
    look(session, tree)
    record = session.query(MonitoringRecord).filter_by(household_id=maker.household.id).one()
    record.contact_phone = "+8610000000009"
    session.commit()
    look(session, tree)
    assert only(session).ended is FindingEnd.MENDED


def test_what_comes_back_is_a_new_finding(session: Any, tree: Tree) -> None:
    maker = without_contact(session, tree)
    look(session, tree)
    only(session).closed_at = session.query(CheckupRun).first().started_at
    session.commit()
    look(session, tree)
    rows = session.query(CheckupFinding).filter_by(rule="08", household_id=maker.household.id).all()
    assert sum(row.closed_at is None for row in rows) == 1
    assert len(rows) == 2


def test_a_household_that_left_takes_its_findings_along(session: Any, tree: Tree) -> None:
    maker = without_contact(session, tree)
    look(session, tree)
    maker.household.gone_on = TODAY
    session.commit()
    look(session, tree)
    assert only(session).ended is FindingEnd.WITHDRAWN


def test_a_rule_switched_off_finds_nothing_and_withdraws(session: Any, tree: Tree) -> None:
    without_contact(session, tree)
    look(session, tree)
    settings.change_rule(session, tree.county, "08", is_on=False, days=7, reason="另行核查")
    session.commit()
    look(session, tree)
    assert only(session).ended is FindingEnd.WITHDRAWN


def test_a_countys_own_number_is_gone_by(session: Any, tree: Tree) -> None:
    maker = Maker(session, tree.groups[0], 1)
    maker.sheet(wage=15_000)
    session.commit()
    settings.change_rule(session, tree.county, "30", is_on=True, days=3, reason="按本县口径", parameters={"yuan": 200})
    session.commit()
    look(session, tree)
    assert only(session, "30").due_on == TODAY + timedelta(days=3)


@pytest.mark.parametrize(("code", "days", "parameters", "field"), [
    ("08", 0, {}, "days"), ("08", 400, {}, "days"), ("30", 7, {"yuan": 0}, "yuan"), ("30", 7, {"yuan": ("x",)}, "yuan"),
    ("26", 7, {"grant": ()}, "grant"), ("26", 7, {"grant": ("词" * 21,)}, "grant"), ("26", 7, {"grant": 5}, "grant"),
])  # fmt: skip
def test_a_setting_no_rule_can_go_by_is_refused(
    session: Any, tree: Tree, code: str, days: int, parameters: dict[str, Any], field: str
) -> None:
    with pytest.raises(SettingError) as error:
        settings.change_rule(session, tree.county, code, is_on=True, days=days, reason="试", parameters=parameters)
    assert error.value.field == field


def test_a_township_departs_from_its_county_and_goes_back(session: Any, tree: Tree) -> None:
    homes = [without_contact(session, tree, serial, group).household.id for serial, group in ((1, 0), (2, 4))]
    look(session, tree)
    settings.change_rule(session, tree.county, "08", is_on=True, days=9, reason="县定", severity=Severity.DOUBT)
    settings.change_rule(session, tree.towns[0], "08", is_on=False, days=9, reason="该镇专项排查")
    settings.change_rule(session, tree.towns[1], "08", is_on=True, days=3, reason="该镇自管", owner=LevelKind.TOWNSHIP)
    session.commit()
    look(session, tree)
    first, second = (session.query(CheckupFinding).filter_by(household_id=home).one() for home in homes)
    assert first.ended is FindingEnd.WITHDRAWN
    assert (second.severity, second.owner_id, second.due_on) == (
        Severity.DOUBT, tree.towns[1].id, TODAY + timedelta(days=7))  # fmt: skip

    assert settings.reset_rule(session, tree.towns[0], "08")
    assert not settings.reset_rule(session, tree.towns[0], "08")
    session.commit()
    look(session, tree)
    opened = session.query(CheckupFinding).filter_by(household_id=homes[0], closed_at=None).one()
    assert (opened.severity, opened.due_on) == (Severity.DOUBT, TODAY + timedelta(days=9))


def test_a_rule_off_in_the_county_is_asked_where_a_village_wants_it(session: Any, tree: Tree) -> None:
    inside = without_contact(session, tree, 1, 0).household.id
    without_contact(session, tree, 2, 4)
    settings.change_rule(session, tree.county, "08", is_on=False, days=7, reason="县定")
    settings.change_rule(session, tree.villages[0], "08", is_on=True, days=7, reason="该村试点")
    session.commit()
    look(session, tree)
    assert [one.household_id for one in session.query(CheckupFinding).filter_by(rule="08")] == [inside]


@pytest.mark.parametrize(("reason", "owner", "field"), [("  ", None, "reason"), ("理" * 201, None, "reason"),
                                                        ("试", LevelKind.PROVINCE, "owner")])  # fmt: skip
def test_a_setting_without_reason_or_owner_is_refused(
    session: Any, tree: Tree, reason: str, owner: LevelKind | None, field: str
) -> None:
    with pytest.raises(SettingError) as error:
        settings.change_rule(session, tree.county, "08", is_on=True, days=7, reason=reason, owner=owner)
    assert error.value.field == field


def test_a_look_at_one_township_leaves_the_other_alone(session: Any, tree: Tree) -> None:
    without_contact(session, tree, 1, group=0)
    without_contact(session, tree, 2, group=7)
    run = runs.begin(session, tree.towns[0])
    run_id = run.id
    session.commit()
    from tasks.units import unit

    runs.carry_out(unit, run_id)
    assert only(session).l2_id == tree.towns[0].id


def test_a_look_that_broke_off_is_gone_on_with(session: Any, tree: Tree, monkeypatch: Any) -> None:
    for serial in range(1, 6):
        without_contact(session, tree, serial)
    monkeypatch.setattr(runs, "CHUNK", {"sqlite": 2, "postgresql": 2})
    run = runs.begin(session, tree.county)
    assert runs._next_chunk(session, run)
    session.commit()
    assert check_up_all() == 1
    session.expire_all()
    assert session.query(CheckupFinding).filter_by(rule="08").count() == 5
    assert (run.households, run.finished_at is not None) == (5, True)


def test_asking_twice_makes_one_run(session: Any, tree: Tree) -> None:
    assert runs.begin(session, tree.county).id == runs.begin(session, tree.county).id


def test_an_exception_is_asked_for_decided_by_another_and_expires(session: Any, tree: Tree, clock: Any) -> None:
    asker, decider = people(session, tree)
    without_contact(session, tree)
    look(session, tree)
    asked = exceptions.request(session, only(session), "户主长期住院，无人可留", TODAY + timedelta(days=30), asker)
    session.commit()
    with pytest.raises(ExceptionRefused, match="Somebody else"):
        exceptions.decide(session, asked.id, True, "", asker)
    exceptions.decide(session, asked.id, True, "", decider)
    session.commit()
    assert lists.page_of(Chosen()).total == 0
    assert lists.page_of(Chosen("excepted")).total == 1
    look(session, tree)
    assert only(session).closed_at is None
    clock.advance(31 * 86_400)
    assert lists.page_of(Chosen()).total == 1


def test_an_exception_is_decided_once(session: Any, tree: Tree) -> None:
    asker, decider = people(session, tree)
    without_contact(session, tree)
    look(session, tree)
    asked = exceptions.request(session, only(session), "户主长期住院，无人可留", TODAY + timedelta(days=30), asker)
    exceptions.decide(session, asked.id, False, "请补电话", decider)
    with pytest.raises(ExceptionRefused, match="decided already"):
        exceptions.decide(session, asked.id, True, "", decider)
    assert session.query(CheckupException).one().state is ExceptionState.REFUSED
    assert lists.page_of(Chosen()).total == 1


@pytest.mark.parametrize(("reason", "until", "field"), [
    ("无", TODAY + timedelta(days=5), "reason"),
    ("  ", TODAY + timedelta(days=5), "reason"),
    ("户主长期住院，无人可留", TODAY, "expires_on"),
    ("户主长期住院，无人可留", date(2028, 1, 1), "expires_on"),
])  # fmt: skip
def test_an_exception_needs_a_reason_and_an_end(session: Any, tree: Tree, reason: str, until: date, field: str) -> None:
    asker, _ = people(session, tree)
    without_contact(session, tree)
    look(session, tree)
    with pytest.raises(ExceptionRefused) as error:
        exceptions.request(session, only(session), reason, until, asker)
    assert error.value.field == field


def test_one_household_is_looked_at_at_once(session: Any, tree: Tree) -> None:
    maker = without_contact(session, tree, 1)
    without_contact(session, tree, 2)
    assert runs.check_household(session, maker.household).opened == 1
    assert only(session).household_id == maker.household.id


def test_counts_are_those_of_the_lists(session: Any, tree: Tree) -> None:
    without_contact(session, tree, 1, group=0)
    without_contact(session, tree, 2, group=7)
    look(session, tree)
    standing = lists.standing_of(tree.towns)
    for one in standing:
        assert one.open == one.errors == lists.page_of(Chosen(unit=(2, one.node_id))).total == 1
    assert lists.count_by_rule() == {"08": 2}
