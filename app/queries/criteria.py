"""For each table: which of its rows lie inside an access."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import with_loader_criteria

from app import models as m
from app.extensions import db
from app.models.types import AreaMixin
from app.queries.access import Access
from app.queries.sampled import in_sample
from app.queries.worker_files.row_rules import WORKER_FILE_CRITERIA

# Every table with area columns, so that a new one is inside the scope from its first day. A text message alone may come
# from nobody known and lie nowhere: it has a rule of its own below.
AREA_MODELS: tuple[type[Any], ...] = tuple(
    sorted(
        (
            one.class_
            for one in db.Model.registry.mappers
            if issubclass(one.class_, AreaMixin) and one.class_ is not m.SmsMessage
        ),
        key=lambda model: str(model.__tablename__),
    )
)
# Reference data and machinery without personal data: roles alone decide. Every other model is scoped.
OPEN_MODELS: tuple[type[Any], ...] = (
    m.CaseTemplate,
    m.GridLevel,
    m.IvrScript,
    m.PacingBudget,
    m.PolicyDocument,
    m.PolicyProfile,
    m.RateWindow,
    m.Tick,
    m.LoginState,
)


def criterion(access: Access, entity: Any) -> ColumnElement[bool]:
    """Rows of `entity` (model or aliased model) inside `access`. Open models: all. Unknown models: KeyError."""
    model = entity if isinstance(entity, type) else entity.__mapper__.class_
    if access.everything or model in OPEN_MODELS:
        return true()
    if access.user_id is None:
        return false()
    if access.samples:
        return in_sample(access, entity, model)
    return _CRITERIA[model](access, entity)


def _in_area(access: Access, entity: Any) -> ColumnElement[bool]:
    by_depth: dict[int, list[int]] = {}
    for depth, node_id in access.grants:
        by_depth.setdefault(depth, []).append(node_id)
    parts = [
        getattr(entity, f"l{depth}_id") == ids[0] if len(ids) == 1 else getattr(entity, f"l{depth}_id").in_(ids)
        for depth, ids in by_depth.items()
    ]
    return or_(*parts) if parts else false()


class _Table:
    """A table for a nested SELECT: read like a model, but no criteria of its own are added to it."""

    def __init__(self, model: type[Any]) -> None:
        self.table = model.__table__.alias()

    def __getattr__(self, name: str) -> Any:
        return self.table.c[name]


def _nodes_inside(access: Access) -> Any:
    node = _Table(m.GridNode)
    return select(node.id).where(_in_area(access, node))


def _campaign(access: Access, entity: Any) -> Any:
    """Own area, and campaigns of the units above, whose contacts here are part of the county's quarter."""
    return or_(_in_area(access, entity), entity.node_id.in_(access.above))


def _workers_inside(access: Access) -> Any:
    duty = _Table(m.Assignment)
    return select(duty.worker_id).where(duty.node_id.in_(_nodes_inside(access)))


def _users_inside(access: Access) -> Any:
    worker = _Table(m.GridWorker)
    return select(worker.user_id).where(worker.id.in_(_workers_inside(access)), worker.user_id.is_not(None))


def _worker(access: Access, entity: Any) -> ColumnElement[bool]:
    """Oneself, who serves the area, and who serves the units above it (a visit's author must have a name)."""
    duty = _Table(m.Assignment)
    above = select(duty.worker_id).where(duty.node_id.in_(access.above))
    seen = or_(entity.user_id == access.user_id, entity.id.in_(_workers_inside(access)), entity.id.in_(above))
    if not access.is_county:
        return seen
    anybody = _Table(m.Assignment)
    return or_(seen, entity.id.not_in(select(anybody.worker_id)))


def _assignment(access: Access, entity: Any) -> ColumnElement[bool]:
    worker = _Table(m.GridWorker)
    own = select(worker.id).where(worker.user_id == access.user_id)
    return or_(entity.node_id.in_(_nodes_inside(access)), entity.worker_id.in_(own))


def _sms(access: Access, entity: Any) -> ColumnElement[bool]:
    area = _in_area(access, entity)
    return or_(area, entity.node_id.is_(None)) if access.is_county else area


def _callback(access: Access, entity: Any) -> Any:
    attempt = _Table(m.Attempt)
    return entity.attempt_id.in_(select(attempt.id).where(_in_area(access, attempt)))


def _opt_out(access: Access, entity: Any) -> Any:
    if access.is_county:
        return true()
    phone = _Table(m.Phone)
    return entity.e164_hash.in_(select(phone.e164_hash).where(_in_area(access, phone)))


def _route(access: Access, entity: Any) -> ColumnElement[bool]:
    return or_(entity.node_id.is_(None), entity.node_id.in_(access.above), entity.node_id.in_(_nodes_inside(access)))


def _batch(access: Access, entity: Any) -> Any:
    """One's own uploads; the county also those of everybody who serves in it."""
    own = entity.created_by_id == access.user_id
    return or_(own, entity.created_by_id.in_(_users_inside(access))) if access.is_county else own


def _of_national_batch(access: Access, entity: Any) -> Any:
    batch = _Table(m.NationalBatch)
    return entity.batch_id.in_(select(batch.id).where(_batch(access, batch)))


def _batch_row(access: Access, entity: Any) -> Any:
    batch = _Table(m.ImportBatch)
    return entity.batch_id.in_(select(batch.id).where(_batch(access, batch)))


def _audit(access: Access, entity: Any) -> ColumnElement[bool]:
    """One's own acts and those on rows of the area; the county also all acts of everybody who serves in it."""
    seen = or_(entity.user_id == access.user_id, entity.node_id.in_(_nodes_inside(access)))
    return or_(seen, entity.user_id.in_(_users_inside(access))) if access.is_county else seen


_CRITERIA: dict[type[Any], Callable[[Access, Any], ColumnElement[bool]]] = (
    dict.fromkeys(AREA_MODELS, _in_area)
    | {
        m.GridNode: _in_area,
        m.Campaign: _campaign,
        m.Department: _campaign,  # a village works with the township's and the county's offices
        m.Inspection: _campaign,  # a unit that is inspected sees by which inspection
        m.Sweep: _campaign,
        m.WarningBatch: _campaign,  # a title and a day; its rows lie with the villages
        m.GridWorker: _worker,
        m.Assignment: _assignment,
        m.SmsMessage: _sms,
        m.CarrierCallback: _callback,
        m.OptOut: _opt_out,
        m.CarrierRoute: _route,
        m.ImportBatch: _batch,
        m.ImportRow: _batch_row,
        m.NationalBatch: _batch,
        m.NationalPart: _of_national_batch,
        m.NationalRow: _of_national_batch,
        m.AuditEntry: _audit,
    }
    | WORKER_FILE_CRITERIA
)
SCOPED_MODELS = tuple(_CRITERIA)
SCOPED_TABLES = frozenset(model.__tablename__ for model in SCOPED_MODELS)


@lru_cache(maxsize=4096)
def loader_options(access: Access, tables: frozenset[str] = SCOPED_TABLES) -> tuple[Any, ...]:
    """ORM options that restrict every scoped model of a statement, wherever it appears in it. `tables`: the names of
    those it can read; fewer options make the statement cheaper to prepare."""
    return tuple(
        with_loader_criteria(model, criterion(access, model), include_aliases=True, propagate_to_loaders=False)
        for model in SCOPED_MODELS
        if model.__tablename__ in tables
    )
