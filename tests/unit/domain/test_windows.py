from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.windows import (
    HORIZON,
    CallingWindows,
    ChosenTime,
    PreferredHours,
    WindowsError,
    allowed_at,
    closes_at,
    next_allowed,
    preferred_ignored,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
WINDOWS = CallingWindows(
    workday=((time(9), time(12)), (time(14), time(20))),
    rest_day=((time(10), time(18)),),
)
EVENING = PreferredHours(((time(19), time(22)),))


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (shanghai(2026, 10, 12, 9, 0), True),
        (shanghai(2026, 10, 12, 8, 59), False),
        (shanghai(2026, 10, 12, 12, 0), False),  # half-open
        (shanghai(2026, 10, 11, 9, 30), False),  # Sunday before the rest-day window
        (shanghai(2026, 10, 11, 10, 0), True),
        (shanghai(2026, 10, 10, 9, 30), True),  # Saturday, make-up workday after National Day
        (shanghai(2026, 10, 1, 11, 0), False),  # National Day
        (shanghai(2026, 2, 16, 11, 0), False),  # Spring Festival eve
    ],
)
def test_allowed_follows_the_day(local: datetime, expected: bool) -> None:
    assert allowed_at(local.astimezone(UTC), SHANGHAI, WINDOWS) is expected


def test_holiday_calls_use_the_rest_day_windows() -> None:
    windows = CallingWindows(WINDOWS.workday, WINDOWS.rest_day, holiday_calls=True)
    assert allowed_at(shanghai(2026, 10, 1, 11), SHANGHAI, windows)


def test_festivals_stay_blocked_even_with_holiday_calls() -> None:
    windows = CallingWindows(WINDOWS.workday, WINDOWS.rest_day, holiday_calls=True)
    assert not allowed_at(shanghai(2026, 2, 17, 11), SHANGHAI, windows)


def test_a_blocked_date_has_no_window() -> None:
    windows = CallingWindows(blocked=frozenset({date(2026, 10, 12)}))
    assert next_allowed(shanghai(2026, 10, 12, 9), SHANGHAI, windows) == shanghai(2026, 10, 13, 9)


def test_next_allowed_steps_over_the_noon_break() -> None:
    assert next_allowed(shanghai(2026, 10, 12, 12, 30), SHANGHAI, WINDOWS) == shanghai(2026, 10, 12, 14)


def test_next_allowed_is_in_utc() -> None:
    found = next_allowed(shanghai(2026, 10, 12, 7), SHANGHAI, WINDOWS)
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_windows_of_a_number_abroad_are_local() -> None:
    # 21:00 in Shanghai is 09:00 in New York, during daylight saving.
    assert allowed_at(shanghai(2026, 10, 12, 21), NEW_YORK, WINDOWS)


def test_windows_shift_with_daylight_saving() -> None:
    before = next_allowed(datetime(2026, 10, 30, 4, tzinfo=UTC), NEW_YORK, WINDOWS)
    after = next_allowed(datetime(2026, 11, 2, 5, tzinfo=UTC), NEW_YORK, WINDOWS)
    assert before == datetime(2026, 10, 30, 13, tzinfo=UTC)
    assert after == datetime(2026, 11, 2, 14, tzinfo=UTC)


def test_a_window_swallowed_by_the_clock_change_is_dropped() -> None:
    night = ((time(2, 30), time(3, 10)),)
    windows = CallingWindows(night, night)
    found = next_allowed(datetime(2026, 3, 8, 5, tzinfo=UTC), NEW_YORK, windows)
    assert found == datetime(2026, 3, 9, 2, 30, tzinfo=NEW_YORK)


def test_preferred_hours_narrow_the_windows() -> None:
    assert next_allowed(shanghai(2026, 10, 12, 9), SHANGHAI, WINDOWS, EVENING) == shanghai(2026, 10, 12, 19)


def test_preferred_weekdays_are_awaited() -> None:
    sunday = PreferredHours(((time(8), time(22)),), frozenset({6}))
    assert next_allowed(shanghai(2026, 10, 12, 9), SHANGHAI, WINDOWS, sunday) == shanghai(2026, 10, 18, 10)


def test_hours_that_never_meet_the_windows_are_ignored_and_reported() -> None:
    night = PreferredHours(((time(22), time(23)),))
    assert preferred_ignored(WINDOWS, night)
    assert allowed_at(shanghai(2026, 10, 12, 9), SHANGHAI, WINDOWS, night)


def test_hours_that_meet_the_windows_are_not_reported() -> None:
    assert not preferred_ignored(WINDOWS, EVENING)
    assert not preferred_ignored(WINDOWS, None)


def test_a_chosen_time_beats_the_preferred_hours() -> None:
    chosen = ChosenTime(shanghai(2026, 10, 13, 15))
    assert next_allowed(shanghai(2026, 10, 12, 9), SHANGHAI, WINDOWS, EVENING, chosen) == chosen.at


def test_nothing_is_allowed_before_the_chosen_time() -> None:
    chosen = ChosenTime(shanghai(2026, 10, 13, 15))
    assert not allowed_at(shanghai(2026, 10, 12, 10), SHANGHAI, WINDOWS, None, chosen)


def test_after_the_grace_the_preferred_hours_return() -> None:
    chosen = ChosenTime(shanghai(2026, 10, 13, 15))
    found = next_allowed(shanghai(2026, 10, 13, 17), SHANGHAI, WINDOWS, EVENING, chosen)
    assert found == shanghai(2026, 10, 13, 19)


def test_a_chosen_time_opens_no_closed_window() -> None:
    chosen = ChosenTime(shanghai(2026, 10, 13, 23))
    assert next_allowed(shanghai(2026, 10, 12, 9), SHANGHAI, WINDOWS, None, chosen) == shanghai(2026, 10, 14, 9)


def test_closes_at_gives_the_end_of_the_open_window() -> None:
    assert closes_at(shanghai(2026, 10, 12, 10), SHANGHAI, WINDOWS) == shanghai(2026, 10, 12, 12)


def test_closes_at_is_none_outside() -> None:
    assert closes_at(shanghai(2026, 10, 12, 13), SHANGHAI, WINDOWS) is None


def test_touching_spans_close_at_the_last_end() -> None:
    windows = CallingWindows(workday=((time(9), time(12)), (time(12), time(18))))
    assert closes_at(shanghai(2026, 10, 12, 10), SHANGHAI, windows) == shanghai(2026, 10, 12, 18)


def test_no_window_within_the_horizon() -> None:
    assert next_allowed(shanghai(2026, 10, 12, 10), SHANGHAI, CallingWindows((), ())) is None


def test_a_chosen_time_beyond_the_horizon() -> None:
    chosen = ChosenTime(shanghai(2026, 12, 1, 15))
    assert next_allowed(shanghai(2026, 10, 12, 10), SHANGHAI, WINDOWS, None, chosen) is None


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        allowed_at(datetime(2026, 10, 12, 10), SHANGHAI, WINDOWS)  # noqa: DTZ001


def test_json_round_trip() -> None:
    windows = CallingWindows(blocked=frozenset({date(2026, 12, 31)}), holiday_calls=True)
    assert CallingWindows.from_json(windows.to_json()) == windows


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"workdays": []}, "workdays"),
        ({"workday": "9-12"}, "workday"),
        ({"workday": [["09:00"]]}, "workday[0]"),
        ({"workday": [["12:00", "09:00"]]}, "workday[0]"),
        ({"rest_day": [["09:00", "12:00"], ["11:00", "13:00"]]}, "rest_day"),
        ({"blocked": ["16.2.2026"]}, "blocked[0]"),
        ({"blocked": "2026-02-16"}, "blocked"),
        ({"holiday_calls": "no"}, "holiday_calls"),
    ],
)
def test_json_errors_name_the_key(data: dict[str, object], key: str) -> None:
    with pytest.raises(WindowsError) as caught:
        CallingWindows.from_json(data)
    assert caught.value.key == key


times = st.times(max_value=time(23, 58)).map(lambda t: t.replace(second=0, microsecond=0))
spans = st.tuples(times, times).filter(lambda s: s[0] < s[1]).map(lambda s: (s,))
zones = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Africa/Lagos")])
instants = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
preferences = st.none() | st.builds(PreferredHours, spans, st.frozensets(st.integers(0, 6), min_size=1))
windows_ = st.builds(CallingWindows, spans, spans, st.just(frozenset()), st.booleans(), st.booleans())


@given(instants, zones, windows_, preferences, st.none() | st.timedeltas(timedelta(-5), timedelta(20)))
def test_next_allowed_is_allowed_and_not_earlier(instant, zone, windows, preferred, delay) -> None:
    chosen = None if delay is None else ChosenTime(instant + delay)
    found = next_allowed(instant, zone, windows, preferred, chosen)
    if found is None:
        return
    assert instant <= found <= instant + HORIZON
    assert allowed_at(found, zone, windows, preferred, chosen)
    assert next_allowed(found, zone, windows, preferred, chosen) == found


@given(instants, zones, windows_, preferences)
def test_the_window_is_open_until_it_closes(instant, zone, windows, preferred) -> None:
    end = closes_at(instant, zone, windows, preferred)
    if end is None:
        return
    assert allowed_at(end - timedelta(microseconds=1), zone, windows, preferred)
    assert not allowed_at(end, zone, windows, preferred)
