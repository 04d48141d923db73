"""The ledgers of those who serve the grid: who serves where, who was trained, who was paid (D0-05, D0-49, D0-54)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.domain.ledgers.words import RowState
from app.domain.worker_files.words import EvaluationState, RunState
from app.models import (
    Assignment,
    Evaluation,
    GridNode,
    GridWorker,
    Household,
    SubsidyLine,
    SubsidyRun,
    TrainingAttendance,
    TrainingSession,
)
from app.queries.ledgers import parts
from app.queries.ledgers.listing import Ask, Listing
from app.queries.ledgers.work import word


def grid(ask: Ask) -> Listing:
    """A row a duty at each unit in use on the day; a unit that nobody serves has one row, as a vacancy."""
    unit, homes = GridNode.__table__, Household.__table__.alias("homes")
    duty, worker = Assignment.__table__.alias("duty"), GridWorker.__table__.alias("serving_worker")
    serving = (
        select(duty.c.node_id, duty.c.duty, duty.c.from_on, worker.c.name, worker.c.sex, worker.c.born_on,
               (worker.c.phone_tail if ask.masked else worker.c.phone).label("phone"))
        .join_from(duty, worker, worker.c.id == duty.c.worker_id)
        .where(parts.holds(duty, ask)).subquery("serving")
    )  # fmt: skip
    counted = select(homes.c.node_id, func.count().label("households")).where(
        parts.is_registered(ask, homes), ask.inside(homes))  # fmt: skip
    households = counted.group_by(homes.c.node_id).subquery("households_of_unit")
    not_closed = or_(unit.c.closed_on > ask.span.as_of, and_(unit.c.closed_on.is_(None), unit.c.is_active))
    in_use = and_(or_(unit.c.opened_on.is_(None), unit.c.opened_on <= ask.span.as_of), not_closed)
    return Listing(
        GridNode,
        {
            "unit_code": unit.c.code, "unit": unit.c.name, "unit_kind": unit.c.unit_kind, "duty": serving.c.duty,
            "state": case((serving.c.node_id.is_(None), word(RowState.VACANT)), else_=word(RowState.SERVED)),
            "worker": serving.c.name, "sex": serving.c.sex, "born_on": serving.c.born_on, "phone": serving.c.phone,
            "from_on": serving.c.from_on, "households": households.c.households,
        },
        (in_use,), optional=((serving, serving.c.node_id == unit.c.id),),
        more=((households, households.c.node_id == unit.c.id),),
        order=(serving.c.from_on, serving.c.name), unit=unit.c.id,
    )  # fmt: skip


def training(ask: Ask) -> Listing:
    """Rounds planned for or held in the year by the day, with how many signed in."""
    session, came = TrainingSession.__table__, TrainingAttendance.__table__
    counted = select(came.c.session_id, func.count().label("came")).group_by(came.c.session_id).subquery("attended")
    when = func.coalesce(session.c.held_on, session.c.planned_on)
    return Listing(
        TrainingSession,
        {
            "planned_on": session.c.planned_on, "held_on": session.c.held_on, "kind": session.c.kind,
            "title": session.c.title, "hours": session.c.hours, "venue": session.c.place,
            "trainer": session.c.trainer, "came": func.coalesce(counted.c.came, 0), "counts": session.c.counts,
            "state": session.c.state,
        },
        (when >= ask.span.from_on, when <= ask.span.as_of),
        more=((counted, counted.c.session_id == session.c.id),), order=(when,),
    )  # fmt: skip


def pay(ask: Ask) -> Listing:
    """Lines of the payrolls of the year, cancelled ones left out, with the final evaluation of the period."""
    line, run, unit = SubsidyLine.__table__, SubsidyRun.__table__, GridNode.__table__.alias("unit_served")
    found = Evaluation.__table__.alias("evaluated")
    final = and_(found.c.worker_id == line.c.worker_id, found.c.node_id == line.c.node_id,
                 found.c.period == run.c.period, found.c.state == EvaluationState.FINAL)  # fmt: skip
    account: Any = line.c.account_tail
    return Listing(
        SubsidyLine,
        {
            "period": run.c.period, "worker": line.c.name, "unit": unit.c.name, "grade": found.c.grade,
            "score": found.c.total, "days": line.c.days, "base": line.c.base_fen,
            "performance": line.c.performance_fen, "amount": line.c.amount_fen, "account": account,
            "reason": line.c.reason, "state": run.c.state,
        },
        (run.c.state != RunState.CANCELLED, run.c.pay_on >= ask.span.from_on, run.c.pay_on <= ask.span.as_of),
        only=((run, run.c.id == line.c.run_id),),
        more=((unit, unit.c.id == line.c.node_id), (found, final)),
        order=(run.c.period, line.c.name), updated=run.c.created_at,
    )  # fmt: skip
