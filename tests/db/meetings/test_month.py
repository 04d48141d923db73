"""A report's figures are the records'; flags tell what a month lacks (D4-13, D4-30); the demo takes its own away."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import models as m
from app.domain.duties.windows import period_of
from app.domain.meetings.words import Standing
from app.domain.monthly.words import DueKind, RedFlag, ReportState
from app.domain.policy.kinds import Every, LevelKind
from app.extensions import clock
from app.queries.meetings.units import unit_of
from app.queries.monthly.calendar import list_due, weeks_of
from app.queries.monthly.figures import Figures, figures_of, from_dict, list_figures, total_of
from app.queries.monthly.flags import list_flags
from app.queries.monthly.reports import list_received
from app.queries.scope import today
from app.services import demo_wipe, visits
from app.services.meetings import demo
from app.services.meetings.problems import NotYoursError, StaleError
from app.services.monthly import reporting
from app.services.monthly.reporting import ReportError
from app.services.visits import Heard
from tests.db.meetings.conftest import Scene
from tests.factories.meetings import actor, make_locked
from tests.factories.world import make_household

MONTH = date(2026, 10, 1)
IN_MONTH = datetime(2026, 10, 9, 2, 0, tzinfo=UTC)


def populate(scene: Scene) -> list[m.Household]:
    """Two households in each of the first village's groups, one visited in October, one with a clue."""
    homes = [make_household(scene.session, group, name=f"户{n}", absent=False)
             for n, group in enumerate([*scene.tree.groups[:2], *scene.tree.groups[:2]])]  # fmt: skip
    for home in homes:
        home.created_at = IN_MONTH - timedelta(days=200)
    scene.session.flush()
    visits.record(scene.session, homes[0], "in_person", Heard("head", [], []), at=IN_MONTH, closes_duty=True)
    scene.session.add(m.Clue(household_id=homes[1].id, household=homes[1], kind="major_illness", source="worker",
                             raised_at=IN_MONTH))  # fmt: skip
    scene.session.flush()
    return homes


def in_month(scene: Scene, node: m.GridNode) -> Figures:
    return figures_of(scene.session, node, MONTH, period_of(Every.MONTH, MONTH).due_on, today())


def test_figures_are_counted_and_reconcile_from_below(scene: Scene) -> None:
    populate(scene)

    village = in_month(scene, scene.village)
    groups = [in_month(scene, group) for group in scene.tree.groups[:2]]

    assert (village.households, village.contacted, village.uncovered) == (4, 1, 3)
    assert (village.visits, village.clues, village.open_clues) == (1, 1, 1)
    assert total_of(groups) == village
    assert [one.is_quiet for one in groups] == [True, False]
    assert from_dict(village.as_dict()) == village


def test_every_unit_of_a_depth_is_counted_at_once(scene: Scene) -> None:
    populate(scene)
    last = period_of(Every.MONTH, MONTH).due_on

    found = list_figures(scene.session, MONTH, last, 3, today())

    assert found[scene.village.id] == in_month(scene, scene.village)
    assert total_of(found.values()) == in_month(scene, scene.tree.county)


def submit(scene: Scene, node: m.GridNode, **values: Any) -> m.MonthlyReport:
    return reporting.submit(scene.session, node, MONTH, actor(scene.users[0]), **values)


def test_a_report_keeps_what_was_counted_and_names_who_is_missing(scene: Scene) -> None:
    populate(scene)
    submit(scene, scene.tree.groups[0], nil=True)

    report = submit(scene, scene.village)

    assert report.figures["clues"] == 1
    assert report.missing == ["第2组"]
    received = list_received(scene.session, scene.village, MONTH, today())
    assert [one.standing for one in received] == [Standing.DONE, Standing.LATE]


def test_the_end_of_the_chain_closes_the_month(scene: Scene) -> None:
    report = submit(scene, scene.town)

    assert report.state is ReportState.CLOSED
    with pytest.raises(ReportError, match="summed"):
        submit(scene, scene.village)


def test_a_unit_that_owes_no_report_sends_none(scene: Scene) -> None:
    with pytest.raises(ReportError, match="no report"):
        submit(scene, scene.tree.county)


def test_only_the_unit_above_sends_back(scene: Scene) -> None:
    report = submit(scene, scene.tree.groups[0])

    with pytest.raises(NotYoursError):
        reporting.send_back(scene.session, report.id, actor(1, LevelKind.TOWNSHIP), "缺", seen=1)
    with pytest.raises(StaleError):
        reporting.send_back(scene.session, report.id, actor(1, LevelKind.VILLAGE), "缺", seen=0)


def test_a_report_sent_back_is_owed_again(scene: Scene) -> None:
    report = submit(scene, scene.tree.groups[0])
    reporting.send_back(scene.session, report.id, actor(scene.users[1], LevelKind.VILLAGE), "缺走访", seen=1)
    [first, _second] = list_received(scene.session, scene.village, MONTH, today())
    assert first.standing is Standing.LATE

    again = submit(scene, scene.tree.groups[0], seen=2)

    assert (again.id, again.state, again.steps) == (report.id, ReportState.SUBMITTED, 3)


def flags_of(scene: Scene, month: date = MONTH) -> dict[str, set[RedFlag]]:
    rows = list_flags(scene.session, scene.town, 3, month, today())
    return {row.unit.name: {raised.flag for raised in row.raised} for row in rows}


def test_flags_tell_what_is_missing_and_go_when_it_is_there(scene: Scene) -> None:
    homes = populate(scene)
    all_missing = {RedFlag.NO_MEETING, RedFlag.NO_REPORT}
    assert flags_of(scene) == {"测试11村": all_missing, "测试12村": all_missing}  # 11: one visit is on record

    for kind in ("study", "committee"):
        make_locked(scene.session, scene.village, scene.users[0], kind=kind, held_on=date(2026, 10, 12))
    submit(scene, scene.village)
    assert "测试11村" not in flags_of(scene)

    scene.session.query(m.Visit).filter_by(household_id=homes[0].id).delete()
    assert flags_of(scene)["测试11村"] == {RedFlag.NO_CONTACT}


def test_minutes_that_were_never_locked_are_a_flag(scene: Scene) -> None:
    meeting = make_locked(scene.session, scene.village, scene.users[0], held_on=date(2026, 10, 12))
    meeting.state = "draft"
    scene.session.flush()

    assert RedFlag.NO_MINUTES in flags_of(scene)["测试11村"]


def test_what_can_still_be_done_in_time_is_no_flag(scene: Scene) -> None:
    flags = list_flags(scene.session, scene.village, 3, today().replace(day=1), today())

    assert [(raised.flag, raised.what) for row in flags for raised in row.raised] == [(RedFlag.NO_MEETING, "村两委会")]


def test_the_calendar_holds_reports_meetings_and_resolutions(scene: Scene) -> None:
    make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=10))
    unit = unit_of(scene.session, scene.village, today())

    due = {(one.kind, one.title): one.standing for one in list_due(scene.session, [unit], today(), today())}

    assert due[DueKind.REPORT, "村报告"] is Standing.LATE
    assert due[DueKind.MEETING, "研判会"] is Standing.DONE
    assert due[DueKind.MEETING, "村两委会"] is Standing.LATE
    assert due[DueKind.RESOLUTION, "组织修屋"] is Standing.DUE


def test_a_month_is_whole_weeks() -> None:
    weeks = weeks_of(date(2026, 11, 20))

    assert {len(week) for week in weeks} == {7}
    assert [day.day for week in weeks for day in week if day is not None] == list(range(1, 31))
    assert weeks[0].index(date(2026, 11, 1)) == 6  # a Sunday


MODELS = (m.Meeting, m.MeetingAttendee, m.MeetingItem, m.Resolution, m.ResolutionEntry, m.MonthlyReport,
          m.MonthlyReportEntry)  # fmt: skip


def counts(session: Any) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model.__table__)) for model in MODELS]


def test_the_demo_brings_and_takes_its_own(scene: Scene) -> None:
    for home in populate(scene):
        home.is_demo = True
    scene.session.flush()

    demo.load(scene.session, random.Random(7), clock.now())

    assert all(counts(scene.session))
    demo_wipe.wipe(scene.session)
    assert counts(scene.session) == [0] * len(MODELS)
