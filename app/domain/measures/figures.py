"""Figures about measures: medians and shares, without a database (D0-44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Of `recognised` households, how long the first measure took. `days`: of those that have one, whole days from
    recognition; `within`: had it in time; `late`: had it too late, or have none and the time is over; `waiting`: have
    none yet and the time still runs."""

    recognised: int
    within: int
    late: int
    waiting: int
    median_days: float | None

    @property
    def percent(self) -> float | None:
        """Of those whose time is over or who have a measure; None where there is nobody."""
        judged = self.within + self.late
        return 100 * self.within / judged if judged else None


def timeliness(days: Sequence[int], *, within: int, late: int, waiting: int) -> Timeliness:
    return Timeliness(within + late + waiting, within, late, waiting, float(median(days)) if days else None)
