"""The write side of the row scope: where a row belongs is derived from its household or node, never from a form.

Runs in every flush of `db.session`. A row whose old or new area, or whose foreign key, lies outside the current access
is refused with ScopeError, and nothing of that flush is written. When a household or a node moves, the areas of
everything below it move in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, inspect, select, update
from sqlalchemy.orm import Mapper, Session

from app import models as m
from app.models.types import AREA_COLUMNS
from app.queries.access import Access, ScopeError, current_access
from app.queries.criteria import AREA_MODELS

Area = dict[str, int | None]
LEVELS = AREA_COLUMNS[1:]
# Made by a unit for all below it: rows below may refer to them.
FROM_ABOVE = frozenset({m.Department, m.EvaluationScheme, m.Handbook, m.Inspection, m.Meeting, m.SubsidyScheme,
                        m.TrainingSession, m.WarningBatch})  # fmt: skip
PLACED_MODELS: tuple[type[Any], ...] = (*AREA_MODELS, m.SmsMessage)
_MOVED = "areas.moved"  # session.info key: households and nodes whose descendants follow after the flush


def before_flush(session: Session, flush_context: Any, instances: Any) -> None:
    access = current_access()
    known: dict[tuple[str, int], Area] = {}
    changed = [row for row in session.dirty if session.is_modified(row)]
    for node in sorted((r for r in (*session.new, *changed) if isinstance(r, m.GridNode)), key=_height):
        _place_node(session, node, access)
    rows = [row for row in (*session.new, *changed) if isinstance(row, AREA_MODELS)]
    for row in sorted(rows, key=lambda r: not isinstance(r, m.Household)):  # households first: others follow them
        _place(session, row, access, known)
    if access.everything:
        return
    for row in (*session.new, *changed):
        _check(session, row, access, known)
    for row in session.deleted:
        _check_old(session, row, access)


def after_flush(session: Session, flush_context: Any) -> None:
    for row in session.info.pop(_MOVED, ()):
        if isinstance(row, m.GridNode):
            _cascade_node(session, row)
        else:
            _cascade_household(session, row)


# ---------------------------------------------------------------- nodes


def _height(node: m.GridNode) -> int:
    """Steps up to the root; parents are placed before their children."""
    height, parent = 0, node.parent
    while parent is not None and height < 6:
        height, parent = height + 1, parent.parent
    return height


def _place_node(session: Session, node: m.GridNode, access: Access) -> None:
    state: Any = inspect(node)
    is_new = state.pending
    if not is_new and not (state.attrs.parent_id.history.has_changes() or state.attrs.parent.history.has_changes()):
        return
    parent = node.parent if node.parent is not None else _node_by_id(session, node.parent_id)
    if parent is None and not access.everything:
        raise ScopeError("only the system may plant a root of the grid")
    node.depth = 1 if parent is None else parent.depth + 1
    if is_new:
        if parent is not None and not access.everything and not access.covers(_levels_of(parent)):
            raise ScopeError("the parent unit lies outside the area")
        return  # its own id is not known yet: _finish_node fills path and levels
    _check_moved_node(parent, node, access)
    _set_levels(node, parent)
    session.info.setdefault(_MOVED, []).append(node)


def _check_moved_node(parent: m.GridNode | None, node: m.GridNode, access: Access) -> None:
    if parent is not None and f"/{node.id}/" in parent.path:
        raise ScopeError("a unit cannot lie below itself")
    inside = parent is not None and access.covers(_levels_of(parent)) and access.covers(_old_levels(node))
    if not access.everything and not inside:
        raise ScopeError("the move leaves the area")


def _set_levels(node: m.GridNode, parent: m.GridNode | None) -> None:
    for depth in range(1, 6):
        inherited = getattr(parent, f"l{depth}_id") if parent is not None else None
        setattr(node, f"l{depth}_id", node.id if depth == node.depth else inherited if depth < node.depth else None)
    node.path = f"{parent.path if parent is not None else '/'}{node.id}/"


def _node_by_id(session: Session, node_id: int | None) -> m.GridNode | None:
    return None if node_id is None else session.get(m.GridNode, node_id)


def _finish_node(mapper: Mapper[Any], connection: Any, node: m.GridNode) -> None:
    """After the INSERT gave the id: path and levels, from the parent's row (inserted earlier, if in the same flush)."""
    table = m.GridNode.__table__
    columns = [table.c.path, *(table.c[name] for name in LEVELS)]
    parent = connection.execute(select(*columns).where(table.c.id == node.parent_id)).first()
    values: dict[str, Any] = {name: None if parent is None else getattr(parent, name) for name in LEVELS}
    values[f"l{node.depth}_id"] = node.id
    values["path"] = f"{'/' if parent is None else parent.path}{node.id}/"
    connection.execute(update(table).where(table.c.id == node.id).values(**values))
    for name, value in values.items():
        inspect(node).dict[name] = value
        inspect(node).committed_state.pop(name, None)


event.listen(m.GridNode, "after_insert", _finish_node)


def _cascade_node(session: Session, node: m.GridNode) -> None:
    """Everything below a moved node: the nodes level by level, then every row that hangs on one of them."""
    table, parent = m.GridNode.__table__, m.GridNode.__table__.alias()
    connection = session.connection()
    parents = [node.id]
    below = [node.id]
    while parents:
        found = connection.execute(select(table.c.id, parent.c.depth, parent.c.path, *(parent.c[n] for n in LEVELS))
                                   .join_from(table, parent, parent.c.id == table.c.parent_id)
                                   .where(parent.c.id.in_(parents))).all()  # fmt: skip
        for row in found:
            depth = row.depth + 1
            if depth > 5:
                raise ScopeError("the grid has at most five levels")
            values = {name: getattr(row, name) for name in LEVELS} | {f"l{depth}_id": row.id}
            values |= {"depth": depth, "path": f"{row.path}{row.id}/"}
            connection.execute(update(table).where(table.c.id == row.id).values(**values))
        parents = [row.id for row in found]
        below += parents
    _copy_areas_of_nodes(connection, below)
    session.expire_all()


def _copy_areas_of_nodes(connection: Any, node_ids: list[int]) -> None:
    node = m.GridNode.__table__
    for model in PLACED_MODELS:
        table = model.__table__
        levels = {n: select(node.c[n]).where(node.c.id == table.c.node_id).scalar_subquery() for n in LEVELS}
        connection.execute(update(table).where(table.c.node_id.in_(node_ids)).values(**levels))


# ---------------------------------------------------------------- rows


def _place(session: Session, row: Any, access: Access, known: dict[tuple[str, int], Area]) -> None:
    """Fill node_id and l1..l5. Bulk code under system access that copies a contact's area is believed."""
    state = inspect(row)
    if state.pending and access.everything and row.node_id is not None and row.l1_id is not None:
        return
    anchor = "household" if _has_household(state, row) else "node"
    history = (state.attrs[f"{anchor}_id"].history, state.attrs[anchor].history if anchor in state.attrs else None)
    moved = any(h is not None and h.has_changes() for h in history)
    touched = any(state.attrs[name].history.has_changes() for name in AREA_COLUMNS)
    if not (state.pending or moved or touched):
        return
    area = _area_of_anchor(session, row, anchor, known)
    if area is None:
        raise ScopeError(f"{state.mapper.class_.__name__} without a {anchor} has no area")
    for name, value in area.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    if isinstance(row, m.Household) and state.persistent and moved:
        session.info.setdefault(_MOVED, []).append(row)


def _has_household(state: Any, row: Any) -> bool:
    """Some rows may or may not concern a household (a suggestion): without one they lie where their unit is."""
    if "household_id" not in state.mapper.columns:
        return False
    optional = state.mapper.columns.household_id.nullable
    return not optional or row.household_id is not None or state.dict.get("household") is not None


def _area_of_anchor(session: Session, row: Any, anchor: str, known: dict[tuple[str, int], Area]) -> Area | None:
    model: Any = m.Household if anchor == "household" else m.GridNode
    loaded = inspect(row).dict.get(anchor)
    history = inspect(row).attrs[f"{anchor}_id"].history
    if loaded is not None and (inspect(loaded).pending or not history.added or history.added[0] is None):
        if inspect(loaded).pending and anchor == "node":
            raise ValueError("flush a new unit before rows are placed on it: its id is not known yet")
        return _own_area(loaded)
    key = getattr(row, f"{anchor}_id")
    return None if key is None else _area_by_id(session, model, key, known)


def _own_area(row: Any) -> Area:
    area = _levels_of(row)
    return {"node_id": row.id if isinstance(row, m.GridNode) else row.node_id, **area}


def _levels_of(row: Any) -> Area:
    return {name: getattr(row, name) for name in LEVELS}


def _area_by_id(session: Session, model: Any, key: int, known: dict[tuple[str, int], Area]) -> Area | None:
    slot = (model.__tablename__, key)
    if slot not in known:
        table = model.__table__
        node_id = table.c.id if model is m.GridNode else table.c.node_id
        query = select(node_id.label("node_id"), *(table.c[name] for name in LEVELS)).where(table.c.id == key)
        found = session.connection().execute(query).mappings().first()
        if found is None:
            return None
        known[slot] = dict(found)
    return known[slot]


def _cascade_household(session: Session, household: m.Household) -> None:
    area = _own_area(household)
    connection = session.connection()
    for model in PLACED_MODELS:
        table = model.__table__
        if "household_id" in table.c:
            connection.execute(update(table).where(table.c.household_id == household.id).values(**area))
    for row in session.identity_map.values():
        if getattr(row, "household_id", None) == household.id:
            session.expire(row, [name for name in AREA_COLUMNS if name in inspect(row).mapper.columns])


# ---------------------------------------------------------------- checks


def _check(session: Session, row: Any, access: Access, known: dict[tuple[str, int], Area]) -> None:
    if isinstance(row, m.AuditEntry) and inspect(row).persistent:
        raise ScopeError("the audit trail is only ever added to")
    if isinstance(row, PLACED_MODELS):
        _must_cover(access, _levels_of(row), row)
        if inspect(row).persistent:
            _must_cover(access, _old_levels(row), row)
    elif isinstance(row, (m.Assignment, m.CarrierRoute)):
        _check_node_link(session, row, access, known)
    elif isinstance(row, m.GridWorker):
        _check_worker(session, row, access)
    elif isinstance(row, m.GridNode) and inspect(row).persistent:
        _must_cover(access, _old_levels(row), row)
    _check_foreign_keys(session, row, access, known)


def _check_old(session: Session, row: Any, access: Access) -> None:
    if isinstance(row, m.AuditEntry):
        raise ScopeError("the audit trail is only ever added to")
    if isinstance(row, (*PLACED_MODELS, m.GridNode)):
        _must_cover(access, _old_levels(row), row)
    elif isinstance(row, (m.Assignment, m.CarrierRoute)):
        _check_node_link(session, row, access, {})
    elif isinstance(row, m.GridWorker):
        _check_worker(session, row, access)


def _must_cover(access: Access, levels: Area, row: Any) -> None:
    unplaced = isinstance(row, m.SmsMessage) and all(value is None for value in levels.values())
    if not (access.covers(levels) or (unplaced and access.is_county)):
        raise ScopeError(f"{type(row).__name__} outside the area")


def _old_levels(row: Any) -> Area:
    def before(name: str) -> Any:
        history = inspect(row).attrs[name].history
        old = history.deleted or history.unchanged
        return old[0] if old else getattr(row, name)

    return {name: before(name) for name in LEVELS}


def _check_node_link(session: Session, row: Any, access: Access, known: dict[tuple[str, int], Area]) -> None:
    """Assignments and routes: the old and the new node, both inside. A route for everybody is the county's."""
    history = inspect(row).attrs.node_id.history
    loaded = inspect(row).dict.get("node")
    ids: Iterable[int | None] = {*(history.added or ()), *(history.deleted or ()), *(history.unchanged or ())}
    if loaded is not None:
        ids = {*ids, loaded.id}
    for node_id in ids:
        area = None if node_id is None else _area_by_id(session, m.GridNode, node_id, known)
        if area is None and not (node_id is None and (loaded is not None or access.is_county)):
            raise ScopeError(f"{type(row).__name__} outside the area")
        if area is not None and not access.covers(area):
            raise ScopeError(f"{type(row).__name__} outside the area")


def _check_worker(session: Session, worker: m.GridWorker, access: Access) -> None:
    """A person may be changed by those whose area holds one of the person's units; new ones by the county."""
    if inspect(worker).pending:
        if not access.is_county:
            raise ScopeError("only the county enters new workers")
        return
    duty, node = m.Assignment.__table__, m.GridNode.__table__
    query = select(*(node.c[name] for name in LEVELS)).join_from(node, duty, duty.c.node_id == node.c.id)
    areas = session.connection().execute(query.where(duty.c.worker_id == worker.id)).mappings().all()
    unassigned = access.is_county and not areas
    if not unassigned and not any(access.covers(dict(area)) for area in areas):
        raise ScopeError("the worker serves outside the area")


def _check_foreign_keys(session: Session, row: Any, access: Access, known: dict[tuple[str, int], Area]) -> None:
    """A forged id in a form would otherwise show a foreign row through the relation."""
    state = inspect(row)
    targets = {model.__tablename__: model for model in AREA_MODELS}
    for column in state.mapper.columns:
        for key in column.foreign_keys:
            model = targets.get(key.column.table.name)
            value = state.dict.get(state.mapper.get_property_by_column(column).key)
            if model is None or model is m.Campaign or value is None or value == 0:
                continue
            area = _area_by_id(session, model, value, known)
            if area is None or not (access.covers(area) or (model in FROM_ABOVE and area["node_id"] in access.above)):
                raise ScopeError(f"{model.__name__} outside the area")
