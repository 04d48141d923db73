"""The list of measures: planned, begun as a Measure of the register, told to the household, assessed (D0-39, D0-44)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.measures.templates import classes_for, template_of
from app.domain.measures.words import Answer, Effect, InformWay, ItemKind, ItemState, PlanState
from app.domain.msgids import N_
from app.models import IncomeSheet, Measure, Member, PlanItem
from app.queries.policy import rules_for
from app.services.measures.lines import line_of
from app.services.measures.plans import LONGEST, civil_today, locked, touch
from app.services.measures.problems import PlanError

MOST_YUAN = Decimal(10_000_000)


def add_item(
    session: Session, line_id: int, *, kind: ItemKind, class_code: str, what: str, due_on: date,
    amount: Decimal | None = None, member_id: int | None = None, seen: int | None = None,
) -> PlanItem:  # fmt: skip
    """One more line of the list. Raises PlanError naming the field. While the plan is in force, more may be added, as
    help does not wait for the next version; what is begun is checked with it. `seen`: as for `locked`."""
    line = line_of(session, line_id)
    plan = locked(session, line.plan_id, seen)
    if plan.state not in (PlanState.DRAFT, PlanState.IN_FORCE):
        raise PlanError(N_("Measures are added while the plan is being written or in force."))
    rules = rules_for(line.node_id, civil_today())
    offered = classes_for(rules, line.household.category, template_of(rules, line.template_code))
    if class_code not in {code.code for code in offered}:
        raise PlanError(N_("Choose a class of the list."), "class_code")
    if not what.strip():
        raise PlanError(N_("Say in a few words what is done."), "what")
    if due_on < plan.opened_on:
        raise PlanError(N_("It cannot be due before the plan was opened."), "due_on")
    if amount is not None and not 0 <= amount <= MOST_YUAN:
        raise PlanError(N_("The amount must lie between 0 and %(most)s yuan."), "amount", most=MOST_YUAN)
    if member_id is not None:
        member = session.get(Member, member_id)
        if member is None or member.household_id != line.household_id:
            raise PlanError(N_("This person belongs to another household."), "member")
    item = PlanItem(line=line, household_id=line.household_id, household=line.household, member_id=member_id,
                    kind=kind, class_code=class_code, what=what.strip()[:80], due_on=due_on, amount=amount,
                    state=ItemState.PLANNED, is_demo=line.is_demo)  # fmt: skip
    session.add(item)
    touch(plan)
    session.flush()
    return item


def item_of(session: Session, item_id: int) -> PlanItem:
    """Locked until the commit. Raises LookupError for one that is unknown or outside the access."""
    item = session.get(PlanItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise LookupError(f"no item {item_id}")
    return item


def drop(session: Session, item_id: int, reason: str) -> PlanItem:
    """It will not be done. Raises PlanError once it has begun or lies with a department, or without a reason."""
    item = item_of(session, item_id)
    plan = locked(session, item.line.plan_id)
    if item.state not in (ItemState.PLANNED, ItemState.REFUSED):
        raise PlanError(N_("Only what has not begun and lies with no department is dropped."))
    if not reason.strip():
        raise PlanError(N_("Say why it is dropped."), "reason")
    item.state, item.dropped_why = ItemState.DROPPED, reason.strip()[:LONGEST]
    touch(plan)
    session.flush()
    return item


def begin(session: Session, item_id: int, *, on: date, amount: Decimal | None = None, note: str = "") -> Measure:
    """It has begun: from now on it is a measure of the household. Raises PlanError for a plan that is not in force, a
    day out of bounds, a project nobody granted, or what has begun already."""
    item = item_of(session, item_id)
    plan = locked(session, item.line.plan_id)
    if plan.state is not PlanState.IN_FORCE:
        raise PlanError(N_("The plan is not in force yet: nothing begins before it was checked."))
    if item.state is ItemState.BEGUN:
        raise PlanError(N_("This measure has begun already."))
    granted = any(one.answer is Answer.GRANTED for one in item.dispatches)
    if item.state is not ItemState.PLANNED or (item.kind is ItemKind.PROJECT and not granted):
        raise PlanError(N_("This waits for the department, or was not granted."))
    if not plan.opened_on <= on <= civil_today():
        raise PlanError(N_("It began on a day between the opening of the plan and today."), "on")
    if amount is not None and not 0 <= amount <= MOST_YUAN:
        raise PlanError(N_("The amount must lie between 0 and %(most)s yuan."), "amount", most=MOST_YUAN)
    measure = Measure(household_id=item.household_id, household=item.household, member_id=item.member_id,
                      class_code=item.class_code, kind=item.what, started_on=on,
                      amount=item.amount if amount is None else amount, note=note.strip()[:400] or None,
                      plan_item_id=item.id, is_demo=item.is_demo)  # fmt: skip
    session.add(measure)
    item.state = ItemState.BEGUN
    touch(plan)
    session.flush()
    return measure


def measure_of(session: Session, measure_id: int) -> Measure:
    """Locked until the commit. Raises LookupError for one that is unknown or outside the access."""
    measure = session.get(Measure, measure_id, with_for_update=True, populate_existing=True)
    if measure is None:
        raise LookupError(f"no measure {measure_id}")
    return measure


def inform(session: Session, measure_id: int, *, on: date, way: InformWay) -> Measure:
    """告知: the household knows of the measure since that day (D3-20). Saying it again corrects. Raises PlanError."""
    measure = measure_of(session, measure_id)
    if on > civil_today():
        raise PlanError(N_("The day lies in the future."), "on")
    measure.informed_on, measure.informed_way = on, way
    session.flush()
    return measure


def assess(
    session: Session, measure_id: int, *, effect: Effect, note: str, on: date, before_id: int | None = None,
    after_id: int | None = None,
) -> Measure:  # fmt: skip
    """What the measure brought about, with the income sheets before and after (D0-44). Raises PlanError."""
    measure = measure_of(session, measure_id)
    if not note.strip():
        raise PlanError(N_("Say in a few words what can be seen."), "note")
    if not measure.started_on <= on <= civil_today():
        raise PlanError(N_("Assessed on a day between the measure's beginning and today."), "on")
    before = _own_sheet(session, measure, before_id, "before")
    after = _own_sheet(session, measure, after_id, "after")
    if before is not None and after is not None and after.judged_on <= before.judged_on:
        raise PlanError(N_("The second income sheet must be later than the first."), "after")
    measure.effect, measure.effect_on, measure.effect_note = effect, on, note.strip()[:LONGEST]
    measure.income_before_id = before.id if before else None
    measure.income_after_id = after.id if after else None
    session.flush()
    return measure


def _own_sheet(session: Session, measure: Measure, key: int | None, field: str) -> IncomeSheet | None:
    if key is None:
        return None
    query = select(IncomeSheet).where(IncomeSheet.id == key, IncomeSheet.household_id == measure.household_id)
    sheet = session.scalars(query).first()
    if sheet is None:
        raise PlanError(N_("This income sheet belongs to another household."), field)
    return sheet
