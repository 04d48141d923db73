"""Issues from hand-out to strike-off, what counts, and how it enters an evaluation and the veto."""

from __future__ import annotations

from base64 import b64decode
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.enums import RoleName
from app.domain.policy.kinds import FoundBy
from app.domain.supervision.words import IssueSeverity, IssueState, Verdict
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.periods import parse_period
from app.models import Evaluation, GridWorker, Issue
from app.queries.access import ScopeError
from app.queries.supervision.issues import Filter, count_by_state, is_taken_off, judge, list_for_evaluation, list_issues
from app.services import users
from app.services.supervision import issues
from app.services.worker_files import evaluations
from app.services.worker_files.refusals import Refused
from telephony.clock import ManualClock
from tests.db.supervision.conftest import Scene
from tests.factories.supervision import ON, plan, raise_issue, raised
from tests.factories.worker_files import scheme_form
from tests.factories.world import make_household

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture
def issue(scene: Scene) -> Issue:
    with scene.as_("town"):
        return raise_issue(scene.session, scene.tree.villages[0])


def test_rectified_by_one_struck_off_by_another(scene: Scene, issue: Issue) -> None:
    assert (issue.number, issue.steps) == (f"WT2026-{issue.id:06d}", 1)
    with scene.as_("cadre"):
        issues.rectify(scene.session, issue.id, 1, "已补记录", PNG)
    assert (issue.state, issue.rectified_on) == (IssueState.RECTIFIED, ON)
    with scene.as_("town"):
        issues.recheck(scene.session, issue.id, 2, True, "现场核实")
    assert issue.state is IssueState.CLOSED
    assert [step.number for step in issue.history] == [1, 2, 3]
    assert b64decode(issue.history[1].photo or "").startswith(b"\x89PNG")


def test_nobody_checks_their_own_rectification(scene: Scene, issue: Issue) -> None:
    with scene.as_("town"):
        issues.rectify(scene.session, issue.id, 1, "已整改")
        for act in (lambda: issues.recheck(scene.session, issue.id, 2, True, "好"),
                    lambda: issues.dismiss(scene.session, issue.id, 2, "没问题")):  # fmt: skip
            with pytest.raises(Refused):
                act()
    assert issue.state is IssueState.RECTIFIED


def test_sent_back_begins_again(scene: Scene, issue: Issue) -> None:
    with scene.as_("cadre"):
        issues.rectify(scene.session, issue.id, 1, "已整改")
    with scene.as_("town"):
        issues.recheck(scene.session, issue.id, 2, False, "仍缺九月")
    assert issue.state is IssueState.OPEN
    with scene.as_("cadre"):
        issues.rectify(scene.session, issue.id, 3, "已补九月")
    assert issue.steps == 4


def test_a_double_click_decides_once(scene: Scene, issue: Issue) -> None:
    with scene.as_("cadre"):
        issues.rectify(scene.session, issue.id, 1, "已整改")
        with pytest.raises(InvalidTransition):
            issues.rectify(scene.session, issue.id, 1, "已整改")
    with scene.as_("town"), pytest.raises(InvalidTransition):
        issues.recheck(scene.session, issue.id, 1, True, "好")


BAD_ISSUES: list[tuple[dict[str, Any], set[str]]] = [
    ({"node": None}, {"unit"}),
    ({"category": "unknown"}, {"category"}),
    ({"severity": "huge"}, {"severity"}),
    ({"found_by": ""}, {"found_by"}),
    ({"words": " "}, {"words"}),
    ({"words": "长" * 1001}, {"words"}),
    ({"found_on": ON + timedelta(days=1)}, {"found_on"}),
    ({"deadline_on": ON - timedelta(days=1)}, {"deadline_on"}),
    ({"found_on": None, "deadline_on": None, "words": ""}, {"found_on", "deadline_on", "words"}),
]


def test_bad_issue_names_every_field(scene: Scene) -> None:
    for changes, fields in BAD_ISSUES:
        with scene.as_("town"), pytest.raises(Refused) as refusal:
            issues.raise_issue(scene.session, raised(**{"node": scene.tree.villages[0], **changes}))
        assert set(refusal.value.troubles) == fields, changes


def test_bad_words_and_bad_photo(scene: Scene, issue: Issue) -> None:
    with scene.as_("cadre"):
        with pytest.raises(Refused) as refusal:
            issues.rectify(scene.session, issue.id, 1, "", b"GIF89a")
        assert set(refusal.value.troubles) == {"words", "photo"}
    assert issue.state is IssueState.OPEN


def test_a_village_enters_what_it_found_itself_alone(scene: Scene) -> None:
    with scene.as_("cadre"):
        assert raise_issue(scene.session, scene.tree.villages[0], found_by=FoundBy.SELF_CHECK.value).id
        with pytest.raises(Refused) as refusal:
            raise_issue(scene.session, scene.tree.villages[0])
        assert set(refusal.value.troubles) == {"found_by"}


def test_no_issue_outside_the_area(scene: Scene) -> None:
    with scene.as_("town_b"), pytest.raises(ScopeError):
        raise_issue(scene.session, scene.tree.villages[0])


def test_an_issue_of_an_inspection_lies_with_its_household(scene: Scene) -> None:
    home = make_household(scene.session, scene.tree.groups[1])
    with scene.as_("town"):
        inspection = plan(scene.session, scene.tree.towns[0])
        row = raise_issue(scene.session, household=home, inspection=inspection)
    assert (row.node_id, row.l3_id) == (home.node_id, scene.tree.villages[0].id)
    with scene.as_("cadre"):
        issues.rectify(scene.session, row.id, 1, "已整改")  # although the inspection is the township's
        assert [one.id for one in list_issues(Filter(inspection_id=inspection.id))] == [row.id]


def test_overdue_follows_the_calendar(scene: Scene, issue: Issue, clock: ManualClock) -> None:
    with scene.as_("town"):
        assert count_by_state(Filter()) == {"open": 1, "overdue": 0}
        clock.advance(16 * 86400)
        assert count_by_state(Filter()) == {"open": 1, "overdue": 1}
        assert [one.id for one in list_issues(Filter("overdue"))] == [issue.id]
        assert list_issues(Filter("closed")) == []


def test_self_found_and_solved_in_time_is_shown_as_exempt_with_its_clause(scene: Scene, clock: ManualClock) -> None:
    with scene.as_("cadre"):
        row = raise_issue(scene.session, scene.tree.villages[0], found_by=FoundBy.SELF_CHECK.value)
        assert judge(row).verdict is Verdict.NOT_YET
        issues.rectify(scene.session, row.id, 1, "已整改")
    with scene.as_("town"):
        issues.recheck(scene.session, row.id, 2, True, "核实")
        clock.advance(90 * 86400)
        judged = judge(row)
    assert (judged.verdict, judged.source.clause) == (Verdict.EXEMPT, "四(四)")


@pytest.fixture
def evaluation(scene: Scene) -> Evaluation:
    group = scene.tree.groups[0]
    account, _secret = users.add_user(
        scene.session, "worker", "试网格", RoleName.GRID_WORKER, group.code, "zhongguo2026"
    )
    worker = scene.session.query(GridWorker).filter_by(user_id=account.id).one()
    worker.assignments[0].from_on = date(2026, 1, 1)
    with scene.as_("county"):
        evaluations.make_scheme(scene.session, scene.tree.county, evaluations.SchemeForm(**scheme_form()))
    with scene.as_("town"):
        evaluations.draw_up(scene.session, scene.tree.towns[0], parse_period("2026-11"))
    return scene.session.query(Evaluation).filter_by(worker_id=worker.id).one()


def test_counted_issue_takes_points_off_once(scene: Scene, evaluation: Evaluation) -> None:
    with scene.as_("town"):
        row = raise_issue(scene.session, scene.tree.groups[0])
        before = evaluation.total
        issues.take_off(scene.session, row.id, evaluation.id, "5")
        assert evaluation.deductions[0]["reason"] == f"{row.number} 无工作记录"
        assert (before or 0) - (evaluation.total or 0) in (0, 5)
        assert is_taken_off(evaluation, row)
        with pytest.raises(Refused):
            issues.take_off(scene.session, row.id, evaluation.id, "5")
        evaluations.drop_deduction(scene.session, evaluation.id, 0)
        issues.take_off(scene.session, row.id, evaluation.id, "3")
    assert [one["points"] for one in evaluation.deductions] == ["3"]


def test_exempt_issue_takes_nothing_off(scene: Scene, evaluation: Evaluation) -> None:
    with scene.as_("town"):
        row = raise_issue(scene.session, scene.tree.groups[0], found_by=FoundBy.SELF_CHECK.value)
        assert [(one.id, judged.verdict) for one, judged in list_for_evaluation(evaluation)] == [
            (row.id, Verdict.NOT_YET)]  # fmt: skip
        with pytest.raises(Refused):
            issues.take_off(scene.session, row.id, evaluation.id, "5")
    assert evaluation.deductions == []


def test_only_a_serious_counted_issue_decides_alone(scene: Scene, evaluation: Evaluation) -> None:
    with scene.as_("town"):
        plain = raise_issue(scene.session, scene.tree.groups[0])
        grave = raise_issue(scene.session, scene.tree.groups[0], severity=IssueSeverity.SERIOUS.value)
        with pytest.raises(Refused):
            issues.veto(scene.session, plain.id, evaluation.id)
        issues.veto(scene.session, grave.id, evaluation.id)
    assert (evaluation.veto, evaluation.veto_reason) == (True, f"{grave.number} 无工作记录")


def test_issue_of_another_unit_or_period_stays_out(scene: Scene, evaluation: Evaluation) -> None:
    with scene.as_("town"):
        other = raise_issue(scene.session, scene.tree.groups[1])
        with pytest.raises(LookupError):
            issues.take_off(scene.session, other.id, evaluation.id, "5")
        early = raise_issue(scene.session, scene.tree.groups[0], found_on=date(2026, 10, 31))
        with pytest.raises(Refused):
            issues.take_off(scene.session, early.id, evaluation.id, "5")
