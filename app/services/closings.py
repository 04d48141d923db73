"""When a calling window closes: everything that was due in it is put off at once.

One by one a backlog of 20,000 would keep every worker busy for minutes with contacts nobody may call.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.enums import ContactState
from app.models import Contact, Household, Phone
from app.queries.scope import vouched
from app.services.contacts import READY_STATES

MOST = 20_000  # rows a statement: SQLite's one writer keeps callbacks waiting for as long as it lasts


def postpone_alike(
    session: Session, contact: Contact, zone: str, opens_at: datetime, now: datetime, seen: Collection[int]
) -> int:
    """Put off what is due in `contact`'s campaign in the same `zone` (IANA name) and with the same preferred hours:
    the window that is closed for it is closed for them, and opens again at `opens_at`. Number of contacts.

    Those with a time the callee chose are left to be looked at one by one, those in `seen` are the caller's. Rows that
    somebody else holds are passed over.
    """
    household = contact.household
    alike = (
        select(Contact.id)
        .join(Phone, Phone.id == Contact.next_phone_id)
        .join(Household, Household.id == Contact.household_id)
        .where(Contact.campaign_id == contact.campaign_id, Contact.next_attempt_at <= now)
        .where(Contact.state.in_(READY_STATES))
        .where(Contact.next_kind != "worklist", Contact.chosen_at.is_(None), Contact.id.not_in(seen))
        .where(Phone.zone == zone, Household.preferred_from.is_not_distinct_from(household.preferred_from))
        .where(Household.preferred_to.is_not_distinct_from(household.preferred_to))
        .limit(MOST)
        .with_for_update(of=Contact, skip_locked=True)
    )
    values = {"state": ContactState.WAITING, "next_attempt_at": opens_at}
    statement = vouched(update(Contact).where(Contact.id.in_(alike)).values(**values))
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]
