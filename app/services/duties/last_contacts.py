"""Keeps `last_contact` equal to the visits that close duties, in the transaction that writes them.

`note` for one visit; `rebuild` for whatever wrote, moved, corrected or removed visits otherwise (imports, merges, the
demo); `list_differences` proves that both tables say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.domain.enums import VisitChannel
from app.models import Household, LastContact, Visit
from app.models.types import AREA_COLUMNS
from app.queries.scope import vouched

_AT_ONCE = 500  # household ids in one statement
_last: Table = LastContact.__table__
_visit: Table = Visit.__table__
_household: Table = Household.__table__


def note(session: Session, visit: Visit) -> None:
    """A visit was stored: its household's last contact over its channel is at least as late. The visit is flushed."""
    if not visit.closes_duty:
        return
    values = {"household_id": visit.household_id, "channel": visit.channel, "last_at": visit.happened_at,
              **{name: getattr(visit, name) for name in AREA_COLUMNS}}  # fmt: skip
    _upsert(session, _insert(session).values(**values))


def rebuild(session: Session, household_ids: Iterable[int] | None = None) -> None:
    """Write the last contacts of these households anew from their visits; of all when None. Set-based."""
    if household_ids is None:
        _rebuild_where(session, None)
        return
    ids = sorted(set(household_ids))
    for start in range(0, len(ids), _AT_ONCE):
        _rebuild_where(session, ids[start : start + _AT_ONCE])


def _rebuild_where(session: Session, ids: Sequence[int] | None) -> None:
    session.execute(vouched(delete(_last).where(_chosen(_last, ids))))
    columns = ["household_id", "channel", "last_at", *AREA_COLUMNS]
    session.execute(vouched(_insert(session).from_select(columns, _latest(_chosen(_visit, ids)))))
    session.expire_all()


def _chosen(table: Table, ids: Sequence[int] | None) -> ColumnElement[bool]:
    return true() if ids is None else table.c.household_id.in_(ids)


def _latest(where: ColumnElement[bool]) -> Select[Any]:
    """(household, channel, last_at, area) from the visits; the area is the household's own."""
    newest = (
        select(_visit.c.household_id, _visit.c.channel, func.max(_visit.c.happened_at).label("last_at"))
        .where(_visit.c.closes_duty.is_(true()), where)
        .group_by(_visit.c.household_id, _visit.c.channel)
        .subquery()
    )
    return select(newest, *(_household.c[name] for name in AREA_COLUMNS)).join(
        _household, _household.c.id == newest.c.household_id
    )


def list_differences(session: Session, limit: int = 20) -> list[tuple[int, VisitChannel]]:
    """(household, channel) pairs on which the table and the visits disagree; empty when all is well."""
    newest = _latest(true()).subquery()
    same = and_(newest.c.household_id == _last.c.household_id, newest.c.channel == _last.c.channel)
    wrong = select(newest.c.household_id, newest.c.channel).outerjoin(_last, same)
    wrong = wrong.where(or_(_last.c.household_id.is_(None), _last.c.last_at != newest.c.last_at))
    stale = select(_last.c.household_id, _last.c.channel).outerjoin(newest, same)
    stale = stale.where(newest.c.household_id.is_(None))
    rows = session.execute(vouched(wrong.union_all(stale).limit(limit)))
    return [(row[0], VisitChannel(row[1])) for row in rows]


def _insert(session: Session) -> Any:
    return (pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert)(_last)


def _upsert(session: Session, insert: Any) -> None:
    later = insert.excluded.last_at
    session.execute(
        vouched(
            insert.on_conflict_do_update(
                index_elements=[_last.c.household_id, _last.c.channel],
                set_={"last_at": later},
                where=_last.c.last_at < later,
            )
        )
    )
