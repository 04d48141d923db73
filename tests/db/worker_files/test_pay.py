"""Payrolls: excluded on the pay day, split to the fen, locked, corrected by a later run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.enums import Duty
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.words import PayReason, RunState
from app.models import Assignment, GridLevel, SubsidyLine, WorkerIdentity
from app.queries.scope import system_access
from app.queries.worker_files.pay import list_lines
from app.services.worker_files import schemes, subsidies
from app.services.worker_files.refusals import Refused
from tests.db.worker_files.conftest import Scene
from tests.factories.worker_files import RULES, make_person, make_profile
from tests.factories.world import make_node

PAY_ON = date(2026, 11, 5)


def scheme(scene: Scene, **changes: Any) -> Any:
    given: dict[str, Any] = {"name": "补贴", "mode": "fixed", "period": "month", "base": "100.01", "performance": "",
                             "shares": {"county": "33.34", "town": "33.33", "village": "33.33"},
                             "valid_from": date(2026, 1, 1)}  # fmt: skip
    with scene.as_("county"):
        return schemes.make_scheme(scene.session, scene.tree.county, schemes.SchemeForm(**(given | changes)))


def draw_up(scene: Scene, made: Any, period: str = "2026-10", node: Any = None) -> Any:
    with scene.as_("town"):
        return subsidies.draw_up(scene.session, made, node or scene.tree.towns[0], period, PAY_ON)


def approve(scene: Scene, run: Any) -> Any:
    with scene.as_("county"):
        return subsidies.approve(scene.session, run.id)


def lines(scene: Scene, run: Any) -> dict[int, SubsidyLine]:
    with scene.as_("county"):
        return {line.worker_id: line for line, _ in list_lines(run.id)}


def test_totals_reconcile_to_the_fen(scene: Scene) -> None:
    people = [make_person(scene.session, group) for group in scene.tree.groups[:3]]
    run = draw_up(scene, scheme(scene))
    found = lines(scene, run)
    assert {worker.id for worker in people} <= set(found)
    assert run.total_fen == sum(line.amount_fen for line in found.values()) == 3 * 10_001
    assert all(sum(line.split_fen.values()) == line.amount_fen for line in found.values())


def test_village_cadre_on_the_pay_day_gets_nothing(scene: Scene) -> None:
    cadre, later, branch, serving = [make_person(scene.session, scene.tree.groups[0]) for _ in range(4)]
    scene.session.add_all([
        WorkerIdentity(worker_id=cadre.id, code="village_cadre", from_on=date(2026, 11, 1)),
        WorkerIdentity(worker_id=later.id, code="village_cadre", from_on=date(2026, 11, 6)),
        WorkerIdentity(worker_id=branch.id, code="branch_member", from_on=date(2020, 1, 1)),
        Assignment(worker_id=serving.id, node_id=scene.tree.villages[0].id, duty=Duty.VILLAGE_CADRE,
                   from_on=date(2026, 10, 1)),
    ])  # fmt: skip
    scene.session.flush()
    found = lines(scene, draw_up(scene, scheme(scene)))
    no = PayReason.EXCLUDED_IDENTITY
    assert [found[one.id].reason for one in (cadre, later, branch, serving)] == [no, PayReason.PAID, no, no]
    assert found[cadre.id].detail == "村干部"


def make_city(session: Any, code: str, *allowed: str) -> list[Any]:
    """Five levels below a city, and rules that allow these standards."""
    make_profile(session, code, RULES | {"subsidy": RULES["subsidy"] | {"scope": list(allowed)}})
    session.add(GridLevel(depth=5, title="组", title_en="Group"))
    chain: list[Any] = []
    for part in (code, "01", "101", "201", "001"):
        above = chain[-1] if chain else None
        chain.append(make_node(session, above, (above.code if above else "") + part, f"测试{part}"))
    return chain


def test_a_city_s_standard_pays_in_its_counties_until_it_ends(scene: Scene) -> None:
    with system_access():
        city, county, town, _village, group = make_city(scene.session, "9903", "city", "county")
        worker = make_person(scene.session, group)
        form = schemes.SchemeForm("全市补贴", "fixed", "month", "100", "", {"county": "100"}, date(2026, 1, 1))
        made = schemes.make_scheme(scene.session, city, form)
        run = subsidies.draw_up(scene.session, made, town, "2026-10", PAY_ON)
        assert (made.uniform_for, [line.worker_id for line, _ in list_lines(run.id)]) == ("city", [worker.id])

        with pytest.raises(Refused) as refusal:
            schemes.make_scheme(scene.session, county, replace(form, valid_from=date(2026, 11, 1)))
        assert set(refusal.value.troubles) == {"valid_from"}
        for wrong in (None, date(2025, 12, 31), date(2026, 10, 30)):  # paid by it up to 31 October
            with pytest.raises(Refused):
                schemes.end_scheme(scene.session, made, wrong)
        schemes.end_scheme(scene.session, made, date(2026, 10, 31))
        own = schemes.make_scheme(scene.session, county, replace(form, valid_from=date(2026, 11, 1)))
        assert own.uniform_for == "county"
        with pytest.raises(Refused) as refusal:  # the rules leave the townships no standard of their own
            schemes.make_scheme(scene.session, town, form)
        assert "node" in refusal.value.troubles


@pytest.mark.parametrize(("allowed", "changes", "field"), [
    ("county", {"uniform_for": "city", "source": "市文件"}, "uniform_for"), ("city", {}, "source"),
    ("city", {"uniform_for": "township"}, "uniform_for"), ("township", {}, "node"),
])  # fmt: skip
def test_a_county_without_its_city_in_the_grid(scene: Scene, allowed: str, changes: Any, field: str) -> None:
    form = schemes.SchemeForm("补贴", "fixed", "month", "100", "", {"county": "100"}, date(2026, 1, 1))
    with system_access():
        make_profile(scene.session, "990077", RULES | {"subsidy": RULES["subsidy"] | {"scope": [allowed]}})
        county = make_node(scene.session, None, "990077", "测试七县")
        with pytest.raises(Refused) as refusal:
            schemes.make_scheme(scene.session, county, replace(form, **changes))
        assert set(refusal.value.troubles) == {field}
        if field == "source":
            made = schemes.make_scheme(scene.session, county, replace(form, source="市财农〔2026〕1号"))
            assert made.uniform_for == "city"


def test_same_period_is_not_paid_twice(scene: Scene) -> None:
    make_person(scene.session, scene.tree.groups[0])
    made = scheme(scene)
    draw_up(scene, made)
    with pytest.raises(Refused) as refusal:
        draw_up(scene, made)
    assert set(refusal.value.troubles) == {"period"}


def test_who_is_on_the_townships_run_is_not_on_the_countys(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0])
    made = scheme(scene)
    draw_up(scene, made)
    with scene.as_("county"):
        run = subsidies.draw_up(scene.session, made, scene.tree.county, "2026-10", PAY_ON)
    assert lines(scene, run)[worker.id].reason is PayReason.ALREADY_PAID


def test_approved_run_is_locked_and_a_correction_pays_the_difference(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0])
    run = approve(scene, draw_up(scene, scheme(scene)))
    with scene.as_("town"), pytest.raises(InvalidTransition):
        subsidies.cancel(scene.session, run.id, "x")
    with scene.as_("town"), pytest.raises(Refused):
        subsidies.correct(scene.session, run.id, date(2026, 12, 5), "无差额")
    worker.assignments[0].to_on = date(2026, 10, 10)
    scene.session.flush()
    with scene.as_("town"):
        later = subsidies.correct(scene.session, run.id, date(2026, 12, 5), "10月10日已离任")
    line = lines(scene, later)[worker.id]
    assert (line.reason, line.amount_fen) == (PayReason.CORRECTION, 3226 - 10_001)
    assert sum(line.split_fen.values()) == line.amount_fen
    assert approve(scene, later).state is RunState.APPROVED
    with scene.as_("town"), pytest.raises(Refused):
        subsidies.correct(scene.session, run.id, date(2027, 1, 5), "再无差额")


def test_records_that_moved_are_looked_at_again(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0])
    run = draw_up(scene, scheme(scene))
    scene.session.add(WorkerIdentity(worker_id=worker.id, code="village_cadre", from_on=date(2026, 1, 1)))
    scene.session.flush()
    with pytest.raises(subsidies.Changed):
        approve(scene, run)
    assert (run.state, run.total_fen) == (RunState.DRAFT, 0)


def test_another_township_does_not_touch_the_run(scene: Scene) -> None:
    make_person(scene.session, scene.tree.groups[0])
    run = draw_up(scene, scheme(scene))
    with scene.as_("town_b"), pytest.raises(LookupError):
        subsidies.cancel(scene.session, run.id, "x")
    assert scene.session.scalar(select(func.count()).select_from(SubsidyLine).where(SubsidyLine.run_id == run.id)) == 1


@pytest.mark.parametrize("period", ["2026", "2026-13", "2027-05", "2025-12", ""])
def test_periods_that_do_not_fit(scene: Scene, period: str) -> None:
    make_person(scene.session, scene.tree.groups[0])
    made = scheme(scene)
    with pytest.raises(Refused) as refusal:
        draw_up(scene, made, period)
    assert set(refusal.value.troubles) == {"period"}
