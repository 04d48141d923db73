"""From counts to a total: what was not to be done costs nothing, a veto costs all."""

from __future__ import annotations

from decimal import Decimal

from app.domain.worker_files.scoring import Band, Tally, band_of, computed_score, result_of
from app.domain.worker_files.words import Dimension

WEIGHTS = {Dimension.CONTACTS: 40, Dimension.REPORTS: 20, Dimension.APPLICATIONS: 10, Dimension.MEASURES: 10}
BANDS = [Band(Decimal(90), "A", Decimal("1.2")), Band(Decimal(60), "B", Decimal(1))]
NOTHING = Tally(0, None)


def result(tallies, **changes):  # type: ignore[no-untyped-def]
    given = {"manual": None, "manual_weight": 20, "deductions": [], "veto": False, "bands": BANDS, **changes}
    return result_of(tallies, WEIGHTS, **given)


def test_dimension_without_anything_to_do_leaves_its_weight_to_the_others() -> None:
    tallies = {Dimension.CONTACTS: Tally(3, 4), Dimension.REPORTS: NOTHING, Dimension.APPLICATIONS: NOTHING,
               Dimension.MEASURES: NOTHING}  # fmt: skip
    assert computed_score(tallies, WEIGHTS) == Decimal("75.00")


def test_nothing_to_do_at_all_is_no_failure() -> None:
    assert computed_score(dict.fromkeys(Dimension, NOTHING), WEIGHTS) == 100


def test_more_than_asked_earns_no_more_than_full() -> None:
    assert Tally(9, 4).score == 100


def test_manual_part_has_its_weight_and_deductions_come_off() -> None:
    found = result({Dimension.CONTACTS: Tally(1, 2)}, manual=Decimal(100), deductions=[Decimal("2.5")])
    assert (found.computed, found.total, found.grade) == (Decimal("50.00"), Decimal("57.50"), "")


def test_grade_and_coefficient_follow_from_the_total() -> None:
    found = result({Dimension.CONTACTS: Tally(1, 1)}, manual=Decimal(60))
    assert (found.total, found.grade, found.coefficient) == (Decimal("92.00"), "A", Decimal("1.2"))


def test_deductions_never_go_below_nothing() -> None:
    assert result({Dimension.CONTACTS: Tally(0, 1)}, deductions=[Decimal(30)]).total == 0


def test_veto_leaves_nothing() -> None:
    found = result({Dimension.CONTACTS: Tally(1, 1)}, veto=True)
    assert (found.total, found.coefficient) == (Decimal(0), Decimal(0))


def test_below_all_bands_nothing_is_paid_for_performance() -> None:
    assert band_of(Decimal("59.99"), BANDS).coefficient == 0
