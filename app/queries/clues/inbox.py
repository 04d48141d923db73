"""The inbox of clues: one's own first, emergencies before the rest, what is late on top. Overdue is a question, never
a flag (D0-31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.domain.enums import ClueKind, ClueSource, ClueState, Urgency
from app.models import Clue

OPEN = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING)
PAGE = 25
_RANK = {Urgency.EMERGENCY: 0, Urgency.HIGH: 1}
_MOST = 200  # pages that can be asked for


class Box(StrEnum):
    """Which drawer is open."""

    MINE = "mine"  # given to me, or lying with my level
    OVERDUE = "overdue"
    OPEN = "open"
    WATCH = "watch"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Reader:
    """`depths`: levels whose inbox the reader works; `village`: the depth at which a clue of an older version lies."""

    user_id: int
    depths: frozenset[int]
    village: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """`chosen`: field of Clue (kind, source, urgency, state) → enum member. `away`: only those of households with
    somebody away (D2-15)."""

    box: Box = Box.MINE
    chosen: Mapping[str, StrEnum] = ()  # type: ignore[assignment]
    page: int = 1
    away: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Clue]
    counts: dict[Box, int]
    total: int
    pages: int


FILTERS: dict[str, type[StrEnum]] = {
    "kind": ClueKind, "source": ClueSource, "urgency": Urgency, "state": ClueState,
}  # fmt: skip


def read_inbox(session: Session, reader: Reader, wanted: Wanted, now: datetime) -> Found:
    """One page of the drawer, and how many lie in each, all within the row scope and the chosen filters."""
    chosen = [getattr(Clue, name) == member for name, member in dict(wanted.chosen).items()]
    chosen += [Clue.is_away] if wanted.away else []
    boxes = {box: _box(box, reader, now) for box in Box}
    counted = select(*(func.count(case((condition, 1))) for condition in boxes.values())).select_from(Clue)
    numbers = session.execute(counted.where(*chosen)).one()
    counts = dict(zip(boxes, map(int, numbers), strict=True))
    total = counts[wanted.box]
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages, _MOST)
    query = _in_order(select(Clue).where(boxes[wanted.box], *chosen), reader, now)
    rows = session.scalars(query.options(joinedload(Clue.assignee)).limit(PAGE).offset((page - 1) * PAGE)).all()
    return Found(list(rows), counts, total, pages)


def _box(box: Box, reader: Reader, now: datetime) -> ColumnElement[bool]:
    is_open = Clue.state.in_(OPEN)
    if box is Box.MINE:
        return and_(is_open, mine(reader))
    if box is Box.OVERDUE:
        return overdue(now)
    if box is Box.OPEN:
        return is_open
    return Clue.state == ClueState.WATCH if box is Box.WATCH else Clue.id.is_not(None)


def mine(reader: Reader) -> ColumnElement[bool]:
    """Given to the reader; or to nobody, in an inbox the reader works."""
    held: ColumnElement[bool] = Clue.held_depth.in_(reader.depths)
    if reader.village in reader.depths:
        held = or_(held, Clue.held_depth.is_(None))
    return or_(Clue.assignee_id == reader.user_id, and_(Clue.assignee_id.is_(None), held))


def overdue(now: datetime) -> ColumnElement[bool]:
    return and_(Clue.state.in_((*OPEN, ClueState.TRANSFERRED)), Clue.due_at < now)


def _in_order(query: Select[Any], reader: Reader, now: datetime) -> Select[Any]:
    still = case((Clue.state.in_(OPEN), 0), (Clue.state.in_((ClueState.WATCH, ClueState.TRANSFERRED)), 1), else_=2)
    rank = case(*((Clue.urgency == urgency, place) for urgency, place in _RANK.items()), else_=2)
    own = case((Clue.assignee_id == reader.user_id, 0), else_=1)
    late = case((Clue.due_at < now, 0), else_=1)
    away = case((Clue.is_away, 0), else_=1)
    return query.order_by(still, rank, away, own, late, Clue.due_at, Clue.id.desc())
