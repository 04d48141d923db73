"""Age against the limits of a place: birthdays, leap days, exceptions, warnings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.worker_files.ages import Limits, age_on, birthday, born_before, judge_age, longest_exception
from app.domain.worker_files.words import AgeState

LIMITS = Limits(65, 70, (90, 30))
ON = date(2026, 11, 20)


def born(years: int, days: int = 0) -> date:
    """Who has completed `years` on ON, `days` days ago."""
    return date(ON.year - years, ON.month, ON.day) - timedelta(days=days)


@pytest.mark.parametrize(
    ("born_on", "state"),
    [
        (born(40), AgeState.WITHIN),
        (born(65, -91), AgeState.WITHIN),
        (born(65, -90), AgeState.SOON),
        (born(65, -1), AgeState.SOON),
        (born(65), AgeState.LAST_YEAR),
        (born(66, -1), AgeState.LAST_YEAR),
        (born(66), AgeState.OVER),
        (born(71, -1), AgeState.OVER),
        (born(71), AgeState.BLOCKED),
        (None, AgeState.UNKNOWN),
    ],
)
def test_state_follows_from_the_birthday(born_on: date | None, state: AgeState) -> None:
    assert judge_age(born_on, ON, LIMITS).state is state


def test_exception_in_force_lets_serve_until_its_last_day() -> None:
    until = ON + timedelta(days=200)
    assert judge_age(born(67), ON, LIMITS, until).state is AgeState.EXCEPTED
    assert judge_age(born(67), until - timedelta(days=10), LIMITS, until).state is AgeState.EXCEPTION_ENDS
    assert judge_age(born(67), until, LIMITS, until).days == 1
    assert judge_age(born(67), until + timedelta(days=1), LIMITS, until).state is AgeState.OVER


def test_exception_never_carries_beyond_the_highest_age() -> None:
    eternal = date(2099, 1, 1)
    assert judge_age(born(71), ON, LIMITS, eternal).state is AgeState.BLOCKED
    assert not judge_age(born(71), ON, LIMITS, eternal).may_serve


def test_without_exceptions_the_limit_itself_blocks() -> None:
    assert judge_age(born(66), ON, Limits(65)).state is AgeState.BLOCKED


def test_place_without_a_limit_asks_for_no_age() -> None:
    assert judge_age(None, ON, Limits(None)).state is AgeState.NO_LIMIT


def test_warning_counts_down_to_the_day_the_highest_age_is_completed() -> None:
    finding = judge_age(born(65, -30), ON, LIMITS)
    assert (finding.days, finding.limit_on) == (30, ON + timedelta(days=30))


def test_leap_day_completes_a_year_on_the_first_of_march() -> None:
    leap = date(1960, 2, 29)
    assert birthday(leap, 65) == date(2025, 3, 1)
    assert (age_on(leap, date(2025, 2, 28)), age_on(leap, date(2025, 3, 1))) == (64, 65)


def test_query_limit_agrees_with_the_age_on_every_day_of_four_years() -> None:
    day = date(2023, 12, 30)
    for born_on in (date(1960, 2, 28), date(1960, 2, 29), date(1960, 3, 1), date(1959, 12, 31)):
        for offset in range(4 * 366):
            on = day + timedelta(days=offset)
            assert (born_on <= born_before(on, 65)) == (age_on(born_on, on) >= 65), (born_on, on)


def test_longest_exception_ends_the_day_before_the_birthday() -> None:
    assert longest_exception(date(1958, 6, 1), LIMITS) == date(2029, 5, 31)
    assert longest_exception(date(1958, 6, 1), Limits(65)) is None
