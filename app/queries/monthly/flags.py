"""红旗: unit-months without records, meetings, minutes or reports (D4-30). Places and months, never persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.duties.windows import period_of
from app.domain.meetings.owed import Window
from app.domain.meetings.words import OWED, Standing
from app.domain.monthly import chain
from app.domain.monthly.words import RedFlag
from app.domain.policy.basis import Source
from app.domain.policy.kinds import Every
from app.models import GridNode
from app.queries.meetings.owed import Owed, list_owed
from app.queries.meetings.units import Unit, units_within
from app.queries.monthly.figures import Figures, list_figures
from app.queries.monthly.reports import list_expected

MOST_UNITS = 600  # of one depth in a county; more are looked at township by township


@dataclass(frozen=True, slots=True)
class Raised:
    """One flag; `what`: the meeting's or report's title, "" for what needs none; `source`: the rule that asks."""

    flag: RedFlag
    what: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """A unit's month with something missing."""

    unit: Unit
    month: date
    raised: tuple[Raised, ...]


def list_flags(session: Any, node: GridNode | None, depth: int, month: date, today: date) -> list[UnitMonth]:
    """Of one past or present month, the units of `depth` that lack something, by code. What can still be done in time
    is no flag. Twenty statements or so, however many units."""
    period = period_of(Every.MONTH, month)
    units = units_within(session, node, depth, period.due_on, MOST_UNITS)
    counts = list_figures(session, period.first_on, period.due_on, depth, today, node)
    meetings: dict[int, list[Owed]] = {}
    for one in list_owed(session, units, period.first_on, today):
        meetings.setdefault(one.unit.id, []).append(one)
    reports = {one.unit.id: one for one in list_expected(session, units, period.first_on, today)}
    found = []
    for unit in units:
        raised = [*_contacts(counts.get(unit.id, Figures()), period.due_on, today),
                  *_meetings(meetings.get(unit.id, ()), period.due_on, today)]  # fmt: skip
        report = reports.get(unit.id)
        if report is not None and report.standing is Standing.LATE:
            rule = report.rule
            raised.append(Raised(RedFlag.NO_REPORT, rule.title if rule else "", rule.source if rule else None))
        if raised:
            found.append(UnitMonth(unit, period.first_on, tuple(raised)))
    return found


def _contacts(figures: Figures, last: date, today: date) -> list[Raised]:
    """无工作记录: households live there, the month is over, and nobody was visited or called."""
    return [Raised(RedFlag.NO_CONTACT)] if today > last and figures.households and not figures.visits else []


def _meetings(owed: Sequence[Owed], last: date, today: date) -> list[Raised]:
    """A meeting of a longer period is missed in the month its period ends; its record may be locked until then."""
    found = []
    for one in owed:
        if not _ends_here(one.window, last):
            continue
        if one.standing in OWED and one.standing is not Standing.DUE:
            found.append(Raised(RedFlag.NO_MEETING, one.rule.title, one.rule.source))
        elif today > last and one.held and not any(meeting.is_locked for meeting in one.held):
            found.append(Raised(RedFlag.NO_MINUTES, one.rule.title, one.rule.source))
    return found


def _ends_here(window: Window, last: date) -> bool:
    return window.period_last_on <= last


def months_back(today: date, count: int) -> list[date]:
    """The first days of the last `count` months, the present one first."""
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append(chain.month_before(months[-1]))
    return months
