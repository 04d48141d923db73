"""Reports of a month: a unit's own, those it receives, and who owes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.meetings.owed import Window
from app.domain.meetings.words import Standing
from app.domain.monthly import chain
from app.domain.monthly.words import ReportState
from app.domain.policy.rules import CalendarRule
from app.models import GridNode, MonthlyReport
from app.queries.meetings.units import Unit, below


@dataclass(frozen=True, slots=True)
class Expected:
    """A report a unit owes on a month. `rule`: None where the unit ends the chain and closes the month."""

    unit: Unit
    rule: CalendarRule | None
    window: Window
    standing: Standing
    report: MonthlyReport | None

    @property
    def closes(self) -> bool:
        return self.rule is None


def find_report(session: Any, node_id: int, month: date) -> MonthlyReport | None:
    query = select(MonthlyReport).where(MonthlyReport.node_id == node_id, MonthlyReport.month == month)
    found: MonthlyReport | None = session.scalars(query).first()
    return found


def reports_on(session: Any, ids: Sequence[int], month: date) -> dict[int, MonthlyReport]:
    """Unit id → its report on the month."""
    found: dict[int, MonthlyReport] = {}
    for start in range(0, len(ids), 500):
        query = select(MonthlyReport).where(MonthlyReport.month == month,
                                            MonthlyReport.node_id.in_(ids[start : start + 500]))  # fmt: skip
        found |= {one.node_id: one for one in session.scalars(query)}
    return found


def list_expected(session: Any, units: Sequence[Unit], month: date, today: date) -> list[Expected]:
    """Which of the units owe a report on the month or close it, and where it stands. One read."""
    owing: list[tuple[Unit, CalendarRule | None, Window]] = []
    for unit in units:
        hop = chain.hop_from(unit.rules, unit.level)
        if hop is not None:
            owing.append((unit, hop.rule, chain.window_of(hop.rule, month)))
        elif chain.closes(unit.rules, unit.level):
            owing.append((unit, None, chain.closing_window(unit.rules, unit.level, month)))
    reports = reports_on(session, [unit.id for unit, _, _ in owing], month)
    return [Expected(unit, rule, window, _standing(window, reports.get(unit.id), today), reports.get(unit.id))
            for unit, rule, window in owing]  # fmt: skip


def list_received(session: Any, node: GridNode, month: date, today: date) -> list[Expected]:
    """What the units right below owe this one."""
    rows = list_expected(session, below(session, node, month), month, today)
    return [row for row in rows if not row.closes]


def _standing(window: Window, report: MonthlyReport | None, today: date) -> Standing:
    """A report that was sent back is owed again."""
    if report is not None and report.state is not ReportState.RETURNED:
        return Standing.DONE
    if today > window.last_on:
        return Standing.LATE
    return Standing.AHEAD if today < window.first_on else Standing.DUE
