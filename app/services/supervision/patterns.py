"""A pattern of recorded visits was looked at: nothing wrong, and why. It is not shown again; nobody is judged by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.supervision.patterns import Pattern
from app.models import PatternNote, Visit
from app.queries.scope import current_access
from app.services.worker_files.refusals import refuse

LONGEST = 300


def dismiss(session: Any, pattern: Pattern, reason: str) -> PatternNote:
    """Keep the reason; twice is once. Raises Refused without a reason, LookupError for visits out of reach."""
    if not 0 < len(reason.strip()) <= LONGEST:
        raise refuse("reason", N_("Say in 1 to 300 characters why there is nothing wrong."))
    known: PatternNote | None = session.scalar(select(PatternNote).where(PatternNote.key == pattern.key))
    if known is not None:
        return known
    visit: Visit | None = session.get(Visit, pattern.visit_ids[0])
    if visit is None:
        raise LookupError(f"no visit {pattern.visit_ids[0]}")
    row = PatternNote(node_id=visit.node_id, kind=pattern.kind, key=pattern.key, reason=reason.strip(),
                      user_id=current_access().user_id, is_demo=visit.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row
