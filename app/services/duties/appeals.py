"""What a household asked for or suggested during a visit, kept as a record of its own (D0-30)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.quarters import CHINA
from app.domain.register.words import AppealKind
from app.models import Appeal, Household


def note(session: Session, household: Household, words: str, *, at: datetime, user_id: int | None) -> Appeal:
    """`words`: as they said it, at most 500 characters. It waits in the village's inbox until somebody answers."""
    appeal = Appeal(household_id=household.id, household=household, kind=AppealKind.APPEAL, words=words,
                    received_on=at.astimezone(CHINA).date(), created_by_id=user_id,
                    is_demo=household.is_demo)  # fmt: skip
    session.add(appeal)
    session.flush()
    return appeal
