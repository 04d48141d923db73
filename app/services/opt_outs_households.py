"""What an opt-out means for the households behind the number: nobody calls them, their worker visits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import ContactState, WorkTaskKind
from app.domain.urgency import ReasonCode
from app.models import Contact, Household
from app.services import endings, opt_outs, worklist
from app.services.contacts import OPEN_STATES, lock_contact, request_number_cancellations

_STILL_OPEN = (*OPEN_STATES, ContactState.MISSED)


def refuse(
    session: Session, household: Household | None, e164_hash: str, *, tail: str, source: str, at: datetime
) -> None:
    """Enter the number in the ledger, withdraw what carriers still hold for it, and turn the household's open duties
    into visits. `household` None: the sender's number is shared or unknown, so only the number is blocked. Idempotent.
    """
    opt_outs.record(session, e164_hash, tail=tail, source=source, at=at,
                    is_demo=household.is_demo if household is not None else False)  # fmt: skip
    request_number_cancellations(session, e164_hash)
    if household is None:
        return
    ids = session.scalars(
        select(Contact.id).where(Contact.household_id == household.id, Contact.state.in_(_STILL_OPEN))
    ).all()
    for contact_id in sorted(ids):
        contact = lock_contact(session, contact_id)
        if contact.state in _STILL_OPEN:
            endings.end_opted_out(session, contact)
    worklist.open_task(session, household, WorkTaskKind.OPTED_OUT_VISIT, ReasonCode.OPTED_OUT)
