"""The ledgers of what was seen, done and published for households, from the first of January to the day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select

from app.domain.casework.words import EntryKind
from app.domain.enums import ClueSource, ClueState
from app.domain.ledgers.words import RowState
from app.extensions import clock
from app.models import (
    Case,
    CaseEntry,
    CaseNotice,
    CaseObjection,
    Clue,
    GridWorker,
    Household,
    Measure,
    Visit,
    WarningBatch,
    WarningRow,
)
from app.models.types import EnumText
from app.queries.ledgers import parts
from app.queries.ledgers.listing import Ask, Join, Listing

household = Household.__table__
STATE = EnumText(RowState)


def _of_household(table: Any) -> Join:
    return household, household.c.id == table.c.household_id


def word(state: RowState) -> Any:
    return literal(state, STATE)


def visits(ask: Ask) -> Listing:
    """Contacts over every channel; what was recorded by mistake and withdrawn is none."""
    visit, worker, clue = Visit.__table__, GridWorker.__table__.alias("visitor"), Clue.__table__.alias("found_clue")
    of_visits = and_(clue.c.visit_id.is_not(None), ask.inside(clue))
    found = select(clue.c.visit_id, func.count().label("clues")).where(of_visits)
    clues = found.group_by(clue.c.visit_id).subquery("clues_of_visit")
    columns = {
        "at": visit.c.happened_at, "code": household.c.code, "head": household.c.head_name,
        "category": parts.category_on(ask), "channel": visit.c.channel, "worker": worker.c.name,
        "closes": visit.c.closes_duty, "clues": func.coalesce(clues.c.clues, 0),
    }  # fmt: skip
    if not ask.masked:
        columns["note"] = visit.c.note
    when = and_(visit.c.happened_at >= ask.span.from_at, visit.c.happened_at < ask.span.end_at)
    return Listing(
        Visit, columns, (when, visit.c.withdrawn_at.is_(None)),
        more=(_of_household(visit), (worker, worker.c.id == visit.c.worker_id),
              (clues, clues.c.visit_id == visit.c.id)),
        order=(household.c.code, visit.c.happened_at), updated=visit.c.created_at,
        counted={"clues": (clue, and_(clue.c.visit_id == visit.c.id, of_visits))},
    )  # fmt: skip


def clues(ask: Ask) -> Listing:
    """Raised in the year by the day, or earlier and still open then. Settled later: open on the day."""
    clue, workers, handed = Clue.__table__, parts.workers(ask), _lists_of_clues()
    settled = and_(clue.c.settled_at.is_not(None), clue.c.settled_at < ask.span.end_at)
    in_year = and_(clue.c.settled_at.is_not(None), clue.c.settled_at < ask.span.from_at)
    later = clue.c.settled_at >= ask.span.end_at
    state = case((later, literal(ClueState.VERIFYING, clue.c.state.type)), else_=clue.c.state)
    columns = {
        "at": clue.c.raised_at, "code": household.c.code, "head": household.c.head_name,
        "category": parts.category_on(ask), "source": clue.c.source, "kind": clue.c.kind, "urgency": clue.c.urgency,
        "handed": handed.c.title, "due_at": case((~settled, clue.c.due_at)) if ask.is_today else None,
        "state": state, "settled_at": case((settled, clue.c.settled_at)), "worker": workers.c.worker,
    }  # fmt: skip
    if not ask.masked:
        columns["detail"] = clue.c.detail
    touched = func.coalesce(clue.c.settled_at, clue.c.raised_at, type_=clue.c.raised_at.type)
    return Listing(
        Clue, columns, (clue.c.raised_at < ask.span.end_at, or_(clue.c.raised_at >= ask.span.from_at, ~in_year)),
        more=(_of_household(clue), (workers, workers.c.node_id == clue.c.node_id),
              (handed, handed.c.clue_id == clue.c.id)),
        order=(clue.c.raised_at,), updated=touched,
    )  # fmt: skip


def _lists_of_clues() -> Any:
    """clue_id, title: the department's list that a clue came with."""
    row, batch = WarningRow.__table__.alias("row_of_clue"), WarningBatch.__table__.alias("list_of_clue")
    found = select(row.c.clue_id, func.min(batch.c.title).label("title"))
    found = found.join_from(row, batch, batch.c.id == row.c.batch_id).where(row.c.clue_id.is_not(None))
    return found.group_by(row.c.clue_id).subquery("handed_over")


def warnings(ask: Ask) -> Listing:
    """What departments' lists handed over (交办) and is no clue on the day: not answered then, or answered in the year.

    The household may not be known yet. A name alone is personal and stands in the file with numbers in full only."""
    row, batch, clue = WarningRow.__table__, WarningBatch.__table__, Clue.__table__.alias("raised_clue")
    workers = parts.workers(ask)
    answered = and_(row.c.answered_at.is_not(None), row.c.answered_at < ask.span.end_at)
    before = and_(row.c.answered_at.is_not(None), row.c.answered_at < ask.span.from_at)
    late = batch.c.due_at < min(clock.now(), ask.span.end_at)
    columns = {
        "at": batch.c.dispatched_at, "code": household.c.code, "head": household.c.head_name,
        "category": parts.category_on(ask), "source": literal(ClueSource.DEPARTMENT, EnumText(ClueSource)),
        "kind": row.c.kind, "handed": batch.c.title, "due_at": case((~answered, batch.c.due_at)),
        "state": case((answered, word(RowState.DONE)), (late, word(RowState.LATE)), else_=word(RowState.OPEN)),
        "settled_at": case((answered, row.c.answered_at)), "worker": workers.c.worker,
    }  # fmt: skip
    if not ask.masked:
        columns["detail"] = row.c.person
    is_clue = and_(clue.c.id.is_not(None), clue.c.raised_at < ask.span.end_at)
    return Listing(
        WarningRow, columns,
        (row.c.is_sent, batch.c.dispatched_at < ask.span.end_at, ~is_clue,
         or_(batch.c.dispatched_at >= ask.span.from_at, ~before)),
        only=((batch, batch.c.id == row.c.batch_id),),
        optional=((household, household.c.id == row.c.household_id), (clue, clue.c.id == row.c.clue_id)),
        more=((workers, workers.c.node_id == row.c.node_id),), order=(batch.c.dispatched_at, row.c.line),
        updated=func.coalesce(row.c.answered_at, batch.c.dispatched_at, type_=row.c.answered_at.type),
    )  # fmt: skip


def measures(ask: Ask) -> Listing:
    """Begun by the day and not ended before the year."""
    measure, helpers = Measure.__table__, parts.helpers(ask)
    ended = and_(measure.c.ended_on.is_not(None), measure.c.ended_on < ask.span.as_of)
    return Listing(
        Measure,
        {
            "code": household.c.code, "head": household.c.head_name, "category": parts.category_on(ask),
            "class_code": measure.c.class_code, "what": measure.c.kind, "started_on": measure.c.started_on,
            "ended_on": measure.c.ended_on, "amount": measure.c.amount, "helper": helpers.c.helper,
            "state": case((ended, word(RowState.ENDED)), else_=word(RowState.IN_FORCE)),
        },
        (measure.c.started_on <= ask.span.as_of,
         or_(measure.c.ended_on.is_(None), measure.c.ended_on >= ask.span.from_on)),
        more=(_of_household(measure), parts.by_household(helpers)),
        order=(household.c.code, measure.c.started_on), updated=measure.c.created_at,
    )  # fmt: skip


def publicity(ask: Ask) -> Listing:
    """Notices of reviews that hung on the board in the year (D2-39), with the objections raised while they hung."""
    notice, case_file = CaseNotice.__table__, Case.__table__
    entry, objection = CaseEntry.__table__.alias("brought"), CaseObjection.__table__.alias("objected")
    brought = (
        select(entry.c.case_id, entry.c.target, func.max(entry.c.target_title).label("title"),
               func.max(entry.c.at).label("at"))
        .where(ask.inside(entry), entry.c.kind.in_((EntryKind.DECIDED, EntryKind.OPENED)))
        .group_by(entry.c.case_id, entry.c.target).subquery("brought_there")
    )  # fmt: skip
    objected = (
        select(objection.c.case_id, objection.c.step, func.count().label("objections"))
        .where(ask.inside(objection), objection.c.raised_at < ask.span.end_at)
        .group_by(objection.c.case_id, objection.c.step).subquery("objections_of_step")
    )  # fmt: skip
    return Listing(
        CaseNotice,
        {
            "case": case_file.c.number, "code": household.c.code, "head": household.c.head_name,
            "step": brought.c.title, "reviewed_at": brought.c.at, "from_on": notice.c.from_on,
            "to_on": notice.c.to_on, "venue": notice.c.place,
            "objections": func.coalesce(objected.c.objections, 0), "outcome": case_file.c.outcome_title,
        },
        (notice.c.from_on <= ask.span.as_of, notice.c.to_on >= ask.span.from_on),
        only=(_of_household(notice), (case_file, case_file.c.id == notice.c.case_id)),
        more=((brought, and_(brought.c.case_id == notice.c.case_id, brought.c.target == notice.c.step)),
              (objected, and_(objected.c.case_id == notice.c.case_id, objected.c.step == notice.c.step))),
        order=(notice.c.from_on,), updated=notice.c.posted_at,
    )  # fmt: skip
