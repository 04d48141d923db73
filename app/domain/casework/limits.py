"""Until when a step is to be done, and how that is said. Working days are the State Council's (DOMAIN 3.2)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.domain.calendars import add_workdays
from app.domain.policy.kinds import TimeUnit
from app.domain.quarters import CHINA


class LimitState(StrEnum):
    """The clock of a step, in words before it is in colour."""

    OPEN = "open"
    NEAR = "near"  # a quarter of the time or less is left
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Limit:
    """`days`: whole civil days left until the last day (0 on that day), or past it when overdue."""

    state: LimitState
    last_on: date
    days: int


def due_at(start: datetime, amount: int, unit: TimeUnit) -> datetime:
    """The instant (UTC) at which `amount` units after `start` are over. Hours run on; days, working days and months
    end with their last civil day in China, the day of `start` not counted."""
    if amount < 1:
        raise ValueError("a time limit is at least one unit")
    if unit is TimeUnit.HOUR:
        return start + timedelta(hours=amount)
    first = start.astimezone(CHINA).date()
    if unit is TimeUnit.WORKDAY:
        last = add_workdays(first, amount)
    elif unit is TimeUnit.MONTH:
        last = _months_later(first, amount)
    else:
        last = first + timedelta(days=amount)
    return datetime.combine(last + timedelta(days=1), time.min, CHINA).astimezone(UTC)


def limit_of(start: datetime, due: datetime, now: datetime) -> Limit:
    """How much of the time from `start` to `due` is left at `now`; all three aware."""
    last = (due - timedelta(microseconds=1)).astimezone(CHINA).date()
    today = now.astimezone(CHINA).date()
    if now >= due:
        return Limit(LimitState.OVERDUE, last, max((today - last).days, 0))
    near = due - now <= (due - start) / 4
    return Limit(LimitState.NEAR if near else LimitState.OPEN, last, (last - today).days)


def _months_later(first: date, months: int) -> date:
    """The same day, or the last of a shorter month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
