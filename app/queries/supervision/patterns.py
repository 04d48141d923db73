"""Patterns in the visits recorded in one's area, found when asked for; what somebody has looked at is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.enums import VisitChannel
from app.domain.quarters import CHINA
from app.domain.supervision.patterns import Pattern, Recorded, find_patterns
from app.extensions import db
from app.models import GridNode, PatternNote, Visit

MOST = 5_000  # visits looked through at once: each note is decrypted for it
_TOLD = ("risk", "wants", "info_change", "is_recording")
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Found:
    """`visits`: how many were looked through; `capped`: there were more, the newest were taken."""

    patterns: list[Pattern]
    visits: int
    capped: bool


def look_through(from_on: date, to_on: date, node: GridNode | None = None) -> Found:
    """Patterns nobody has looked at yet, in visits by workers on these civil days."""
    start = datetime.combine(from_on, time(), CHINA)
    end = datetime.combine(to_on + timedelta(days=1), time(), CHINA)
    columns = (Visit.id, Visit.worker_id, Visit.household_id, Visit.happened_at, Visit.note, Visit.channel,
               Visit.findings)  # fmt: skip
    query = select(*columns).where(Visit.happened_at >= start, Visit.happened_at < end)
    query = query.where(Visit.worker_id.is_not(None), Visit.withdrawn_at.is_(None), Visit.attempt_id.is_(None))
    query = query.where(Visit.channel != VisitChannel.IMPORT)  # a sheet of a whole village comes in at one moment
    if node is not None:
        query = query.where(getattr(Visit, f"l{node.depth}_id") == node.id)
    rows = db.session.execute(query.order_by(Visit.happened_at.desc(), Visit.id.desc()).limit(MOST + 1)).all()
    found = find_patterns(_recorded(row) for row in rows[:MOST])
    seen = _seen([one.key for one in found])
    return Found([one for one in found if one.key not in seen], min(len(rows), MOST), len(rows) > MOST)


def _recorded(row: Any) -> Recorded:
    visit_id, worker_id, household_id, at, note, channel, findings = row
    told = any(finding.get(name) for finding in findings or () for name in _TOLD)
    return Recorded(visit_id, worker_id, household_id, at, note or "", channel is VisitChannel.IN_PERSON,
                    not told and not note)  # fmt: skip


def _seen(keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _BLOCK):
        query = select(PatternNote.key).where(PatternNote.key.in_(keys[start : start + _BLOCK]))
        found.update(db.session.scalars(query))
    return found


def find_pattern(key: str, from_on: date, to_on: date, node: GridNode | None = None) -> Pattern | None:
    """The pattern of this name, if it is still there."""
    return next((one for one in look_through(from_on, to_on, node).patterns if one.key == key), None)


def visits_of(pattern: Pattern) -> list[Visit]:
    """In the order in which they happened."""
    query = select(Visit).where(Visit.id.in_(pattern.visit_ids)).order_by(Visit.happened_at, Visit.id)
    return list(db.session.scalars(query))
