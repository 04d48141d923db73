"""The end of a campaign: what is still open is closed with the disposition it earned, chunk by chunk.

The campaign itself is closed first, so that nothing more is dialled. A chunk is one transaction: its contacts end and
what they leave to the grid workers is opened together, so that a crash between two chunks loses nothing and a second
run finds only what is still open. On SQLite one statement for a county would keep callbacks waiting for half a minute.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import AttemptOutcome, CampaignState, ContactState, Disposition
from app.domain.quarters import Quarter
from app.extensions import clock
from app.models import Attempt, Campaign, Contact
from app.queries.scope import vouched
from app.services import campaign_kinds, planning_sql
from app.services.contacts import OPEN_STATES, request_campaign_cancellations

CHUNK = 5_000
_ENDED = {"state": ContactState.CLOSED, "next_attempt_at": None, "next_kind": None, "next_phone_id": None,
          "next_reason": ""}  # fmt: skip


def settle_chunk(session: Session, campaign: Campaign, after: int = 0, size: int = CHUNK) -> int | None:
    """End the next `size` open contacts with an id above `after`; the last one's id, or None when no more are left and
    the campaign is settled. The campaign is closed already and its row locked by the caller."""
    query = (
        select(Contact.id)
        .where(Contact.campaign_id == campaign.id, Contact.state.in_(OPEN_STATES), Contact.id > after)
        .order_by(Contact.id)
        .limit(size)
        .with_for_update(of=Contact)
    )
    contact_ids = session.scalars(query).all()
    if contact_ids:
        _end(session, contact_ids)
        if _leaves_duties(campaign):
            _open_tasks(session, campaign, contact_ids)
        session.expire_all()
    if len(contact_ids) == size:
        return contact_ids[-1]
    _finish(session, campaign)
    return None


def list_unsettled(session: Session) -> list[int]:
    """Ids of campaigns that were closed while some of their contacts were left open."""
    query = select(Campaign.id).where(Campaign.state == CampaignState.CLOSED, Campaign.settled_at.is_(None))
    return list(session.scalars(query.order_by(Campaign.id)))


def list_over(session: Session) -> list[int]:
    """Ids of campaigns that were launched and are over: those that close themselves and have nobody left to be called,
    and those of the quarter's duty whose quarter has passed."""
    kinds = campaign_kinds.list_kinds()
    ends_itself = Campaign.kind.in_([kind.code for kind in kinds if kind.closes_itself])
    is_open = exists().where(Contact.campaign_id == Campaign.id, Contact.state.in_(OPEN_STATES))
    of_a_quarter = Campaign.kind.in_([kind.code for kind in kinds if kind.claims_duty])
    has_passed = Campaign.quarter < str(Quarter.at(clock.now()))
    query = (
        select(Campaign.id)
        .where(Campaign.state.in_((CampaignState.RUNNING, CampaignState.PAUSED)))
        .where(or_(and_(ends_itself, ~is_open), and_(of_a_quarter, has_passed)))
    )
    return list(session.scalars(query.order_by(Campaign.id)))


def _leaves_duties(campaign: Campaign) -> bool:
    """It was begun, and whoever it did not reach is owed a contact."""
    return campaign.launched_at is not None and campaign_kinds.of(campaign).claims_duty


def _end(session: Session, contact_ids: Sequence[int]) -> None:
    """One statement a disposition: it depends on what was heard, which for most is nothing."""
    heard = _outcomes(session, contact_ids)
    members: dict[Disposition, list[int]] = {}
    for contact_id in contact_ids:
        disposition = disposition_of(ContactState.CLOSED, heard.get(contact_id, []))
        members.setdefault(disposition, []).append(contact_id)
    for disposition, some in members.items():
        statement = update(Contact).where(Contact.id.in_(some))
        values = {**_ENDED, "disposition": disposition, "closed_at": clock.now()}
        session.execute(vouched(statement.values(**values)), execution_options={"synchronize_session": False})


def _outcomes(session: Session, contact_ids: Sequence[int]) -> dict[int, list[AttemptOutcome]]:
    query = (
        select(Attempt.contact_id, Attempt.outcome)
        .where(Attempt.contact_id.in_(contact_ids), Attempt.outcome.is_not(None))
        .order_by(Attempt.id)
    )
    heard: dict[int, list[AttemptOutcome]] = {}
    for contact_id, outcome in session.execute(query):
        if contact_id is not None and outcome is not None:
            heard.setdefault(contact_id, []).append(outcome)
    return heard


def _open_tasks(session: Session, campaign: Campaign, contact_ids: Sequence[int]) -> None:
    dialect = session.get_bind().dialect.name
    session.execute(vouched(planning_sql.tasks_for_closed(dialect, campaign, clock.now(), contact_ids)))


def _finish(session: Session, campaign: Campaign) -> None:
    """Nothing is open any more: call back what the carrier holds, and open what a plan made later has left over."""
    request_campaign_cancellations(session, campaign.id)
    if _leaves_duties(campaign):
        dialect = session.get_bind().dialect.name
        session.execute(vouched(planning_sql.insert_tasks(dialect, campaign, clock.now())))
    campaign.settled_at = clock.now()
    session.flush()
    session.expire_all()
