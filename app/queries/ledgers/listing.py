"""How a ledger becomes statements: the rows, their number, and their sums by unit, all from one description.

A `Listing` names the table whose rows are listed, what decides which of them, and joins that only tell more of a row.
The joins of `more` match at most one row each, so leaving them out changes no count: a statement joins those alone that
something in it speaks of, and the one that counts and the one that lists cannot differ (a test holds it on both
databases).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, null, select
from sqlalchemy.sql.util import find_tables

from app.domain.ledgers.columns import PLACES
from app.domain.ledgers.kept import Span
from app.domain.ledgers.registry import Ledger
from app.domain.policy.kinds import LevelKind
from app.models import GridNode, Household
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
    """Which unit, as of which day. `is_today`: what is kept up to date may be read instead of being worked out.
    `households`: of these alone, where a table tells of households; None: of all."""

    place: Place
    span: Span
    is_today: bool
    masked: bool = True
    households: tuple[int, ...] | None = None

    def inside(self, table: Any) -> ColumnElement[bool]:
        """Rows of a table with area columns that lie in the unit, and are of the households asked for."""
        if self.households is None or "household_id" not in table.c:
            return self.covers(table)
        return and_(self.covers(table), table.c.household_id.in_(self.households))

    def covers(self, table: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = table.c[f"l{self.place.depth}_id"] == self.place.id
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """`columns`: key of the ledger's column → expression. `only`: inner joins that decide which rows there are. `more`:
    outer joins of at most one match. `updated`: when a row last changed. `unit`: the table's column of its node.
    `counted`: for columns that say how many, what they count: a table and which of its rows are a row's own. A county's
    sum counts these, which asks for no table with a row a household."""

    model: type[Any]
    columns: Mapping[str, Any]
    where: tuple[ColumnElement[bool], ...] = ()
    only: tuple[Join, ...] = ()
    optional: tuple[Join, ...] = ()
    more: tuple[Join, ...] = ()
    order: tuple[Any, ...] = ()
    updated: Any = None
    unit: Any = field(default=None)
    counted: Mapping[str, Join] = field(default_factory=dict)

    @property
    def table(self) -> Any:
        return self.model.__table__

    def conditions(self, ask: Ask) -> tuple[ColumnElement[bool], ...]:
        return (ask.covers(self.table), criterion(current_access(), self.model), *self.where)

    def deciding(self) -> Any:
        source = self.table
        for target, on in self.only:
            source = source.join(target, on)
        for target, on in self.optional:
            source = source.outerjoin(target, on)
        return source

    def telling(self, shown: Sequence[Any]) -> Any:
        """What decides, and those of `more` that `shown` speaks of, with what their own conditions speak of."""
        spoken_of = {table for one in shown for table in _tables_of(one)}
        wanted: list[Join] = []
        for target, on in reversed(self.more):  # a join may lean on one before it
            if target in spoken_of:
                wanted.append((target, on))
                spoken_of.update(_tables_of(on))
        source = self.deciding()
        for target, on in reversed(wanted):
            source = source.outerjoin(target, on)
        return source

    @property
    def household(self) -> Any:
        """The column with the household of a row; None where rows are not households'."""
        return self.table.c.id if self.table is Household.__table__ else self.table.c.get("household_id")


def _tables_of(expression: Any) -> set[Any]:
    return set(find_tables(expression, include_aliases=True, check_columns=True))


def rows_statement(ledger: Ledger, listing: Listing, ask: Ask) -> Select[Any]:
    """Every row of the ledger, in the order of the grid: a column a key, the names of the places among them."""
    unit = GridNode.__table__.alias("unit")
    told = [_labelled(listing, column.key) for column in ledger.columns]
    source = listing.telling([*told, *listing.order]).join(unit, unit.c.id == _unit_of(listing))
    columns = []
    for kind, column in PLACES:
        depth = ask.place.depth_of(kind)
        if depth is not None:
            node = GridNode.__table__.alias(column.key)
            source = source.outerjoin(node, node.c.id == listing.table.c[f"l{depth}_id"])
            columns.append(node.c.name.label(column.key))
    ordered = _order(listing, unit)
    return vouched(select(*columns, *told).select_from(source).where(*listing.conditions(ask)).order_by(*ordered))


def first_statement(listing: Listing, ask: Ask, limit: int) -> Select[Any]:
    """(id, household) of the first rows that `rows_statement` yields, found without what is told of them."""
    unit = GridNode.__table__.alias("unit")
    source = listing.telling(listing.order).join(unit, unit.c.id == _unit_of(listing))
    found = select(listing.table.c.id, listing.household.label("household")).select_from(source)
    return vouched(found.where(*listing.conditions(ask)).order_by(*_order(listing, unit)).limit(limit))


def _order(listing: Listing, unit: Any) -> tuple[Any, ...]:
    return (unit.c.code, *listing.order, listing.table.c.id)


def _labelled(listing: Listing, key: str) -> Any:
    found = listing.columns.get(key)
    return (null() if found is None else found).label(key)


def _unit_of(listing: Listing) -> Any:
    return listing.table.c.node_id if listing.unit is None else listing.unit


def count_statement(listings: Sequence[Listing], ask: Ask) -> Select[Any]:
    """One row: how many rows each has (rows_0, rows_1 …), and when the newest of them changed (updated_0 …). Several
    `listings` may be given where they list the same table without further ones (`is_plain`): it is read once."""
    conditions = [listing.conditions(ask) for listing in listings]
    shared = [one for one in conditions[0] if all(_holds(one, others) for others in conditions[1:])]
    columns: list[Any] = []
    for number, (listing, wanted) in enumerate(zip(listings, conditions, strict=True)):
        own = [one for one in wanted if not _holds(one, shared)]
        rows: Any = func.count()
        newest: Any = null() if listing.updated is None else func.max(listing.updated)
        if own:
            rows = rows.filter(*own)
            newest = newest if listing.updated is None else newest.filter(*own)
        columns += [rows.label(f"rows_{number}"), newest.label(f"updated_{number}")]
    return vouched(select(*columns).select_from(listings[0].deciding()).where(*shared))


def is_plain(listing: Listing) -> bool:
    return not listing.only and not listing.optional


def _holds(condition: ColumnElement[bool], others: Sequence[ColumnElement[bool]]) -> bool:
    return any(condition.compare(other) for other in others)


def sums_statements(ledger: Ledger, listing: Listing, ask: Ask) -> list[Select[Any]]:
    """The leaves that `domain.ledgers.sums.roll_up` adds up: l1_id … l5_id, rows, then each summed column. What is
    counted has a statement of its own, with 0 for all else. Added up by the one column of the node: a county's rows in
    few groups, which PostgreSQL does in parts beside each other."""
    keys = [column.key for column in ledger.summed]
    added = {key: listing.columns[key] for key in keys if key in listing.columns and key not in listing.counted}
    sums = {key: func.sum(one) for key, one in added.items()}
    found = [_leaves(listing, ask, listing.telling(list(added.values())), func.count(), keys, sums)]
    for key, (details, own) in listing.counted.items():
        source = listing.deciding().join(details, own)
        found.append(_leaves(listing, ask, source, literal(0), keys, {key: func.count()}))
    return found


def _leaves(
    listing: Listing, ask: Ask, source: Any, rows: Any, keys: Sequence[str], sums: Mapping[str, Any]
) -> Select[Any]:
    unit, node = _unit_of(listing), GridNode.__table__.alias("leaf")
    figures = (rows.label("rows_there"), *(sums.get(key, literal(0)).label(f"sum_{key}") for key in keys))
    query = select(unit.label("unit_id"), *figures).select_from(source).where(*listing.conditions(ask))
    leaves = query.group_by(unit).subquery("leaves")
    area = (node.c[f"l{depth}_id"] for depth in DEPTHS)
    shown = (leaves.c[one.name] for one in figures)
    return vouched(select(*area, *shown).join_from(leaves, node, node.c.id == leaves.c.unit_id))
