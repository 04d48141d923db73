"""Units are merged, split and moved: one transaction, once however often it is clicked, and nothing is lost.

Households move with everything that is theirs; the old unit stays on record, closed, with its lineage, and whatever
happened at the unit itself (publicity, supervision, campaigns) stays with it. Units are named by id and code, never by
name: names repeat inside one county.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.domain.enums import UnitKind
from app.domain.grid_care import wording
from app.domain.grid_care.codes import next_code
from app.domain.grid_care.words import GridChangeKind, PublicityKind
from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridChange, GridNode, Household, NodeLineage
from app.queries.scope import ScopeError, current_access, today, vouched
from app.security import audit
from app.services.grid_care import heirs, publicity, rows
from app.services.grid_nodes import DEEPEST, GridError

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Decision:
    """`token` from the form: a second click with it finds the change done. `on`: civil date from which it holds."""

    token: str
    reason: str
    on: date


@dataclass(frozen=True, slots=True)
class Part:
    """One unit a split makes. `households`, `units`: ids at the old unit; `assignments`: who goes on serving here."""

    name: str
    households: Sequence[int] = ()
    units: Sequence[int] = ()
    assignments: Sequence[int] = ()
    code: str = ""
    kind: UnitKind = UnitKind.SPLIT


@dataclass(frozen=True, slots=True)
class NewUnit:
    """The unit a merge makes right below `below`; code '' takes the next one there."""

    below: GridNode
    name: str
    code: str = ""
    kind: UnitKind = UnitKind.MERGED


@dataclass(slots=True)
class _Work:
    session: Any
    change: GridChange
    decision: Decision
    figures: dict[str, int] = field(default_factory=dict)

    def count(self, moved: dict[str, int]) -> None:
        for name, number in moved.items():
            self.figures[name] = self.figures.get(name, 0) + number


def find_done(session: Any, token: str) -> GridChange | None:
    found: GridChange | None = session.scalars(select(GridChange).where(GridChange.token == token)).first()
    return found


def merge(session: Any, sources: Sequence[GridNode], into: GridNode | NewUnit, decision: Decision) -> GridChange:
    """Units of one depth and township become one: a new unit, or one that is there. The others are closed.

    Raises GridError in words of the screen, ScopeError outside the area.
    """
    done = _begin(session, [*sources, into.below if isinstance(into, NewUnit) else into], decision)
    if done is not None:
        return done
    old = sorted({node.id: node for node in sources}.values(), key=lambda node: node.code)
    if not isinstance(into, NewUnit):
        old = [node for node in old if node.id != into.id]
    _check_merge(old, into)
    target = _plant(session, into.below, into.name, into.code, into.kind) if isinstance(into, NewUnit) else into
    work = _open(session, GridChangeKind.MERGE, target, decision)
    target.unit_kind = into.kind if isinstance(into, NewUnit) else UnitKind.MERGED
    for node in old:
        _hand_over(work, node, target, rows.count_households(session, node))
        work.count(rows.move_all(session, node, target))
        _adopt(work, list(_children(session, node)), target)
        heirs.carry_on(session, node, [target], decision.on)
        heirs.inherit_names(session, node, [target], is_part=False)
        _close(work, node)
    return _finish(work, [target], wording.merged([node.name for node in old], target.name, decision.on))


def split(session: Any, node: GridNode, parts: Sequence[Part], decision: Decision) -> GridChange:
    """One unit becomes several; each household and each unit below goes to exactly one.

    Raises GridError in words of the screen, ScopeError outside the area.
    """
    done = _begin(session, [node], decision)
    if done is not None:
        return done
    _check_split(session, node, parts)
    parent = node.parent
    assert parent is not None  # _check_split
    work = _open(session, GridChangeKind.SPLIT, parent, decision)
    made = [_plant(session, parent, part.name, part.code, part.kind) for part in parts]
    gone = list(_households(session, node, gone=True))
    for position, (part, new) in enumerate(zip(parts, made, strict=True)):
        ids = [*part.households, *(gone if position == 0 else [])]  # those that left keep their history at the first
        _hand_over(work, node, new, len(ids))
        work.count(rows.move_some(session, node, new, ids))
        _adopt(work, [session.get_one(GridNode, key) for key in part.units], new)
    served = {assignment: new for part, new in zip(parts, made, strict=True) for assignment in part.assignments}
    heirs.carry_on(session, node, made, decision.on, served)
    heirs.inherit_names(session, node, made, is_part=True)
    _close(work, node)
    return _finish(work, made, wording.split(node.name, [new.name for new in made], decision.on))


def move(session: Any, node: GridNode, parent: GridNode, decision: Decision) -> GridChange:
    """Hang a unit, with all that lies below it, under another parent. Raises GridError, ScopeError."""
    done = _begin(session, [node, parent], decision)
    if done is not None:
        return done
    _check_move(session, node, parent)
    old = node.parent_id
    work = _open(session, GridChangeKind.MOVE, node, decision)
    households = getattr(Household.__table__.c, f"l{node.depth}_id")
    number = session.execute(vouched(select(func.count()).where(households == node.id))).scalar_one()
    _adopt(work, [node], parent)
    session.add(NodeLineage(node_id=node.id, change_id=work.change.id, into_id=parent.id, from_parent_id=old,
                            kind=GridChangeKind.MOVE, on=decision.on, households=number))  # fmt: skip
    work.figures["household"] = number
    return _finish(work, [node], wording.moved(node.name, parent.name, decision.on))


# ---------------------------------------------------------------- steps


def _begin(session: Any, nodes: Sequence[GridNode], decision: Decision) -> GridChange | None:
    """Lock the units in one order; the change if this very click was answered before."""
    ids = sorted({node.id for node in nodes})
    locked = select(GridNode).where(GridNode.id.in_(ids)).order_by(GridNode.id).with_for_update()
    seen = session.scalars(locked.execution_options(populate_existing=True)).all()
    done = find_done(session, decision.token)
    if done is not None:
        return done
    access = current_access()
    if len(seen) != len(ids) or not all(access.covers(_levels(node)) for node in seen):
        raise ScopeError("a unit outside the area")
    if not decision.reason.strip():
        raise GridError(N_("Say why: the reason goes into the audit trail."))
    if decision.on > today():
        raise GridError(N_("The day lies in the future."))
    return None


def _levels(node: GridNode) -> dict[str, int | None]:
    return {name: getattr(node, name) for name in ("l1_id", "l2_id", "l3_id", "l4_id", "l5_id")}


def _check_merge(old: Sequence[GridNode], into: GridNode | NewUnit) -> None:
    everyone = list(old) if isinstance(into, NewUnit) else [*old, into]
    if len(everyone) < 2 or not old:
        raise GridError(N_("Choose at least two units to merge."))
    if not all(node.is_active for node in everyone):
        raise GridError(N_("A closed unit cannot be merged."))
    if len({node.depth for node in everyone}) > 1:
        raise GridError(N_("Only units of the same level can be merged."))
    if isinstance(into, NewUnit) and (into.below.depth != old[0].depth - 1 or not into.below.is_active):
        raise GridError(N_("The new unit must lie one level below a unit in use."))
    above = [*everyone, *([into.below] if isinstance(into, NewUnit) else [])]
    level = "l2_id" if old[0].depth > 2 else "l1_id"
    if len({getattr(node, level) for node in above}) > 1:
        raise GridError(N_("Units of different townships cannot be merged."))
    if old[0].depth == 1:
        raise GridError(N_("The top of the grid cannot be merged or split."))


def _check_split(session: Any, node: GridNode, parts: Sequence[Part]) -> None:
    if node.parent_id is None:
        raise GridError(N_("The top of the grid cannot be merged or split."))
    if not node.is_active:
        raise GridError(N_("This unit is closed."))
    if len(parts) < 2:
        raise GridError(N_("A split makes at least two units."))
    names = [part.name.strip() for part in parts]
    if not all(names) or len(set(names)) < len(names):
        raise GridError(N_("Give each new unit a name of its own."))
    _check_shares([key for part in parts for key in part.households], _households(session, node, gone=False),
                  N_("A household is left over, or stands in two parts."))  # fmt: skip
    _check_shares([key for part in parts for key in part.units], [child.id for child in _children(session, node)],
                  N_("A unit below is left over, or stands in two parts."))  # fmt: skip


def _check_shares(given: Sequence[int], wanted: Sequence[int], message: str) -> None:
    if sorted(given) != sorted(wanted):
        raise GridError(message)


def _check_move(session: Any, node: GridNode, parent: GridNode) -> None:
    if node.parent_id is None:
        raise GridError(N_("The top of the grid cannot be moved."))
    if parent.path.startswith(node.path):
        raise GridError(N_("A unit cannot lie below itself."))
    if not parent.is_active:
        raise GridError(N_("The new parent is closed."))
    if node.parent_id == parent.id:
        raise GridError(N_("The unit lies there already."))
    deepest = session.scalar(select(func.max(GridNode.depth)).where(GridNode.path.startswith(node.path)))
    if parent.depth + 1 + deepest - node.depth > DEEPEST:
        raise GridError(N_("The grid has at most five levels."))


def _households(session: Any, node: GridNode, *, gone: bool) -> list[int]:
    table = Household.__table__
    left = table.c.gone_on.is_not(None) if gone else table.c.gone_on.is_(None)
    query = select(table.c.id).where(table.c.node_id == node.id, left).order_by(table.c.id)
    return list(session.execute(vouched(query)).scalars())


def _children(session: Any, node: GridNode) -> list[GridNode]:
    """Those in use; closed ones stay with the closed unit, as its history."""
    below = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active)
    return list(session.scalars(below.order_by(GridNode.code)))


def _plant(session: Any, parent: GridNode, name: str, code: str, kind: UnitKind) -> GridNode:
    if not name.strip() or len(name.strip()) > _LONGEST_NAME:
        raise GridError(N_("Give the unit a name of at most 64 characters."))
    taken = session.scalars(select(GridNode.code).where(GridNode.code.startswith(parent.code))).all()
    try:
        code = code.strip() or next_code(parent.code, taken)
    except ValueError:
        raise GridError(N_("No code is free below this unit: type one.")) from None
    try:
        with session.begin_nested():
            node = GridNode(parent_id=parent.id, parent=parent, depth=parent.depth + 1, name=name.strip(), code=code,
                            unit_kind=kind, opened_on=today())  # fmt: skip
            session.add(node)
    except IntegrityError:
        raise GridError(N_("This code is taken.")) from None
    return node


def _open(session: Any, kind: GridChangeKind, node: GridNode, decision: Decision) -> _Work:
    change = GridChange(kind=kind, node_id=node.id, token=decision.token, reason=decision.reason.strip()[:200],
                        effective_on=decision.on, done_at=clock.now(), done_by_id=current_access().user_id)  # fmt: skip
    session.add(change)
    session.flush()
    return _Work(session, change, decision)


def _hand_over(work: _Work, old: GridNode, new: GridNode, households: int) -> None:
    work.session.add(NodeLineage(node_id=old.id, change_id=work.change.id, into_id=new.id, kind=work.change.kind,
                                 on=work.decision.on, households=households))  # fmt: skip
    work.session.flush()


def _adopt(work: _Work, children: Sequence[GridNode], parent: GridNode) -> None:
    for child in children:
        child.parent = parent
        work.session.flush()
        work.figures["grid_node"] = work.figures.get("grid_node", 0) + 1


def _close(work: _Work, node: GridNode) -> None:
    node.is_active, node.closed_on = False, work.decision.on
    work.session.flush()


def _finish(work: _Work, made: Sequence[GridNode], words: str) -> GridChange:
    work.change.figures = dict(work.figures)
    work.session.flush()
    for node in made:
        publicity.raise_due(work.session, node, PublicityKind.DIVISION, words, work.change)
    audit.record(work.change.kind.value, "grid_change", work.change.id, node_id=work.change.node_id,
                 reason=work.decision.reason, changes={"figures": [None, work.figures]})  # fmt: skip
    return work.change
