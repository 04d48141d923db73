"""A county's quarter half done: contacts with every disposition in both townships, and the calls that led there."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from app.domain.enums import AttemptOutcome, AttemptState, CampaignState, ContactState, Disposition
from app.domain.quarters import Quarter
from app.extensions import clock
from app.models import Attempt, Campaign, Contact, GridNode, Household
from app.services import campaigns, planning
from tests.factories.world import area_of, make_household

_serial = count(1)
_D, _O, _S = Disposition, AttemptOutcome, ContactState
# disposition, state, outcomes of its calls in order, how it was closed
PATTERN: tuple[tuple[Disposition, ContactState, tuple[AttemptOutcome, ...], str | None], ...] = (
    (_D.REACHED, _S.REACHED, (_O.COMPLETED,), "auto_call"),
    (_D.REACHED, _S.REACHED, (_O.NO_ANSWER, _O.PARTIAL), "auto_call"),
    (_D.REACHED, _S.REACHED, (_O.BUSY,), "in_person"),
    (_D.ANSWERED, _S.MISSED, (_O.HUNG_UP,), None),
    (_D.SILENT, _S.MISSED, (_O.SILENT,), None),
    (_D.REFUSED, _S.MISSED, (_O.REFUSED,), None),
    (_D.WRONG_PERSON, _S.MISSED, (_O.WRONG_PERSON,), None),
    (_D.UNREACHABLE, _S.MISSED, (_O.POWERED_OFF, _O.CARRIER_ERROR), None),
    (_D.PENDING, _S.WAITING, (_O.NO_ANSWER,), None),
)


def make_households(session: Any, groups: list[GridNode]) -> None:
    """In each group one household per line of PATTERN, one to be visited only and one that is not absent."""
    for group in groups:
        for position in range(len(PATTERN)):
            make_household(session, group, name=f"周{position}")
        make_household(session, group, name="吴访", visit_only=True)
        make_household(session, group, name="郑在", absent=False)


def make_quarter(
    session: Any, county: GridNode, groups: list[GridNode], quarter: Quarter, *, rings: bool = True
) -> Campaign:
    """A running campaign of the county whose households have come to what PATTERN says; in the last group one call
    rings. Not committed."""
    campaign = campaigns.create_campaign(session, quarter, county)
    planning.plan(session, campaign)
    campaign.state, campaign.launched_at = CampaignState.RUNNING, clock.now()
    for group in groups:
        query = select(Contact).join(Household).where(Contact.campaign_id == campaign.id, Contact.node_id == group.id)
        called = session.scalars(query.where(Contact.exclusion.is_(None)).order_by(Contact.id)).all()
        for contact, pattern in zip(called, PATTERN, strict=False):
            _finish(session, contact, *pattern)
    if rings:
        _ring(session, contact)
    session.flush()
    return campaign


def _finish(session: Any, contact: Contact, disposition: Disposition, state: ContactState,
            outcomes: tuple[AttemptOutcome, ...], through: str | None) -> None:  # fmt: skip
    contact.disposition, contact.state, contact.closed_channel = disposition, state, through
    contact.attempts_made = len(outcomes)
    if state is not ContactState.WAITING:
        contact.next_attempt_at = contact.next_kind = None
    for number, outcome in enumerate(outcomes, start=1):
        _call(session, contact, number, state=AttemptState.DONE, outcome=outcome)


def _ring(session: Any, contact: Contact) -> None:
    contact.state, contact.next_attempt_at, contact.next_kind = ContactState.CALLING, None, None
    _call(session, contact, 9, state=AttemptState.RINGING, outcome=None)


def _call(session: Any, contact: Contact, number: int, **values: Any) -> None:
    phone = contact.household.phones[0]
    at = clock.now() - timedelta(minutes=number)
    session.add(Attempt(
        token=f"outcome-{next(_serial)}", contact_id=contact.id, campaign_id=contact.campaign_id, number=number,
        household_id=contact.household_id, phone_id=phone.id, phone_hash=phone.e164_hash, carrier="simulator",
        hour=9 + number, slot_at=at, claimed_at=at, submitted_at=at, duration_s=30,
        **area_of(contact.household.node), **values,
    ))  # fmt: skip
