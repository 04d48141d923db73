"""What one look covers: households by id, the day, the county's policy, and which numbers a rule goes by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, cast, exists, func, or_, select

from app.domain.checkup.rules import Value
from app.models import Household, LivingConditions, Measure, Member, MonitoringRecord

household: Table = Household.__table__
member: Table = Member.__table__
measure: Table = Measure.__table__
record: Table = MonitoringRecord.__table__
living: Table = LivingConditions.__table__

Line = Callable[[int, date], Decimal | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the county's policy says on the day. Months; codes of measure classes; `line(node_id, on)`: yuan."""

    first_measure_months: int
    development_months: int
    suspicious_months: int
    development: frozenset[str]
    noted_risks: frozenset[str]  # codes that say nothing without a note
    line: Line


@dataclass(frozen=True, slots=True)
class Span:
    """Households with `after` < id ≤ `until` inside the unit `area` (depth, id), as they stand on `on`."""

    after: int
    until: int
    area: tuple[int, int]
    on: date
    policy: Policy

    def inside(self) -> list[ColumnElement[bool]]:
        """Conditions on `household`. Who has left the register is not looked at."""
        depth, node_id = self.area
        return [household.c.id > self.after, household.c.id <= self.until, household.c.gone_on.is_(None),
                household.c[f"l{depth}_id"] == node_id]  # fmt: skip

    def born(self, params: Mapping[str, Value]) -> list[ColumnElement[bool]]:
        """Members from `from_age` completed years up to the day before they turn `to_age`."""
        youngest = years_before(self.on, number(params, "from_age"))
        oldest = years_before(self.on, number(params, "to_age"))
        return [member.c.born_on <= youngest, member.c.born_on > oldest]


Params = Mapping[str, Value]
Builder = Callable[[Span, Params], Select[Any]]


def number(params: Params, name: str) -> int:
    value = params[name]
    assert isinstance(value, int)
    return value


def words(params: Params, name: str) -> tuple[str, ...]:
    value = params[name]
    assert isinstance(value, tuple)
    return value


def years_before(on: date, years: int) -> date:
    """The same day so many years ago; 29 February counts as 1 March where there is none."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return date(on.year - years, 3, 1)


def months_before(on: date, months: int) -> date:
    """The same day so many months ago, or the last day of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    for day in (on.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def of_household(span: Span, *facts: ColumnElement[Any]) -> Select[Any]:
    """Households of the span: household_id, and the facts of a finding."""
    return select(household.c.id.label("household_id"), *facts).where(*span.inside())


def of_member(span: Span, *facts: ColumnElement[Any]) -> Select[Any]:
    """Members who are counted: household_id, member_id, facts."""
    return (
        select(household.c.id.label("household_id"), member.c.id.label("member_id"), *facts)
        .join_from(household, member, member.c.household_id == household.c.id)
        .where(*span.inside(), is_counted(span.on))
    )


def of_measure(span: Span, *facts: ColumnElement[Any]) -> Select[Any]:
    """Measures that go on today: household_id, measure_id, facts."""
    return (
        select(household.c.id.label("household_id"), measure.c.id.label("measure_id"), *facts)
        .join_from(household, measure, measure.c.household_id == household.c.id)
        .where(*span.inside(), or_(measure.c.ended_on.is_(None), measure.c.ended_on >= span.on))
    )


def of_monitored(span: Span, *facts: ColumnElement[Any]) -> Select[Any]:
    """Households that are monitored now, with their open record."""
    return (
        of_household(span, *facts)
        .join(record, record.c.household_id == household.c.id)
        .where(record.c.eliminated_on.is_(None))
    )


def of_eliminated(span: Span, *facts: ColumnElement[Any]) -> Select[Any]:
    """Households whose latest record ended, not by taking the identification back."""
    later = record.alias("later")
    newer = exists().where(
        later.c.household_id == record.c.household_id,
        or_(later.c.identified_on > record.c.identified_on,
            (later.c.identified_on == record.c.identified_on) & (later.c.id > record.c.id)),
    )  # fmt: skip
    return (
        of_household(span, *facts)
        .join(record, record.c.household_id == household.c.id)
        .where(record.c.eliminated_on.is_not(None), record.c.elimination_kind.is_distinct_from("rolled_back"), ~newer)
    )


def is_counted(on: date) -> ColumnElement[bool]:
    return or_(member.c.left_on.is_(None), member.c.left_on > on)


def has_member(on: date, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(member.c.household_id == household.c.id, is_counted(on), *conditions)


def has_measure(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(measure.c.household_id == household.c.id, *conditions)


def since_identified() -> ColumnElement[bool]:
    """The measure went on at identification or began later."""
    return or_(measure.c.ended_on.is_(None), measure.c.ended_on >= record.c.identified_on)


def has_risk(code: str) -> ColumnElement[bool]:
    """The code stands in the record's list. As text: both databases write lists of strings alike."""
    return cast(record.c.risks, Text).like(f'%"{code}"%')


def names_one(column: ColumnElement[Any], wanted: tuple[str, ...]) -> ColumnElement[bool]:
    """The text holds one of the words; no words: it never does."""
    return or_(*(column.like(f"%{word.replace('%', '')}%") for word in wanted if word), func.length(column) < 0)


def latest_living(span: Span, *columns: ColumnElement[Any]) -> Select[Any]:
    """Households with the living conditions written down last."""
    later = living.alias("later_living")
    newer = exists().where(
        later.c.household_id == living.c.household_id,
        or_(later.c.as_of_on > living.c.as_of_on, (later.c.as_of_on == living.c.as_of_on) & (later.c.id > living.c.id)),
    )
    return of_household(span, *columns).join(living, living.c.household_id == household.c.id).where(~newer)
