from datetime import UTC, date, datetime, timedelta
from math import radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendars import (
    LUNAR_NEW_YEARS,
    SUPPORTED_YEARS,
    CalendarAnswer,
    add_workdays,
    answer_for,
    festival_dates,
    is_festival,
)
from app.domain.quarters import Quarter, QuarterError


@pytest.mark.parametrize("text", ["2026Q4", "2026q4", " 2026-Q4 ", "2026 Q4"])
def test_a_quarter_is_read(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2026, 4)


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026Q0", "26Q4", "Q42026", "２０２６Q4", "2026Q44", "1026Q1"])
def test_text_that_is_no_quarter(text: str) -> None:
    with pytest.raises(QuarterError):
        Quarter.parse(text)


def test_a_quarter_has_its_borders() -> None:
    quarter = Quarter(2024, 1)
    assert (quarter.first_on, quarter.last_on) == (date(2024, 1, 1), date(2024, 3, 31))


def test_quarters_follow_over_the_year() -> None:
    assert Quarter(2026, 4).next() == Quarter(2027, 1)
    assert Quarter(2026, 1).previous() == Quarter(2025, 4)


def test_the_chinese_label() -> None:
    assert Quarter(2026, 4).label == "2026年第四季度"


def test_an_instant_belongs_to_the_quarter_of_its_zone() -> None:
    assert Quarter.at(datetime(2026, 9, 30, 16, tzinfo=UTC)) == Quarter(2026, 4)


def test_bounds_are_instants() -> None:
    start, end = Quarter(2026, 4).bounds_at()
    assert (start, end) == (datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))


def test_an_instant_is_not_taken_for_a_date() -> None:
    with pytest.raises(TypeError):
        Quarter.of(datetime(2026, 9, 30, 16, tzinfo=UTC))


def test_days_left() -> None:
    assert [Quarter(2026, 4).days_left(date(2026, 12, d)) for d in (30, 31)] == [1, 0]


@given(st.dates(date(1950, 1, 1), date(2900, 1, 1)))
def test_each_day_lies_in_exactly_its_quarter(on: date) -> None:
    quarter = Quarter.of(on)
    assert quarter.first_on <= on <= quarter.last_on
    assert quarter.contains(on)
    assert not quarter.next().contains(on)
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.next().previous() == quarter


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 10, 12), CalendarAnswer(True, False, True)),
        (date(2026, 10, 11), CalendarAnswer(False, False, True)),
        (date(2026, 10, 10), CalendarAnswer(True, False, True)),  # make-up Saturday
        (date(2026, 10, 1), CalendarAnswer(False, True, True)),
        (date(2031, 10, 1), CalendarAnswer(True, False, False)),  # beyond the data: Monday to Friday, and says so
        (date(2031, 10, 4), CalendarAnswer(False, False, False)),
        (date(2003, 12, 31), CalendarAnswer(True, False, False)),
    ],
)
def test_the_calendar(on: date, expected: CalendarAnswer) -> None:
    assert answer_for(on) == expected


def new_moon_near(on: date) -> datetime:
    """Mean new moon plus the four largest periodic terms (Meeus, chapter 49); good to a quarter of an hour."""
    k = round((on.year + (on.timetuple().tm_yday - 1) / 365.25 - 2000) * 12.3685)
    t = k / 1236.85
    sun, moon = radians(2.5534 + 29.1053567 * k), radians(201.5643 + 385.81693528 * k)
    node = radians(160.7108 + 390.67050284 * k)
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    jde += -0.4072 * sin(moon) + 0.17241 * sin(sun) + 0.01608 * sin(2 * moon) + 0.01039 * sin(2 * node)
    return datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=jde - 2451545) - timedelta(seconds=70)


@pytest.mark.parametrize("new_year", LUNAR_NEW_YEARS.values())
def test_the_lunar_year_begins_on_the_day_of_a_new_moon(new_year: date) -> None:
    noon = datetime(new_year.year, new_year.month, new_year.day, 4, tzinfo=UTC)  # 12:00 in Beijing
    assert abs(new_moon_near(new_year) - noon) <= timedelta(hours=12, minutes=40)
    assert date(new_year.year, 1, 20) < new_year < date(new_year.year, 2, 22)


@pytest.mark.parametrize("year", SUPPORTED_YEARS)
def test_the_lunar_new_year_is_a_holiday(year: int) -> None:
    assert answer_for(LUNAR_NEW_YEARS[year]).is_holiday


def test_the_eve_is_blocked_even_when_it_was_a_workday() -> None:
    assert answer_for(date(2024, 2, 9)).is_workday
    assert is_festival(date(2024, 2, 9))


def test_festivals_of_a_year() -> None:
    found = festival_dates(2026)
    assert {date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18), date(2026, 4, 5)} <= found.dates
    assert found.certain


def test_festivals_beyond_the_tables_say_so() -> None:
    assert festival_dates(2030).dates == {date(2030, 2, 2), date(2030, 2, 3), date(2030, 2, 4)}
    assert not festival_dates(2030).certain
    assert festival_dates(2060).dates == frozenset()


def test_workdays_are_counted_over_the_holiday() -> None:
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert add_workdays(date(2026, 9, 30), 0) == date(2026, 9, 30)


def test_workdays_are_not_counted_back() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_workdays(date(2026, 9, 30), -1)
