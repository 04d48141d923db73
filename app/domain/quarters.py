"""A calendar quarter: the rhythm of the check-in with long-absent households (D0-25: at least one contact each)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_PATTERN = re.compile(r"(\d{4})[-\s]?[Qq]([1-4])")
_ZH_NUMBERS = "一二三四"


class QuarterError(ValueError):
    """Text that names no quarter."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """`year` 1900–2999, `number` 1–4. Ordered in time; `str()` gives the stored form "2026Q4"."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1900 <= self.year <= 2999:
            raise QuarterError(f"year {self.year} is outside 1900-2999")
        if not 1 <= self.number <= 4:
            raise QuarterError(f"quarter {self.number} is not one of 1, 2, 3, 4")

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Reads "2026Q4" (also "2026-q4", "2026 Q4"). Raises QuarterError naming what was read."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None or not match[1].isascii():
            raise QuarterError(f"{text!r} is not a quarter: write the year, Q and 1 to 4, such as 2026Q4")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, on: date) -> Quarter:
        """The quarter a civil date lies in. For an instant use `at`: its date depends on the zone."""
        if isinstance(on, datetime):
            raise TypeError("Quarter.of takes a civil date; use Quarter.at for an instant")
        return cls(on.year, (on.month - 1) // 3 + 1)

    @classmethod
    def at(cls, instant: datetime, zone: ZoneInfo = CHINA) -> Quarter:
        """The quarter of an aware instant on the calendar of `zone`."""
        if instant.tzinfo is None:
            raise ValueError("instant must be aware")
        return cls.of(instant.astimezone(zone).date())

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first_on(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_on(self) -> date:
        return self.next().first_on - timedelta(days=1)

    def next(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def previous(self) -> Quarter:
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def contains(self, on: date) -> bool:
        return Quarter.of(on) == self

    def days_left(self, on: date) -> int:
        """Days from `on` to the last day: 0 on the last day, negative after it."""
        return (self.last_on - on).days

    def bounds_at(self, zone: ZoneInfo = CHINA) -> tuple[datetime, datetime]:
        """Half-open [start, end) as aware UTC instants, for range queries on `*_at` columns."""
        start = datetime.combine(self.first_on, time(), zone)
        end = datetime.combine(self.next().first_on, time(), zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    @property
    def label(self) -> str:
        """Chinese label: 2026年第四季度."""
        return f"{self.year}年{self.short_label}"

    @property
    def short_label(self) -> str:
        """Without the year, as a call says it: 第四季度."""
        return f"第{_ZH_NUMBERS[self.number - 1]}季度"
