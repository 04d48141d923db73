"""The lines of a clue's history, and the lock under which it is worked on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.clues.words import ClueAct
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.models import Clue, ClueEntry
from app.services.clues.problems import ClueError

LONGEST = 400


def civil(at: datetime) -> date:
    """The civil day in China."""
    return at.astimezone(CHINA).date()


def is_in_time(clue: Clue, at: datetime) -> bool:
    return clue.due_at is None or at <= clue.due_at


def note(
    session: Session, clue: Clue, act: ClueAct, user_id: int | None, at: datetime, *, reason: str = "", **values: Any
) -> ClueEntry:
    """One more line. `values`: from_state, to_state, from_depth, to_depth, person_id, in_time."""
    entry = ClueEntry(clue_id=clue.id, household_id=clue.household_id, household=clue.household, act=act, at=at,
                      user_id=user_id, reason=reason.strip() or None, is_demo=clue.is_demo, **values)  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def count(session: Session, clue_id: int) -> int:
    return session.scalar(select(func.count(ClueEntry.id)).where(ClueEntry.clue_id == clue_id)) or 0


def locked(session: Session, clue_id: int, seen: int | None) -> Clue:
    """The clue, locked until the commit. `seen`: how many lines the reader's page showed; ClueError when there are
    more by now, so that a second click or an old page decides nothing. LookupError for an unknown clue."""
    clue = session.get(Clue, clue_id, with_for_update=True, populate_existing=True)
    if clue is None:
        raise LookupError(f"no clue {clue_id}")
    if seen is not None and count(session, clue_id) != seen:
        raise ClueError(N_("Something was done with this clue meanwhile. Look at its history before you go on."))
    return clue


def need_words(reason: str) -> str:
    """The reason without blanks. ClueError when it is missing or too long."""
    reason = reason.strip()
    if not reason:
        raise ClueError(N_("Say why, in a few words."), "reason")
    if len(reason) > LONGEST:
        raise ClueError(N_("The text is too long. Keep it within %(most)d characters."), "reason", most=LONGEST)
    return reason
