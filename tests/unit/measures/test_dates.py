"""Reckoning dates and time limits of measures, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import HouseholdCategory
from app.domain.measures.dates import latest_overdue_start, limit_day, reckoning_due
from app.domain.measures.figures import timeliness
from app.domain.measures.notices import public_kind
from app.domain.measures.templates import classes_for, templates_for
from app.domain.policy.kinds import Every, TimeUnit
from app.domain.policy.rules import Deadline
from tests.factories.measures import RULES

RHYTHMS = (Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR)


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.sampled_from(RHYTHMS))
def test_one_comparison_finds_exactly_the_overdue(today: date, every: Every) -> None:
    cutoff = latest_overdue_start(today, every)

    assert reckoning_due(cutoff, every) < today
    assert reckoning_due(cutoff + timedelta(days=1), every) >= today


def test_a_short_month_ends_earlier() -> None:
    assert reckoning_due(date(2026, 1, 31), Every.MONTH) == date(2026, 2, 28)


def test_without_a_rhythm_nothing_is_due() -> None:
    with pytest.raises(ValueError, match="no rhythm"):
        reckoning_due(date(2026, 1, 31), Every.EVENT)


@pytest.mark.parametrize(("amount", "unit", "last"), [
    (1, TimeUnit.MONTH, date(2026, 12, 23)), (5, TimeUnit.DAY, date(2026, 11, 28)),
    (5, TimeUnit.WORKDAY, date(2026, 11, 30)), (25, TimeUnit.HOUR, date(2026, 11, 25)),
])  # fmt: skip
def test_limits_in_every_unit(amount: int, unit: TimeUnit, last: date) -> None:
    assert limit_day(date(2026, 11, 23), Deadline(code="x", title="x", amount=amount, unit=unit)) == last


def test_nobody_is_judged_where_nobody_is() -> None:
    assert timeliness([], within=0, late=0, waiting=3).percent is None
    assert timeliness([4, 30], within=1, late=1, waiting=0).percent == 50


def test_templates_follow_risks_and_warnings() -> None:
    assert [one.code for one in templates_for(RULES, ["01"], ["lone_elderly"])] == ["medical", "old"]


def test_early_measures_are_for_early_warnings() -> None:
    medical = RULES.plan_templates[1]
    monitored = [one.code for one in classes_for(RULES, HouseholdCategory.MARGINAL, medical)]
    warned = [one.code for one in classes_for(RULES, HouseholdCategory.EARLY_WARNING, RULES.plan_templates[2])]

    assert (monitored[0], "support_parents" in monitored) == ("health", False)
    assert warned[0] == "support_parents"


def test_only_what_helps_to_earn_is_named_on_a_board() -> None:
    assert public_kind(RULES, "health") is None
    assert public_kind(RULES, "industry") is not None
