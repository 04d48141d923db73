"""Evaluations by unit and by state; nothing here orders or compares persons by what they reached (UX 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.domain.worker_files.scoring import Band, Result, Tally, result_of
from app.domain.worker_files.words import Dimension, EvaluationState
from app.extensions import db
from app.models import Evaluation, EvaluationScheme, GridNode, GridWorker
from app.queries.worker_files.deeds import Served
from app.queries.worker_files.people import below


def find_scheme(place: Any, on: date) -> EvaluationScheme | None:
    """The scheme of the nearest unit above that is valid on the day, the youngest first."""
    chain = [getattr(place, f"l{depth}_id") for depth in range(5, 0, -1)]
    query = select(EvaluationScheme).where(EvaluationScheme.node_id.in_([key for key in chain if key is not None]),
                                           EvaluationScheme.valid_from <= on)  # fmt: skip
    found = list(db.session.scalars(query))
    return min(found, key=lambda one: (chain.index(one.node_id), -one.valid_from.toordinal(), -one.id), default=None)


def list_schemes() -> list[EvaluationScheme]:
    query = select(EvaluationScheme).order_by(EvaluationScheme.valid_from.desc(), EvaluationScheme.id.desc())
    return list(db.session.scalars(query))


def bands_of(scheme: EvaluationScheme) -> list[Band]:
    return [Band(Decimal(floor), grade, Decimal(coefficient)) for floor, grade, coefficient in scheme.bands]


def weights_of(scheme: EvaluationScheme) -> dict[Dimension, int]:
    return {dimension: scheme.weights.get(dimension.value, 0) for dimension in Dimension}


def tallies_of(evaluation: Evaluation) -> dict[Dimension, Tally]:
    """As frozen or last counted."""
    return {Dimension(name): Tally(done or 0, target) for name, (done, target) in evaluation.tallies.items()}


def result_as_it_stands(evaluation: Evaluation) -> Result:
    scheme = evaluation.scheme
    deductions = [Decimal(str(one["points"])) for one in evaluation.deductions]
    return result_of(tallies_of(evaluation), weights_of(scheme), manual=evaluation.manual_score,
                     manual_weight=scheme.manual_weight, deductions=deductions, veto=evaluation.veto,
                     bands=bands_of(scheme))  # fmt: skip


def served_of(evaluation: Evaluation) -> Served:
    user_id = db.session.scalar(select(GridWorker.user_id).where(GridWorker.id == evaluation.worker_id))
    return Served(evaluation.worker_id, user_id, evaluation.node, evaluation.from_on, evaluation.to_on)


def list_evaluations(
    period: str, node: GridNode | None = None, state: EvaluationState | None = None
) -> list[Evaluation]:
    """By the code of the unit: the order says nothing about the persons."""
    query = select(Evaluation).join(GridNode, GridNode.id == Evaluation.node_id).where(Evaluation.period == period)
    if node is not None:
        query = query.where(below(node))
    if state is not None:
        query = query.where(Evaluation.state == state)
    return list(db.session.scalars(query.order_by(GridNode.code, Evaluation.id)))


def count_by_state(period: str) -> dict[EvaluationState, int]:
    query = select(Evaluation.state, func.count()).where(Evaluation.period == period).group_by(Evaluation.state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def list_periods() -> list[str]:
    return list(db.session.scalars(select(Evaluation.period).distinct().order_by(Evaluation.period.desc())))


def list_of_worker(worker_id: int) -> list[Evaluation]:
    query = select(Evaluation).where(Evaluation.worker_id == worker_id)
    return list(db.session.scalars(query.order_by(Evaluation.from_on.desc(), Evaluation.id.desc())))


def list_adjustments() -> list[Evaluation]:
    """建议调整: final results below the scheme's line, by unit; each leads to a replacement (D0-65)."""
    query = (
        select(Evaluation)
        .join(EvaluationScheme, EvaluationScheme.id == Evaluation.scheme_id)
        .join(GridNode, GridNode.id == Evaluation.node_id)
        .where(Evaluation.state == EvaluationState.FINAL, Evaluation.total < EvaluationScheme.adjust_below)
    )
    return list(db.session.scalars(query.order_by(GridNode.code, Evaluation.id)))


def coefficients(worker_ids: Sequence[int], first_on: date, last_on: date) -> dict[tuple[int, int], Decimal]:
    """{(worker, unit): coefficient} of the final evaluation that covers most of these days; the newest of equals."""
    found: dict[tuple[int, int], tuple[int, int, Decimal]] = {}
    for start in range(0, len(worker_ids), 500):
        query = select(Evaluation).where(
            Evaluation.worker_id.in_(worker_ids[start : start + 500]), Evaluation.state == EvaluationState.FINAL,
            Evaluation.from_on <= last_on, Evaluation.to_on >= first_on,
        )  # fmt: skip
        for one in db.session.scalars(query):
            days = (min(last_on, one.to_on) - max(first_on, one.from_on)).days
            ranked = (days, one.id, one.coefficient or Decimal(0))
            key = (one.worker_id, one.node_id)
            found[key] = max(found.get(key, ranked), ranked, key=lambda item: item[:2])
    return {key: item[2] for key, item in found.items()}
