"""动态清零: how long what lies open has been lying, by kind of matter and by the level whose turn it is (D3-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, select
from sqlalchemy.orm import joinedload

from app.domain.casework.words import CaseState
from app.domain.duties.judging import start_of
from app.domain.enums import ClueState
from app.domain.meetings.words import NOT_CLOSED
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.domain.supervision.words import IssueState
from app.models import Case, Clue, GridNode, Issue, Resolution
from app.queries.policy.chains import kinds_from
from app.queries.scope import vouched

BANDS: tuple[tuple[int, int | None], ...] = ((0, 3), (4, 7), (8, 15), (16, 30), (31, None))  # whole days, both included
DEEPEST = 5
OPEN_ISSUES = (IssueState.TO_LOOK_AT, IssueState.OPEN, IssueState.RECTIFIED)
# A clue under watch waits for nothing: it stays in the register, and the household's contacts go on.
OPEN_CLUES = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING, ClueState.TRANSFERRED)


class Matter(StrEnum):
    CLUE = "clue"
    CASE = "case"
    RESOLUTION = "resolution"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Row:
    """`counts`: one number for each of BANDS."""

    matter: Matter
    level: LevelKind
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of them: of one kind at one level, of one band (an index of BANDS) or of any."""

    matter: Matter
    level: LevelKind
    band: int | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    model: Any
    since: Any  # its day or instant of beginning
    is_open: ColumnElement[bool]
    level: Callable[[dict[int, LevelKind]], Any]  # of the depth's kinds → the level as SQL


def list_ages(session: Any, node: GridNode | None, today: date) -> list[Row]:
    """What lies open in the area, or in `node` and below; rows without anything are left out."""
    kinds = kinds_by_depth(session)
    found = []
    for matter, source in _SOURCES.items():
        level = source.level(kinds).label("level")
        bands = [func.count(source.model.id).filter(_in_band(source, band, today)) for band in range(len(BANDS))]
        query = _within(select(level, *bands).where(source.is_open), source.model, node).group_by(level)
        rows = {LevelKind(row[0]): tuple(map(int, row[1:])) for row in session.execute(query)}
        found += [Row(matter, one, rows[one]) for one in LevelKind if one in rows]
    return found


def list_aged(
    session: Any, asked: Asked, node: GridNode | None, today: date, *, after: int = 0, limit: int = 50
) -> tuple[list[Any], int]:
    """(rows, how many there are), the longest first; `after` rows are left out."""
    source = _SOURCES[asked.matter]
    chosen = [source.is_open, source.level(kinds_by_depth(session)) == asked.level.value]
    if asked.band is not None:
        chosen.append(_in_band(source, asked.band, today))
    total = session.scalar(_within(select(func.count(source.model.id)).where(*chosen), source.model, node)) or 0
    query = _within(select(source.model).where(*chosen), source.model, node).options(joinedload(source.model.node)
        if asked.matter is Matter.RESOLUTION else joinedload(source.model.household))  # fmt: skip
    return list(session.scalars(query.order_by(source.since, source.model.id).offset(after).limit(limit))), int(total)


def since_of(row: Any) -> date:
    """The civil day from which the age of a listed row counts."""
    if isinstance(row, Clue):
        return row.raised_at.astimezone(CHINA).date()
    day: date = getattr(row, _SOURCES[_MATTERS[type(row)]].since.key)
    return day


def kinds_by_depth(session: Any) -> dict[int, LevelKind]:
    """What the depths of this grid are, by the code of its root; which level a depth is, is no secret."""
    root = session.scalar(vouched(select(GridNode.code).where(GridNode.parent_id.is_(None)).order_by(GridNode.id)))
    return dict(enumerate(kinds_from(root or "", DEEPEST), start=1))


def _in_band(source: _Source, band: int, today: date) -> ColumnElement[bool]:
    least, most = BANDS[band]
    day = _whole_day(source, today - timedelta(days=least - 1))
    younger: ColumnElement[bool] = source.since < day
    return younger if most is None else and_(younger, source.since >= _whole_day(source, today - timedelta(days=most)))


def _whole_day(source: _Source, day: date) -> date | datetime:
    """The day, or the instant it began in China where an instant is compared."""
    return day if isinstance(source.since.type, Date) else start_of(day)


def _named(depth: Any, kinds: dict[int, LevelKind]) -> Any:
    return case({level: kind.value for level, kind in kinds.items()}, value=depth, else_=LevelKind.VILLAGE.value)


def _of_node(model: Any) -> Callable[[dict[int, LevelKind]], Any]:
    """The level of the unit that has to act."""
    depth = case(*((getattr(model, f"l{level}_id").is_not(None), level) for level in range(5, 1, -1)), else_=1)
    return lambda kinds: _named(depth, kinds)


def _of_clue(kinds: dict[int, LevelKind]) -> Any:
    village = next((depth for depth, kind in kinds.items() if kind is LevelKind.VILLAGE), max(kinds, default=1))
    return _named(func.coalesce(Clue.held_depth, literal(village)), kinds)


def _within(query: Any, model: Any, node: GridNode | None) -> Any:
    return query if node is None else query.where(getattr(model, f"l{node.depth}_id") == node.id)


def _sources() -> Iterator[tuple[Matter, _Source]]:
    yield Matter.CLUE, _Source(Clue, Clue.raised_at, Clue.state.in_(OPEN_CLUES), _of_clue)
    yield Matter.CASE, _Source(Case, Case.opened_on, Case.state == CaseState.OPEN, lambda _kinds: Case.actor)
    yield Matter.RESOLUTION, _Source(Resolution, Resolution.meeting_on, Resolution.state.in_(NOT_CLOSED),
                                     _of_node(Resolution))  # fmt: skip
    yield Matter.ISSUE, _Source(Issue, Issue.found_on, Issue.state.in_(OPEN_ISSUES), _of_node(Issue))


_SOURCES: dict[Matter, _Source] = dict(_sources())
_MATTERS: dict[type[Any], Matter] = {source.model: matter for matter, source in _SOURCES.items()}
