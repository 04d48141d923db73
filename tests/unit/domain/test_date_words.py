from datetime import UTC, date, datetime

import pytest

from app.domain.date_words import civil_words, moment_words, month_words, period_words, quarter_words
from app.domain.quarters import Quarter

DAY, AT = date(2026, 11, 21), datetime(2026, 11, 21, 6, 5, 9, tzinfo=UTC)


def test_chinese() -> None:
    assert civil_words(DAY, chinese=True) == "2026年11月21日"
    assert moment_words(AT, chinese=True) == "2026年11月21日 14:05"
    assert month_words(DAY, chinese=True) == "2026年11月"
    assert quarter_words(Quarter(2026, 4), chinese=True) == "2026年第四季度"


def test_english() -> None:
    assert civil_words(DAY, chinese=False) == "21 Nov 2026"
    assert moment_words(AT, chinese=False) == "21 Nov 2026, 14:05"
    assert month_words(DAY, chinese=False) == "Nov 2026"
    assert quarter_words(Quarter(2026, 4), chinese=False) == "Quarter 4 of 2026"


@pytest.mark.parametrize(
    ("code", "chinese", "english"),
    [
        ("2026-10", "2026年10月", "Oct 2026"), ("2026Q4", "2026年第四季度", "Quarter 4 of 2026"),
        ("2026H2", "2026年下半年", "Second half of 2026"), ("2026", "2026年", "2026"),
        ("2026-13", "2026-13", "2026-13"),
    ],
)  # fmt: skip
def test_a_stored_period(code: str, chinese: str, english: str) -> None:
    assert (period_words(code, chinese=True), period_words(code, chinese=False)) == (chinese, english)


def test_the_seconds_of_a_trace() -> None:
    assert moment_words(AT, chinese=True, seconds=True) == "2026年11月21日 14:05:09"


def test_an_instant_after_four_in_the_afternoon_utc_is_the_next_day_in_china() -> None:
    assert moment_words(datetime(2026, 12, 31, 16, 30, tzinfo=UTC), chinese=True) == "2027年1月1日 00:30"


def test_no_zeros_before_days_and_months() -> None:
    assert civil_words(date(2026, 1, 2), chinese=True) == "2026年1月2日"
    assert civil_words(date(2026, 1, 2), chinese=False) == "2 Jan 2026"


def test_an_instant_is_not_taken_for_a_day() -> None:
    with pytest.raises(TypeError):
        civil_words(AT, chinese=True)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        moment_words(AT.replace(tzinfo=None), chinese=True)
