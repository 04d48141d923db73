"""Blocks of the dashboard. What is counted and what is listed follow one set of conditions, so they cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseState
from app.domain.duties.judging import start_of
from app.domain.transitions import OPEN_CLUES
from app.extensions import clock
from app.models import Case, Clue, GridNode, Household, Measure
from app.queries.scope import scoped

PAGE = 50


class BlockName(StrEnum):
    CATEGORIES = "categories"
    CLUES = "clues"
    CASES = "cases"
    LATE_CASES = "late_cases"
    MEASURES = "measures"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of `model` on a day, told apart by `key`. `conditions(on)`: which of them are counted."""

    model: type[Any]
    key: str
    conditions: Callable[[date], tuple[ColumnElement[bool], ...]]

    @property
    def table(self) -> Any:
        return self.model.__table__


def _registered(on: date) -> tuple[ColumnElement[bool], ...]:
    home = Household.__table__
    return (home.c.created_at < start_of(on + timedelta(days=1)), or_(home.c.gone_on.is_(None), home.c.gone_on > on))


def _in_force(on: date) -> tuple[ColumnElement[bool], ...]:
    measure = Measure.__table__
    return measure.c.started_on <= on, or_(measure.c.ended_on.is_(None), measure.c.ended_on >= on)


def _late() -> tuple[ColumnElement[bool], ...]:
    case_file = Case.__table__
    return case_file.c.state == CaseState.OPEN, case_file.c.step_due_at < clock.now()


BLOCKS: Mapping[BlockName, Block] = {
    BlockName.CATEGORIES: Block(Household, "category", _registered),
    BlockName.CLUES: Block(Clue, "state", lambda _on: (Clue.__table__.c.state.in_(OPEN_CLUES),)),
    BlockName.CASES: Block(Case, "step_title", lambda _on: (Case.__table__.c.state == CaseState.OPEN,)),
    BlockName.LATE_CASES: Block(Case, "step_title", lambda _on: _late()),
    BlockName.MEASURES: Block(Measure, "class_code", _in_force),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """`total`: {key: rows}; `by_unit`: {unit id: {key: rows}}, where units were told apart."""

    total: dict[Any, int]
    by_unit: dict[int, dict[Any, int]] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return sum(self.total.values())


def tally(session: Session, name: BlockName, on: date) -> Tally:
    """Of the reader's area."""
    block = BLOCKS[name]
    key = block.table.c[block.key]
    query = select(key, func.count()).where(*block.conditions(on)).group_by(key)
    return Tally(dict(session.execute(scoped(query, block.model)).all()))


@dataclass(frozen=True, slots=True)
class Row:
    """One row behind a figure, by its household."""

    household_id: int
    code: str
    head_name: str
    node_id: int
    row_id: int
    key: Any


def list_rows(
    session: Session, name: BlockName, on: date, keys: tuple[Any, ...] = (), node: GridNode | None = None,
    page: int = 1,
) -> tuple[list[Row], int]:  # fmt: skip
    """(a page of the rows, how many there are in all), in the order of the households' codes."""
    block, home = BLOCKS[name], Household.__table__
    table = block.table
    conditions = [*block.conditions(on)]
    if keys:
        conditions.append(table.c[block.key].in_(keys))
    if node is not None:
        conditions.append(table.c[f"l{node.depth}_id"] == node.id)
    total = session.execute(
        scoped(select(func.count()).select_from(table).where(*conditions), block.model)
    ).scalar_one()
    query = select(home.c.id, home.c.code, home.c.head_name, table.c.node_id, table.c.id, table.c[block.key])
    if table is not home:
        query = query.join_from(table, home, home.c.id == table.c.household_id)
    query = query.where(*conditions).order_by(home.c.code, table.c.id).limit(PAGE).offset((page - 1) * PAGE)
    return [Row(*row) for row in session.execute(scoped(query, block.model))], total
