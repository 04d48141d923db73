"""Fen: typed, split and shared without losing one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from app.domain.worker_files.money import parse_percent, parse_yuan, percent, pro_rata, round_fen, split, times, yuan
from app.domain.worker_files.periods import parse_period
from app.domain.worker_files.subsidy import Facts, Terms, days_served, line_for
from app.domain.worker_files.words import PayMode, PayReason

THIRDS = {"county": 3334, "town": 3333, "village": 3333}


@pytest.mark.parametrize(("text", "fen"), [("150", 15000), ("0.5", 50), ("1,200.05", 120005), ("０", 0), ("-1", None),
                                           ("1.234", None), ("1e3", None), ("", None), ("十", None)])  # fmt: skip
def test_yuan_are_read_strictly(text: str, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(ValueError, match="yuan"):
            parse_yuan(text)
    else:
        assert parse_yuan(text) == fen


@pytest.mark.parametrize(("text", "share"), [("70", 7000), ("33.34%", 3334), ("100.01", None), ("-5", None)])
def test_percent_is_read_strictly(text: str, share: int | None) -> None:
    if share is None:
        with pytest.raises(ValueError, match="percentage"):
            parse_percent(text)
    else:
        assert parse_percent(text) == share


@pytest.mark.parametrize("fen", [0, 1, 2, 100, 9_999, 123_457, -1, -12_345])
def test_parts_sum_to_the_whole(fen: int) -> None:
    parts = split(fen, THIRDS)
    assert sum(parts.values()) == fen
    assert max(parts.values()) - min(parts.values()) <= abs(fen) // 10_000 + 1


def test_largest_remainder_takes_the_odd_fen() -> None:
    assert split(1, {"county": 5000, "town": 3000, "village": 2000}) == {"county": 1, "town": 0, "village": 0}


@pytest.mark.parametrize("shares", [{"a": 9999}, {"a": 11000, "b": -1000}])
def test_shares_that_do_not_make_a_whole_are_refused(shares: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="100"):
        split(100, shares)


def test_days_in_proportion_are_rounded_half_up() -> None:
    assert pro_rata(10_000, 1, 3) == 3333
    assert pro_rata(1, 1, 2) == 1
    assert times(10_001, Decimal("0.5")) == 5001
    assert round_fen(Fraction(-5, 2)) == -3


@pytest.mark.parametrize("days", [-1, 31])
def test_days_outside_the_period_are_refused(days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        pro_rata(100, days, 30)


def test_amounts_are_written_as_people_do() -> None:
    assert (yuan(123450), yuan(-5), percent(3334), percent(5000)) == ("1,234.50", "-0.05", "33.34", "50")


# ---------------------------------------------------------------- lines

NOVEMBER = parse_period("2026-11")
TERMS = Terms(PayMode.BASE_PERFORMANCE, 15_000, 5_000, THIRDS)
WHOLE = ((date(2026, 1, 1), None),)


def test_whole_period_with_an_evaluation_gets_base_and_performance() -> None:
    line = line_for(TERMS, NOVEMBER, Facts(WHOLE, coefficient=Decimal("0.80")))
    assert (line.reason, line.base_fen, line.performance_fen) == (PayReason.PAID, 15_000, 4_000)
    assert sum(line.parts.values()) == line.amount_fen


def test_no_evaluation_pays_the_base_alone() -> None:
    line = line_for(TERMS, NOVEMBER, Facts(WHOLE))
    assert (line.reason, line.amount_fen) == (PayReason.NO_EVALUATION, 15_000)


def test_excluded_identity_gets_nothing_whatever_else_holds() -> None:
    line = line_for(TERMS, NOVEMBER, Facts(WHOLE, "村干部", Decimal(1)))
    assert (line.reason, line.amount_fen, line.detail) == (PayReason.EXCLUDED_IDENTITY, 0, "村干部")


def test_part_of_the_period_is_paid_by_days() -> None:
    line = line_for(TERMS, NOVEMBER, Facts(((date(2026, 11, 16), None),), coefficient=Decimal(1)))
    assert (line.reason, line.days, line.base_fen, line.performance_fen) == (PayReason.PART_PERIOD, 15, 7_500, 2_500)


def test_two_grids_at_once_are_paid_once() -> None:
    spans = [(date(2026, 11, 1), date(2026, 11, 20)), (date(2026, 11, 10), None)]
    assert days_served(NOVEMBER, spans) == 30


def test_outside_the_period_there_is_no_day() -> None:
    line = line_for(TERMS, NOVEMBER, Facts(((date(2026, 12, 1), None),)))
    assert (line.reason, line.amount_fen) == (PayReason.NOT_SERVING, 0)


def test_who_stands_on_another_run_is_not_paid_again() -> None:
    assert line_for(TERMS, NOVEMBER, Facts(WHOLE, paid_elsewhere=True)).reason is PayReason.ALREADY_PAID


@pytest.mark.parametrize("text", ["2026-13", "26", "2026Q5", "1999", "", "2026-1"])
def test_periods_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_period(text)


def test_period_bounds_are_chinas_midnights() -> None:
    start, end = parse_period("2026Q4").bounds_at()
    assert (start.isoformat(), end.isoformat()) == ("2026-09-30T16:00:00+00:00", "2026-12-31T16:00:00+00:00")
