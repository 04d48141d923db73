"""The life of a quarter's check-in: created, planned, launched, paused, resumed, closed. Nothing here dials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import AttemptOutcome, CampaignState, ContactState, Disposition
from app.domain.quarters import CHINA, Quarter
from app.domain.transitions import InvalidTransition, require_move
from app.extensions import clock
from app.models import Attempt, Campaign, Contact, GridNode
from app.queries.scope import vouched
from app.services import pacing, planning, policies, scripts
from app.services.contacts import OPEN_STATES, request_campaign_cancellations

CHECKIN = "checkin"
_BATCH = 5_000


class CampaignError(ValueError):
    """A campaign that cannot be made or moved. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def create_campaign(
    session: Session,
    quarter: Quarter,
    node: GridNode,
    *,
    name: str | None = None,
    policy: Mapping[str, Any] | None = None,
    script_code: str = CHECKIN,
    user_id: int | None = None,
    is_demo: bool = False,
) -> Campaign:
    """A draft for `quarter` below `node`. `policy`: changes to the shipped default, kept complete with the campaign.

    Raises CampaignError("exists") when the unit has one this quarter, PolicyError for a policy that cannot be used,
    KeyError for an unknown script.
    """
    taken = select(Campaign.id).where(Campaign.quarter == str(quarter), Campaign.node_id == node.id)
    if session.scalar(taken) is not None:
        raise CampaignError("exists", f"{node.name} has a campaign for {quarter} already")
    area = {f"l{depth}_id": getattr(node, f"l{depth}_id") for depth in range(1, 6)}
    campaign = Campaign(
        name=name or f"{node.name} {quarter.label}", quarter=str(quarter), node_id=node.id, node=node,
        script_code=script_code, script_version=scripts.get_current(session, script_code).version,
        policy=policies.merged(policy).to_json(), state=CampaignState.DRAFT, created_by_id=user_id, is_demo=is_demo,
        **area,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    return campaign


def get_campaign(session: Session, campaign_id: int) -> Campaign:
    """The row, locked. Raises LookupError."""
    campaign = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None:
        raise LookupError(f"no campaign {campaign_id}")
    return campaign


def launch(session: Session, campaign: Campaign) -> None:
    """Planned → running: workers begin to call, and what cannot be called goes on the grid workers' lists.

    Raises CampaignError("quarter") outside its quarter, InvalidTransition for a campaign that is not planned.
    """
    if not Quarter.parse(campaign.quarter).contains(clock.now().astimezone(CHINA).date()):
        raise CampaignError("quarter", f"{campaign.quarter} is not the present quarter")
    require_move(campaign.state, CampaignState.RUNNING)
    pacing.ensure_budgets(session)
    campaign.state, campaign.launched_at = CampaignState.RUNNING, clock.now()
    session.flush()
    planning.open_tasks(session, campaign)


def pause(session: Session, campaign: Campaign) -> None:
    """Running → paused: nothing new is dialled; calls at the carrier go on. Raises InvalidTransition."""
    require_move(campaign.state, CampaignState.PAUSED)
    campaign.state = CampaignState.PAUSED
    session.flush()


def resume(session: Session, campaign: Campaign) -> None:
    """Paused → running: everything that fell due meanwhile is due now. Raises InvalidTransition."""
    if campaign.state is not CampaignState.PAUSED:
        raise InvalidTransition(campaign.state, CampaignState.RUNNING)
    campaign.state = CampaignState.RUNNING
    session.flush()


def close(session: Session, campaign: Campaign) -> None:
    """The end: open contacts are closed with the disposition they earned, calls still queued are called back, and the
    duty towards households that were not reached goes to the grid workers. Raises InvalidTransition."""
    require_move(campaign.state, CampaignState.CLOSED)
    was_launched = campaign.launched_at is not None
    campaign.state, campaign.closed_at = CampaignState.CLOSED, clock.now()
    session.flush()
    planning.take_off_schedule(session, campaign)
    _close_begun(session, campaign)
    if was_launched:
        planning.open_tasks(session, campaign)


def _close_begun(session: Session, campaign: Campaign) -> None:
    """Contacts with a history: their disposition depends on what was heard. One statement a disposition and batch."""
    begun = select(Contact.id).where(Contact.campaign_id == campaign.id, Contact.state.in_(OPEN_STATES))
    heard = _outcomes(session, campaign)
    members: dict[Disposition, list[int]] = {}
    for contact_id in session.scalars(begun.order_by(Contact.id).with_for_update(of=Contact)):
        disposition = disposition_of(ContactState.CLOSED, heard.get(contact_id, []))
        members.setdefault(disposition, []).append(contact_id)
    ended = {"state": ContactState.CLOSED, "closed_at": clock.now(), "next_attempt_at": None, "next_kind": None,
             "next_phone_id": None, "next_reason": ""}  # fmt: skip
    for disposition, contact_ids in members.items():
        for start in range(0, len(contact_ids), _BATCH):
            some = update(Contact).where(Contact.id.in_(contact_ids[start : start + _BATCH]))
            session.execute(vouched(some.values(disposition=disposition, **ended)),
                            execution_options={"synchronize_session": False})  # fmt: skip
    request_campaign_cancellations(session, campaign.id)
    session.expire_all()


def _outcomes(session: Session, campaign: Campaign) -> dict[int, list[AttemptOutcome]]:
    query = select(Attempt.contact_id, Attempt.outcome).where(Attempt.campaign_id == campaign.id)
    heard: dict[int, list[AttemptOutcome]] = {}
    for contact_id, outcome in session.execute(query.where(Attempt.outcome.is_not(None)).order_by(Attempt.id)):
        assert outcome is not None
        if contact_id is not None:
            heard.setdefault(contact_id, []).append(outcome)
    return heard
