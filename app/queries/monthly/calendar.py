"""月历: everything a unit owes in a month, with its days, its clause and where it stands (DOMAIN 3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.duties.windows import period_of
from app.domain.duties.words import SweepState
from app.domain.meetings.owed import day_of
from app.domain.meetings.words import NOT_CLOSED, OWED, Standing
from app.domain.monthly import chain
from app.domain.monthly.words import DueKind, ReportState
from app.domain.policy.basis import Source
from app.domain.policy.kinds import CalendarKind, Every
from app.models import Resolution, Sweep
from app.queries.meetings.owed import list_owed
from app.queries.meetings.units import Unit
from app.queries.monthly.reports import list_expected, reports_on


@dataclass(frozen=True, slots=True)
class Due:
    """One thing of a unit's month. `key`: the meeting rule's code, or the id of a resolution or sweep; `month`: of a
    report or bulletin, the month it tells of. `source`: None where no rule but people set the day."""

    kind: DueKind
    unit: Unit
    title: str
    first_on: date
    last_on: date
    standing: Standing
    key: str
    month: date | None = None
    source: Source | None = None
    done_id: int | None = None  # the first meeting held for it


def list_due(session: Any, units: Sequence[Unit], on: date, today: date) -> list[Due]:
    """Of the month `on` lies in, by last day. Reports and bulletins due in it tell of the month before."""
    found = [*_reports(session, units, on, today), *_meetings(session, units, on, today),
             *_bulletins(session, units, on, today), *_resolutions(session, units, on, today),
             *_sweeps(session, units, on, today)]  # fmt: skip
    return sorted(found, key=lambda due: (due.last_on, due.first_on, due.kind.value, due.unit.code))


def list_open(session: Any, units: Sequence[Unit], today: date) -> list[Due]:
    """What is due or late today: reports and meetings alone, for the page of the day (resolutions have their own)."""
    found = [*_reports(session, units, today, today), *_meetings(session, units, today, today)]
    return sorted((due for due in found if due.standing in OWED), key=lambda due: (due.last_on, due.unit.code))


def _reports(session: Any, units: Sequence[Unit], on: date, today: date) -> Iterator[Due]:
    month = chain.month_before(on)
    for one in list_expected(session, units, month, today):
        kind = DueKind.CLOSING if one.closes else DueKind.REPORT
        yield Due(kind, one.unit, one.rule.title if one.rule else "", one.window.first_on, one.window.last_on,
                  one.standing, "", month, one.rule.source if one.rule else None)  # fmt: skip


def _meetings(session: Any, units: Sequence[Unit], on: date, today: date) -> Iterator[Due]:
    """A meeting of a longer period stands in each of its months until it is held, then in the month it was held in."""
    first, last = period_of(Every.MONTH, on).first_on, period_of(Every.MONTH, on).due_on
    for one in list_owed(session, units, on, today):
        held = [meeting for meeting in one.held if first <= meeting.held_on <= last]
        if one.held and not held and one.standing in (Standing.DONE, Standing.OUTSIDE):
            continue
        yield Due(DueKind.MEETING, one.unit, one.rule.title, max(one.window.first_on, first), one.window.last_on,
                  one.standing, one.rule.code, None, one.rule.source, held[0].id if held else None)  # fmt: skip


def _bulletins(session: Any, units: Sequence[Unit], on: date, today: date) -> Iterator[Due]:
    """月通报 (D3-12): it can be given out when the month it tells of is closed."""
    month = chain.month_before(on)
    closed = reports_on(session, [unit.id for unit in units], month)
    for unit in units:
        for rule in unit.rules.calendar:
            if rule.kind is not CalendarKind.BULLETIN or rule.level is not unit.level:
                continue
            first, last = day_of(on, rule.from_day or 1), day_of(on, rule.to_day or 31)
            report = closed.get(unit.id)
            is_done = report is not None and report.state is not ReportState.RETURNED
            standing = Standing.DONE if is_done else _open(first, last, today)
            yield Due(DueKind.BULLETIN, unit, rule.title, first, last, standing, "", month, rule.source)


def _resolutions(session: Any, units: Sequence[Unit], on: date, today: date) -> Iterator[Due]:
    """Those of the unit itself whose day lies in the month, and in the present month all that are late."""
    period = period_of(Every.MONTH, on)
    by_id = {unit.id: unit for unit in units}
    query = select(Resolution).where(Resolution.node_id.in_(by_id), Resolution.state.in_(NOT_CLOSED),
                                     Resolution.due_on <= period.due_on)  # fmt: skip
    if not period.first_on <= today <= period.due_on:
        query = query.where(Resolution.due_on >= period.first_on)
    for one in session.scalars(query.order_by(Resolution.due_on).limit(200)):
        yield Due(DueKind.RESOLUTION, by_id[one.node_id], one.text, one.meeting_on, one.due_on,
                  _open(one.meeting_on, one.due_on, today), str(one.id))  # fmt: skip


def _sweeps(session: Any, units: Sequence[Unit], on: date, today: date) -> Iterator[Due]:
    """Sweeps that end in the month, also those of the units above: they are about households here as well."""
    period = period_of(Every.MONTH, on)
    query = select(Sweep).where(Sweep.to_on.between(period.first_on, period.due_on)).order_by(Sweep.to_on)
    for sweep in session.scalars(query.limit(20)):
        unit = next((unit for unit in units if unit.id == sweep.node_id), units[0] if units else None)
        if unit is not None:
            done = sweep.state is SweepState.CLOSED
            standing = Standing.DONE if done else _open(sweep.from_on, sweep.to_on, today)
            yield Due(DueKind.SWEEP, unit, sweep.name, sweep.from_on, sweep.to_on, standing, str(sweep.id))


def _open(first: date, last: date, today: date) -> Standing:
    if today > last:
        return Standing.LATE
    return Standing.AHEAD if today < first else Standing.DUE


def weeks_of(on: date) -> list[list[date | None]]:
    """The month as rows of seven days from Monday on; None outside the month."""
    period = period_of(Every.MONTH, on)
    day, weeks = period.first_on, []
    row: list[date | None] = [None] * day.weekday()
    while day <= period.due_on:
        row.append(day)
        if len(row) == 7:
            weeks.append(row)
            row = []
        day += timedelta(days=1)
    if row:
        weeks.append(row + [None] * (7 - len(row)))
    return weeks
