"""Lists of plans and of what is to be done in them; each figure of the pages counts one of these selections."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from app.domain.measures.dates import latest_overdue_start
from app.domain.measures.templates import PLANNED_FOR
from app.domain.measures.words import OPEN_STATES, DispatchState, LineState, PlanState
from app.domain.policy.kinds import Every
from app.extensions import db
from app.models import GridNode, HelpPlan, Household, MeasureDispatch, PlanEvidence, PlanLine

RHYTHMS = (Every.MONTH, Every.QUARTER, Every.HALF_YEAR, Every.YEAR)
_LIVE = (*OPEN_STATES, PlanState.IN_FORCE)


class PlanList(StrEnum):
    """What the page of plans can be asked for."""

    WITHOUT = "without"  # households that ought to have a plan
    DRAFTS = "drafts"
    CHECKING = "checking"
    RECKONING = "reckoning"  # income is to be reckoned anew and the day is over
    OPEN_RISKS = "open_risks"  # lines to be crossed off
    IN_FORCE = "in_force"
    ALL = "all"


def inside(query: Select[Any], model: Any, node: GridNode | None) -> Select[Any]:
    """Restricted to a unit and what lies below it."""
    return query if node is None else query.where(getattr(model, f"l{node.depth}_id") == node.id)


def households_without_plan(node: GridNode | None) -> Select[Any]:
    """Monitored and early-warning households that have neither a plan in force nor one under way (D4-24)."""
    has_one = exists().where(HelpPlan.household_id == Household.id, HelpPlan.state.in_(_LIVE))
    query = select(Household).where(Household.gone_on.is_(None), Household.category.in_(PLANNED_FOR), ~has_one)
    return inside(query, Household, node).order_by(Household.code)


def plans_in(states: tuple[PlanState, ...], node: GridNode | None, turn: str = "") -> Select[Any]:
    query = select(HelpPlan).where(HelpPlan.state.in_(states))
    if turn:
        query = query.where(HelpPlan.turn == turn)
    return inside(query, HelpPlan, node).order_by(HelpPlan.opened_on, HelpPlan.id)


def lines_overdue(node: GridNode | None, today: date) -> Select[Any]:
    """Open lines of plans in force whose reckoning was due before `today` (D4-25)."""
    late = or_(*(and_(PlanLine.reckon_every == every, PlanLine.reckoned_on <= latest_overdue_start(today, every))
                 for every in RHYTHMS))  # fmt: skip
    return _open_lines(node).where(late).order_by(PlanLine.reckoned_on, PlanLine.id)


def lines_open(node: GridNode | None) -> Select[Any]:
    """Risks that are not crossed off yet, the oldest first (D4-02, D4-11)."""
    return _open_lines(node).order_by(HelpPlan.opened_on, PlanLine.id)


def _open_lines(node: GridNode | None) -> Select[Any]:
    query = select(PlanLine).join(HelpPlan, HelpPlan.id == PlanLine.plan_id)
    query = query.where(HelpPlan.state == PlanState.IN_FORCE, PlanLine.state == LineState.OPEN)
    return inside(query, PlanLine, node)


def lines_crossed_off(node: GridNode | None) -> Select[Any]:
    """The latest first."""
    states = (PlanState.IN_FORCE, PlanState.CLOSED)
    query = select(PlanLine).join(HelpPlan, HelpPlan.id == PlanLine.plan_id)
    query = query.where(HelpPlan.state.in_(states), PlanLine.state == LineState.CROSSED_OFF)
    return inside(query, PlanLine, node).order_by(PlanLine.crossed_off_on.desc(), PlanLine.id.desc())


def dispatches(
    node: GridNode | None, *, state: DispatchState | None = None, department_id: int | None = None,
    overdue_on: date | None = None,
) -> Select[Any]:  # fmt: skip
    """`overdue_on`: only those that wait although their day lies before it."""
    query = inside(select(MeasureDispatch), MeasureDispatch, node)
    if overdue_on is not None:
        query = query.where(MeasureDispatch.state == DispatchState.WAITING, MeasureDispatch.due_on < overdue_on)
    elif state is not None:
        query = query.where(MeasureDispatch.state == state)
    if department_id is not None:
        query = query.where(MeasureDispatch.department_id == department_id)
    return query.order_by(MeasureDispatch.due_on, MeasureDispatch.id)


def selection(name: PlanList, node: GridNode | None, today: date) -> Select[Any]:
    """The rows of one list: households for WITHOUT, lines for RECKONING and OPEN_RISKS, plans for the others."""
    if name is PlanList.WITHOUT:
        return households_without_plan(node)
    if name is PlanList.RECKONING:
        return lines_overdue(node, today)
    if name is PlanList.OPEN_RISKS:
        return lines_open(node)
    states = {PlanList.DRAFTS: (PlanState.DRAFT,), PlanList.CHECKING: (PlanState.CHECKING,),
              PlanList.IN_FORCE: (PlanState.IN_FORCE,)}  # fmt: skip
    return plans_in(states.get(name, tuple(PlanState)), node)


def count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def evidence_counts(line_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Line id → (ticked, in all), in one query."""
    ticked = func.count(PlanEvidence.ticked_on)
    query = select(PlanEvidence.line_id, ticked, func.count()).where(PlanEvidence.line_id.in_(line_ids))
    rows = db.session.execute(query.group_by(PlanEvidence.line_id))
    return {line_id: (done, total) for line_id, done, total in rows}


def plan_of(household_id: int) -> HelpPlan | None:
    """The plan a household's file leads to: in force, else the one being written, else the latest."""
    query = select(HelpPlan).where(HelpPlan.household_id == household_id).order_by(HelpPlan.version.desc())
    plans: list[HelpPlan] = list(db.session.scalars(query))
    for states in ((PlanState.IN_FORCE,), tuple(OPEN_STATES)):
        found: HelpPlan | None = next((plan for plan in plans if plan.state in states), None)
        if found is not None:
            return found
    return plans[0] if plans else None


def versions_of(household_id: int) -> list[HelpPlan]:
    """The newest first."""
    query = select(HelpPlan).where(HelpPlan.household_id == household_id).order_by(HelpPlan.version.desc())
    return list(db.session.scalars(query))
