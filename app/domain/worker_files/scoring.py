"""From counts to an evaluation's total (D0-60…D0-64): four computed dimensions, a manual part, deductions, a veto."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.domain.worker_files.words import Dimension

FULL = Decimal(100)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in one dimension. `target` None: nothing was to be done, so the dimension is left out and its
    weight shared by the others, and nobody loses points for households that had no trouble."""

    done: int
    target: int | None

    @property
    def score(self) -> Decimal | None:
        """0–100 with two decimals, never above 100: more than was asked earns nothing."""
        if not self.target:
            return None
        return min(FULL, FULL * self.done / self.target).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Band:
    """From `floor` points on this grade and coefficient hold."""

    floor: Decimal
    grade: str
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """`total` 0–100, two decimals; `computed`: the part of it that was counted."""

    computed: Decimal
    total: Decimal
    grade: str
    coefficient: Decimal


def computed_score(tallies: Mapping[Dimension, Tally], weights: Mapping[Dimension, int]) -> Decimal:
    """Weighted mean of the dimensions that had something to do; 100 when none had."""
    counted = [(tally.score, weights.get(one, 0)) for one, tally in tallies.items() if tally.score is not None]
    whole = sum(weight for _, weight in counted)
    if not whole:
        return FULL
    total = sum((score * weight for score, weight in counted if score is not None), Decimal(0))
    return (total / whole).quantize(_CENT, ROUND_HALF_UP)


def result_of(
    tallies: Mapping[Dimension, Tally], weights: Mapping[Dimension, int], *, manual: Decimal | None, manual_weight: int,
    deductions: Sequence[Decimal], veto: bool, bands: Sequence[Band],
) -> Result:  # fmt: skip
    """`weights` and `manual_weight` sum to 100. Without a manual score the computed part counts for the whole."""
    computed = computed_score(tallies, weights)
    total = computed
    if manual is not None:
        total = (computed * (100 - manual_weight) + manual * manual_weight) / 100
    total = max(Decimal(0), total - sum(deductions, Decimal(0)))
    if veto:  # one serious failure decides (D4-31)
        total = Decimal(0)
    total = total.quantize(_CENT, ROUND_HALF_UP)
    band = band_of(total, bands)
    return Result(computed, total, band.grade, band.coefficient)


def band_of(total: Decimal, bands: Sequence[Band]) -> Band:
    """The highest band whose floor the total reaches; below all floors, nothing is paid for performance."""
    reached = [band for band in bands if total >= band.floor]
    return max(reached, key=lambda band: band.floor) if reached else Band(Decimal(0), "", Decimal(0))
