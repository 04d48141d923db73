"""Which issues count, when they are overdue, which period an inspection belongs to, what marks come to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.policy.kinds import Every, FoundBy
from app.domain.supervision import periods
from app.domain.supervision.issues import is_overdue, may_move, verdict
from app.domain.supervision.scoring import mean, score
from app.domain.supervision.words import IssueState, Mark, Verdict

EXEMPT = (FoundBy.SELF_CHECK, FoundBy.APPLICATION)
DEADLINE = date(2026, 11, 20)
S, V = IssueState, Verdict


@pytest.mark.parametrize(
    ("found_by", "state", "rectified_on", "on", "expected"),
    [
        (FoundBy.SELF_CHECK, S.CLOSED, date(2026, 11, 20), date(2026, 12, 1), V.EXEMPT),
        (FoundBy.APPLICATION, S.CLOSED, date(2026, 11, 20), date(2026, 12, 1), V.EXEMPT),
        (FoundBy.SELF_CHECK, S.CLOSED, date(2026, 11, 21), date(2026, 12, 1), V.COUNTED),
        (FoundBy.SELF_CHECK, S.OPEN, None, date(2026, 11, 20), V.NOT_YET),
        (FoundBy.SELF_CHECK, S.OPEN, None, date(2026, 11, 21), V.COUNTED),
        (FoundBy.SELF_CHECK, S.RECTIFIED, date(2026, 11, 19), date(2026, 12, 1), V.NOT_YET),
        (FoundBy.SELF_CHECK, S.RECTIFIED, date(2026, 11, 21), date(2026, 12, 1), V.COUNTED),
        (FoundBy.INSPECTION, S.CLOSED, date(2026, 11, 1), date(2026, 12, 1), V.COUNTED),
        (FoundBy.COVERT_VISIT, S.OPEN, None, date(2026, 11, 1), V.COUNTED),
        (FoundBy.EVALUATION, S.OPEN, None, date(2026, 11, 1), V.COUNTED),
        (FoundBy.INSPECTION, S.DISMISSED, None, date(2026, 11, 1), V.DISMISSED),
    ],
)
def test_self_found_and_solved_in_time_is_not_counted(
    found_by: FoundBy, state: IssueState, rectified_on: date | None, on: date, expected: Verdict
) -> None:
    assert verdict(found_by, EXEMPT, state, DEADLINE, rectified_on, on) is expected


def test_rules_that_exempt_nobody_count_everything() -> None:
    assert verdict(FoundBy.SELF_CHECK, (), S.CLOSED, DEADLINE, DEADLINE, DEADLINE) is V.COUNTED


def test_only_what_is_open_is_overdue() -> None:
    late = date(2026, 11, 21)
    assert [is_overdue(state, DEADLINE, late) for state in S] == [False, True, False, False, False]
    assert not is_overdue(S.OPEN, DEADLINE, DEADLINE)


def test_ended_issues_stay_ended() -> None:
    assert not [(old, new) for old in (S.CLOSED, S.DISMISSED) for new in S if may_move(old, new)]


@pytest.mark.parametrize(
    ("every", "on", "expected", "before"),
    [
        (Every.HALF_YEAR, date(2026, 6, 30), "2026H1", "2025H2"),
        (Every.HALF_YEAR, date(2026, 7, 1), "2026H2", "2026H1"),
        (Every.YEAR, date(2026, 7, 1), "2026", "2025"),
        (Every.QUARTER, date(2026, 1, 1), "2026Q1", "2025Q4"),
        (Every.MONTH, date(2026, 3, 31), "2026-03", "2026-02"),
    ],
)
def test_period_of_a_day(every: Every, on: date, expected: str, before: str) -> None:
    period = periods.period_of(every, on)
    assert period is not None
    assert (str(period), str(periods.previous(every, period))) == (expected, before)
    assert periods.parse(expected) == period
    assert period.first_on <= on <= period.last_on


def test_the_periods_one_may_mean() -> None:
    offered = [str(one) for one in periods.around(date(2026, 11, 23), back=1)]
    assert offered == ["2026H1", "2026H2", "2027H1", "2025", "2026", "2027", "2026Q3", "2026Q4", "2027Q1",
                       "2026-10", "2026-11", "2026-12"]  # fmt: skip
    assert len(periods.around(date(2026, 11, 23))) == len(offered) + 4


@pytest.mark.parametrize("typed", ["", "2026H3", "26H1", "H1", "2026-13", "2026Q5"])
def test_no_period(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        periods.parse(typed)


def test_what_happens_once_has_no_period() -> None:
    assert periods.period_of(Every.ONCE, DEADLINE) is None


def test_score_is_the_share_of_items_that_applied() -> None:
    marks = {"a": Mark.MET, "b": Mark.PARTLY, "c": Mark.NOT_MET, "d": Mark.NOT_APPLICABLE}
    assert score(marks) == Decimal("50.0")
    assert score({"a": Mark.NOT_APPLICABLE}) is None
    assert (mean([Decimal("50.0"), Decimal("100")]), mean([])) == (Decimal("75.0"), None)
