"""销号: a resolution is answered, checked by somebody else, and struck off or sent back (D4-15)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.meetings.words import IN_WORK, ResolutionState, ResolutionStep
from app.domain.msgids import N_
from app.extensions import clock
from app.models import Meeting, Resolution, ResolutionEntry
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError

LONGEST = 1000


def answer(session: Session, resolution_id: int, user_id: int | None, words: str, *, seen: int) -> Resolution:
    """What was done. `seen`: steps of the history the writer saw. Raises LookupError, MeetingError, StaleError."""
    resolution = _locked(session, resolution_id, seen)
    if resolution.state not in IN_WORK:
        raise StaleError(N_("This resolution does not wait for an answer."))
    _note(session, resolution, ResolutionStep.ANSWERED, user_id, _required(words, N_("Say what was done.")))
    resolution.state = ResolutionState.ANSWERED
    resolution.answered_at, resolution.answered_by_id = clock.now(), user_id
    session.flush()
    return resolution


def check(
    session: Session, resolution_id: int, user_id: int | None, *, good: bool, words: str, seen: int
) -> Resolution:
    """Strike it off, or send it back with the reason. Only for those who see the meeting it comes from, and never by
    whoever answered. Raises LookupError, NotYoursError, MeetingError, StaleError."""
    resolution = _locked(session, resolution_id, seen)
    if resolution.state is not ResolutionState.ANSWERED:
        raise StaleError(N_("This resolution does not wait for a check."))
    if not may_check(session, resolution, user_id):
        raise NotYoursError(N_("Whoever met checks what came of it, and never the one who answered."))
    if not good:
        words = _required(words, N_("Say what is still missing."))
    step = ResolutionStep.CLOSED if good else ResolutionStep.RETURNED
    _note(session, resolution, step, user_id, words.strip()[:LONGEST])
    resolution.state = ResolutionState.CLOSED if good else ResolutionState.RETURNED
    resolution.closed_at = clock.now() if good else None
    session.flush()
    return resolution


def may_check(session: Session, resolution: Resolution, user_id: int | None) -> bool:
    """Is this somebody of the unit that met, or above it, other than who answered?"""
    return user_id != resolution.answered_by_id and session.get(Meeting, resolution.meeting_id) is not None


def _locked(session: Session, resolution_id: int, seen: int) -> Resolution:
    resolution = session.get(Resolution, resolution_id, with_for_update=True, populate_existing=True)
    if resolution is None or resolution.state is ResolutionState.DRAFT:
        raise LookupError(f"no resolution {resolution_id}")
    if resolution.steps != seen:
        raise StaleError(N_("Something was done about this resolution meanwhile. Look at its history first."))
    return resolution


def _required(words: str, message: str) -> str:
    words = words.strip()
    if not words:
        raise MeetingError(message, "words")
    if len(words) > LONGEST:
        raise MeetingError(N_("Write at most %(limit)d characters here."), "words", limit=LONGEST)
    return words


def _note(session: Session, resolution: Resolution, step: ResolutionStep, user_id: int | None, words: str) -> None:
    resolution.steps += 1
    session.add(ResolutionEntry(
        resolution=resolution, node=resolution.node, node_id=resolution.node_id, number=resolution.steps, step=step,
        words=words, at=clock.now(), user_id=user_id, is_demo=resolution.is_demo,
    ))  # fmt: skip
