"""Who was reached, by unit of the grid and by disposition (TELEPHONY 1.12).

A `ContactFilter` makes both a number and the list behind it, so the two cannot differ. A table of units comes from one
statement and is added up here, so that its rows sum to its total by construction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.domain.campaign_kinds import CHECKIN
from app.domain.dispositions import Rates, rates
from app.domain.enums import ContactState, Disposition, ExclusionReason
from app.extensions import db
from app.models import Attempt, Campaign, Contact, GridNode
from app.queries.campaigns import of_kind
from app.queries.scope import current_access, scoped, vouched

Counts = Mapping[Disposition, int]
OPEN_STATES = (ContactState.PLANNED, ContactState.CALLING, ContactState.WAITING)
DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the grid, by what a page needs of it. Its name is shown even where its row is out of reach."""

    id: int
    depth: int
    name: str


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Contacts of some campaigns, narrowed. Everything but `campaign_ids` is optional.

    `is_direct`: those right in `unit`, in none of the units below. `is_due`: the denominator of every rate.
    `is_called`: what the plan calls. `through`: the VisitChannel that closed the duty. `due_by`: next tried by then.
    `is_waiting`: anything is planned for them.
    """

    campaign_ids: tuple[int, ...]
    unit: Unit | None = None
    is_direct: bool = False
    disposition: Disposition | None = None
    state: ContactState | None = None
    exclusion: ExclusionReason | None = None
    is_due: bool = False
    is_called: bool = False
    through: str | None = None
    due_by: datetime | None = None
    is_waiting: bool = False

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        yield Contact.campaign_id.in_(self.campaign_ids)
        yield from conditions_of_unit(Contact, self.unit, is_direct=self.is_direct)
        if self.disposition is not None:
            yield Contact.disposition == self.disposition
        if self.is_due:
            yield Contact.disposition != Disposition.NOT_DUE
        if self.state is not None:
            yield Contact.state == self.state
        if self.exclusion is not None:
            yield Contact.exclusion == self.exclusion
        if self.is_called:
            yield Contact.exclusion.is_(None)
        if self.through is not None:
            reached = Contact.disposition == Disposition.REACHED
            yield reached & (func.coalesce(Contact.closed_channel, "") == self.through)
        if self.due_by is not None:
            yield Contact.state.in_(OPEN_STATES) & (Contact.next_attempt_at <= self.due_by)
        if self.is_waiting:
            yield Contact.state.in_(OPEN_STATES) & Contact.next_attempt_at.is_not(None)


def conditions_of_unit(
    model: type[Contact] | type[Attempt], unit: Unit | None, *, is_direct: bool
) -> Iterator[ColumnElement[bool]]:
    """Rows that lie in `unit`; all of them without one."""
    if unit is None:
        return
    yield getattr(model, f"l{unit.depth}_id") == unit.id
    if is_direct and unit.depth < DEEPEST:
        yield getattr(model, f"l{unit.depth + 1}_id").is_(None)


def read(statement: Any, model: type[Any]) -> list[Any]:
    """Rows of a SELECT over `model` inside the current access."""
    return list(db.session.execute(scoped(statement, model)))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of the table: a unit, or (unit None) what lies directly in the unit above and in none below."""

    unit: Unit | None
    counts: Counts

    @property
    def rates(self) -> Rates:
        return rates(self.counts)


@dataclass(frozen=True, slots=True)
class UnitTable:
    """`rows` in the order of the grid codes, never of the rates: this is no ranking."""

    rows: list[UnitRow]

    @property
    def used(self) -> list[UnitRow]:
        """Lines with any household at all; the others add nothing to any sum."""
        return [row for row in self.rows if any(row.counts.values())]

    @property
    def total(self) -> Counts:
        return add_up(row.counts for row in self.rows)

    @property
    def has_units(self) -> bool:
        return any(row.unit is not None for row in self.rows)


def add_up(many: Iterator[Counts] | list[Counts]) -> dict[Disposition, int]:
    total = dict.fromkeys(Disposition, 0)
    for counts in many:
        for disposition, number in counts.items():
            total[disposition] += number
    return total


def list_campaign_ids(quarter: str) -> tuple[int, ...]:
    """Campaigns of a quarter inside the current access, those of the units above included."""
    query = scoped(select(Campaign.id).where(Campaign.quarter == quarter).order_by(Campaign.id), Campaign)
    return tuple(db.session.scalars(query))


def list_quarters() -> list[str]:
    """Quarters that have a campaign here, newest first."""
    query = select(Campaign.quarter).where(of_kind(CHECKIN)).distinct().order_by(Campaign.quarter.desc())
    return list(db.session.scalars(scoped(query, Campaign)))


def list_roots() -> list[Unit]:
    """The units the reader serves, none inside another; for the whole system the tops of the trees."""
    access = current_access()
    query = select(GridNode.id, GridNode.depth, GridNode.name, GridNode.path).order_by(GridNode.code)
    if access.everything:
        query = query.where(GridNode.parent_id.is_(None))
    else:
        query = query.where(GridNode.id.in_([node_id for _, node_id in access.grants]))
    rows = read(query, GridNode)
    outermost = [row for row in rows if not any(o.id != row.id and row.path.startswith(o.path) for o in rows)]
    return [Unit(row.id, row.depth, row.name) for row in outermost]


def find_unit(node_id: int) -> Unit | None:
    """A unit inside the current access, else None."""
    query = select(GridNode.id, GridNode.depth, GridNode.name).where(GridNode.id == node_id)
    return next((Unit(*row) for row in read(query, GridNode)), None)


def unit_of(node: GridNode) -> Unit:
    return Unit(node.id, node.depth, node.name)


def unit_of_campaign(campaign: Campaign) -> Unit:
    """The campaign's area. Township staff see the county's campaign, though the county's row is out of their reach."""
    table = GridNode.__table__
    query = vouched(select(table.c.id, table.c.depth, table.c.name).where(table.c.id == campaign.node_id))
    return Unit(*db.session.execute(query).one())


def count_contacts(chosen: ContactFilter) -> int:
    query = scoped(select(func.count(Contact.id)).where(*chosen.conditions()), Contact)
    return db.session.scalar(query) or 0


def count_exclusions(chosen: ContactFilter) -> dict[ExclusionReason | None, int]:
    """Contacts by the reason they are not called for; None: they are called."""
    query = select(Contact.exclusion, func.count(Contact.id)).where(*chosen.conditions()).group_by(Contact.exclusion)
    return dict(read(query, Contact))


def count_channels(chosen: ContactFilter) -> dict[str, int]:
    """Reached households by the VisitChannel that closed their duty ('' where it is not known); sums to REACHED."""
    channel = func.coalesce(Contact.closed_channel, "")
    query = select(channel, func.count(Contact.id)).where(*chosen.conditions())
    query = query.where(Contact.disposition == Disposition.REACHED).group_by(channel).order_by(channel)
    return dict(read(query, Contact))


def unit_table(chosen: ContactFilter) -> UnitTable:
    """The units right below `chosen.unit`; without one, the units the reader serves."""
    if chosen.unit is None:
        return _table_of_roots(chosen)
    if chosen.unit.depth == DEEPEST:
        return UnitTable([UnitRow(None, add_up(_group(chosen, chosen.unit.depth).values()))])  # type: ignore[arg-type]
    found = _group(chosen, chosen.unit.depth + 1)
    rows = [UnitRow(unit, found.pop(unit.id, _NOTHING)) for unit in _children(chosen.unit)]
    # None: right in this unit. Any other key left over is a unit that was closed after it had been counted.
    rows += [UnitRow(unit, found.pop(unit.id)) for unit in _named(key for key in list(found) if key is not None)]
    if None in found or not rows:
        rows.append(UnitRow(None, found.get(None, _NOTHING)))
    return UnitTable(rows)


_NOTHING: Counts = dict.fromkeys(Disposition, 0)


def _table_of_roots(chosen: ContactFilter) -> UnitTable:
    roots = list_roots()
    found: dict[int | None, Counts] = {}
    for depth in sorted({root.depth for root in roots}):
        found.update(_group(chosen, depth))
    return UnitTable([UnitRow(root, found.get(root.id, _NOTHING)) for root in roots])


def _group(chosen: ContactFilter, depth: int) -> dict[int | None, Counts]:
    column = getattr(Contact, f"l{depth}_id")
    query = select(column, Contact.disposition, func.count(Contact.id)).where(*chosen.conditions())
    found: dict[int | None, dict[Disposition, int]] = defaultdict(lambda: dict.fromkeys(Disposition, 0))
    for key, disposition, number in read(query.group_by(column, Contact.disposition), Contact):
        found[key][disposition] += number
    return dict(found)


def _children(unit: Unit) -> list[Unit]:
    query = select(GridNode.id, GridNode.depth, GridNode.name).where(GridNode.parent_id == unit.id, GridNode.is_active)
    return [Unit(*row) for row in read(query.order_by(GridNode.code), GridNode)]


def _named(ids: Iterator[int]) -> list[Unit]:
    query = select(GridNode.id, GridNode.depth, GridNode.name).where(GridNode.id.in_(list(ids)))
    return [Unit(*row) for row in read(query.order_by(GridNode.code), GridNode)]
