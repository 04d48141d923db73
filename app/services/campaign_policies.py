"""Changing how a campaign is conducted after it was made: hours, retry numbers, texts.

Only while nothing is being dialled: a draft, a plan, a paused campaign. What was promised to be called by the old rules
and was not begun follows the new ones; attempts that were made stay as they are, and hours are checked again at every
dial anyway. The audit trail keeps the old and the new rules with whoever changed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.domain.enums import CampaignState, ContactState
from app.models import Campaign, Contact
from app.services.campaigns import CampaignError
from app.services.policies import laid_over, policy_of

CHANGEABLE = frozenset({CampaignState.DRAFT, CampaignState.PLANNED, CampaignState.PAUSED})


def change_policy(session: Session, campaign: Campaign, changes: Mapping[str, Any]) -> bool:
    """Lay `changes` over the campaign's policy; the row is locked. False when they change nothing.

    Raises CampaignError("state") while it is running or when it is closed, PolicyError for what cannot be used.
    """
    if campaign.state not in CHANGEABLE:
        raise CampaignError("state", f"the rules of a campaign that is {campaign.state} cannot be changed")
    before = policy_of(campaign)
    after = laid_over(before, changes)
    if after == before:
        return False
    campaign.policy = after.to_json()
    if after.notice != before.notice:
        _begin_otherwise(session, campaign, "notice" if after.notice else "call")
    session.flush()
    return True


def _begin_otherwise(session: Session, campaign: Campaign, kind: str) -> None:
    """Households nothing was sent to yet begin with `kind`. One that had its notice is waiting for its call."""
    statement = (
        update(Contact)
        .where(Contact.campaign_id == campaign.id, Contact.state == ContactState.PLANNED, Contact.attempts_made == 0)
        .where(Contact.next_kind.in_(("call", "notice")))
        .values(next_kind=kind)
    )
    session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
