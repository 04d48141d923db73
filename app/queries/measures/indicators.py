"""及时性和实效性 (D0-44): how soon help began, whether it was the right kind, what it brought about. By unit, and every
figure counts a list of households that opens behind it.

A household counts from its open record of monitoring: `identified_on` is the day of recognition, and a measure of an
earlier span does not count. The time limits are the place's rules; where none says, nobody is judged late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select

from app.domain.measures.dates import limit_day
from app.domain.measures.figures import Timeliness, timeliness
from app.domain.measures.templates import DEVELOPMENT
from app.domain.measures.words import Effect
from app.domain.policy.rules import Rules
from app.extensions import db
from app.models import GridNode, Household, Measure, Member, MonitoringRecord
from app.queries.measures.plans import inside

FIRST, FIRST_DEVELOPMENT = "first_measure", "development_measure"  # of the policy's time limits
ABLE = ("skilled", "ordinary", "weak")  # of the list `labour_skills`: can work


class Figure(StrEnum):
    """A figure whose households can be listed."""

    RECOGNISED = "recognised"
    IN_TIME = "in_time"
    LATE = "late"
    WAITING = "waiting"
    NO_MEASURE = "no_measure"
    NO_DEVELOPMENT = "no_development"
    NOT_TOLD = "not_told"
    EFFECTIVE = "effective"
    PARTLY = "partly"
    NO_EFFECT = "no_effect"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class Seen:
    """`first_on`: of the first measure since recognition; `able`: somebody can work; `untold`: measures the household
    was not told of; `effects`: of its measures; `unassessed`: ended or half a year old without a result."""

    id: int
    unit: int | None
    node_id: int
    recognised_on: date
    first_on: date | None
    development_on: date | None
    able: bool
    untold: int
    effects: frozenset[Effect]
    unassessed: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Rules of one place: what it calls 开发式, and its two time limits."""

    rules: Rules

    @property
    def development(self) -> tuple[str, ...]:
        return tuple(c.code for c in self.rules.codes.get("measure_classes", ()) if c.group == DEVELOPMENT)

    def last_day(self, code: str, start_on: date) -> date | None:
        limit = self.rules.deadline(code)
        return None if limit is None else limit_day(start_on, limit)


def read(node: GridNode | None, depth: int, limits: Limits, today: date) -> list[Seen]:
    """Every household with an open record inside the access and `node`, in one statement and one pass."""
    since = and_(Measure.household_id == MonitoringRecord.household_id,
                 Measure.started_on >= MonitoringRecord.identified_on)  # fmt: skip
    old = date.fromordinal(today.toordinal() - 183)
    due = and_(Measure.effect.is_(None), or_(Measure.ended_on.is_not(None), Measure.started_on <= old))
    able = exists().where(Member.household_id == MonitoringRecord.household_id, Member.left_on.is_(None),
                          Member.labour_skill.in_(ABLE))  # fmt: skip
    unit = getattr(Household, f"l{depth}_id")
    development = Measure.class_code.in_(limits.development)
    query = (
        select(
            Household.id, unit, Household.node_id, MonitoringRecord.identified_on, func.min(Measure.started_on),
            func.min(case((development, Measure.started_on))), able,
            func.count(case((and_(Measure.id.is_not(None), Measure.informed_on.is_(None)), 1))),
            *(func.count(case((Measure.effect == effect, 1))) for effect in Effect),
            func.count(case((and_(Measure.id.is_not(None), due), 1))),
        )
        .join(MonitoringRecord, MonitoringRecord.household_id == Household.id)
        .outerjoin(Measure, since)
        .where(MonitoringRecord.eliminated_on.is_(None), Household.gone_on.is_(None))
        .group_by(Household.id, unit, Household.node_id, MonitoringRecord.identified_on,
                  MonitoringRecord.household_id)
    )  # fmt: skip
    found = []
    for row in db.session.execute(inside(query, Household, node)):
        effects = frozenset(effect for effect, number in zip(Effect, row[8 : 8 + len(Effect)], strict=True) if number)
        found.append(Seen(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]), row[7], effects, row[-1]))
    return found


def belongs(one: Seen, figure: Figure, limits: Limits, today: date) -> bool:
    """Is the household one of those that the figure counts?"""
    return figure in figures_of(one, limits, today)


def figures_of(one: Seen, limits: Limits, today: date) -> frozenset[Figure]:
    found = {Figure.RECOGNISED, _punctual(one, limits.last_day(FIRST, one.recognised_on), today)}
    if one.first_on is None:
        found.add(Figure.NO_MEASURE)
    last = limits.last_day(FIRST_DEVELOPMENT, one.recognised_on)
    if one.able and one.development_on is None and last is not None and last < today:
        found.add(Figure.NO_DEVELOPMENT)
    if one.untold:
        found.add(Figure.NOT_TOLD)
    results = {Effect.EFFECTIVE: Figure.EFFECTIVE, Effect.PARTLY: Figure.PARTLY, Effect.NONE: Figure.NO_EFFECT}
    found |= {results[effect] for effect in one.effects}
    if one.unassessed:
        found.add(Figure.NOT_ASSESSED)
    return frozenset(found)


def _punctual(one: Seen, last: date | None, today: date) -> Figure:
    if one.first_on is not None:
        return Figure.IN_TIME if last is None or one.first_on <= last else Figure.LATE
    return Figure.LATE if last is not None and last < today else Figure.WAITING


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """`counts`: households by figure; `time`: how long the first measure took."""

    unit: int | None
    counts: Mapping[Figure, int]
    time: Timeliness


def by_unit(rows: list[Seen], limits: Limits, today: date) -> list[UnitFigures]:
    """One a unit, in the order of the ids; then the whole (`unit` None), whose counts are the sums."""
    groups: dict[int | None, list[Seen]] = defaultdict(list)
    for one in rows:
        if one.unit is not None:
            groups[one.unit].append(one)
    found = [_figures(unit, groups[unit], limits, today) for unit in sorted(groups, key=lambda key: key or 0)]
    return [*found, _figures(None, rows, limits, today)]


def _figures(unit: int | None, rows: list[Seen], limits: Limits, today: date) -> UnitFigures:
    counts: dict[Figure, int] = dict.fromkeys(Figure, 0)
    for one in rows:
        for figure in figures_of(one, limits, today):
            counts[figure] += 1
    days = [(one.first_on - one.recognised_on).days for one in rows if one.first_on is not None]
    time = timeliness(days, within=counts[Figure.IN_TIME], late=counts[Figure.LATE], waiting=counts[Figure.WAITING])
    return UnitFigures(unit, counts, time)


def households_of(ids: list[int]) -> Select[Any]:
    return select(Household).where(Household.id.in_(ids)).order_by(Household.code)
