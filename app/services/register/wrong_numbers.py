"""Which number is meant when somebody says "this is not our household" (TELEPHONY 1.8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import PhoneState
from app.models import AuditEntry, Household, Phone
from app.services import changes

_IN_USE = (PhoneState.ACTIVE, PhoneState.POWERED_OFF, PhoneState.SUSPENDED)


def mark_wrong(
    session: Session, household: Household, *, phone_id: int | None, user_id: int | None, at: datetime, source: str
) -> Phone | None:
    """Take the number out of use: the one named, else the one this user dialled last, else the only one in use.

    With several numbers and no trace of which was dialled none is guessed: a change request asks the worker, and None
    comes back. `source`: a VisitChannel value.
    """
    usable = [phone for phone in household.phones if phone.state in _IN_USE]
    named = next((phone for phone in household.phones if phone.id == phone_id), None)
    phone = named or _dialled_last(session, household, user_id) or (usable[0] if len(usable) == 1 else None)
    if phone is None:
        if usable:
            changes.propose(session, household, changes.PHONE, changes.WRONG_NUMBER, source=source)
        return None
    phone.state, phone.state_at = PhoneState.WRONG_PERSON, at
    session.flush()
    return phone


def _dialled_last(session: Session, household: Household, user_id: int | None) -> Phone | None:
    """From the trail: tapping a number on a card or on the file leaves a line there."""
    if user_id is None:
        return None
    query = (
        select(AuditEntry.entity_id)
        .where(AuditEntry.action == "dialled", AuditEntry.entity == "phone", AuditEntry.user_id == user_id)
        .where(AuditEntry.household_id == household.id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    dialled = session.scalars(query).first()
    return next((phone for phone in household.phones if phone.id == dialled), None)
