"""Facts of a household that several ledgers tell, each as a derived table with one row a household (or unit)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select

from app.domain.enums import ClueState, Duty, PhoneState, Relation, VisitChannel
from app.models import (
    Assignment,
    Clue,
    ContactDates,
    GridWorker,
    Helper,
    Household,
    HouseholdCategoryChange,
    Measure,
    Member,
    Phone,
    Visit,
)
from app.queries.duties.latest import last_contact
from app.queries.ledgers.listing import Ask, Join

household = Household.__table__
BETWEEN_NAMES = "、"
UNSETTLED = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING)
CALLABLE = (PhoneState.ACTIVE, PhoneState.SUSPENDED, PhoneState.POWERED_OFF)


def is_registered(ask: Ask, table: Any = household) -> ColumnElement[bool]:
    """From the day it was registered until the day it is gone, as wherever households are counted."""
    return and_(table.c.created_at < ask.span.end_at, or_(table.c.gone_on.is_(None), table.c.gone_on > ask.span.as_of))


def category_on(ask: Ask) -> Any:
    """The household's type on the day: what the first later change began from, else what it is now."""
    if ask.is_today:
        return household.c.category
    change = HouseholdCategoryChange.__table__
    later = (
        select(change.c.from_category)
        .where(change.c.household_id == household.c.id, change.c.changed_on > ask.span.as_of)
        .order_by(change.c.changed_on, change.c.id)
        .limit(1)
        .correlate(household)
        .scalar_subquery()
    )
    return func.coalesce(later, household.c.category, type_=household.c.category.type)


def holds(table: Any, ask: Ask, start: str = "from_on", end: str = "to_on") -> ColumnElement[bool]:
    """Something with a first and a last day, both included, is in force on the day."""
    return and_(table.c[start] <= ask.span.as_of, or_(table.c[end].is_(None), table.c[end] >= ask.span.as_of))


def by_household(found: Subquery) -> Join:
    return found, found.c.household_id == household.c.id


def details(found: Join) -> Join:
    """Rows of a household's own, counted: the table, and which of its rows belong to the household and count."""
    table, counts = found
    return table, and_(table.c.household_id == household.c.id, counts)


def people(ask: Ask) -> Subquery:
    """household_id, people, head_id. Who left before the day no longer counts."""
    member, there = members(ask)
    head = case((member.c.relation == Relation.HEAD, member.c.id))
    query = select(member.c.household_id, func.count().label("people"), func.min(head).label("head_id"))
    return query.where(there).group_by(member.c.household_id).subquery("people")


def members(ask: Ask) -> Join:
    """The rows that `people` counts."""
    member = Member.__table__
    there = or_(member.c.left_on.is_(None), member.c.left_on > ask.span.as_of)
    return member, and_(there, ask.inside(member))


def first_phones(ask: Ask) -> Subquery:
    """household_id, phone: the number that is dialled first; its last four digits alone where numbers are masked."""
    phone = Phone.__table__.alias("numbers")
    place = func.row_number().over(partition_by=phone.c.household_id, order_by=(phone.c.priority, phone.c.id))
    shown = phone.c.tail if ask.masked else phone.c.e164
    ranked = select(phone.c.household_id, shown.label("phone"), place.label("place"))
    found = ranked.where(phone.c.state.in_(CALLABLE), ask.inside(phone)).subquery("ranked_phones")
    return select(found.c.household_id, found.c.phone).where(found.c.place == 1).subquery("first_phones")


def last_contacts(ask: Ask) -> Subquery:
    """household_id, last_at: the latest contact that counts."""
    if ask.is_today:
        dates = ContactDates.__table__
        newest = last_contact(tuple(VisitChannel)).label("last_at")
        return select(dates.c.household_id, newest).where(ask.inside(dates)).subquery("last_contacts")
    visit = Visit.__table__.alias("earlier")
    query = select(visit.c.household_id, func.max(visit.c.happened_at).label("last_at"))
    query = query.where(visit.c.closes_duty, visit.c.happened_at < ask.span.end_at, ask.inside(visit))
    return query.group_by(visit.c.household_id).subquery("last_contacts")


def helpers(ask: Ask) -> Subquery:
    """household_id, helper: everybody named to help on the day."""
    helper = Helper.__table__
    names = func.aggregate_strings(helper.c.name, BETWEEN_NAMES).label("helper")
    query = select(helper.c.household_id, names).where(holds(helper, ask), ask.inside(helper))
    return query.group_by(helper.c.household_id).subquery("helpers")


def workers(ask: Ask) -> Subquery:
    """node_id, worker: the grid workers of each unit on the day."""
    duty, worker = Assignment.__table__.alias("serving"), GridWorker.__table__.alias("serving_worker")
    names = func.aggregate_strings(worker.c.name, BETWEEN_NAMES).label("worker")
    query = select(duty.c.node_id, names).join_from(duty, worker, worker.c.id == duty.c.worker_id)
    query = query.where(duty.c.duty == Duty.GRID_WORKER, holds(duty, ask))
    return query.group_by(duty.c.node_id).subquery("workers")


def measures(ask: Ask) -> Subquery:
    """household_id, measures: how many are in force on the day."""
    measure, in_force = measures_in_force(ask)
    query = select(measure.c.household_id, func.count().label("measures")).where(in_force)
    return query.group_by(measure.c.household_id).subquery("measures")


def measures_in_force(ask: Ask) -> Join:
    measure = Measure.__table__.alias("in_force")
    return measure, and_(holds(measure, ask, "started_on", "ended_on"), ask.inside(measure))


def open_clues(ask: Ask) -> Subquery:
    """household_id, clues: raised by the day and not settled by then."""
    clue, is_open = unsettled_clues(ask)
    query = select(clue.c.household_id, func.count().label("clues")).where(is_open)
    return query.group_by(clue.c.household_id).subquery("open_clues")


def unsettled_clues(ask: Ask) -> Join:
    clue = Clue.__table__.alias("open_clue")
    unsettled = or_(clue.c.state.in_(UNSETTLED), clue.c.settled_at >= ask.span.end_at)
    return clue, and_(clue.c.raised_at < ask.span.end_at, unsettled, ask.inside(clue))
