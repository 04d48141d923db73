"""Evaluation and pay periods: '2026', '2026Q4' or '2026-11' and the civil days they cover."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.domain.quarters import CHINA, Quarter

_YEAR = re.compile(r"(20[0-9]{2})")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """`first_on` and `last_on` both belong to it; `str()` is the stored form."""

    first_on: date
    last_on: date
    code: str

    def __str__(self) -> str:
        return self.code

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1

    def bounds_at(self) -> tuple[datetime, datetime]:
        """Half-open [start, end) as UTC instants, by China's calendar."""
        start = datetime.combine(self.first_on, time(), CHINA)
        end = datetime.combine(self.last_on + timedelta(days=1), time(), CHINA)
        return start.astimezone(UTC), end.astimezone(UTC)

    def overlap(self, from_on: date, to_on: date | None) -> int:
        """Days of the period within [from_on, to_on]; None = until further notice."""
        first, last = max(self.first_on, from_on), min(self.last_on, to_on or self.last_on)
        return max(0, (last - first).days + 1)


def parse_period(text: str) -> Period:
    """A year, a quarter or a month. ValueError for anything else."""
    given = text.strip()
    if found := _YEAR.fullmatch(given):
        year = int(found[1])
        return Period(date(year, 1, 1), date(year, 12, 31), given)
    if found := _MONTH.fullmatch(given):
        year, month = int(found[1]), int(found[2])
        following = date(year + month // 12, month % 12 + 1, 1)
        return Period(date(year, month, 1), following - timedelta(days=1), given)
    quarter = Quarter.parse(given)
    return Period(quarter.first_on, quarter.last_on, str(quarter))
