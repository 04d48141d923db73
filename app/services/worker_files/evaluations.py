"""Evaluating: drawn up and counted, completed by hand, published, objected to, final (D0-60…D0-65, D4-31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import or_, select

from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.periods import Period
from app.domain.worker_files.words import Dimension, EvaluationState, may_move
from app.extensions import clock
from app.models import Assignment, Evaluation, EvaluationObjection, EvaluationScheme, GridNode, GridWorker
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files import deeds
from app.queries.worker_files.evaluations import find_scheme, result_as_it_stands, served_of
from app.queries.worker_files.people import FIELD_DUTIES, below, leads_place, own_worker_id
from app.services.worker_files.refusals import Refused, Trouble, must_lead_place, refuse

_FULL = Decimal(100)


@dataclass(frozen=True, slots=True)
class SchemeForm:
    """As typed. `bands`: one 'floor grade coefficient' a line."""

    name: str
    valid_from: date | None
    weights: dict[Dimension, int | None]
    manual_weight: int | None
    objection_days: int | None
    bands: str
    adjust_below: str
    source: str = ""


def make_scheme(session: Any, node: GridNode, form: SchemeForm) -> EvaluationScheme:
    """For the workers of the unit and all below it. A scheme is never changed: a new one takes its place on its day."""
    troubles: dict[str, Trouble] = {}
    if not form.name.strip():
        troubles["name"] = Trouble(N_("The name is missing."))
    if form.valid_from is None:
        troubles["valid_from"] = Trouble(N_("Say from which day on."))
    weights = [*form.weights.values(), form.manual_weight]
    if any(weight is None or weight < 0 for weight in weights) or sum(weight or 0 for weight in weights) != 100:
        troubles["manual_weight"] = Trouble(N_("The weights of all parts must be whole numbers that sum to 100."))
    if form.objection_days is None or not 1 <= form.objection_days <= 60:
        troubles["objection_days"] = Trouble(N_("Objections need 1 to 60 days."))
    bands = _read_bands(form.bands, troubles)
    adjust_below = _points(form.adjust_below or "0", "adjust_below", troubles)
    if troubles or form.valid_from is None:
        raise Refused(troubles)
    row = EvaluationScheme(node_id=node.id, name=form.name.strip()[:80], valid_from=form.valid_from,
                           weights={one.value: form.weights[one] or 0 for one in Dimension},
                           manual_weight=form.manual_weight or 0, objection_days=form.objection_days or 1, bands=bands,
                           adjust_below=adjust_below, source=form.source.strip()[:200])  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _read_bands(typed: str, troubles: dict[str, Trouble]) -> list[list[str]]:
    bands: list[list[str]] = []
    for line in filter(str.strip, typed.splitlines()):
        parts = line.split()
        try:
            floor, coefficient = Decimal(parts[0]), Decimal(parts[-1])
            fits = len(parts) == 3 and 0 <= floor <= 100 and 0 <= coefficient <= 2
        except InvalidOperation:
            fits = False
        if not fits:
            troubles["bands"] = Trouble(N_("“%(line)s” does not fit: write points, grade and coefficient, such as "
                                           "“90 A 1.0”."), {"line": line[:40]})  # fmt: skip
            return []
        bands.append([str(floor), parts[1][:20], str(coefficient)])
    if not bands:
        troubles["bands"] = Trouble(N_("Say at least from how many points on which coefficient holds."))
    elif len({band[0] for band in bands}) < len(bands):
        troubles["bands"] = Trouble(N_("Two grades begin at the same points."))
    return bands


def _points(typed: str, name: str, troubles: dict[str, Trouble]) -> Decimal:
    try:
        points = Decimal(typed.strip())
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= _FULL or points != points.quantize(Decimal("0.01")):
        troubles[name] = Trouble(N_("Points are a number from 0 to 100 with two decimals at most."))
    return points


def draw_up(session: Any, node: GridNode, period: Period) -> int:
    """A draft for everybody who served below `node` in the period and has none yet; how many were made."""
    if period.first_on > today():
        raise refuse("period", N_("This period has not begun yet."))
    query = (
        select(Assignment, GridNode)
        .join(GridNode, GridNode.id == Assignment.node_id)
        .where(below(node), Assignment.duty.in_(FIELD_DUTIES), Assignment.from_on <= period.last_on)
        .where(or_(Assignment.to_on.is_(None), Assignment.to_on >= period.first_on))
        .order_by(GridNode.code, Assignment.from_on)
    )
    present = session.execute(select(Evaluation.worker_id, Evaluation.node_id).where(Evaluation.period == str(period)))
    known = {(row[0], row[1]) for row in present}
    made = 0
    for duty, place in session.execute(query).all():
        if (duty.worker_id, place.id) in known or not leads_place(place):
            continue
        scheme = find_scheme(place, period.last_on)
        if scheme is None:
            raise refuse("", N_("No scheme says how the workers of this unit are evaluated. Make one first."))
        known.add((duty.worker_id, place.id))
        _add_draft(session, duty, place, period, scheme)
        made += 1
    return made


def _add_draft(session: Any, duty: Assignment, place: GridNode, period: Period, scheme: EvaluationScheme) -> None:
    worker = session.get(GridWorker, duty.worker_id)
    last_on = min(period.last_on, duty.to_on or period.last_on)
    row = Evaluation(worker_id=duty.worker_id, node_id=place.id, scheme_id=scheme.id, period=str(period),
                     from_on=max(period.first_on, duty.from_on), to_on=last_on,
                     is_demo=bool(worker and worker.is_demo))  # fmt: skip
    session.add(row)
    session.flush()
    count(session, row)


def count(session: Any, row: Evaluation) -> None:
    """Count the four dimensions anew from the records. Only a draft moves with them."""
    if row.state is EvaluationState.DRAFT:
        found = deeds.tallies_of(served_of(row))
        row.tallies = {one.value: [tally.done, tally.target] for one, tally in found.items()}
        session.flush()


# ---------------------------------------------------------------- by hand


def set_manual(session: Any, evaluation_id: int, typed: str, reason: str) -> Evaluation:
    """The part judged by people; an empty score takes it back. Raises Refused."""
    row = _open(session, evaluation_id)
    troubles: dict[str, Trouble] = {}
    score = _points(typed, "manual_score", troubles) if typed.strip() else None
    if score is not None and not reason.strip():
        troubles["manual_reason"] = Trouble(N_("Say what the score rests on."))
    if score is not None and row.scheme.manual_weight == 0:
        troubles["manual_score"] = Trouble(N_("The scheme gives the manual part no weight."))
    if troubles:
        raise Refused(troubles)
    row.manual_score, row.manual_reason = score, reason.strip()[:300]
    return _refigured(session, row)


def deduct(session: Any, evaluation_id: int, typed: str, reason: str, on: date | None) -> Evaluation:
    """Points taken off after an inspection, with the finding (D0-60)."""
    row = _open(session, evaluation_id)
    troubles: dict[str, Trouble] = {}
    points = _points(typed, "points", troubles)
    if not troubles and points == 0:
        troubles["points"] = Trouble(N_("Nothing is taken off with 0 points."))
    if not reason.strip():
        troubles["deduction_reason"] = Trouble(N_("Say what the inspection found."))
    if on is None or not row.from_on <= on <= max(row.to_on, today()):
        troubles["on"] = Trouble(N_("The day is missing or lies outside the period."))
    if troubles or on is None:
        raise Refused(troubles)
    row.deductions = [*row.deductions, {"points": str(points), "reason": reason.strip()[:300], "on": on.isoformat(),
                                        "by": current_access().user_id}]  # fmt: skip
    return _refigured(session, row)


def drop_deduction(session: Any, evaluation_id: int, position: int) -> Evaluation:
    row = _open(session, evaluation_id)
    if not 0 <= position < len(row.deductions):
        raise refuse("", N_("This deduction is gone already."))
    row.deductions = [one for place, one in enumerate(row.deductions) if place != position]
    return _refigured(session, row)


def set_veto(session: Any, evaluation_id: int, veto: bool, reason: str) -> Evaluation:
    """One serious failure decides, where the rules of the place know the veto (D4-31)."""
    row = _open(session, evaluation_id)
    if veto and not rules_for(row.node_id, row.to_on).assessment.veto:
        raise refuse("veto", N_("The rules of this place know no veto."))
    if veto and not reason.strip():
        raise refuse("veto_reason", N_("Say which failure it is."))
    row.veto, row.veto_reason = veto, reason.strip()[:300] if veto else ""
    return _refigured(session, row)


def _open(session: Any, evaluation_id: int) -> Evaluation:
    """A draft, or a published one that somebody objected to: a justified objection must be able to change it."""
    row = _locked(session, evaluation_id)
    if row.state is EvaluationState.DRAFT or (row.state is EvaluationState.PUBLISHED and row.objections):
        return row
    raise refuse("", N_("It is published: only an objection opens it again."))


def _locked(session: Any, evaluation_id: int) -> Evaluation:
    row: Evaluation | None = session.get(Evaluation, evaluation_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no evaluation {evaluation_id}")
    must_lead_place(row.node)
    return row


def _refigured(session: Any, row: Evaluation) -> Evaluation:
    result = result_as_it_stands(row)
    row.total, row.grade, row.coefficient = result.total, result.grade, result.coefficient
    session.flush()
    return row


# ---------------------------------------------------------------- publish, object, finish


def publish(session: Any, evaluation_id: int) -> Evaluation:
    """Count once more, freeze, show it to the worker. Raises InvalidTransition, Refused."""
    row = _locked(session, evaluation_id)
    if not may_move(row.state, EvaluationState.PUBLISHED):
        raise InvalidTransition(row.state, EvaluationState.PUBLISHED)
    if today() <= row.to_on:
        raise refuse("", N_("The period is not over yet."))
    if row.scheme.manual_weight and row.manual_score is None:
        raise refuse("", N_("The manual part is missing."))
    count(session, row)
    row.state, row.published_at = EvaluationState.PUBLISHED, clock.now()
    row.objections_until = today() + timedelta(days=row.scheme.objection_days)
    return _refigured(session, row)


def object_to(session: Any, evaluation_id: int, words: str) -> EvaluationObjection:
    """By the worker alone, until the last day. Raises LookupError for somebody else's evaluation."""
    row: Evaluation | None = session.get(Evaluation, evaluation_id, with_for_update=True)
    if row is None or row.worker_id != own_worker_id() or row.state is EvaluationState.DRAFT:
        raise LookupError(f"no evaluation {evaluation_id}")
    if row.state is EvaluationState.FINAL or row.objections_until is None or today() > row.objections_until:
        raise refuse("words", N_("The days for objections are over."))
    if not words.strip():
        raise refuse("words", N_("Say what you object to."))
    if len(words.strip()) > 1000:
        raise refuse("words", N_("Keep it within 1000 characters."))
    if any(one.answered_at is None for one in row.objections):
        raise refuse("words", N_("Your objection is waiting for an answer."))
    objection = EvaluationObjection(evaluation_id=row.id, worker_id=row.worker_id, node_id=row.node_id,
                                    words=words.strip(), is_demo=row.is_demo)  # fmt: skip
    row.objections.append(objection)
    session.flush()
    return objection


def answer(session: Any, objection_id: int, words: str) -> EvaluationObjection:
    """In writing, once (D0-62)."""
    row: EvaluationObjection | None = session.get(EvaluationObjection, objection_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no objection {objection_id}")
    must_lead_place(row.node)
    if row.answered_at is not None:
        raise refuse("answer", N_("It has been answered already."))
    if not words.strip() or len(words.strip()) > 1000:
        raise refuse("answer", N_("Answer in 1 to 1000 characters."))
    row.answer, row.answered_at, row.answered_by_id = words.strip(), clock.now(), current_access().user_id
    session.flush()
    return row


def finish(session: Any, evaluation_id: int) -> Evaluation:
    """The result counts from now on. Raises InvalidTransition, Refused while objections may come or wait."""
    row = _locked(session, evaluation_id)
    if not may_move(row.state, EvaluationState.FINAL):
        raise InvalidTransition(row.state, EvaluationState.FINAL)
    if row.objections_until is not None and today() <= row.objections_until:
        raise refuse("", N_("The worker may object until %(last)s."), last=row.objections_until)
    if any(one.answered_at is None for one in row.objections):
        raise refuse("", N_("An objection is not answered yet."))
    row.state, row.final_at = EvaluationState.FINAL, clock.now()
    session.flush()
    return row
