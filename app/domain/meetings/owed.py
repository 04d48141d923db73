"""Which meetings a rule asks for in a period, and whether they were held. Computed from rules and dates, never stored
(D0-46, D2-36, D2-37, D4-14, D4-15)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.duties.windows import period_of
from app.domain.meetings.words import Standing
from app.domain.policy.kinds import CalendarKind, Every, LevelKind
from app.domain.policy.rules import CalendarRule, Meeting, Rules

_HELD_KINDS = (CalendarKind.MEETING, CalendarKind.DISPATCH)


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a thing is owed, both included, and the period it is owed for. `key`: "2026-11", "2026Q4"."""

    key: str
    first_on: date
    last_on: date
    period_first_on: date
    period_last_on: date

    def holds(self, on: date) -> bool:
        return self.first_on <= on <= self.last_on


def meetings_of(rules: Rules, level: LevelKind) -> tuple[Meeting, ...]:
    """The meetings of one level: the profile's meetings, and calendar entries that are a meeting no such rule names."""
    stated = tuple(rule for rule in rules.meetings if rule.level is level and rule.every.times_a_year)
    codes = {rule.code for rule in stated}
    return stated + tuple(
        _as_meeting(rule) for rule in rules.calendar
        if rule.level is level and rule.kind in _HELD_KINDS and rule.code not in codes
    )  # fmt: skip


def _as_meeting(rule: CalendarRule) -> Meeting:
    return Meeting(code=rule.code, title=rule.title, level=rule.level, every=Every.MONTH, from_day=rule.from_day,
                   to_day=rule.to_day, source=rule.source)  # fmt: skip


def window_of(rule: Meeting, on: date) -> Window:
    """The window of the period `on` lies in. Days of the month narrow a monthly rule; a day the month lacks is its
    last. Raises ValueError for a rule without a rhythm."""
    if not rule.every.times_a_year:
        raise ValueError(f"rule {rule.code} has no rhythm: {rule.every}")
    period = period_of(rule.every, on)
    first, last = period.first_on, period.due_on
    if rule.every is Every.MONTH:
        first, last = day_of(first, rule.from_day or 1), day_of(last, rule.to_day or 31)
    return Window(period_key(rule.every, on), first, last, period.first_on, period.due_on)


def period_key(every: Every, on: date) -> str:
    """How the period `on` lies in is stored: 2026-11, 2026Q4, 2026H2, 2026."""
    if every is Every.MONTH:
        return f"{on.year}-{on.month:02}"
    if every is Every.QUARTER:
        return f"{on.year}Q{(on.month - 1) // 3 + 1}"
    return f"{on.year}H{(on.month - 1) // 6 + 1}" if every is Every.HALF_YEAR else str(on.year)


def day_of(month: date, day: int) -> date:
    """That day of the month `month` lies in, or the month's last."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def standing_of(window: Window, held_on: Iterable[date], today: date, minimum: int = 1) -> Standing:
    """`held_on`: the days on which it was held, of any period."""
    held = [day for day in held_on if window.period_first_on <= day <= window.period_last_on]
    if len(held) >= minimum:
        return Standing.DONE if any(window.holds(day) for day in held) else Standing.OUTSIDE
    if today > window.period_last_on:
        return Standing.MISSED
    if today > window.last_on:
        return Standing.LATE
    return Standing.AHEAD if today < window.first_on else Standing.DUE


def kinds_for(rules: Rules, levels: Sequence[LevelKind]) -> tuple[Meeting, ...]:
    """The meetings of several levels, from above to below."""
    return tuple(rule for level in levels for rule in meetings_of(rules, level))
