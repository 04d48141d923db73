"""Judging a household's income by the lines that hold on a date: pure, and by the date's own line, never today's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.enums import HouseholdCategory
from app.domain.msgids import N_
from app.domain.policy.kinds import Logic, Tier, Yardstick
from app.domain.policy.rules import MONITORED_CATEGORIES, Rules, Threshold


@dataclass(frozen=True, slots=True)
class Match:
    """A condition that is fulfilled. `amount`: what was compared, None where no income is. `carried_over`: the line of
    an earlier year, because none was entered for the year of the date."""

    threshold: Threshold
    amount: Decimal | None
    carried_over: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence about the judgement; msgid and values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`tier` None: no condition is fulfilled. `matched` are the conditions of that tier, with their sources."""

    on: date
    tier: Tier | None
    matched: tuple[Match, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def category(self) -> HouseholdCategory | None:
        """The kind of monitored household that every fulfilled line is drawn for; None where one is for any kind."""
        kinds = {match.threshold.category for match in self.matched}
        return kinds.pop() if len(kinds) == 1 else None


def judge(rules: Rules, measures: Mapping[Yardstick, Decimal], risk: bool, on: date,
          category: HouseholdCategory | None = None) -> Judgement:  # fmt: skip
    """`measures`: yuan a year and person for each yardstick known; `risk`: is there a risk of falling back that the
    family cannot solve by itself? `category`: the household's kind, None where it is not known. A line drawn for one
    kind of monitored household (D4-03 ③) is not held against one that is monitored as another kind. The graver tier is
    looked at first."""
    lines = {tier: [(line, carried) for line, carried in lines_on(rules.thresholds, tier, on)
                    if is_about(line, category)] for tier in Tier}  # fmt: skip
    reasons = _about_the_lines(lines, on)
    for tier in Tier:
        matched = tuple(match for line, carried in lines[tier]
                        if (match := _match(line, carried, measures, risk, reasons)) is not None)  # fmt: skip
        if matched:
            return Judgement(on, tier, matched, tuple(reasons))
    return Judgement(on, None, (), tuple(reasons))


def is_about(line: Threshold, category: HouseholdCategory | None) -> bool:
    """May the line be held against a household of this kind? Who is not monitored yet may become of any kind."""
    return line.category is None or category not in MONITORED_CATEGORIES or category is line.category


def _about_the_lines(lines: Mapping[Tier, list[tuple[Threshold, bool]]], on: date) -> list[Reason]:
    """Whoever reads the judgement must know that no line was entered, or only one of an earlier year."""
    if not any(lines.values()):
        return [Reason(N_("No income line holds here on this date; enter one in the rules."))]
    message = N_("No line for %(year)s has been entered; the line of %(line_year)s was used.")
    years = sorted({line.year for held in lines.values() for line, carried in held if carried and line.year})
    return [Reason(message, {"year": on.year, "line_year": year}) for year in years]


def lines_on(thresholds: Iterable[Threshold], tier: Tier, on: date) -> list[tuple[Threshold, bool]]:
    """(line, is it an earlier year's?) that hold on the date: for each yardstick and category those of the date's year;
    where none is, the latest earlier year's; lines without a year always."""
    of_tier = [line for line in thresholds if line.tier is tier]
    kinds = dict.fromkeys((line.measure, line.category) for line in of_tier)
    found: list[tuple[Threshold, bool]] = []
    for kind in kinds:
        alike = [line for line in of_tier if (line.measure, line.category) == kind]
        years = [line.year for line in alike if line.year is not None and line.year <= on.year]
        latest = max(years, default=None)
        found += [(line, line.year is not None and line.year < on.year)
                  for line in alike if line.year is None or line.year == latest]  # fmt: skip
    return found


def _match(line: Threshold, carried: bool, measures: Mapping[Yardstick, Decimal], risk: bool,
           reasons: list[Reason]) -> Match | None:  # fmt: skip
    if line.measure is Yardstick.UNRESOLVED_RISK:
        return Match(line, None, carried) if risk else None
    amount = measures.get(line.measure)
    if amount is None or line.below is None or amount >= line.below:
        return None
    if line.logic is Logic.AND_RISK and not risk:
        watch = Reason(
            N_("Income is below %(below)s yuan, but no risk was found: keep watching."), {"below": line.below}
        )
        if watch not in reasons:  # two measures below one line are said once
            reasons.append(watch)
        return None
    return Match(line, amount, carried)
