"""What belongs to one clue: its history, who has to be told, its case, other clues of the household."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Case, Clue, ClueEntry, ClueNotice, ClueReport, Department


def list_entries(session: Session, clue_id: int) -> list[ClueEntry]:
    """Newest first, with the names of those who acted."""
    query = select(ClueEntry).where(ClueEntry.clue_id == clue_id).order_by(ClueEntry.id.desc())
    return list(session.scalars(query.options(joinedload(ClueEntry.user), joinedload(ClueEntry.person))))


def list_notices(session: Session, clue_id: int) -> list[ClueNotice]:
    """Those still owed first."""
    query = select(ClueNotice).where(ClueNotice.clue_id == clue_id)
    return list(session.scalars(query.order_by(ClueNotice.told_at.is_not(None), ClueNotice.id)))


def find_case(session: Session, clue_id: int) -> Case | None:
    """The case that was opened from the clue: where 属实 leads."""
    return session.scalars(select(Case).where(Case.clue_id == clue_id).order_by(Case.id.desc())).first()


def find_report(session: Session, clue_id: int) -> ClueReport | None:
    return session.scalars(select(ClueReport).where(ClueReport.clue_id == clue_id)).first()


def list_others(session: Session, clue: Clue, most: int = 20) -> list[Clue]:
    """Other clues of the household, newest first: one of them may say the same."""
    query = select(Clue).where(Clue.household_id == clue.household_id, Clue.id != clue.id)
    return list(session.scalars(query.order_by(Clue.id.desc()).limit(most)))


def list_departments(session: Session, most: int = 200) -> list[Department]:
    """Whom a clue can be passed to: offices that still exist, the nearest units first."""
    query = select(Department).where(Department.to_on.is_(None)).order_by(Department.l2_id.desc(), Department.id)
    return list(session.scalars(query.limit(most)))
