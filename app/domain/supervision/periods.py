"""The period an inspection is owed for: a half-year, a year, a quarter or a month."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app.domain.policy.kinds import Every
from app.domain.quarters import Quarter
from app.domain.worker_files.periods import Period, parse_period

_HALF = re.compile(r"(20[0-9]{2})H([12])")


def period_of(every: Every, on: date) -> Period | None:
    """The period of this rhythm that the civil date lies in; None for what has no rhythm."""
    if every is Every.HALF_YEAR:
        return half_year(on.year, 1 if on.month <= 6 else 2)
    if every is Every.YEAR:
        return parse_period(str(on.year))
    if every is Every.QUARTER:
        return parse_period(str(Quarter.of(on)))
    if every is Every.MONTH:
        return parse_period(f"{on:%Y-%m}")
    return None


def half_year(year: int, number: int) -> Period:
    """`number` 1 or 2; stored as 2026H2."""
    first, last = (date(year, 1, 1), date(year, 6, 30)) if number == 1 else (date(year, 7, 1), date(year, 12, 31))
    return Period(first, last, f"{year}H{number}")


def previous(every: Every, period: Period) -> Period | None:
    return period_of(every, period.first_on - timedelta(days=1))


def around(on: date, back: int = 2) -> list[Period]:
    """The periods one may mean on that day: of each length `back` earlier ones, the one it lies in, the next one."""
    found: list[Period] = []
    for every in (Every.HALF_YEAR, Every.YEAR, Every.QUARTER, Every.MONTH):
        here = period_of(every, on)
        if here is None:
            continue
        earlier = [here]
        while len(earlier) <= back and (before := previous(every, earlier[0])) is not None:
            earlier.insert(0, before)
        after = period_of(every, here.last_on + timedelta(days=1))
        found += [*earlier, *([after] if after is not None else [])]
    return found


def parse(text: str) -> Period:
    """2026H2, 2026, 2026Q4 or 2026-11. Raises ValueError."""
    found = _HALF.fullmatch(text.strip())
    return half_year(int(found[1]), int(found[2])) if found else parse_period(text)
