"""How a ledger becomes statements: the rows, their number, and their sums by unit, all from one description.

A `Listing` names the table whose rows are listed, what decides which of them, and joins that only tell more of a row.
The joins of `more` match at most one row each, so leaving them out changes no count: the statement that counts and the
one that lists cannot differ (a test holds it on both databases).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, null, select

from app.domain.ledgers.columns import PLACES
from app.domain.ledgers.kept import Span
from app.domain.ledgers.registry import Ledger
from app.domain.policy.kinds import LevelKind
from app.models import GridNode
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.scope import vouched

DEPTHS = range(1, 6)
Join = tuple[FromClause, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the grid. `kinds`: the levels of its tree, from the root down to the deepest."""

    id: int
    depth: int
    code: str
    name: str
    kinds: tuple[LevelKind, ...]

    @property
    def kind(self) -> LevelKind:
        return self.kinds[self.depth - 1]

    def depth_of(self, kind: LevelKind) -> int | None:
        return self.kinds.index(kind) + 1 if kind in self.kinds else None


@dataclass(frozen=True, slots=True)
class Ask:
    """Which unit, as of which day. `is_today`: what is kept up to date may be read instead of being worked out."""

    place: Place
    span: Span
    is_today: bool
    masked: bool = True

    def inside(self, table: Any) -> ColumnElement[bool]:
        """Rows of a table with area columns that lie in the unit."""
        found: ColumnElement[bool] = table.c[f"l{self.place.depth}_id"] == self.place.id
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """`columns`: key of the ledger's column → expression. `only`: inner joins that decide which rows there are. `more`:
    outer joins of at most one match. `updated`: when a row last changed. `unit`: the table's column of its node."""

    model: type[Any]
    columns: Mapping[str, Any]
    where: tuple[ColumnElement[bool], ...] = ()
    only: tuple[Join, ...] = ()
    optional: tuple[Join, ...] = ()
    more: tuple[Join, ...] = ()
    order: tuple[Any, ...] = ()
    updated: Any = None
    unit: Any = field(default=None)

    @property
    def table(self) -> Any:
        return self.model.__table__

    def conditions(self, ask: Ask) -> tuple[ColumnElement[bool], ...]:
        return (ask.inside(self.table), criterion(current_access(), self.model), *self.where)

    def deciding(self) -> Any:
        source = self.table
        for target, on in self.only:
            source = source.join(target, on)
        for target, on in self.optional:
            source = source.outerjoin(target, on)
        return source

    def whole(self) -> Any:
        source = self.deciding()
        for target, on in self.more:
            source = source.outerjoin(target, on)
        return source


def rows_statement(ledger: Ledger, listing: Listing, ask: Ask) -> Select[Any]:
    """Every row of the ledger, in the order of the grid: a column a key, the names of the places among them."""
    unit = GridNode.__table__.alias("unit")
    source = listing.whole().join(unit, unit.c.id == _unit_of(listing))
    columns = []
    for kind, column in PLACES:
        depth = ask.place.depth_of(kind)
        if depth is not None:
            node = GridNode.__table__.alias(column.key)
            source = source.outerjoin(node, node.c.id == listing.table.c[f"l{depth}_id"])
            columns.append(node.c.name.label(column.key))
    columns += [_labelled(listing, column.key) for column in ledger.columns]
    ordered = (unit.c.code, *listing.order, listing.table.c.id)
    return vouched(select(*columns).select_from(source).where(*listing.conditions(ask)).order_by(*ordered))


def _labelled(listing: Listing, key: str) -> Any:
    found = listing.columns.get(key)
    return (null() if found is None else found).label(key)


def _unit_of(listing: Listing) -> Any:
    return listing.table.c.node_id if listing.unit is None else listing.unit


def count_statement(listing: Listing, ask: Ask) -> Select[Any]:
    """One row: how many rows, and when the newest of them changed."""
    newest = null() if listing.updated is None else func.max(listing.updated)
    counted = select(func.count().label("rows_there"), newest.label("updated"))
    return vouched(counted.select_from(listing.deciding()).where(*listing.conditions(ask)))


def sums_statement(ledger: Ledger, listing: Listing, ask: Ask) -> Select[Any]:
    """The leaves that `domain.ledgers.sums.roll_up` adds up: l1_id … l5_id, rows, then each summed column."""
    area = [listing.table.c[f"l{depth}_id"] for depth in DEPTHS]
    summed = [func.sum(listing.columns[column.key]) if column.key in listing.columns else null()
              for column in ledger.summed]  # fmt: skip
    source = listing.whole() if ledger.summed else listing.deciding()
    query = select(*area, func.count(), *summed).select_from(source).where(*listing.conditions(ask))
    return vouched(query.group_by(*area))
