"""From which instant on a record has served its time, and that every kind has words and a shipped period."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.labels import label_of
from app.domain.policy.kinds import TimeUnit
from app.domain.retention import EFFECTS, Kept, Period, code_of, cutoff
from app.services.policy.files import shipped
from app.services.policy.loading import read_file

NOW = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # 1 April in China


def period(amount: int, unit: TimeUnit) -> Period:
    return Period(code="keep_texts", title="短信", amount=amount, unit=unit)


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (6, TimeUnit.HOUR, datetime(2026, 3, 31, 14, tzinfo=UTC)),
        (1, TimeUnit.DAY, datetime(2026, 3, 30, 16, tzinfo=UTC)),
        (5, TimeUnit.WORKDAY, datetime(2026, 3, 21, 16, tzinfo=UTC)),
        (14, TimeUnit.MONTH, datetime(2025, 1, 31, 16, tzinfo=UTC)),
    ],
)
def test_periods_end_with_civil_days(amount: int, unit: TimeUnit, expected: datetime) -> None:
    assert cutoff(period(amount, unit), NOW) == expected


def test_a_month_without_that_day_ends_with_its_last() -> None:
    at = datetime(2026, 3, 30, 20, 0, tzinfo=UTC)  # 31 March in China
    assert cutoff(period(1, TimeUnit.MONTH), at) == datetime(2026, 2, 27, 16, tzinfo=UTC)


def test_every_kind_has_words_and_a_shipped_period_of_local_choice() -> None:
    (default,) = [text for name, text in shipped() if name.startswith("00-")]
    limits = {row["code"]: row for row in read_file(default).rules["deadlines"]}
    for kind in Kept:
        assert label_of(kind)
        assert EFFECTS[kind]
        assert limits[code_of(kind)]["at_least"] is True
        assert limits[code_of(kind)]["source"]["local"] is True
