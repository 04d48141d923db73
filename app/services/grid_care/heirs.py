"""Who and what goes on at the units that take over from a closed one: duties, names, sub-areas, other networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import Duty
from app.domain.grid_care.words import GridTaskState, PublicityState
from app.extensions import clock
from app.models import (
    Assignment,
    CoveredPlace,
    GridNode,
    GridTask,
    NetworkCode,
    NodeAlias,
    PublicityRecord,
    SubAreaUnit,
)
from app.queries.scope import current_access

_ONE_UNIT = frozenset({Duty.GRID_WORKER, Duty.NEIGHBOUR_LEAD})  # who served one unit goes on in one; others in all


def carry_on(
    session: Any, old: GridNode, new: Sequence[GridNode], on: date, chosen: Mapping[int, GridNode] | None = None
) -> None:
    """End what is open at `old` on the day before `on` and begin it at `new`. `chosen`: assignment id → its new unit;
    a worker nobody was asked about goes on at the first."""
    query = select(Assignment).where(Assignment.node_id == old.id,
                                     or_(Assignment.to_on.is_(None), Assignment.to_on >= on))  # fmt: skip
    for duty in session.scalars(query.order_by(Assignment.id)).all():
        own = (chosen or {}).get(duty.id)
        targets = [own] if own is not None else [new[0]] if duty.duty in _ONE_UNIT else list(new)
        _hand_on(session, duty, targets, on)
    _regroup(session, old, new, on)
    _drop_open(session, old)
    session.flush()


def _hand_on(session: Any, duty: Assignment, targets: Sequence[GridNode], on: date) -> None:
    until = duty.to_on
    if duty.from_on >= on:  # it had not begun: it begins at the new unit instead
        duty.to_on = duty.from_on
    else:
        duty.to_on = on - timedelta(days=1)
    for node in targets:
        same = select(Assignment.id).where(
            Assignment.worker_id == duty.worker_id, Assignment.node_id == node.id, Assignment.duty == duty.duty,
            Assignment.from_on <= on, or_(Assignment.to_on.is_(None), Assignment.to_on >= on),
        )  # fmt: skip
        if session.scalar(same.limit(1)) is None:
            session.add(Assignment(worker_id=duty.worker_id, node_id=node.id, duty=duty.duty,
                                   from_on=max(on, duty.from_on), to_on=until, is_demo=duty.is_demo))  # fmt: skip


def _regroup(session: Any, old: GridNode, new: Sequence[GridNode], on: date) -> None:
    """The new units lie in the sub-area of the old one, as long as they lie in its village."""
    open_ended = select(SubAreaUnit).where(SubAreaUnit.node_id == old.id, SubAreaUnit.to_on.is_(None))
    for member in session.scalars(open_ended).all():
        member.to_on = max(member.from_on, on - timedelta(days=1))
        for node in new:
            taken = select(SubAreaUnit.id).where(SubAreaUnit.node_id == node.id, SubAreaUnit.to_on.is_(None))
            if node.path.startswith(member.sub_area.node.path) and session.scalar(taken) is None:
                session.add(SubAreaUnit(sub_area_id=member.sub_area_id, node_id=node.id, from_on=on,
                                        is_demo=member.is_demo))  # fmt: skip


def _drop_open(session: Any, old: GridNode) -> None:
    """Nobody mends or publishes anything at a closed unit."""
    for task in session.scalars(select(GridTask).where(GridTask.node_id == old.id, GridTask.state == "open")).all():
        task.state, task.closed_at, task.closed_by_id = GridTaskState.DROPPED, clock.now(), current_access().user_id
    due = select(PublicityRecord).where(PublicityRecord.node_id == old.id, PublicityRecord.state == PublicityState.DUE)
    for record in session.scalars(due).all():
        record.state = PublicityState.DROPPED


def inherit_names(session: Any, old: GridNode, new: Sequence[GridNode], *, is_part: bool) -> None:
    """The old unit and what it covered stand among what the new ones cover; who merges is found under the old names
    too. Codes of other networks go on at the one heir, unless it has one of that network."""
    covered = [*_all(session, CoveredPlace, old), CoveredPlace(name=old.name, kind=old.unit_kind)]
    for node in new:
        known = {place.name for place in _all(session, CoveredPlace, node)}
        for place in covered:
            if place.name not in known:
                known.add(place.name)
                session.add(CoveredPlace(node_id=node.id, name=place.name, kind=place.kind,
                                         is_part=is_part or bool(place.is_part)))  # fmt: skip
    if len(new) == 1:
        _inherit_by_one(session, old, new[0])
    session.flush()


def _inherit_by_one(session: Any, old: GridNode, node: GridNode) -> None:
    names = {old.name, *(alias.name for alias in _all(session, NodeAlias, old))} - {node.name}
    for name in sorted(names - {alias.name for alias in _all(session, NodeAlias, node)}):
        session.add(NodeAlias(node_id=node.id, name=name))
    known = {code.network for code in _all(session, NetworkCode, node)}
    for code in _all(session, NetworkCode, old):
        if code.network not in known:
            code.node_id = node.id


def _all(session: Any, model: type[Any], node: GridNode) -> list[Any]:
    return list(session.scalars(select(model).where(model.node_id == node.id).order_by(model.id)))
