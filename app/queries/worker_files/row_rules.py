"""Whose file may be read: one's own, and those of the people one leads; never a colleague's or a superior's.

A file is led from above: the village leads the workers of its groups, the township also the village's people. The
county leads everybody, its own people included. `app.queries.criteria` takes these rules in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from app import models as m
from app.domain.worker_files.words import EvaluationState
from app.queries.access import Access


def led(access: Access, place: Any, node_id: Any) -> ColumnElement[bool]:
    """Places strictly below one of the access's units; for the whole county also its own unit. `place`: anything with
    l1_id … l5_id; `node_id`: its own unit."""
    parts: list[ColumnElement[bool]] = []
    for depth in sorted({depth for depth, _ in access.grants}):
        ids = [node for level, node in access.grants if level == depth]
        inside = getattr(place, f"l{depth}_id").in_(ids)
        parts.append(inside if depth == 1 else and_(inside, node_id.not_in(ids)))
    return or_(*parts) if parts else false()


def workers_led(access: Access) -> Select[Any]:
    """Ids of those who serve, or once served, below."""
    duty, node = m.Assignment.__table__.alias(), m.GridNode.__table__.alias()
    serving = duty.join(node, node.c.id == duty.c.node_id)
    return select(duty.c.worker_id).select_from(serving).where(led(access, node.c, node.c.id))


def _own(access: Access) -> Select[Any]:
    worker = m.GridWorker.__table__.alias()
    return select(worker.c.id).where(worker.c.user_id == access.user_id)


def of_person(access: Access, entity: Any) -> ColumnElement[bool]:
    """Facts of a person: they follow the person from unit to unit."""
    seen = or_(entity.worker_id.in_(_own(access)), entity.worker_id.in_(workers_led(access)))
    if not access.is_county:
        return seen
    duty = m.Assignment.__table__.alias()
    return or_(seen, entity.worker_id.not_in(select(duty.c.worker_id)))


def of_deed(access: Access, entity: Any) -> ColumnElement[bool]:
    """What was decided about a person at a place: it stays with the place that decided."""
    return or_(led(access, entity, entity.node_id), entity.worker_id.in_(_own(access)))


def of_evaluation(access: Access, entity: Any) -> ColumnElement[bool]:
    """A draft is nobody's result yet: the person sees it when it is published."""
    own = and_(entity.worker_id.in_(_own(access)), entity.state != EvaluationState.DRAFT)
    return or_(led(access, entity, entity.node_id), own)


def of_handover(access: Access, entity: Any) -> ColumnElement[bool]:
    """Also the successor, who accepts it, and the predecessor."""
    own = _own(access)
    mine = or_(entity.to_worker_id.in_(own), entity.from_worker_id.in_(own))
    return or_(led(access, entity, entity.node_id), mine)


def of_place(access: Access, entity: Any) -> ColumnElement[bool]:
    """Made by a unit for all below it (a training, a handbook, a scheme): seen from below too."""
    parts: list[ColumnElement[bool]] = [entity.node_id.in_(access.above)]
    for depth in sorted({depth for depth, _ in access.grants}):
        parts.append(getattr(entity, f"l{depth}_id").in_([node for level, node in access.grants if level == depth]))
    return or_(*parts)


WORKER_FILE_CRITERIA: dict[type[Any], Callable[[Access, Any], ColumnElement[bool]]] = {
    m.WorkerFile: of_person,
    m.WorkerIdentity: of_person,
    m.WorkerCheck: of_person,
    m.WorkerReward: of_person,
    m.TrainingAttendance: of_person,
    m.HandbookReceipt: of_person,
    m.AgeException: of_deed,
    m.WorkerProposal: of_deed,
    m.EvaluationObjection: of_deed,
    m.SubsidyLine: of_deed,
    m.Evaluation: of_evaluation,
    m.WorkerHandover: of_handover,
    m.TrainingSession: of_place,
    m.Handbook: of_place,
    m.EvaluationScheme: of_place,
    m.SubsidyScheme: of_place,
    m.SubsidyRun: of_place,
}
