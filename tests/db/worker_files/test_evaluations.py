"""Evaluations: counted from records, frozen when published, objected to, final; and what they lead to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.enums import VisitChannel
from app.domain.worker_files.periods import parse_period
from app.domain.worker_files.words import Dimension, EvaluationState
from app.models import Evaluation, GridWorker, Visit
from app.queries.worker_files.deeds import list_deeds
from app.queries.worker_files.evaluations import coefficients, list_adjustments, served_of
from app.services.worker_files import evaluations
from app.services.worker_files.refusals import Refused
from tests.db.worker_files.conftest import Scene
from tests.factories.worker_files import make_person, scheme_form
from tests.factories.world import area_of, make_household

OCTOBER = parse_period("2026-10")
AT = datetime(2026, 10, 12, 3, 0, tzinfo=UTC)


def visit(scene: Scene, home: Any, worker_id: int | None) -> None:
    scene.session.add(Visit(household_id=home.id, channel=VisitChannel.IN_PERSON, happened_at=AT, worker_id=worker_id,
                            closes_duty=True, findings=[], **area_of(home.node)))  # fmt: skip
    scene.session.flush()


@pytest.fixture
def drawn(scene: Scene) -> Evaluation:
    """The worker with a log-in: two households reached, one by the hotline, one by nobody."""
    group = scene.tree.groups[0]
    worker = scene.session.query(GridWorker).filter_by(user_id=scene.users["worker"]).one()
    worker.assignments[0].from_on = date(2026, 1, 1)
    homes = [make_household(scene.session, group) for _ in range(4)]
    for home, by in zip(homes, (worker.id, worker.id, None), strict=False):
        visit(scene, home, by)
    with scene.as_("county"):
        evaluations.make_scheme(scene.session, scene.tree.county, evaluations.SchemeForm(**scheme_form()))
    with scene.as_("town"):
        assert evaluations.draw_up(scene.session, scene.tree.towns[0], OCTOBER) == 1
    return scene.session.query(Evaluation).filter_by(worker_id=worker.id).one()


def test_figure_and_records_agree(scene: Scene, drawn: Evaluation) -> None:
    with scene.as_("town"):
        deeds = list_deeds(served_of(drawn), Dimension.CONTACTS)
    assert drawn.tallies["contacts"] == [2, 3] == [sum(deed.counts for deed in deeds), len(deeds)]
    assert drawn.tallies["applications"] == [0, None]


def test_drawn_up_once(scene: Scene, drawn: Evaluation) -> None:
    with scene.as_("town"):
        assert evaluations.draw_up(scene.session, scene.tree.towns[0], OCTOBER) == 0


def test_draft_is_hidden_from_the_worker_until_published(scene: Scene, drawn: Evaluation) -> None:
    key = drawn.id
    scene.session.expunge_all()
    with scene.as_("worker"):
        assert scene.session.get(Evaluation, key) is None
    with scene.as_("town"):
        evaluations.publish(scene.session, key)
    scene.session.expunge_all()
    with scene.as_("worker"):
        assert scene.session.get(Evaluation, key) is not None


def test_published_figures_are_frozen(scene: Scene, drawn: Evaluation) -> None:
    with scene.as_("town"):
        evaluations.publish(scene.session, drawn.id)
    visit(scene, make_household(scene.session, scene.tree.groups[0]), drawn.worker_id)
    evaluations.count(scene.session, drawn)
    assert drawn.tallies["contacts"] == [2, 3]
    with scene.as_("town"), pytest.raises(Refused):
        evaluations.deduct(scene.session, drawn.id, "5", "检查", date(2026, 10, 20))


def test_objection_is_answered_in_writing_before_the_result_is_final(
    scene: Scene, drawn: Evaluation, clock: Any
) -> None:
    with scene.as_("town"):
        evaluations.publish(scene.session, drawn.id)
    with scene.as_("worker"):
        objection = evaluations.object_to(scene.session, drawn.id, "有一户已联系，未登记")
        with pytest.raises(Refused):
            evaluations.object_to(scene.session, drawn.id, "再次")
    clock.advance(timedelta(days=8).total_seconds())
    with scene.as_("town"):
        with pytest.raises(Refused):
            evaluations.finish(scene.session, drawn.id)
        evaluations.answer(scene.session, objection.id, "已核实")
        evaluations.finish(scene.session, drawn.id)
    assert drawn.state is EvaluationState.FINAL
    with scene.as_("worker"), pytest.raises(Refused):
        evaluations.object_to(scene.session, drawn.id, "晚了")


def test_nobody_else_objects_and_nobody_publishes_their_own(scene: Scene, drawn: Evaluation) -> None:
    with scene.as_("town"):
        evaluations.publish(scene.session, drawn.id)
        with pytest.raises(LookupError):
            evaluations.object_to(scene.session, drawn.id, "x")
    with scene.as_("worker"), pytest.raises(Refused):
        evaluations.finish(scene.session, drawn.id)


def test_veto_leaves_nothing_and_suggests_adjustment(scene: Scene, drawn: Evaluation, clock: Any) -> None:
    with scene.as_("town"):
        with pytest.raises(Refused):
            evaluations.set_veto(scene.session, drawn.id, True, "")
        evaluations.set_veto(scene.session, drawn.id, True, "瞒报")
        evaluations.publish(scene.session, drawn.id)
        clock.advance(timedelta(days=8).total_seconds())
        evaluations.finish(scene.session, drawn.id)
        assert [row.id for row in list_adjustments()] == [drawn.id]
        found = coefficients([drawn.worker_id], date(2026, 10, 1), date(2026, 10, 31))
    assert (drawn.total, found) == (0, {(drawn.worker_id, drawn.node_id): 0})


@pytest.mark.parametrize(("points", "on"), [("-5", date(2026, 10, 1)), ("101", date(2026, 10, 1)), ("x", None),
                                            ("0", date(2026, 10, 1)), ("5", date(2025, 1, 1))])  # fmt: skip
def test_bad_deductions(scene: Scene, drawn: Evaluation, points: str, on: date | None) -> None:
    with scene.as_("town"), pytest.raises(Refused):
        evaluations.deduct(scene.session, drawn.id, points, "检查", on)


def test_without_a_scheme_nobody_is_evaluated(scene: Scene) -> None:
    make_person(scene.session, scene.tree.groups[1])
    with scene.as_("town"), pytest.raises(Refused):
        evaluations.draw_up(scene.session, scene.tree.towns[0], OCTOBER)


def test_period_that_runs_is_not_published(scene: Scene, drawn: Evaluation) -> None:
    with scene.as_("town"):
        evaluations.draw_up(scene.session, scene.tree.towns[0], parse_period("2026"))
        row = scene.session.query(Evaluation).filter_by(period="2026", worker_id=drawn.worker_id).one()
        with pytest.raises(Refused):
            evaluations.publish(scene.session, row.id)
