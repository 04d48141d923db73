"""A person's age against the limits of a place, on one day (D0-07, D0-08). Nothing here is ever stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.worker_files.words import AgeState


def age_on(born_on: date, on: date) -> int:
    """Completed years: the birthday itself counts. Born on 29 February, a year is completed on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def birthday(born_on: date, years: int) -> date:
    """The day on which `years` are completed."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def born_before(on: date, years: int) -> date:
    """Whoever was born on this day or earlier has completed `years` on `on`. For queries."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February: those born on 28 February are of age, and nobody was born on the 29th
        return date(on.year - years, 2, 28)


@dataclass(frozen=True, slots=True)
class Limits:
    """`most`: completed years allowed. 不超过65周岁 is read as Chinese recruitment does: 65 completed years are
    allowed, the 66th birthday is not. `exception`: highest age an exception may allow, None = there are none.
    `warn_days`: how long before somebody completes `most`, and before an exception ends, the lists name them.
    """

    most: int | None
    exception: int | None = None
    warn_days: tuple[int, ...] = ()
    needs_approval: bool = True

    @property
    def warn(self) -> int:
        return max(self.warn_days, default=0)


@dataclass(frozen=True, slots=True)
class AgeFinding:
    """`limit_on`: the day the state will change or has changed: when `most` is completed (soon), the first day above
    the limit (last year, over, blocked) or the first day without the exception. `days`: until then, None once past."""

    state: AgeState
    age: int | None = None
    limit_on: date | None = None
    days: int | None = None

    @property
    def may_serve(self) -> bool:
        """Over age never serves; an unknown age must be found out before an appointment."""
        return self.state not in (AgeState.OVER, AgeState.BLOCKED)


def judge_age(born_on: date | None, on: date, limits: Limits, exception_until: date | None = None) -> AgeFinding:
    """What holds for this person on `on`. `exception_until`: last day of an exception in force on `on`, if any."""
    if limits.most is None:
        return AgeFinding(AgeState.NO_LIMIT, age_on(born_on, on) if born_on else None)
    if born_on is None:
        return AgeFinding(AgeState.UNKNOWN)
    age = age_on(born_on, on)
    if age <= limits.most:
        return _within(born_on, on, age, limits)
    if limits.exception is None or age > limits.exception:
        return AgeFinding(AgeState.BLOCKED, age, birthday(born_on, (limits.exception or limits.most) + 1))
    if exception_until is None or exception_until < on:
        return AgeFinding(AgeState.OVER, age, birthday(born_on, limits.most + 1))
    ends_on = min(exception_until + timedelta(days=1), birthday(born_on, limits.exception + 1))
    days = (ends_on - on).days
    state = AgeState.EXCEPTION_ENDS if days <= limits.warn else AgeState.EXCEPTED
    return AgeFinding(state, age, ends_on, days)


def _within(born_on: date, on: date, age: int, limits: Limits) -> AgeFinding:
    assert limits.most is not None
    if age == limits.most:
        above_on = birthday(born_on, limits.most + 1)
        return AgeFinding(AgeState.LAST_YEAR, age, above_on, (above_on - on).days)
    completed_on = birthday(born_on, limits.most)
    days = (completed_on - on).days
    return AgeFinding(AgeState.SOON if days <= limits.warn else AgeState.WITHIN, age, completed_on, days)


def longest_exception(born_on: date, limits: Limits) -> date | None:
    """Last day any exception may run for this person; None where there are none."""
    if limits.exception is None:
        return None
    return birthday(born_on, limits.exception + 1) - timedelta(days=1)
