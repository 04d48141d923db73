"""Judging: each document's logic, the line of the date, and what must hold for any lines at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import HouseholdCategory as Kind
from app.domain.policy import Rules, Threshold, judge
from app.domain.policy.kinds import Logic, Tier, Yardstick

Y, R = Yardstick.PER_CAPITA_NET, Yardstick.REFERENCE_PER_CAPITA
ON = date(2022, 6, 1)


def line(
    code: str, tier: Tier, below: int | None, logic: Logic = Logic.OR, measure: Yardstick = Y, **more
) -> Threshold:
    return Threshold(code=code, tier=tier, measure=measure, logic=logic,
                     below=None if below is None else Decimal(below), **more)  # fmt: skip


AND = Rules(thresholds=(line("a", Tier.MONITORED, 6000, Logic.AND_RISK),))
OR = Rules(thresholds=(
    line("income", Tier.MONITORED, 7000), line("risk", Tier.MONITORED, None, measure=Yardstick.UNRESOLVED_RISK),
    line("spending", Tier.MONITORED, 7000, measure=R), line("warning", Tier.EARLY_WARNING, 9000),
))  # fmt: skip


@pytest.mark.parametrize(("income", "risk", "tier"), [(5999, True, Tier.MONITORED), (5999, False, None),
                                                      (6000, True, None)])  # fmt: skip
def test_income_and_risk_together(income, risk, tier):
    assert judge(AND, {Y: Decimal(income)}, risk, ON).tier is tier


def test_below_the_line_without_risk_is_to_be_watched():
    assert judge(AND, {Y: Decimal(100)}, False, ON).reasons[0].message.endswith("keep watching.")


@pytest.mark.parametrize(("net", "after", "risk", "tier", "codes"), [
    (6999, 6999, False, Tier.MONITORED, ["income", "spending"]),
    (20000, 6999, False, Tier.MONITORED, ["spending"]),
    (20000, 20000, True, Tier.MONITORED, ["risk"]),
    (7000, 7000, False, Tier.EARLY_WARNING, ["warning"]),
    (9000, 9000, False, None, []),
])  # fmt: skip
def test_any_of_several_conditions(net, after, risk, tier, codes):
    found = judge(OR, {Y: Decimal(net), R: Decimal(after)}, risk, ON)
    assert found.tier is tier
    assert [match.threshold.code for match in found.matched] == codes


YEARS = Rules(thresholds=(line("y21", Tier.MONITORED, 6000, year=2021), line("y23", Tier.MONITORED, 7000, year=2023)))


@pytest.mark.parametrize(("year", "code", "carried"), [(2021, "y21", False), (2022, "y21", True), (2023, "y23", False),
                                                       (2026, "y23", True)])  # fmt: skip
def test_the_line_of_the_date_never_todays(year, code, carried):
    found = judge(YEARS, {Y: Decimal(5000)}, False, date(year, 5, 5))
    assert [(m.threshold.code, m.carried_over) for m in found.matched] == [(code, carried)]
    assert any("No line for" in reason.message for reason in found.reasons) is carried


def test_before_the_first_line_nothing_is_judged():
    found = judge(YEARS, {Y: Decimal(1)}, True, date(2020, 1, 1))
    assert found.tier is None
    assert "No income line" in found.reasons[0].message


lines = st.lists(
    st.builds(
        lambda n, tier, below, logic, measure, year: line(
            f"c{n}", tier, None if measure is Yardstick.UNRESOLVED_RISK else below, logic, measure, year=year
        ),
        st.integers(0, 99), st.sampled_from(Tier), st.integers(1, 20000), st.sampled_from(Logic),
        st.sampled_from(Yardstick), st.none() | st.integers(2019, 2024),
    ),
    max_size=6,
)  # fmt: skip
incomes = st.integers(-20000, 30000).map(Decimal)
GRAVITY = {Tier.MONITORED: 2, Tier.EARLY_WARNING: 1, None: 0}


def gravity(thresholds, net, after, risk) -> int:
    return GRAVITY[judge(Rules(thresholds=tuple(thresholds)), {Y: net, R: after}, risk, ON).tier]


@given(lines, incomes, incomes, st.booleans(), st.integers(0, 10000))
def test_less_income_never_lowers_the_tier(thresholds, net, after, risk, drop):
    assert gravity(thresholds, net - drop, after - drop, risk) >= gravity(thresholds, net, after, risk)


@given(lines, incomes, incomes)
def test_a_risk_never_lowers_the_tier(thresholds, net, after):
    assert gravity(thresholds, net, after, True) >= gravity(thresholds, net, after, False)


@given(lines, incomes, incomes, st.booleans())
def test_what_is_matched_is_of_the_tier_and_truly_below(thresholds, net, after, risk):
    found = judge(Rules(thresholds=tuple(thresholds)), {Y: net, R: after}, risk, ON)
    assert (found.tier is None) == (not found.matched)
    for match in found.matched:
        assert match.threshold.tier is found.tier
        assert match.threshold.year is None or match.threshold.year <= ON.year
        assert match.amount is None or match.amount < match.threshold.below
        assert risk or match.threshold.logic is Logic.OR


ONE_KIND = Rules(thresholds=(line("hardship", Tier.MONITORED, 7000, measure=R, category=Kind.SUDDEN_HARDSHIP),))


@pytest.mark.parametrize(("kind", "tier"), [
    (Kind.SUDDEN_HARDSHIP, Tier.MONITORED), (Kind.GENERAL, Tier.MONITORED), (None, Tier.MONITORED),
    (Kind.UNSTABLE, None), (Kind.MARGINAL, None),
])  # fmt: skip
def test_a_line_of_one_kind_is_not_held_against_another(kind, tier):
    """D4-03: spending is deducted for sudden hardship; who is not monitored yet may become of that kind."""
    found = judge(ONE_KIND, {Y: Decimal(20000), R: Decimal(6999)}, False, ON, kind)
    assert (found.tier, found.category) == (tier, Kind.SUDDEN_HARDSHIP if tier else None)


def test_lines_of_different_kinds_name_no_kind():
    both = Rules(thresholds=(*ONE_KIND.thresholds, line("income", Tier.MONITORED, 7000)))
    assert judge(both, {Y: Decimal(10), R: Decimal(10)}, False, ON).category is None
