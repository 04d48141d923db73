"""Income arithmetic: whole fen, the twelve months, what is typed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.income import Group, IncomeProblem, Item, Window, default_window, parse_window, parse_yuan, reckon, yuan
from app.domain.policy.rules import Income

items = st.lists(st.builds(Item, st.just("x"), st.sampled_from(Group), st.integers(0, 10**9)), max_size=12)


@given(items, st.integers(1, 30))
def test_net_is_earned_less_costs_and_the_reference_follows(listed, persons):
    found = reckon(listed, persons)
    assert found.net == found.wage + found.business + found.property + found.transfer - found.cost
    assert found.reference == found.net + found.insurance - found.spending
    assert sum(item.fen for item in listed) == (found.wage + found.business + found.property + found.transfer
                                                + found.cost + found.insurance + found.spending)  # fmt: skip


@given(items, st.integers(1, 30))
def test_a_share_is_the_nearest_fen(listed, persons):
    found = reckon(listed, persons)
    assert abs(Fraction(found.net, persons) - found.per_capita) <= Fraction(1, 2)
    assert abs(Fraction(found.reference, persons) - found.reference_per_capita) <= Fraction(1, 2)


@given(items, st.integers(1, 30))
def test_the_order_of_the_items_is_nothing(listed, persons):
    assert reckon(reversed(listed), persons) == reckon(listed, persons)


def test_rules_may_leave_insurance_and_spending_out():
    listed = [Item("i", Group.INSURANCE, 100), Item("s", Group.SPENDING, 30)]
    assert reckon(listed, 1, Income(count_insurance=False, count_spending=False)).reference == 0
    assert reckon(listed, 1, Income(count_spending=True)).reference == 70


@pytest.mark.parametrize("persons", [0, -1, 31])
def test_impossible_households(persons):
    with pytest.raises(IncomeProblem):
        reckon([], persons)


@pytest.mark.parametrize(("typed", "fen"), [
    ("", 0), ("0", 0), ("12000", 1_200_000), ("350.5", 35_050), ("350.50", 35_050), ("12,000", 1_200_000),
    ("１２００", 120_000), ("300元", 30_000), ("¥5", 500), ("10000000", 1_000_000_000), ("7.", 700),
])  # fmt: skip
def test_amounts_as_people_write_them(typed, fen):
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize("typed", ["-1", "x", "1.234", "10000000.01", "1e5", "1.2.3", "=1+1", "一百", "nan", "9" * 20])
def test_what_is_no_amount(typed):
    with pytest.raises(IncomeProblem):
        parse_yuan(typed)


@given(st.integers(0, 10**9))
def test_a_printed_amount_is_read_back(fen):
    assert parse_yuan(f"{yuan(fen):,.2f}") == fen


@pytest.mark.parametrize(("on", "first", "last"), [
    (date(2021, 6, 15), date(2020, 6, 1), date(2021, 5, 31)), (date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
    (date(2024, 3, 31), date(2023, 3, 1), date(2024, 2, 29)),
])  # fmt: skip
def test_twelve_months_before_the_month_of_the_day(on, first, last):
    window = default_window(on)
    assert window == Window(first, last)
    assert window.months == 12


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 36))
def test_the_default_months_are_always_accepted(on, months):
    window = default_window(on, months)
    assert window.months == months
    assert parse_window(f"{window.first_on:%Y-%m}", f"{window.last_on:%Y-%m}", on) == window


@pytest.mark.parametrize(("first", "last"), [
    ("2026-10", "2025-11"), ("2020-01", "2026-10"), ("2026-01", "2026-11"), ("2026-13", "2026-10"), ("", ""),
    ("x", "y"), ("2026-1-1", "2026-10"),
])  # fmt: skip
def test_impossible_months(first, last):
    with pytest.raises(IncomeProblem):
        parse_window(first, last, date(2026, 11, 23))
