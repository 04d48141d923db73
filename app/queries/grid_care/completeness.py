"""Is the grid complete? What each unit below a place lacks, found by rule, in a handful of queries (D0-05, D0-18)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.enums import Duty, UnitKind
from app.domain.grid_care.codes import level_of_code
from app.domain.grid_care.sizes import Size, size_of
from app.domain.grid_care.words import Gap, PublicityState
from app.domain.policy import Rules
from app.domain.policy.kinds import LevelKind
from app.extensions import db
from app.models import Assignment, GridNode, GridWorker, Household, PublicityRecord, SubArea, SubAreaLead, SubAreaUnit
from app.queries.policy import rules_for
from app.queries.scope import today

_HEADS = {Duty.UNIT_HEAD, Duty.VILLAGE_OFFICER}
_LEADS = {Duty.GROUP_SUPERVISOR, Duty.GRID_LEAD}
_ORDER = tuple(LevelKind)


@dataclass(frozen=True, slots=True)
class Finding:
    """`number`: households (too many, too few, higher up), people (workers, staff) or 0; `wanted`: by the rule."""

    gap: Gap
    node: GridNode
    number: int = 0
    wanted: int = 0


@dataclass(slots=True)
class Line:
    """One place right below the one looked at: how many units it has and what is missing in it."""

    node: GridNode
    units: int = 0
    households: int = 0
    gaps: Counter[Gap] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Check:
    """`rules`, `size`: what holds at the place itself, for printing what was asked."""

    node: GridNode
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    units: int
    rules: Rules
    size: Size

    @property
    def totals(self) -> Counter[Gap]:
        return Counter(finding.gap for finding in self.findings)


@dataclass(slots=True)
class _Facts:
    serving: Mapping[int, Counter[Duty]]
    people: Mapping[int, int]
    households: Mapping[int, int]
    supervised: frozenset[int]
    unpublished: Mapping[int, int]


def check(top: GridNode) -> Check:
    """Look at `top` and everything below it, as far as the current scope reaches. Today's assignments count."""
    inside = getattr(GridNode, f"l{top.depth}_id") == top.id
    nodes = list(db.session.scalars(select(GridNode).where(inside, GridNode.is_active).order_by(GridNode.code)))
    facts = _facts(top, today())
    lines = {node.id: Line(node) for node in nodes if node.parent_id == top.id}
    found: list[Finding] = []
    units = 0
    rules: dict[int | None, Rules] = {}
    children = Counter(node.parent_id for node in nodes)
    for node in nodes:
        key = node.l2_id or node.id
        if key not in rules:
            rules[key] = rules_for(key, today())
        is_unit = level_of_code(node.code) is unit_level(rules[key])
        own = list(_look(node, rules[key], facts, is_unit=is_unit, children=children[node.id]))
        found += own
        units += is_unit
        line = lines.get(_below(node, top))
        if line is not None:
            line.units += is_unit
            line.households += facts.households.get(node.id, 0)
            line.gaps.update(finding.gap for finding in own)
    here = rules_for(top.id, today())
    return Check(top, tuple(lines.values()), tuple(found), units, here, size_of(here))


def unit_level(rules: Rules) -> LevelKind:
    """The lowest level that holds grids: where the workers are."""
    return rules.grid.unit_level or LevelKind.GROUP


def _below(node: GridNode, top: GridNode) -> int:
    """Id of the unit right below `top` that holds `node`; 0 for `top` itself."""
    return getattr(node, f"l{top.depth + 1}_id", None) or 0 if top.depth < 5 else 0


def _look(node: GridNode, rules: Rules, facts: _Facts, *, is_unit: bool, children: int) -> Iterable[Finding]:
    level, lowest = level_of_code(node.code), unit_level(rules)
    above = level is not None and _ORDER.index(level) < _ORDER.index(lowest)
    number = facts.households.get(node.id, 0)
    if is_unit:
        yield from _look_at_unit(node, rules, facts, number)
    if above and number:
        yield Finding(Gap.HIGHER_UP, node, number)
    if level is LevelKind.VILLAGE and above and not children:
        yield Finding(Gap.NO_UNITS, node)
    if level in (LevelKind.TOWNSHIP, LevelKind.VILLAGE) and not _HEADS & set(facts.serving.get(node.id, ())):
        yield Finding(Gap.NO_HEAD, node)
    for staff in rules.staffing:
        if staff.level is level and facts.people.get(node.id, 0) < staff.minimum:
            yield Finding(Gap.UNDERSTAFFED, node, facts.people.get(node.id, 0), staff.minimum)
    if facts.unpublished.get(node.id):
        yield Finding(Gap.NOT_PUBLISHED, node, facts.unpublished[node.id])


def _look_at_unit(node: GridNode, rules: Rules, facts: _Facts, number: int) -> Iterable[Finding]:
    serving, size = facts.serving.get(node.id, Counter()), size_of(rules)
    wanted = rules.grid.min_workers or 0
    if serving[Duty.GRID_WORKER] < wanted:
        yield Finding(Gap.NO_WORKER, node, serving[Duty.GRID_WORKER], wanted)
    led = facts.supervised | {key for key, duties in facts.serving.items() if duties[Duty.GRID_LEAD]}
    if not _LEADS & set(serving) and not {node.id, node.l3_id} & led:
        yield Finding(Gap.NO_SUPERVISOR, node)
    if number > size.most:
        yield Finding(Gap.TOO_MANY, node, number, size.most)
    elif 0 < number < size.least:
        yield Finding(Gap.TOO_FEW, node, number, size.least)
    kinds = rules.grid.unit_kinds
    derived = {UnitKind.MERGED, UnitKind.SPLIT}  # a document that lists groups and natural villages allows these too
    if node.unit_kind is UnitKind.ADMIN or (kinds and node.unit_kind not in {*kinds, *derived}):
        yield Finding(Gap.NO_KIND, node)


def _facts(top: GridNode, on: date) -> _Facts:
    column = f"l{top.depth}_id"
    nodes = select(GridNode.id).where(getattr(GridNode, column) == top.id, GridNode.is_active)
    duty = (
        select(Assignment.node_id, Assignment.duty, Assignment.worker_id)
        .join(GridWorker, GridWorker.id == Assignment.worker_id)
        .where(Assignment.node_id.in_(nodes), GridWorker.is_active, *_current(Assignment, on))
    )
    serving: dict[int, Counter[Duty]] = defaultdict(Counter)
    people: dict[int, set[int]] = defaultdict(set)
    for node_id, kind, worker_id in db.session.execute(duty):
        serving[node_id][kind] += 1
        if kind is not Duty.AUDITOR:
            people[node_id].add(worker_id)
    living = select(Household.node_id, func.count(Household.id)).where(
        getattr(Household, column) == top.id, Household.gone_on.is_(None)
    )
    led = (
        select(SubAreaUnit.node_id)
        .join(SubArea, SubArea.id == SubAreaUnit.sub_area_id)
        .join(SubAreaLead, SubAreaLead.sub_area_id == SubArea.id)
        .where(SubAreaUnit.node_id.in_(nodes), *_current(SubAreaUnit, on), *_current(SubAreaLead, on))
    )
    due = select(PublicityRecord.node_id, func.count(PublicityRecord.id)).where(
        getattr(PublicityRecord, column) == top.id, PublicityRecord.state == PublicityState.DUE
    )
    return _Facts(
        serving, {key: len(who) for key, who in people.items()}, _pairs(living.group_by(Household.node_id)),
        frozenset(db.session.scalars(led)), _pairs(due.group_by(PublicityRecord.node_id)),
    )  # fmt: skip


def _current(model: Any, on: date) -> tuple[Any, ...]:
    return model.from_on <= on, or_(model.to_on.is_(None), model.to_on >= on)


def _pairs(query: Any) -> dict[int, int]:
    return dict(db.session.execute(query).all())


def of_gap(findings: Sequence[Finding], gap: Gap) -> list[Finding]:
    return [finding for finding in findings if finding.gap is gap]
