"""Findings open and close by themselves: what is wrong now is compared with what was open before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from app.domain.checkup.words import FindingEnd
from app.extensions import clock
from app.models import CheckupFinding, Household
from app.models.types import AREA_COLUMNS
from app.queries.checkup.rows import Wrong
from app.queries.checkup.span import Span
from app.queries.scope import vouched
from app.services.checkup.settings import RuleInUse, RulesOfPlaces

_BATCH = 1_000
_household, _finding = Household.__table__, CheckupFinding.__table__
Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Counts:
    opened: int
    closed: int


def reconcile(session: Session, span: Span, wrong: Collection[Wrong], used: RulesOfPlaces,
              depths: Mapping[str, int]) -> Counts:  # fmt: skip
    """Open what is new, close what is mended, keep what is the same with its first day and deadline.

    `depths`: level of the administration → depth of the tree. Runs in the caller's transaction; a second run over the
    same span changes nothing.
    """
    areas = _areas(session, {one.household_id for one in wrong}) if used.below else {}
    found = {(one.rule, one.household_id, one.subject): one for one in wrong
             if not used.below or used.is_on(one.rule, areas[one.household_id])}  # fmt: skip
    known = _open(session, span)
    new = [one for key, one in found.items() if key not in known]
    ended = {key: row for key, row in known.items() if key not in found}
    _renew(session, [(known[key].id, one) for key, one in found.items()
                     if key in known and known[key].facts != one.facts])  # fmt: skip
    _follow(session, [row for key, row in known.items() if key in found], used, depths)
    _close(session, ended, used)
    _insert(session, span, new, used, depths)
    return Counts(len(new), len(ended))


def _open(session: Session, span: Span) -> dict[Key, Any]:
    """Open findings of the span's households, those included that have left the register since."""
    depth, node_id = span.area
    columns = (_finding.c.id, _finding.c.rule, _finding.c.household_id, _finding.c.subject, _finding.c.facts,
               _finding.c.severity, _finding.c.owner_id, *(_finding.c[name] for name in AREA_COLUMNS))  # fmt: skip
    query = select(*columns).where(
        _finding.c.closed_at.is_(None), _finding.c.household_id > span.after, _finding.c.household_id <= span.until,
        _finding.c[f"l{depth}_id"] == node_id,
    )  # fmt: skip
    return {(row.rule, row.household_id, row.subject): row for row in session.execute(vouched(query))}


def _close(session: Session, ended: Mapping[Key, Any], used: RulesOfPlaces) -> None:
    gone = _gone(session, {household_id for _, household_id, _ in ended})
    ways: dict[FindingEnd, list[int]] = {FindingEnd.MENDED: [], FindingEnd.WITHDRAWN: []}
    for (rule, household_id, _), row in ended.items():
        withdrawn = household_id in gone or not used.is_on(rule, row._mapping)
        ways[FindingEnd.WITHDRAWN if withdrawn else FindingEnd.MENDED].append(row.id)
    for way, ids in ways.items():
        for some in _batches(ids):
            statement = update(_finding).where(_finding.c.id.in_(some), _finding.c.closed_at.is_(None))
            session.execute(vouched(statement.values(closed_at=clock.now(), ended=way)))


def _gone(session: Session, household_ids: Collection[int]) -> set[int]:
    gone: set[int] = set()
    for some in _batches(sorted(household_ids)):
        condition: ColumnElement[bool] = _household.c.id.in_(some) & _household.c.gone_on.is_not(None)
        gone.update(session.scalars(vouched(select(_household.c.id).where(condition))))
    return gone


def _renew(session: Session, changed: list[tuple[int, Wrong]]) -> None:
    for finding_id, one in changed:
        session.execute(vouched(update(_finding).where(_finding.c.id == finding_id).values(facts=one.facts)))


def _follow(session: Session, rows: list[Any], used: RulesOfPlaces, depths: Mapping[str, int]) -> None:
    """What is still wrong weighs what the settings say today and lies with whom they name; its deadline stays."""
    for row in rows:
        in_use = used.of(row.rule, row._mapping)
        now = {"severity": in_use.severity, "owner_id": _owner(in_use, row._mapping, depths)}
        if (row.severity, row.owner_id) != tuple(now.values()):
            session.execute(vouched(update(_finding).where(_finding.c.id == row.id).values(now)))


def _owner(in_use: RuleInUse, area: Mapping[str, Any], depths: Mapping[str, int]) -> int:
    return int(area.get(f"l{depths.get(in_use.owner, 0)}_id") or area["node_id"])


def _insert(session: Session, span: Span, new: list[Wrong], used: RulesOfPlaces,
            depths: Mapping[str, int]) -> None:  # fmt: skip
    areas = _areas(session, {one.household_id for one in new})
    now = clock.now()
    rows = []
    for one in new:
        area = areas[one.household_id]
        in_use = used.of(one.rule, area)
        rows.append({
            "household_id": one.household_id, "rule": one.rule, "subject": one.subject, "facts": one.facts,
            "severity": in_use.severity,
            "owner_id": _owner(in_use, area, depths), "found_at": now,
            "due_on": span.on + timedelta(days=in_use.days), **area,
        })  # fmt: skip
    for some in _batches(rows):
        session.execute(vouched(insert(_finding)), some)


def _areas(session: Session, household_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    columns = (_household.c.id, _household.c.is_demo, *(_household.c[name] for name in AREA_COLUMNS))
    for some in _batches(sorted(household_ids)):
        for row in session.execute(vouched(select(*columns).where(_household.c.id.in_(some)))).mappings():
            found[row["id"]] = {name: row[name] for name in ("is_demo", *AREA_COLUMNS)}
    return found


def _batches(items: list[Any]) -> list[list[Any]]:
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
