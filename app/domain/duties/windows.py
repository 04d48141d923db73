"""Which contacts a rule asks for around one day: its periods, their deadlines, and how far back they were owed.

A rule that asks for a contact every month, quarter or year makes one obligation a period. An obligation is met by a
contact on any day from the period's first on: a late contact meets it too, and with it all earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.enums import VisitChannel
from app.domain.policy.kinds import Every, Target
from app.domain.policy.rules import ContactRule

_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}
# How many missed periods are told apart: enough to say since when, without walking back for ever.
_LOOK_BACK = {Every.MONTH: 12, Every.QUARTER: 8, Every.HALF_YEAR: 4, Every.YEAR: 3}
# A neighbour's word is no contact with the household (DOMAIN 4.5); records of an import name their own channel or this.
_NEVER = frozenset({VisitChannel.RELAY})
_ALWAYS = frozenset({VisitChannel.IMPORT})
_ON_SITE = frozenset({VisitChannel.IN_PERSON, VisitChannel.MEETING})


@dataclass(frozen=True, slots=True)
class Obligation:
    """One period of a rule: met by a contact on `first_on` or later, owed until the end of `due_on`."""

    first_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Window:
    """One rule on one day. `present`: the obligation that can still be met in time, None between a yearly deadline and
    the new year. `missed`: those whose deadline has passed while the rule held, newest first."""

    rule: ContactRule
    channels: frozenset[VisitChannel]
    present: Obligation | None
    missed: tuple[Obligation, ...] = ()

    @property
    def on_site_only(self) -> bool:
        """Only a visit meets it: what a household that is away altogether cannot receive."""
        return self.channels <= _ON_SITE | _ALWAYS


def counting_channels(rule: ContactRule) -> frozenset[VisitChannel]:
    """Channels that meet the rule. No channels named: any. A phone rule is met by an answered check-in call as well."""
    named = rule.channels or frozenset(VisitChannel)
    spoken = {VisitChannel.AUTO_CALL} if VisitChannel.PHONE in named else set()
    return (named | spoken | _ALWAYS) - _NEVER


def window_of(rule: ContactRule, on: date, holds: Callable[[date], bool]) -> Window:
    """The rule's obligations on civil date `on`. `holds(day)`: was the rule in force here on that day? The period in
    which it began counts whole, those before it not at all. Raises ValueError for a rule without a rhythm."""
    if rule.every not in _MONTHS:
        raise ValueError(f"rule {rule.code} has no rhythm: {rule.every}")
    present: Obligation | None = None
    missed: list[Obligation] = []
    for period in _periods_back(rule, on):
        if period.due_on >= on:
            present = period
        elif holds(period.due_on) and len(missed) < _LOOK_BACK[rule.every]:
            missed.append(period)
        else:
            break
    return Window(rule, counting_channels(rule), present, tuple(missed))


def period_of(every: Every, on: date, due: str | None = None) -> Obligation:
    """The period `on` lies in. `due` ("MM-DD") sets a yearly period's deadline before its last day."""
    months = _MONTHS[every]
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    last = _first_of_month(first, months) - timedelta(days=1)
    return Obligation(first, _yearly_deadline(on.year, due) if due and every is Every.YEAR else last)


def _yearly_deadline(year: int, due: str) -> date:
    month, day = (int(part) for part in due.split("-"))
    if (month, day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400)):
        day = 28
    return date(year, month, day)


def _periods_back(rule: ContactRule, on: date) -> Iterator[Obligation]:
    period = period_of(rule.every, on, rule.due)
    while True:
        yield period
        period = period_of(rule.every, period.first_on - timedelta(days=1), rule.due)


def _first_of_month(day: date, months_later: int) -> date:
    months = day.month - 1 + months_later
    return date(day.year + months // 12, months % 12 + 1, 1)


def with_remote(windows: tuple[Window, ...]) -> frozenset[VisitChannel]:
    """Channels by which a household that is away altogether is kept in touch with: those of the long-absent rules.

    Empty where no rule speaks of the long absent: then nothing replaces the visit. (D0-25; that the call replaces the
    visit while everybody is away is a local choice, the rhythm stays.)
    """
    found = (w.channels for w in windows if w.rule.target is Target.LONG_ABSENT)
    return frozenset().union(*found)
