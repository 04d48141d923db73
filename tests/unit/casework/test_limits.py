"""Time limits of a step, in hours, days, working days and months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.casework import LimitState, due_at, limit_of
from app.domain.policy.kinds import TimeUnit
from app.domain.quarters import CHINA


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA).astimezone(UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        (china(2026, 3, 2, 10), 24, TimeUnit.HOUR, china(2026, 3, 3, 10)),
        (china(2026, 3, 2, 10), 5, TimeUnit.DAY, china(2026, 3, 8, 0)),
        (china(2026, 3, 6, 23, 59), 2, TimeUnit.WORKDAY, china(2026, 3, 11, 0)),  # Friday: Monday, Tuesday
        (china(2026, 9, 30, 9), 1, TimeUnit.WORKDAY, china(2026, 10, 9, 0)),  # over the national holiday
        (china(2026, 1, 31, 9), 1, TimeUnit.MONTH, china(2026, 3, 1, 0)),
        (china(2026, 11, 30, 9), 3, TimeUnit.MONTH, china(2027, 3, 1, 0)),
    ],
)
def test_the_limit_ends_with_its_last_day(start: datetime, amount: int, unit: TimeUnit, due: datetime) -> None:
    assert due_at(start, amount, unit) == due


def test_days_are_counted_in_china() -> None:
    late_evening = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # the third of March there

    assert due_at(late_evening, 1, TimeUnit.DAY) == china(2026, 3, 5, 0)


def test_no_time_at_all_is_no_limit() -> None:
    with pytest.raises(ValueError, match="at least one"):
        due_at(china(2026, 3, 2), 0, TimeUnit.DAY)


@pytest.mark.parametrize(
    ("now", "state", "days"),
    [
        (china(2026, 3, 2, 12), LimitState.OPEN, 5),
        (china(2026, 3, 7, 12), LimitState.NEAR, 0),
        (china(2026, 3, 8, 0), LimitState.OVERDUE, 1),
        (china(2026, 3, 18, 9), LimitState.OVERDUE, 11),
    ],
)
def test_the_clock_in_days(now: datetime, state: LimitState, days: int) -> None:
    start = china(2026, 3, 2, 10)

    limit = limit_of(start, due_at(start, 5, TimeUnit.DAY), now)

    assert (limit.state, limit.last_on, limit.days) == (state, date(2026, 3, 7), days)


@given(
    start=st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    amount=st.integers(1, 60),
    unit=st.sampled_from(TimeUnit),
)
def test_a_limit_lies_ahead_and_grows_with_the_amount(start: datetime, amount: int, unit: TimeUnit) -> None:
    first, longer = due_at(start, amount, unit), due_at(start, amount + 1, unit)

    assert start < first < longer
    assert limit_of(start, first, first - timedelta(microseconds=1)).state is not LimitState.OVERDUE
    assert limit_of(start, first, first).state is LimitState.OVERDUE
