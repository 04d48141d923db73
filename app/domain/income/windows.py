"""Which months count: twelve, ending with the month before the day of judging (DOMAIN 4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.income.amounts import IncomeProblem
from app.domain.msgids import N_

MAX_MONTHS = 36
_MONTH = re.compile(r"(\d{4})-(\d{1,2})\Z")


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months: the first day of the first one, the last day of the last one."""

    first_on: date
    last_on: date

    @property
    def months(self) -> int:
        return (self.last_on.year - self.first_on.year) * 12 + self.last_on.month - self.first_on.month + 1


def default_window(on: date, months: int = 12) -> Window:
    """Judged in June 2021: June 2020 to May 2021."""
    last_on = on.replace(day=1) - timedelta(days=1)
    year, month = divmod(last_on.year * 12 + last_on.month - months, 12)
    return Window(date(year, month + 1, 1), last_on)


def parse_window(first: str, last: str, on: date) -> Window:
    """From two months such as "2025-11". Raises IncomeProblem."""
    window = Window(_month(first), _end_of(_month(last)))
    if window.last_on < window.first_on:
        raise IncomeProblem(N_("The last month lies before the first one."))
    if window.months > MAX_MONTHS:
        raise IncomeProblem(N_("At most %(most)s months can be counted."), most=MAX_MONTHS)
    if window.last_on >= on:
        raise IncomeProblem(N_("The months must have ended before the day of judging."))
    return window


def _month(text: str) -> date:
    found = _MONTH.match(text.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
        raise IncomeProblem(N_("“%(given)s” is no month; write it as 2026-03"), given=text.strip()[:20])
    return date(int(found[1]), int(found[2]), 1)


def _end_of(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
