"""Which inspections are owed, computed from the rules and the calendar, and those there are (D4-17, D4-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.domain.policy import rules as r
from app.domain.policy.kinds import LevelKind
from app.domain.supervision import periods
from app.domain.supervision.words import InspectionState
from app.domain.worker_files.periods import Period
from app.extensions import db
from app.models import GridNode, Inspection, InspectionUnit, SampleCheck, SampleDraw, SampleItem
from app.queries.policy import rules_for
from app.queries.policy.chains import kinds_from, place_of

UNIT_ITEMS, HOUSEHOLD_ITEMS, CATEGORIES = "inspection_items", "household_items", "issue_categories"
DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Owed:
    """One inspection the rules ask for in one period. `found`: the one that is planned, under way or done."""

    node: GridNode
    rule: r.Inspection
    period: Period
    found: Inspection | None
    on: date

    @property
    def is_done(self) -> bool:
        return self.found is not None and self.found.state is InspectionState.CLOSED

    @property
    def is_overdue(self) -> bool:
        return not self.is_done and self.on > self.period.last_on

    @property
    def days_left(self) -> int:
        return (self.period.last_on - self.on).days


def list_owed(on: date) -> list[Owed]:
    """For every unit of one's area at the level a rule names: the present period, and the one before it if nothing was
    finished in that. By unit, then by the order of the rules."""
    units = list(db.session.scalars(_upper_units()))
    known = _by_rule(units)
    owed: list[Owed] = []
    for node in units:
        kind = kind_of(node)
        for rule in rules_for(node.id, on).inspections:
            period = periods.period_of(rule.every, on)
            if period is None or (rule.level or LevelKind.COUNTY) is not kind:
                continue
            before = periods.previous(rule.every, period)
            rows = [Owed(node, rule, one, known.get((node.id, rule.code, str(one))), on)
                    for one in (before, period) if one is not None]  # fmt: skip
            owed += [row for row in rows if row.period == period or not row.is_done]
    return owed


def _upper_units() -> Any:
    return select(GridNode).where(GridNode.depth <= 2, GridNode.is_active.is_(True)).order_by(GridNode.code)


def _by_rule(units: list[GridNode]) -> dict[tuple[int, str, str], Inspection]:
    """The best of each (unit, rule, period): a closed one before one under way."""
    query = select(Inspection).where(Inspection.code != "", Inspection.node_id.in_([unit.id for unit in units]))
    found: dict[tuple[int, str, str], Inspection] = {}
    for row in db.session.scalars(query.order_by(Inspection.id)):
        key = (row.node_id, row.code, row.period)
        if key not in found or row.state is InspectionState.CLOSED:
            found[key] = row
    return found


def kind_of(node: GridNode) -> LevelKind | None:
    """County, township, village …: by where the tree begins and how deep the unit lies in it."""
    return kinds_by_depth(node).get(node.depth)


def kinds_by_depth(node: GridNode) -> dict[int, LevelKind]:
    root = place_of(db.session, node.id).codes[-1]
    return dict(enumerate(kinds_from(root, DEEPEST), start=1))


def depth_of(node: GridNode, kind: LevelKind) -> int | None:
    """How deep units of a kind lie in the tree of this unit."""
    return next((depth for depth, one in kinds_by_depth(node).items() if one is kind), None)


def rule_of(inspection: Inspection) -> r.Inspection | None:
    """The rule it fulfils; None for one that nobody owes, or whose rule is gone."""
    rules = rules_for(inspection.node_id, inspection.from_on).inspections
    return next((rule for rule in rules if rule.code == inspection.code), None)


def list_inspections() -> list[Inspection]:
    return list(db.session.scalars(select(Inspection).order_by(Inspection.from_on.desc(), Inspection.id.desc())))


def count_units(inspection_ids: list[int]) -> dict[int, tuple[int, int]]:
    """{inspection: (units looked at, units in all)}."""
    query = select(InspectionUnit.inspection_id, func.count(InspectionUnit.inspected_on), func.count(InspectionUnit.id))
    query = query.where(InspectionUnit.inspection_id.in_(inspection_ids)).group_by(InspectionUnit.inspection_id)
    return {key: (done, whole) for key, done, whole in db.session.execute(query)}


def count_sampled(inspection_ids: list[int]) -> dict[int, tuple[int, int]]:
    """{inspection with a drawn sample: (its households looked at, its households in all)}, those in one's area."""
    query = select(SampleDraw.inspection_id, func.count(SampleCheck.id), func.count(SampleItem.id))
    query = query.join(SampleItem, SampleItem.draw_id == SampleDraw.id).where(SampleItem.is_active.is_(True))
    query = query.outerjoin(SampleCheck, SampleCheck.item_id == SampleItem.id)
    query = query.where(SampleDraw.inspection_id.in_(inspection_ids)).group_by(SampleDraw.inspection_id)
    return {key: (done, whole) for key, done, whole in db.session.execute(query)}
