"""The life of a quarter's check-in: created, planned, launched, paused, resumed, closed. Nothing here dials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import CampaignState
from app.domain.quarters import CHINA, Quarter
from app.domain.transitions import InvalidTransition, require_move
from app.extensions import clock
from app.models import Campaign, GridNode
from app.services import campaign_ends, campaign_kinds, pacing, planning, policies, scripts
from app.services.contacts import request_campaign_cancellations


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
    user_id: int | None = None,
    is_demo: bool = False,
) -> Campaign:
    """A draft for `quarter` below `node`. `policy`: changes to the shipped default, kept complete with the campaign.

    Raises CampaignError("exists") when the unit has one this quarter, PolicyError for a policy that cannot be used,
    KeyError when no script of the check-in is published.
    """
    taken = select(Campaign.id).where(Campaign.quarter == str(quarter), Campaign.node_id == node.id)
    if session.scalar(taken) is not None:
        raise CampaignError("exists", f"{node.name} has a campaign for {quarter} already")
    area = {f"l{depth}_id": getattr(node, f"l{depth}_id") for depth in range(1, 6)}
    kind = campaign_kinds.CHECKIN
    campaign = Campaign(
        kind=kind.code, name=name or f"{node.name} {quarter.label}", quarter=str(quarter), node_id=node.id, node=node,
        script_code=kind.script, script_version=scripts.get_current(session, kind.script).version,
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


def close(session: Session, campaign: Campaign, most: int | None = None) -> None:
    """The end: open contacts are closed with the disposition they earned, calls still queued are called back, and the
    duty towards households that were not reached goes to the grid workers. Raises InvalidTransition.

    `most`: chunks to settle here and now; what is left over is settled by the workers' recurring step. None: all.
    """
    require_move(campaign.state, CampaignState.CLOSED)
    campaign.state, campaign.closed_at = CampaignState.CLOSED, clock.now()
    session.flush()
    request_campaign_cancellations(session, campaign.id)
    last: int | None = 0
    done = 0
    while last is not None and (most is None or done < most):
        last, done = campaign_ends.settle_chunk(session, campaign, last), done + 1
