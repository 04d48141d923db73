"""Who has to be told what became of a clue, and that they were (D2-16, D2-18, D2-19): an owed notice is a task."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.clues.words import ClueAct, NoticeMeans, NoticeTarget
from app.domain.enums import ClueSource
from app.domain.msgids import N_
from app.extensions import clock
from app.models import Clue, ClueNotice
from app.services.clues import history
from app.services.clues.problems import ClueError

# Somebody outside waits for an answer; a call's answer and the worker's own visit have nobody to write to.
_ASKED = frozenset({ClueSource.HOTLINE, ClueSource.SELF_REPORT, ClueSource.REPORTER, ClueSource.DEPARTMENT,
                    ClueSource.INSPECTION})  # fmt: skip


def owe(session: Session, clue: Clue, target: NoticeTarget, at: datetime, department_id: int | None = None) -> None:
    """`target` has to be told; once as long as the notice is open."""
    query = select(ClueNotice.id).where(
        ClueNotice.clue_id == clue.id, ClueNotice.target == target, ClueNotice.told_at.is_(None),
        ClueNotice.department_id.is_(None) if department_id is None else ClueNotice.department_id == department_id,
    )  # fmt: skip
    if session.scalars(query).first() is None:
        session.add(ClueNotice(clue_id=clue.id, clue=clue, household_id=clue.household_id, household=clue.household,
                               target=target, department_id=department_id, words="", owed_at=at,
                               is_demo=clue.is_demo))  # fmt: skip
        session.flush()


def owe_outcome(session: Session, clue: Clue, at: datetime) -> None:
    """The clue came to an end, for now or for good: whoever asked hears of it."""
    if clue.source in _ASKED:
        owe(session, clue, NoticeTarget.REPORTER, at)


def told_through_system(
    session: Session, clue: Clue, target: NoticeTarget, at: datetime, user_id: int | None, words: str
) -> None:
    """`target` reads it in its inbox: told with this date. Closes what was owed."""
    query = select(ClueNotice).where(ClueNotice.clue_id == clue.id, ClueNotice.target == target,
                                     ClueNotice.told_at.is_(None))  # fmt: skip
    notice = session.scalars(query).first()
    if notice is None:
        notice = ClueNotice(clue_id=clue.id, clue=clue, household_id=clue.household_id, household=clue.household,
                            target=target, owed_at=at, is_demo=clue.is_demo)  # fmt: skip
        session.add(notice)
    notice.words, notice.means, notice.told_at, notice.told_by_id = words, NoticeMeans.SYSTEM, at, user_id
    session.flush()


def tell(session: Session, notice_id: int, *, means: NoticeMeans, words: str, user_id: int | None) -> ClueNotice:
    """Note that somebody was told, how and in which words. Raises LookupError, and ClueError without words or when it
    was noted already."""
    notice = session.get(ClueNotice, notice_id, with_for_update=True, populate_existing=True)
    if notice is None:
        raise LookupError(f"no notice {notice_id}")
    if notice.told_at is not None:
        raise ClueError(N_("This was noted already."))
    words = words.strip()
    if not words:
        raise ClueError(N_("Write what was told."), "words")
    if len(words) > history.LONGEST:
        raise ClueError(N_("The text is too long. Keep it within %(most)d characters."), "words", most=history.LONGEST)
    at = clock.now()
    notice.means, notice.words, notice.told_at, notice.told_by_id = means, words, at, user_id
    history.note(session, notice.clue, ClueAct.TOLD, user_id, at, reason=words)
    return notice
