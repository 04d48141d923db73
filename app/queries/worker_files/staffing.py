"""Is every unit staffed as the rules ask, were conditions confirmed, was the roster handed in (D0-05, D4-19, D4-21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.enums import Duty
from app.domain.policy import Source
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import OneOff
from app.extensions import db
from app.models import Assignment, GridNode, RosterFiling, WorkerCheck
from app.queries.household_file_places import names_of
from app.queries.worker_files.people import FIELD_DUTIES, Post, in_force, list_posts
from app.queries.worker_files.rules import Rulebook

YEAR = timedelta(days=365)
_DUTIES: dict[LevelKind, tuple[Duty, ...]] = {
    LevelKind.TOWNSHIP: (Duty.TOWNSHIP_STAFF,),
    LevelKind.VILLAGE: (Duty.GRID_WORKER, Duty.GRID_LEAD, Duty.VILLAGE_CADRE),
    LevelKind.GROUP: FIELD_DUTIES,
}
_DIGITS = {6: LevelKind.COUNTY, 9: LevelKind.TOWNSHIP, 12: LevelKind.VILLAGE, 15: LevelKind.GROUP}


def level_of(node: Any) -> LevelKind | None:
    """By the length of the statistical code, whatever the depth of the tree (D2-05, D3-03)."""
    return _DIGITS.get(len(node.code))


@dataclass(frozen=True, slots=True)
class StaffingRow:
    """One unit that has fewer people than a rule asks for."""

    node: GridNode
    place: str
    present: int
    needed: int
    title: str
    source: Source


def list_understaffed(on: date, node: GridNode | None = None) -> list[StaffingRow]:
    """By unit: group grids below the minimum of workers, and levels below the staff the profile asks for."""
    book = Rulebook(on)
    counts = _people_by_unit(on)
    query = select(GridNode).where(GridNode.is_active.is_(True))
    if node is not None:
        query = query.where(getattr(GridNode, f"l{node.depth}_id") == node.id)
    rows = []
    for unit in db.session.scalars(query.order_by(GridNode.code)):
        rules, level = book.at(unit), level_of(unit)
        asked = [(row.minimum, row.title, row.source) for row in rules.staffing if row.level is level]
        if rules.grid.min_workers and level is (rules.grid.unit_level or LevelKind.GROUP):
            asked.append((rules.grid.min_workers, rules.worker.title, rules.grid.source_of("min_workers")))
        if not asked or level is None:
            continue
        present = sum(counts.get((unit.id, duty), 0) for duty in _DUTIES.get(level, FIELD_DUTIES))
        rows += [StaffingRow(unit, "", present, needed, title, source) for needed, title, source in asked
                 if present < needed]  # fmt: skip
    return _with_places(rows)


def _people_by_unit(on: date) -> dict[tuple[int, Duty], int]:
    query = select(Assignment.node_id, Assignment.duty, func.count(Assignment.worker_id.distinct()))
    query = query.where(*in_force(on)).group_by(Assignment.node_id, Assignment.duty)
    return {(row[0], row[1]): row[2] for row in db.session.execute(query)}


def _with_places(rows: list[StaffingRow]) -> list[StaffingRow]:
    chains = {row.node.id: [row.node.l2_id, row.node.l3_id, row.node.l4_id, row.node.l5_id] for row in rows}
    names = names_of({key for chain in chains.values() for key in chain if key is not None})
    return [
        StaffingRow(row.node, " ".join(names[key] for key in chains[row.node.id] if key in names) or row.node.name,
                    row.present, row.needed, row.title, row.source) for row in rows
    ]  # fmt: skip


# ---------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One worker with conditions that were never checked, are a year old, or were found not met."""

    post: Post
    never: tuple[str, ...]
    due: tuple[str, ...]
    unmet: tuple[str, ...]
    source: Source


def newest_checks(worker_ids: Iterable[int] | None = None) -> dict[int, dict[str, WorkerCheck]]:
    """{worker: {condition: newest row}}."""
    query = select(WorkerCheck).order_by(WorkerCheck.checked_on, WorkerCheck.id)
    if worker_ids is not None:
        query = query.where(WorkerCheck.worker_id.in_(list(worker_ids)))
    found: dict[int, dict[str, WorkerCheck]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.worker_id, {})[row.condition] = row
    return found


def list_checks_due(on: date, node: GridNode | None = None) -> list[CheckRow]:
    """By unit (D0-09). Conditions are confirmed again where the profile says so."""
    book = Rulebook(on)
    newest = newest_checks()
    rows, seen = [], set()
    for post in list_posts(on, node):
        if post.worker_id in seen:
            continue
        seen.add(post.worker_id)
        row = check_row(book, post, newest.get(post.worker_id, {}), on)
        if row is not None:
            rows.append(row)
    return rows


def check_row(book: Rulebook, post: Post, known: dict[str, WorkerCheck], on: date) -> CheckRow | None:
    rule = book.at(post).worker
    never = tuple(one for one in rule.checks if one not in known)
    again = rule.recheck_every is not None
    due = tuple(one for one in rule.checks if again and one in known and known[one].checked_on <= on - YEAR)
    unmet = tuple(one for one in rule.checks if one in known and not known[one].is_met and one not in due)
    if not (never or due or unmet):
        return None
    return CheckRow(post, never, due, unmet, rule.source_of("checks"))


# ---------------------------------------------------------------- roster filing


@dataclass(frozen=True, slots=True)
class FilingRow:
    """One unit's duty to hand in its roster once. `filing` None: not handed in."""

    node: GridNode
    place: str
    rule: OneOff
    filing: RosterFiling | None

    @property
    def is_late(self) -> bool:
        return self.filing is not None and self.filing.filed_on > self.rule.due_on


def list_filings(on: date) -> list[FilingRow]:
    """Every unit the profiles name, by code; a day that lies before the document's own is accepted (D4-21)."""
    book = Rulebook(on)
    query = select(RosterFiling)
    filed = {(row.node_id, row.code, row.due_on): row for row in db.session.scalars(query)}
    rows = []
    units = select(GridNode).where(GridNode.is_active.is_(True), func.length(GridNode.code) <= 12)
    for unit in db.session.scalars(units.order_by(GridNode.code)):
        level = level_of(unit)
        for rule in book.at(unit).one_off:
            if level is not None and rule.level is level:
                rows.append((unit, rule, filed.get((unit.id, rule.code, rule.due_on))))
    names = names_of({key for unit, _, _ in rows for key in (unit.l2_id, unit.l3_id) if key is not None})
    return [
        FilingRow(unit, " ".join(names[key] for key in (unit.l2_id, unit.l3_id) if key in names), rule, filing)
        for unit, rule, filing in rows
    ]


def roster_of(node: GridNode, on: date) -> list[Post]:
    """Everybody on the unit's roster: field workers and the village's own people, by unit."""
    duties = (*FIELD_DUTIES, Duty.VILLAGE_CADRE, Duty.VILLAGE_OFFICER, Duty.TOWNSHIP_STAFF)
    return list_posts(on, node, duties)


def open_assignments(node: GridNode, on: date) -> list[Assignment]:
    """Field duties of exactly this unit on the day, for the choice of whom to replace."""
    query = select(Assignment).where(Assignment.node_id == node.id, Assignment.duty.in_(FIELD_DUTIES))
    query = query.where(or_(Assignment.to_on.is_(None), Assignment.to_on >= on))
    return list(db.session.scalars(query.order_by(Assignment.from_on)))
