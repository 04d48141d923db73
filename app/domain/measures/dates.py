"""When income is to be reckoned anew, and when a measure was due. Computed from dates, never stored."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from app.domain.calendars import add_workdays
from app.domain.policy.kinds import Every, TimeUnit
from app.domain.policy.rules import Deadline

_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


def months_later(day: date, months: int) -> date:
    """The same day of a later (or, negative, an earlier) month, or the last of a shorter one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def reckoning_due(since_on: date, every: Every) -> date:
    """The last day on which income is to be reckoned again after `since_on` (D4-25). ValueError without a rhythm."""
    if every not in _MONTHS:
        raise ValueError(f"{every} is no rhythm")
    return months_later(since_on, _MONTHS[every])


def latest_overdue_start(today: date, every: Every) -> date:
    """The latest day from which a reckoning is overdue today: reckoning_due(day) < today exactly for days up to it, so
    that a list of overdue ones is one comparison in SQL."""
    day = months_later(today, -_MONTHS[every]) + timedelta(days=3)
    while reckoning_due(day, every) >= today:
        day -= timedelta(days=1)
    return day


def limit_day(start_on: date, limit: Deadline) -> date:
    """The last day of a time limit that began on `start_on`, that day not counted; hours are whole days begun."""
    if limit.unit is TimeUnit.MONTH:
        return months_later(start_on, limit.amount)
    if limit.unit is TimeUnit.WORKDAY:
        return add_workdays(start_on, limit.amount)
    return start_on + timedelta(days=limit.amount if limit.unit is TimeUnit.DAY else -(-limit.amount // 24))
