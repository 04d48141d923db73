"""Periods, deadlines and what of them is owed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.domain.duties.judging import Facts, judge, strictest
from app.domain.duties.windows import counting_channels, period_of, window_of
from app.domain.duties.words import Standing
from app.domain.enums import HouseholdCategory, VisitChannel
from app.domain.policy.kinds import Every, Target
from tests.factories.duties import ON_SITE, rule

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 23)
C = VisitChannel


@pytest.mark.parametrize(
    ("every", "on", "due", "first_on", "due_on"),
    [
        (Every.MONTH, date(2024, 2, 29), None, date(2024, 2, 1), date(2024, 2, 29)),
        (Every.QUARTER, date(2026, 12, 31), None, date(2026, 10, 1), date(2026, 12, 31)),
        (Every.HALF_YEAR, date(2026, 7, 1), None, date(2026, 7, 1), date(2026, 12, 31)),
        (Every.YEAR, date(2026, 5, 1), "03-31", date(2026, 1, 1), date(2026, 3, 31)),
        (Every.YEAR, date(2027, 5, 1), "02-29", date(2027, 1, 1), date(2027, 2, 28)),
    ],
)
def test_a_period_and_its_deadline(every: Every, on: date, due: str | None, first_on: date, due_on: date) -> None:
    period = period_of(every, on, due)
    assert (period.first_on, period.due_on) == (first_on, due_on)


def test_after_a_yearly_deadline_nothing_can_be_met_in_time_until_the_new_year() -> None:
    window = window_of(rule(Target.EVERYONE, Every.YEAR, due="03-31"), ON, lambda day: True)
    assert window.present is None
    assert [one.due_on for one in window.missed] == [date(year, 3, 31) for year in (2026, 2025, 2024)]


def test_a_rule_owes_nothing_before_it_was_in_force() -> None:
    window = window_of(rule(Target.GENERAL, Every.MONTH), ON, lambda day: day >= date(2026, 10, 15))
    assert [one.due_on for one in window.missed] == [date(2026, 10, 31)]


def test_what_happens_only_once_has_no_periods() -> None:
    with pytest.raises(ValueError, match="rhythm"):
        window_of(rule(Target.EVERYONE, Every.EVENT), ON, lambda day: True)


def test_a_neighbours_word_never_counts_and_a_check_in_call_is_a_call() -> None:
    assert counting_channels(rule(Target.GENERAL, Every.MONTH, frozenset({C.PHONE, C.RELAY}))) == {
        C.PHONE, C.AUTO_CALL, C.IMPORT,
    }  # fmt: skip
    assert C.RELAY not in counting_channels(rule(Target.GENERAL, Every.MONTH, frozenset()))


def facts(**values: object) -> Facts:
    given = {"category": HouseholdCategory.MARGINAL, "registered_on": date(2025, 1, 1), **values}
    return Facts(household_id=1, **given)  # type: ignore[arg-type]


MONTHLY = window_of(rule(Target.MONITORED, Every.MONTH, ON_SITE), ON, lambda day: True)
QUARTERLY = window_of(rule(Target.EVERYONE, Every.QUARTER, ON_SITE), ON, lambda day: True)


@pytest.mark.parametrize(
    ("last", "standing", "due_on"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), Standing.DONE, None),
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), Standing.DUE, date(2026, 11, 30)),  # 23:59 in China
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), Standing.DONE, None),  # midnight in China
        (datetime(2026, 9, 1, tzinfo=UTC), Standing.OVERDUE, date(2026, 10, 31)),
        (datetime(2026, 7, 1, tzinfo=UTC), Standing.OVERDUE, date(2026, 8, 31)),
    ],
)
def test_the_last_contact_decides(last: datetime, standing: Standing, due_on: date | None) -> None:
    [duty] = judge(facts(contacts={C.IN_PERSON: last}), (MONTHLY,), (), NOW)
    assert (duty.standing, duty.due_on) == (standing, due_on)


@pytest.mark.parametrize(
    "values",
    [{"registered_on": date(2026, 11, 2)}, {"category_since": date(2026, 11, 2)}],
)
def test_nothing_is_owed_for_the_time_before(values: dict[str, date]) -> None:
    [duty] = judge(facts(**values), (MONTHLY,), (), NOW)
    assert (duty.standing, duty.due_on) == (Standing.DUE, date(2026, 11, 30))


def test_the_strictest_leads_and_every_reason_is_told() -> None:
    duties = judge(facts(contacts={C.IN_PERSON: datetime(2026, 8, 5, tzinfo=UTC)}), (QUARTERLY, MONTHLY), (), NOW)
    lead = strictest(duties)
    assert lead is not None
    assert (lead.rule, len(duties)) == (MONTHLY.rule, 2)
    assert all(duty.source.clause for duty in duties)


def test_the_gone_are_owed_nothing_and_it_says_why() -> None:
    duties = judge(facts(gone_on=date(2026, 11, 1), gone_reason="merged"), (QUARTERLY, MONTHLY), (), NOW)
    assert {(duty.standing, duty.pause_detail) for duty in duties} == {(Standing.PAUSED, "merged")}
    assert strictest(duties) is None
