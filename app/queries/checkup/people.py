"""Rules about members, measures and land: 09, 19 to 29 and 31 to 33."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from app.models import FocusTag, GridNode
from app.queries.checkup.monitoring import UNABLE
from app.queries.checkup.span import (
    Builder,
    Params,
    Span,
    has_member,
    household,
    latest_living,
    living,
    measure,
    member,
    names_one,
    number,
    of_household,
    of_measure,
    of_member,
    words,
)

PUPILS = ("primary", "junior", "senior", "vocational")
_COUNTY_DIGITS = 6
_works = or_(member.c.work_months > 0, member.c.work_place != "", member.c.work_place_code != "")
_healthy = and_(member.c.health_code == "healthy", member.c.is_disabled.is_not(True))


def id_numbers(span: Span, params: Params) -> Select[Any]:
    """Length and check digit are asked of each row, the number lies encrypted; a double one is found by its hash."""
    twin = member.alias("twin")
    doubled = exists().where(twin.c.id_hash == member.c.id_hash, twin.c.id != member.c.id,
                             or_(twin.c.left_on.is_(None), twin.c.left_on > span.on))  # fmt: skip
    return of_member(span, member.c.id_number, doubled.label("doubled")).where(member.c.id_number.is_not(None))


def no_labour_not_marked(span: Span, params: Params) -> Select[Any]:
    able = has_member(span.on, member.c.labour_skill.not_in(UNABLE))
    return of_household(span).where(household.c.category != "general", has_member(span.on), ~able,
                                    household.c.has_no_labour.is_not(True))  # fmt: skip


def security_without_receiver(span: Span, params: Params) -> Select[Any]:
    kinds = (("allowance", member.c.has_minimum_allowance), ("extreme_poverty", member.c.has_extreme_poverty_aid),
             ("disability", member.c.is_disabled))  # fmt: skip
    wrong = (and_(names_one(measure.c.kind, words(params, name)), ~has_member(span.on, mark.is_(True)))
             for name, mark in kinds)  # fmt: skip
    return of_measure(span).where(or_(*wrong))


def working_pupil(span: Span, params: Params) -> Select[Any]:
    return of_member(span).where(member.c.schooling.in_(PUPILS), _works)


def vague_work_place(span: Span, params: Params) -> Select[Any]:
    code = member.c.work_place_code
    county = and_(func.length(code) >= _COUNTY_DIGITS, func.substr(code, 5, 2) != "00")
    return of_member(span).where(_works, ~county)


def work_ends_before_it_begins(span: Span, params: Params) -> Select[Any]:
    return of_member(span).where(member.c.work_from_on > member.c.work_to_on)


def post_at_wrong_age(span: Span, params: Params) -> Select[Any]:
    young, old = span.born({**params, "from_age": 0, "to_age": number(params, "from_age")}), number(params, "to_age")
    too_old = span.born({"from_age": old, "to_age": 200})
    return of_member(span).where(member.c.has_public_post.is_(True), or_(and_(*young), and_(*too_old)))


def away_with_a_post(span: Span, params: Params) -> Select[Any]:
    node = GridNode.__table__
    code = member.c.work_place_code
    elsewhere = func.substr(code, 1, _COUNTY_DIGITS) != func.substr(node.c.code, 1, _COUNTY_DIGITS)
    outside = and_(func.length(code) >= _COUNTY_DIGITS, elsewhere)
    workshop = exists().where(
        measure.c.member_id == member.c.id, names_one(measure.c.kind, words(params, "workshop")),
        or_(measure.c.ended_on.is_(None), measure.c.ended_on >= span.on),
    )  # fmt: skip
    has_place = or_(member.c.has_public_post.is_(True), workshop)
    return of_member(span).join(node, node.c.id == household.c.l1_id).where(outside, has_place)


def grant_for_no_pupil(span: Span, params: Params) -> Select[Any]:
    vocational = member.c.schooling.in_(("vocational", "college"))
    is_pupil = exists().where(member.c.id == measure.c.member_id, vocational)
    of_family = and_(measure.c.member_id.is_(None), has_member(span.on, vocational))
    return of_measure(span).where(names_one(measure.c.kind, words(params, "grant")), ~is_pupil, ~of_family)


def child_not_at_school(span: Span, params: Params) -> Select[Any]:
    return of_member(span).where(*span.born(params), member.c.schooling.in_(("none", "dropped_out")))


def healthy_on_support(span: Span, params: Params) -> Select[Any]:
    return of_member(span).where(*span.born(params), member.c.has_extreme_poverty_aid.is_(True), _healthy)


def healthy_yet_weak(span: Span, params: Params) -> Select[Any]:
    at_school = member.c.schooling.in_((*PUPILS, "college"))
    return of_member(span).where(*span.born(params), member.c.labour_skill == "weak", _healthy, ~at_school)


def impossible_land(span: Span, params: Params) -> Select[Any]:
    wrong = or_(living.c.farmland_mu < 0, living.c.farmland_mu > number(params, "farmland"),
                living.c.forest_mu < 0, living.c.forest_mu > number(params, "forest"))  # fmt: skip
    return latest_living(span).where(wrong)


def nothing_paid(span: Span, params: Params) -> Select[Any]:
    return of_measure(span).where(names_one(measure.c.kind, words(params, "subsidy")), measure.c.amount == 0)


def wish_not_written(span: Span, params: Params) -> Select[Any]:
    tag = FocusTag.__table__
    today = or_(tag.c.to_on.is_(None), tag.c.to_on >= span.on)
    looking = tag.c.code.in_(words(params, "tags"))
    tagged = select(tag.c.id).where(tag.c.member_id == member.c.id, looking, today, tag.c.note.is_(None))
    return of_member(span).where(tagged.exists())


BUILDERS: dict[str, Builder] = {
    "09": id_numbers, "19": no_labour_not_marked, "20": security_without_receiver, "21": working_pupil,
    "22": vague_work_place, "23": work_ends_before_it_begins, "24": post_at_wrong_age, "25": away_with_a_post,
    "26": grant_for_no_pupil, "27": child_not_at_school, "28": healthy_on_support, "29": healthy_yet_weak,
    "31": impossible_land, "32": nothing_paid, "33": wish_not_written,
}  # fmt: skip
