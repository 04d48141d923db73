"""Keeps `contact_dates`, the narrow row of every household that the duties of whole counties are worked out from.

What the register says of a household (place, kind, registration, absence) is copied by triggers (contact_triggers); the
contacts' dates come from `last_contact` (last_contacts). `fill` and `rebuild` write rows from what they follow from,
`wrong_rows` finds those that say something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    update,
)

from app.domain.enums import VisitChannel
from app.models import Absence, ContactDates, Household, HouseholdCategoryChange, LastContact
from app.models.types import AREA_COLUMNS
from app.queries.scope import vouched

_dates: Table = ContactDates.__table__
_household: Table = Household.__table__
_absence: Table = Absence.__table__
_change: Table = HouseholdCategoryChange.__table__
_last: Table = LastContact.__table__

CHANNEL_COLUMNS = tuple(f"{channel}_at" for channel in VisitChannel)
FROM_HOUSEHOLD = {**{name: name for name in AREA_COLUMNS}, "category": "category", "registered_at": "created_at",
                   "gone_on": "gone_on"}  # fmt: skip
_COLUMNS = ("household_id", *FROM_HOUSEHOLD, "absent_since_on", "whole_away", "category_since", *CHANNEL_COLUMNS)


# ---------------------------------------------------------------- the contacts


@lru_cache(maxsize=len(VisitChannel))
def later_contact(channel: VisitChannel) -> Any:
    """The statement that moves :one_household's date of a channel on to :last_at, never back. Built once: the end of a
    call waits for it."""
    column = _dates.c[f"{channel}_at"]
    at = bindparam("last_at", type_=column.type)
    mine = _dates.c.household_id == bindparam("one_household")
    return vouched(update(_dates).where(mine, or_(column.is_(None), column < at)).values({column.name: at}))


# ---------------------------------------------------------------- whole rows


def fill(connection: Connection) -> None:
    """Write the rows that are missing: after the schema was upgraded. Safe to run at any time and twice."""
    missing = ~exists().where(_dates.c.household_id == _household.c.id)
    connection.execute(_dates.insert().from_select(list(_COLUMNS), _lines(missing)))


def rebuild(session: Any, ids: Sequence[int] | None) -> None:
    """Write the rows of these households anew (of all when None) from the register and `last_contact`."""
    session.execute(vouched(delete(_dates).where(*_chosen(_dates.c.household_id, ids))))
    lines = _lines(*_chosen(_household.c.id, ids), ids=ids)
    session.execute(vouched(_dates.insert().from_select(list(_COLUMNS), lines)))


def wrong_rows(where: ColumnElement[bool]) -> Select[Any]:
    """household_id of rows that do not say of the household what the register says, or are missing. `where`: a
    condition on household.id. The contacts' dates are compared elsewhere."""
    told = [name for name in _COLUMNS if name not in CHANNEL_COLUMNS]
    right = _lines(where, contacts=False)
    there = select(*(_dates.c[name] for name in told)).join(_household, _household.c.id == _dates.c.household_id)
    return select(right.except_(there.where(where)).subquery("wrong").c.household_id)


def _lines(*where: ColumnElement[bool], ids: Sequence[int] | None = None, contacts: bool = True) -> Select[Any]:
    """The rows as they should be, in the order of _COLUMNS; without the contacts' dates where nobody wants them."""
    since = select(func.max(_change.c.changed_on)).where(_change.c.household_id == _household.c.id)
    away = (_absence.c.household_id == _household.c.id) & _absence.c.ended_on.is_(None)
    columns: list[Any] = [
        _household.c.id.label("household_id"),
        *(_household.c[source].label(name) for name, source in FROM_HOUSEHOLD.items()),
        _absence.c.since_on.label("absent_since_on"),
        func.coalesce(_absence.c.whole_household, false()).label("whole_away"),
        since.scalar_subquery().label("category_since"),
    ]
    joined: Any = _household.outerjoin(_absence, away)
    if contacts:
        latest = _latest(ids)
        joined = joined.outerjoin(latest, latest.c.household_id == _household.c.id)
        columns += [latest.c[name] for name in CHANNEL_COLUMNS]
    return select(*columns).select_from(joined).where(*where)


def _latest(ids: Sequence[int] | None) -> Any:
    """`last_contact` laid out: a row a household, a column a channel."""
    by_channel = (
        func.max(case((_last.c.channel == literal(channel, _last.c.channel.type), _last.c.last_at))).label(name)
        for channel, name in zip(VisitChannel, CHANNEL_COLUMNS, strict=True)
    )
    query = select(_last.c.household_id, *by_channel).where(*_chosen(_last.c.household_id, ids))
    return query.group_by(_last.c.household_id).subquery("latest")


def _chosen(column: Any, ids: Sequence[int] | None) -> tuple[ColumnElement[bool], ...]:
    return () if ids is None else (column.in_(ids),)
