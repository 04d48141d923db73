"""What one person is paid for one period (D0-54…D0-59, D0-64). Pure: facts in, a line out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.worker_files.money import pro_rata, split, times
from app.domain.worker_files.periods import Period
from app.domain.worker_files.words import PayMode, PayReason

FUNDS = ("county", "town", "village")


@dataclass(frozen=True, slots=True)
class Terms:
    """A scheme's sums in fen for a whole period; `shares` in hundredths of a percent, summing to 100 %."""

    mode: PayMode
    base_fen: int
    performance_fen: int
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """About one person and period. `excluded_as`: the identity on the pay day that excludes, '' for none (D0-55).
    `coefficient`: of the final evaluation, None without one. `paid_elsewhere`: stands on another run."""

    spans: tuple[tuple[date, date | None], ...]
    excluded_as: str = ""
    coefficient: Decimal | None = None
    paid_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Amounts in fen; `parts` by fund, summing to `amount_fen` exactly."""

    reason: PayReason
    days: int
    of_days: int
    base_fen: int
    performance_fen: int
    parts: dict[str, int]
    coefficient: Decimal | None = None
    detail: str = ""

    @property
    def amount_fen(self) -> int:
        return self.base_fen + self.performance_fen


def days_served(period: Period, spans: Iterable[tuple[date, date | None]]) -> int:
    """Days of the period in at least one span: who serves two grids is paid once."""
    clipped = sorted(
        (max(first, period.first_on), min(last or period.last_on, period.last_on)) for first, last in spans
    )
    days, reached = 0, None
    for first, last in clipped:
        start = first if reached is None or first > reached else date.fromordinal(reached.toordinal() + 1)
        if last >= start:
            days += (last - start).days + 1
            reached = last
    return days


def line_for(terms: Terms, period: Period, facts: Facts) -> Line:
    """Who is excluded gets nothing whatever else holds; who served part of the period gets that part by days."""
    days = days_served(period, facts.spans)
    if facts.excluded_as:
        return _nothing(PayReason.EXCLUDED_IDENTITY, days, period, facts.excluded_as)
    if days == 0:
        return _nothing(PayReason.NOT_SERVING, 0, period)
    if facts.paid_elsewhere:
        return _nothing(PayReason.ALREADY_PAID, days, period)
    reason = PayReason.PAID if days == period.days else PayReason.PART_PERIOD
    base = pro_rata(terms.base_fen, days, period.days)
    performance = 0
    if terms.mode is PayMode.BASE_PERFORMANCE:
        if facts.coefficient is None:
            reason = PayReason.NO_EVALUATION
        else:
            performance = times(pro_rata(terms.performance_fen, days, period.days), facts.coefficient)
    parts = split(base + performance, terms.shares)
    return Line(reason, days, period.days, base, performance, parts, facts.coefficient)


def _nothing(reason: PayReason, days: int, period: Period, detail: str = "") -> Line:
    return Line(reason, days, period.days, 0, 0, dict.fromkeys(FUNDS, 0), None, detail)
