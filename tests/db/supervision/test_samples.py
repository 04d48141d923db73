"""A sample is drawn once, is the same on both databases, is replaced in drawn order; inspectors see it alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select

from app import models as m
from app.domain.enums import HouseholdCategory
from app.domain.supervision.words import Frame, InspectionState, Mark, ReplaceReason
from app.models.samples import FrozenError
from app.queries.criteria import SCOPED_MODELS
from app.queries.scope import ScopeError, access_of, acting_as, system_access
from app.queries.supervision import samples as reads
from app.queries.supervision.inspections import count_sampled
from app.services import users
from app.services.supervision import checks, inspections, samples
from app.services.users import UserError
from app.services.worker_files.refusals import Refused
from telephony.clock import ManualClock
from tests.db.supervision.conftest import Scene
from tests.factories.casework import make_case
from tests.factories.supervision import ON, draw, plan_cross
from tests.factories.world import make_household

MARKS = {"water": Mark.MET.value, "visited": Mark.NOT_MET.value}


@pytest.fixture
def drawn(scene: Scene) -> m.SampleDraw:
    with scene.as_("county"):
        return draw(scene.session, plan_cross(scene.session, scene.tree.county))


def items(scene: Scene, made: m.SampleDraw) -> list[m.SampleItem]:
    return list(scene.session.scalars(select(m.SampleItem).where(m.SampleItem.draw_id == made.id)
                                      .order_by(m.SampleItem.village_code, m.SampleItem.position)))  # fmt: skip


def test_the_rules_decide_how_many(scene: Scene, drawn: m.SampleDraw) -> None:
    counts = {one.village_code: 0 for one in items(scene, drawn)}
    for one in items(scene, drawn):
        counts[one.village_code] += not one.is_reserve
    assert counts == {"990001101201": 5, "990001101202": 3, "990001102201": 3, "990001102202": 3}
    assert (drawn.population, drawn.villages, drawn.households) == (18, 2, 5)


def test_the_same_households_on_every_database(scene: Scene, drawn: m.SampleDraw) -> None:
    """Codes are given by the factory in a running series, so only their order within the county can be pinned."""
    homes = {home.id: place for place, home in enumerate(scene.session.scalars(
        select(m.Household).order_by(m.Household.code)))}  # fmt: skip
    with scene.as_("county"):
        assert samples.prove(scene.session, drawn) == samples.Proof(True, True)
    assert len({homes[one.household_id] for one in items(scene, drawn)}) == len(items(scene, drawn))


def test_a_changed_register_cannot_prove_it_and_a_touched_record_is_found_out(
    scene: Scene, drawn: m.SampleDraw
) -> None:
    one = items(scene, drawn)[0]
    table = m.SampleItem.__table__
    scene.session.connection().execute(table.update().where(table.c.id == one.id).values(position=99))
    with scene.as_("county"):
        assert samples.prove(scene.session, drawn) == samples.Proof(True, False)
    make_household(scene.session, scene.tree.groups[0])
    with scene.as_("county"):
        assert samples.prove(scene.session, drawn) == samples.Proof(False, None)


def test_a_draw_is_never_changed(scene: Scene, drawn: m.SampleDraw) -> None:
    with scene.session.begin_nested() as savepoint:
        drawn.seed = "other"
        with pytest.raises(FrozenError):
            scene.session.flush()
        savepoint.rollback()
    item = items(scene, drawn)[0]
    with scene.session.begin_nested() as savepoint:
        item.is_reserve = True
        with pytest.raises(FrozenError):
            scene.session.flush()
        savepoint.rollback()


def test_drawn_once_for_an_inspection(scene: Scene, drawn: m.SampleDraw) -> None:
    with scene.as_("county"), pytest.raises(Refused):
        draw(scene.session, drawn.inspection, "another")


BAD_DRAWS: list[tuple[dict[str, Any], set[str]]] = [
    ({"frame": "some"}, {"frame"}),
    ({"seed": "a b"}, {"seed"}),
    ({"seed": "种子种子"}, {"seed"}),
    ({"villages": 1}, {"villages"}),
    ({"households": 4}, {"households"}),
    ({"households": 20_000, "villages": 0}, {"households", "villages"}),
    ({"frame": Frame.CASES.value}, {"frame"}),  # no case is under way
]


def test_bad_draw(scene: Scene) -> None:
    with scene.as_("county"):
        inspection = plan_cross(scene.session, scene.tree.county)
        for changes, fields in BAD_DRAWS:
            with pytest.raises(Refused) as refusal:
                draw(scene.session, inspection, **changes)
            assert set(refusal.value.troubles) == fields, changes


def test_monitored_households_alone(scene: Scene) -> None:
    with scene.as_("county"):
        made = draw(scene.session, plan_cross(scene.session, scene.tree.county), frame=Frame.MONITORED.value)
    assert {one.stratum for one in items(scene, made)} == {HouseholdCategory.UNSTABLE}


def test_cases_under_way_alone(scene: Scene) -> None:
    """The county's spot check before it decides (D3-17)."""
    home = scene.session.scalars(select(m.Household).order_by(m.Household.code)).first()
    make_case(scene.session, home)
    with scene.as_("county"):
        made = draw(scene.session, plan_cross(scene.session, scene.tree.county), frame=Frame.CASES.value)
    assert [one.household_id for one in items(scene, made)] == [home.id]


def test_replaced_by_the_next_drawn_of_the_same_kind(scene: Scene, drawn: m.SampleDraw) -> None:
    here = [one for one in items(scene, drawn) if one.village_code == "990001101201"]
    waiting = [one for one in here if one.is_reserve]
    gone = next(one for one in here if not one.is_reserve and one.stratum in {other.stratum for other in waiting})
    expected = next(one for one in waiting if one.stratum is gone.stratum)
    with scene.as_("county"):
        row = samples.replace(scene.session, gone.id, ReplaceReason.AWAY.value, "两次上门无人")
        assert row.successor_id == expected.id
        assert (gone.is_active, expected.is_active) == (False, True)
        with pytest.raises(Refused):
            samples.replace(scene.session, gone.id, ReplaceReason.AWAY.value, "再次")


def test_replacing_needs_a_reason_of_the_list_and_words(scene: Scene, drawn: m.SampleDraw) -> None:
    with scene.as_("county"), pytest.raises(Refused) as refusal:
        samples.replace(scene.session, items(scene, drawn)[0].id, "inconvenient", " ")
    assert set(refusal.value.troubles) == {"reason", "note"}


def test_a_used_up_reserve_leaves_a_gap_that_is_said(scene: Scene, drawn: m.SampleDraw) -> None:
    with scene.as_("county"):
        gone = next(one for one in items(scene, drawn) if one.village_code == "990001102202")
        assert samples.replace(scene.session, gone.id, ReplaceReason.MOVED.value, "全家迁出").successor is None


# ---------------------------------------------------------------- inspectors


@pytest.fixture
def inspector(scene: Scene, drawn: m.SampleDraw) -> int:
    with scene.as_("county"):
        grant, secret = samples.let_in(scene.session, drawn.id, "jiancha1", "孙试检", ON, ON + timedelta(days=4))
    assert secret
    return int(grant.user_id or 0)


def test_an_inspector_sees_the_sampled_households_and_no_other(
    scene: Scene, drawn: m.SampleDraw, inspector: int
) -> None:
    sampled = {one.household_id for one in items(scene, drawn) if one.is_active}
    with acting_as(inspector):
        assert set(scene.session.scalars(select(m.Household.id))) == sampled
        assert set(scene.session.scalars(select(m.Phone.household_id))) == sampled
        assert set(scene.session.scalars(select(m.SampleItem.household_id))) == sampled


def test_of_every_table_an_inspector_reads_rows_of_the_sample_alone(
    scene: Scene, drawn: m.SampleDraw, inspector: int
) -> None:
    """Also tables that later versions add: what names no household is not shown unless it is listed."""
    sampled = {one.household_id for one in items(scene, drawn) if one.is_active}
    shown = {m.GridNode, m.GridWorker, m.SampleDraw, m.SampleInspector, m.Inspection, m.AuditEntry, m.Household}
    seen: set[type[Any]] = set()
    with acting_as(inspector):
        for model in SCOPED_MODELS:
            rows = scene.session.scalars(select(model)).all()
            if "household_id" in inspect(model).columns:
                assert {row.household_id for row in rows} <= sampled, model
            elif rows:
                seen.add(model)
    assert seen <= shown


def test_an_inspector_writes_the_form_and_nothing_else(scene: Scene, drawn: m.SampleDraw, inspector: int) -> None:
    one = next(item for item in items(scene, drawn) if item.is_active)
    with acting_as(inspector):
        row = checks.record(scene.session, one.id, MARKS, "自来水已通", ON)
        assert (str(row.score), row.user_id) == ("50.0", inspector)
        home = scene.session.get(m.Household, one.household_id)
        with scene.session.begin_nested() as savepoint:
            home.address = "别处"
            with pytest.raises(ScopeError):
                scene.session.flush()
            savepoint.rollback()
        with scene.session.begin_nested() as savepoint:
            row.note = "改"
            with pytest.raises(ScopeError):
                scene.session.flush()
            savepoint.rollback()


def test_no_form_for_what_is_not_in_the_sample(scene: Scene, drawn: m.SampleDraw, inspector: int) -> None:
    reserve = next(item for item in items(scene, drawn) if item.is_reserve)
    with acting_as(inspector), pytest.raises(LookupError):
        checks.record(scene.session, reserve.id, MARKS, "", ON)


BAD_FORMS: list[tuple[dict[str, str], str, date | None, set[str]]] = [
    ({"water": "met"}, "", ON, {"mark_visited"}),
    ({**MARKS, "water": "7"}, "", ON, {"mark_water"}),
    (MARKS, "长" * 1001, ON, {"note"}),
    (MARKS, "", None, {"checked_on"}),
    (MARKS, "", ON + timedelta(days=1), {"checked_on"}),
    ({}, "", None, {"mark_visited", "mark_water", "checked_on"}),
]


def test_bad_form(scene: Scene, drawn: m.SampleDraw) -> None:
    for marks, note, on, fields in BAD_FORMS:
        with scene.as_("county"), pytest.raises(Refused) as refusal:
            checks.record(scene.session, items(scene, drawn)[0].id, marks, note, on)
        assert set(refusal.value.troubles) == fields, (marks, note, on)


def test_access_begins_and_ends_by_itself_and_at_once_when_withdrawn(
    scene: Scene, drawn: m.SampleDraw, inspector: int, clock: ManualClock
) -> None:
    assert access_of(inspector, ON - timedelta(days=1)).samples == ()
    assert access_of(inspector, ON + timedelta(days=4)).samples == (drawn.id,)
    assert access_of(inspector, ON + timedelta(days=5)).samples == ()
    with scene.as_("county"):
        [grant] = reads.list_inspectors(drawn)
        samples.withdraw(scene.session, grant.id)
    with acting_as(inspector):
        assert scene.session.scalars(select(m.Household.id)).all() == []
        assert scene.session.scalars(select(m.SampleItem.id)).all() == []


def test_a_replaced_household_leaves_the_inspectors_sight(scene: Scene, drawn: m.SampleDraw, inspector: int) -> None:
    gone = next(item for item in items(scene, drawn) if item.is_active)
    with scene.as_("county"):
        samples.replace(scene.session, gone.id, ReplaceReason.REFUSED.value, "拒绝入户")
    with acting_as(inspector):
        assert scene.session.get(m.Household, gone.household_id, populate_existing=True) is None


def test_a_unit_given_to_an_inspector_opens_nothing(scene: Scene, inspector: int) -> None:
    with system_access():
        worker = m.GridWorker(name="孙试检", user_id=inspector)
        scene.session.add(worker)
        scene.session.flush()
        scene.session.add(m.Assignment(worker_id=worker.id, node_id=scene.tree.county.id, duty="auditor", from_on=ON))
        scene.session.flush()
    assert access_of(inspector).grants == ()


BAD_INSPECTORS: list[tuple[str, str, tuple[int, int], set[str]]] = [
    ("jiancha2", " ", (0, 3), {"name"}),
    ("jiancha2", "孙试", (3, 0), {"to_on"}),
    ("jiancha2", "孙试", (0, 200), {"to_on"}),
    ("jiancha2", "孙试", (-9, -1), {"to_on"}),
]


def test_bad_inspector(scene: Scene, drawn: m.SampleDraw) -> None:
    for username, name, days, fields in BAD_INSPECTORS:
        first, last = (ON + timedelta(days=number) for number in days)
        with scene.as_("county"), pytest.raises(Refused) as refusal:
            samples.let_in(scene.session, drawn.id, username, name, first, last)
        assert set(refusal.value.troubles) == fields, (name, days)


def test_another_account_is_not_turned_into_an_inspector(scene: Scene, drawn: m.SampleDraw, inspector: int) -> None:
    with scene.as_("county"):
        with pytest.raises(UserError):
            samples.let_in(scene.session, drawn.id, "town_b", "试", ON, ON)
        again, secret = samples.let_in(scene.session, drawn.id, "JIANCHA1", "孙试检", ON, ON)
        assert (again.user_id, secret) == (inspector, None)


def test_a_cross_check_closes_when_every_household_was_looked_at_or_replaced(scene: Scene, drawn: m.SampleDraw) -> None:
    inspection = drawn.inspection
    with scene.as_("county"):
        left = reads.list_items(drawn)
        checks.record(scene.session, left[0].id, MARKS, "", ON)
        assert inspection.state is InspectionState.UNDER_WAY
        with pytest.raises(Refused) as refusal:
            inspections.close(scene.session, inspection.id, "完成")
        assert refusal.value.troubles[""].values == {"count": len(left) - 1}
        assert count_sampled([inspection.id]) == {inspection.id: (1, len(left))}
        for item in left[1:]:
            checks.record(scene.session, item.id, MARKS, "", ON)
        inspections.close(scene.session, inspection.id, "完成")
    assert inspection.state is InspectionState.CLOSED


def test_an_inspectors_account_is_administered_by_the_county_that_let_them_in(scene: Scene, inspector: int) -> None:
    with scene.as_("county"):
        assert [one.user_id for one in reads.list_accounts("孙试")] == [inspector]
        assert reads.list_accounts("没有这人") == []
        assert len(users.reset_password(scene.session, inspector)) >= 10
    with scene.as_("town"), pytest.raises(UserError):
        users.reset_password(scene.session, inspector)


def test_figures_are_those_of_the_lists(scene: Scene, drawn: m.SampleDraw) -> None:
    with scene.as_("county"):
        for item in reads.list_items(drawn)[:3]:
            checks.record(scene.session, item.id, MARKS, "", ON)
        villages = reads.by_village(drawn)
        assert sum(one.drawn for one in villages) == len(reads.list_items(drawn)) == 14
        assert (villages[0].checked, str(villages[0].score), dict(villages[0].failed)) == (3, "50.0", {"visited": 3})
