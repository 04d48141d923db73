"""Keeps `last_contact` equal to the visits that close duties, in the transaction that writes them, and `contact_dates`
equal to `last_contact`.

`note` for one visit; `rebuild` for whatever wrote, moved, corrected or removed visits otherwise (merges, corrections,
the demo); `list_differences` proves that all tables say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.domain.enums import VisitChannel
from app.models import ContactDates, Household, LastContact, Visit
from app.models.types import AREA_COLUMNS
from app.queries.scope import vouched
from app.services.duties import contact_dates

_AT_ONCE = 500  # household ids in one statement
_last: Table = LastContact.__table__
_dates: Table = ContactDates.__table__
_visit: Table = Visit.__table__
_household: Table = Household.__table__


def note(session: Session, visit: Visit) -> None:
    """A visit was stored: its household's last contact over its channel is at least as late. The visit is flushed."""
    if not visit.closes_duty:
        return
    values = {"household_id": visit.household_id, "channel": visit.channel, "last_at": visit.happened_at,
              **{name: getattr(visit, name) for name in AREA_COLUMNS}}  # fmt: skip
    session.execute(_addition(session.get_bind().dialect.name), values)
    session.execute(contact_dates.later_contact(visit.channel),
                    {"one_household": visit.household_id, "last_at": visit.happened_at})  # fmt: skip


@lru_cache(maxsize=2)
def _addition(dialect: str) -> Any:
    """A row of `last_contact`, or the later time in the row that is there. Built once: the end of a call waits for
    it."""
    insert = _inserter(dialect)(_last)
    later = insert.excluded.last_at
    key = [_last.c.household_id, _last.c.channel]
    return vouched(
        insert.on_conflict_do_update(index_elements=key, set_={"last_at": later}, where=_last.c.last_at < later)
    )


def _inserter(dialect: str) -> Any:
    return pg_insert if dialect == "postgresql" else sqlite_insert


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
    session.execute(vouched(_last.insert().from_select(columns, _latest(_chosen(_visit, ids)))))
    contact_dates.rebuild(session, ids)
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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Households with an id above `after` and up to `upto`: what is compared at once."""

    after: int
    upto: int

    def holds(self, column: Any) -> ColumnElement[bool]:
        return and_(column > self.after, column <= self.upto)


def find_stretch(session: Session, after: int, size: int) -> Stretch | None:
    """The next `size` households by id; None after the last."""
    some = select(_household.c.id).where(_household.c.id > after).order_by(_household.c.id).limit(size).subquery()
    upto = session.scalar(vouched(select(func.max(some.c.id))))
    return None if upto is None else Stretch(after, upto)


def list_differences(
    session: Session, limit: int = 20, stretch: Stretch | None = None
) -> list[tuple[int, VisitChannel | None]]:
    """(household, channel) pairs on which the tables and the visits disagree, channel None where the narrow row says
    something else of the household than the register; empty when all is well. `stretch`: of these households alone, so
    that a county is compared in pieces."""
    last = select(_last).where(_within(stretch, _last.c.household_id)).cte("last")
    of_homes = _latest(_within(stretch, _visit.c.household_id)).where(_within(stretch, _household.c.id))
    newest = of_homes.cte("newest")  # asked twice, read once
    same = and_(newest.c.household_id == last.c.household_id, newest.c.channel == last.c.channel)
    wrong = select(newest.c.household_id, newest.c.channel).outerjoin(last, same)
    wrong = wrong.where(or_(last.c.household_id.is_(None), last.c.last_at != newest.c.last_at))
    stale = select(last.c.household_id, last.c.channel).outerjoin(newest, same)
    stale = stale.where(newest.c.household_id.is_(None))
    dates = (_wrong_dates(channel, stretch) for channel in VisitChannel)
    untrue = contact_dates.wrong_rows(_within(stretch, _household.c.id)).add_columns(null())
    rows = session.execute(vouched(wrong.union_all(stale, *dates, untrue).limit(limit)))
    return [(row[0], row[1] if row[1] is None else VisitChannel(row[1])) for row in rows]


def _wrong_dates(channel: VisitChannel, stretch: Stretch | None) -> Select[Any]:
    """Households whose narrow row says something else of this channel than their last contacts."""
    said = _dates.c[f"{channel}_at"].label("said_at")
    dates = select(_dates.c.household_id, said).where(_within(stretch, _dates.c.household_id)).subquery()
    last: Any = select(_last.c.household_id, _last.c.last_at)
    last = last.where(_within(stretch, _last.c.household_id), _last.c.channel == channel).subquery()
    either = dates.outerjoin(last, last.c.household_id == dates.c.household_id, full=True)
    which = func.coalesce(dates.c.household_id, last.c.household_id)
    differ = or_(dates.c.said_at != last.c.last_at, dates.c.said_at.is_(None) != last.c.last_at.is_(None))
    return select(which, literal(channel, _last.c.channel.type)).select_from(either).where(differ)


def _within(stretch: Stretch | None, column: Any) -> ColumnElement[bool]:
    return true() if stretch is None else stretch.holds(column)
