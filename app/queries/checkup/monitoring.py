"""Rules about monitoring records: 02 to 08 and 10 to 18."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select

from app.domain.register.codes import UNSAFE_GRADES
from app.queries.checkup.span import (
    Builder,
    Params,
    Span,
    has_measure,
    has_member,
    has_risk,
    household,
    is_counted,
    living,
    measure,
    member,
    months_before,
    number,
    of_eliminated,
    of_monitored,
    record,
    since_identified,
)

ABLE = ("skilled", "ordinary")
UNABLE = ("lost", "none")
ILL = ("chronic", "serious", "disabled_ill")
_AFTER = (record.c.housing_after, record.c.schooling_after, record.c.water_after, record.c.insurance_after)


def basic_need_after_elimination(span: Span, params: Params) -> Select[Any]:
    recorded = or_(*(column.is_(True) for column in _AFTER))
    later = living.alias("later")
    newest = ~exists().where(later.c.household_id == living.c.household_id, later.c.as_of_on > living.c.as_of_on)
    lives_badly = exists().where(
        living.c.household_id == household.c.id, newest, living.c.as_of_on >= record.c.eliminated_on,
        or_(living.c.house_grade.in_(sorted(UNSAFE_GRADES)), living.c.has_safe_water.is_(False)),
    )  # fmt: skip
    person = has_member(span.on, or_(member.c.schooling == "dropped_out", member.c.medical_insurance == "none"))
    return of_eliminated(span, record.c.eliminated_on).where(or_(recorded, lives_badly, person))


def figures_after_elimination(span: Span, params: Params) -> Select[Any]:
    missing = or_(record.c.income_after.is_(None), *(column.is_(None) for column in _AFTER))
    return of_eliminated(span, record.c.eliminated_on).where(missing)


def helped_without_help(span: Span, params: Params) -> Select[Any]:
    helped = has_measure(measure.c.started_on <= record.c.eliminated_on, since_identified())
    return of_eliminated(span, record.c.eliminated_on).where(record.c.elimination_kind == "helped", ~helped)


def no_measure(span: Span, params: Params) -> Select[Any]:
    overdue = record.c.identified_on <= months_before(span.on, span.policy.first_measure_months)
    return of_monitored(span, record.c.identified_on).where(overdue, ~has_measure(since_identified()))


def no_development(span: Span, params: Params) -> Select[Any]:
    overdue = record.c.identified_on <= months_before(span.on, span.policy.development_months)
    developing = has_measure(since_identified(), measure.c.class_code.in_(sorted(span.policy.development)))
    return of_monitored(span, record.c.identified_on).where(overdue, _has_labour(span), ~developing)


def security_alone(span: Span, params: Params) -> Select[Any]:
    comprehensive = has_measure(since_identified(), measure.c.class_code == "comprehensive")
    other = has_measure(since_identified(), measure.c.class_code != "comprehensive")
    return of_monitored(span).where(_has_labour(span), comprehensive, ~other)


def no_contact(span: Span, params: Params) -> Select[Any]:
    missing = or_(record.c.contact_name == "", record.c.contact_phone.is_(None))
    return of_monitored(span).where(missing)


def disability_without_disabled(span: Span, params: Params) -> Select[Any]:
    marked = or_(member.c.is_disabled.is_(True), member.c.health_code.in_(("disabled", "disabled_ill")))
    disabled = has_member(span.on, marked)
    return of_monitored(span).where(has_risk("03"), ~disabled)


def helped_otherwise(span: Span, params: Params) -> Select[Any]:
    """12: 因学 without an education measure, 因残 without comprehensive security or social help."""
    schooling = and_(has_risk("09"), ~_class("schooling", "other_education"))
    return of_monitored(span).where(or_(schooling, and_(has_risk("03"), ~_class("comprehensive", "social"))))


def labour_after_all(span: Span, params: Params) -> Select[Any]:
    able = _count(span, member.c.labour_skill.in_(ABLE))
    everybody = _count(span)
    more_than_half = and_(everybody >= number(params, "many"), able * 2 > everybody)
    return of_monitored(span, able.label("able"), everybody.label("members")).where(
        has_risk("04"), everybody > 0, or_(able == everybody, more_than_half)
    )


def no_work_at_all(span: Span, params: Params) -> Select[Any]:
    recorded = or_(member.c.work_months > 0, member.c.work_place != "", member.c.work_from_on.is_not(None))
    working = has_member(span.on, or_(recorded, member.c.has_public_post.is_(True)))
    return of_monitored(span).where(has_risk("07"), or_(not_(_has_labour(span, "weak")), ~working))


def housing_or_water(span: Span, params: Params) -> Select[Any]:
    housing = and_(has_risk("housing"), ~_class("housing", "relocation"))
    return of_monitored(span).where(or_(housing, and_(has_risk("water"), ~_class("water"))))


def other_without_note(span: Span, params: Params) -> Select[Any]:
    silent = or_(*(has_risk(code) for code in sorted(span.policy.noted_risks)), false())
    return of_monitored(span).where(silent, record.c.risk_note.is_(None))


def eliminated_below_line(span: Span, params: Params) -> Select[Any]:
    """Incomes lie encrypted: whether it is below is asked of each row (`app.queries.checkup.rows`)."""
    return of_eliminated(span, record.c.eliminated_on, household.c.node_id, record.c.income_after).where(
        record.c.income_after.is_not(None)
    )


def eliminated_soon(span: Span, params: Params) -> Select[Any]:
    """The day difference is asked of each row: the two databases reckon with days differently."""
    return of_eliminated(span, record.c.identified_on, record.c.eliminated_on)


def _has_labour(span: Span, *further: str) -> ColumnElement[bool]:
    return has_member(span.on, member.c.labour_skill.in_((*ABLE, *further)))


def _class(*codes: str) -> ColumnElement[bool]:
    return has_measure(since_identified(), measure.c.class_code.in_(codes))


def _count(span: Span, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted = select(func.count()).where(member.c.household_id == household.c.id, is_counted(span.on), *conditions)
    return counted.correlate(household).scalar_subquery()


BUILDERS: dict[str, Builder] = {
    "02": basic_need_after_elimination, "03": figures_after_elimination, "04": helped_without_help, "05": no_measure,
    "06": no_development, "07": security_alone, "08": no_contact, "10": disability_without_disabled,
    "12": helped_otherwise, "13": labour_after_all, "14": no_work_at_all, "15": housing_or_water,
    "16": other_without_note, "17": eliminated_below_line, "18": eliminated_soon,
}  # fmt: skip
