"""Who reports to whom, until when: the hops that the profile's calendar names (D2-14, D2-35, D3-12, D4-13).

A report tells of a whole month and is made in the month after it, by the day the rule names; where a rule names none,
by that month's last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.meetings.owed import Window, day_of, period_key
from app.domain.policy.kinds import CalendarKind, Every, LevelKind
from app.domain.policy.rules import CalendarRule, Rules

_REPORTING = (CalendarKind.REPORT, CalendarKind.MONITORING)


@dataclass(frozen=True, slots=True)
class Hop:
    """One level reports to another. `nil_allowed`: nothing happened is a report too (零报告)."""

    rule: CalendarRule
    level: LevelKind
    to_level: LevelKind

    @property
    def nil_allowed(self) -> bool:
        return self.rule.nil_allowed


def hops_of(rules: Rules) -> tuple[Hop, ...]:
    """From below to above; one a level. A report named as such wins over the month's monitoring of the same level."""
    order = list(LevelKind)
    found: dict[LevelKind, Hop] = {}
    for kind in _REPORTING:
        for rule in rules.calendar:
            if rule.kind is kind and rule.to_level is not None and rule.level not in found:
                found[rule.level] = Hop(rule, rule.level, rule.to_level)
    return tuple(sorted(found.values(), key=lambda hop: -order.index(hop.level)))


def hop_from(rules: Rules, level: LevelKind) -> Hop | None:
    """The report the level owes; None where it owes none."""
    return next((hop for hop in hops_of(rules) if hop.level is level), None)


def sums_up(rules: Rules, level: LevelKind) -> bool:
    """Does the level receive reports?"""
    return any(hop.to_level is level for hop in hops_of(rules))


def closes(rules: Rules, level: LevelKind) -> bool:
    """Does the chain of reports end at the level? Whoever it ends at closes the month."""
    return sums_up(rules, level) and hop_from(rules, level) is None


def month_before(on: date) -> date:
    """The first day of the month before the one `on` lies in."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def window_of(rule: CalendarRule, month: date) -> Window:
    """When the report on `month` (any day of it) is made: days of the month after it."""
    following = month_after(month)
    first, last = day_of(following, rule.from_day or 1), day_of(following, rule.to_day or 31)
    return Window(period_key(Every.MONTH, month), first, last, following, last)


def closing_window(rules: Rules, level: LevelKind, month: date) -> Window:
    """When the end of the chain closes `month`: after the last day on which reports come in, until the end of that
    month."""
    following = month_after(month)
    days: Iterable[int] = (hop.rule.to_day or 1 for hop in hops_of(rules) if hop.to_level is level)
    first = day_of(following, max(days, default=1))
    last = day_of(following, 31)
    return Window(period_key(Every.MONTH, month), first, last, following, last)
