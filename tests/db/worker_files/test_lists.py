"""The lists of who needs attention, the staffing check, training coverage and roster filings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.worker_files.words import AgeState, ExceptionState
from app.queries.scope import today
from app.queries.worker_files import ages, staffing, training
from app.services.worker_files import age_exceptions, filings, people
from app.services.worker_files import training as service
from app.services.worker_files.refusals import Refused
from tests.db.worker_files.conftest import Scene
from tests.factories.worker_files import MET, make_person


def years_ago(years: int, days: int = 0) -> date:
    on = today()
    return date(on.year - years, on.month, on.day) + timedelta(days=days)


def test_ages_are_asked_of_the_day(scene: Scene) -> None:
    group = scene.tree.groups[0]
    soon = make_person(scene.session, group, years_ago(65, 30))
    over, oldest = make_person(scene.session, group, years_ago(67)), make_person(scene.session, group, years_ago(72))
    make_person(scene.session, group, years_ago(40))
    make_person(scene.session, scene.tree.groups[4], years_ago(67))
    with scene.as_("town"):
        found = {row.post.worker_id: row.finding.state for row in ages.list_ages(today())}
        month = {row.post.worker_id for row in ages.list_ages(today(), within=30)}
        later = {row.post.worker_id: row.finding.state for row in ages.list_ages(today() + timedelta(days=30))}
    assert (found[soon.id], found[over.id], found[oldest.id]) == (AgeState.SOON, AgeState.OVER, AgeState.BLOCKED)
    assert soon.id in month
    assert later[soon.id] is AgeState.LAST_YEAR
    assert len([state for state in found.values() if state is not AgeState.UNKNOWN]) == 3


def test_exception_counts_from_grant_to_last_day(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0], years_ago(67))
    with scene.as_("cadre"):
        asked = age_exceptions.request_exception(scene.session, worker, scene.tree.groups[0], today(),
                                                 today() + timedelta(days=200), "山组")  # fmt: skip
        with pytest.raises(Refused):
            age_exceptions.decide(scene.session, asked.id, approve=True)  # by who asked
    with scene.as_("town"):
        age_exceptions.decide(scene.session, asked.id, approve=True)
        state = {row.post.worker_id: row.finding.state for row in ages.list_ages(today())}[worker.id]
        assert state is AgeState.EXCEPTED
        age_exceptions.revoke(scene.session, asked.id, "已另选")
        assert {row.post.worker_id: row.finding.state for row in ages.list_ages(today())}[worker.id] is AgeState.OVER
    assert asked.state is ExceptionState.REVOKED


def test_exception_beyond_the_highest_age_is_refused(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0], years_ago(69))
    with scene.as_("cadre"), pytest.raises(Refused) as refusal:
        age_exceptions.request_exception(scene.session, worker, scene.tree.groups[0], today(), years_ago(-4), "山组")
    assert set(refusal.value.troubles) == {"until"}


def test_conditions_are_due_again_after_a_year(scene: Scene) -> None:
    worker = make_person(scene.session, scene.tree.groups[0])
    with scene.as_("cadre"):
        assert staffing.list_checks_due(today())[0].never == tuple(MET)
        people.record_checks(scene.session, worker, MET, today())
        assert worker.id not in {row.post.worker_id for row in staffing.list_checks_due(today())}
        found = {row.post.worker_id: row for row in staffing.list_checks_due(today() + timedelta(days=365))}
    assert found[worker.id].due == tuple(MET)


def test_units_without_people_are_named(scene: Scene) -> None:
    make_person(scene.session, scene.tree.groups[1])
    with scene.as_("town"):
        found = {row.node.id for row in staffing.list_understaffed(today())}
    assert scene.tree.groups[1].id not in found
    assert scene.tree.groups[2].id in found
    assert scene.tree.villages[1].id in found


def test_coverage_counts_each_person_once_and_rounds_that_count(scene: Scene) -> None:
    done, missed = make_person(scene.session, scene.tree.groups[0]), make_person(scene.session, scene.tree.groups[1])
    day = today() - timedelta(days=3)
    with scene.as_("town"):
        held = service.plan_session(scene.session, scene.tree.towns[0], service.Plan("业务", "培训班", day))
        meeting = service.plan_session(scene.session, scene.tree.towns[0],
                                       service.Plan("例会", "以会代训", day, is_meeting=True))  # fmt: skip
        service.hold(scene.session, held.id, day, [done.id])
        service.hold(scene.session, meeting.id, day, [missed.id])
        found = training.coverage(today().year, today())
    untrained = {row.post.worker_id for row in found.untrained}
    assert not meeting.counts  # the rules of this place do not count meetings
    assert missed.id in untrained
    assert done.id not in untrained
    assert found.done == 1


def test_roster_is_filed_once_and_lateness_stays(scene: Scene) -> None:
    village = scene.tree.villages[0]
    make_person(scene.session, scene.tree.groups[0])
    with scene.as_("town"):
        filings.file_roster(scene.session, village, "roster", date(2026, 2, 25))
        with pytest.raises(Refused):
            filings.file_roster(scene.session, village, "roster", date(2026, 2, 25))
        row = next(row for row in staffing.list_filings(today()) if row.node.id == village.id)
    assert row.is_late
    assert row.filing is not None
