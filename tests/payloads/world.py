"""A household in a running campaign with a call under way, as the dispatcher leaves it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from app.domain.enums import AttemptState, CampaignState, ContactState
from app.extensions import clock
from app.models import Attempt, Campaign, Contact, GridWorker, Household
from tests.factories.world import Tree, area_of, make_household, make_tree, make_worker


@dataclass
class Scene:
    tree: Tree
    worker: GridWorker
    household: Household
    campaign: Campaign
    contact: Contact

    @property
    def number(self) -> str:
        return self.household.phones[0].e164


def make_campaign(session: Any, tree: Tree, **values: Any) -> Campaign:
    campaign = Campaign(name="测试回访", quarter="2026Q4", state=CampaignState.RUNNING, policy={},
                        **area_of(tree.county), **values)  # fmt: skip
    session.add(campaign)
    session.flush()
    return campaign


def make_contact(session: Any, campaign: Campaign, household: Household, **values: Any) -> Contact:
    contact = Contact(campaign_id=campaign.id, household_id=household.id, quarter=campaign.quarter,
                      **{"state": ContactState.CALLING, **values})  # fmt: skip
    session.add(contact)
    session.flush()
    return contact


def make_scene(session: Any, **household: Any) -> Scene:
    tree = make_tree(session)
    worker = make_worker(session, tree.groups[0])
    home = make_household(session, tree.groups[0], **household)
    campaign = make_campaign(session, tree)
    contact = make_contact(session, campaign, home)
    session.commit()
    return Scene(tree, worker, home, campaign, contact)


def make_attempt(session: Any, contact: Contact, **values: Any) -> Attempt:
    phone = contact.household.phones[0]
    given = {"state": AttemptState.DISPATCHED, "channel": "voice", "number": 1, **values}
    attempt = Attempt(token=str(uuid.uuid4()), contact_id=contact.id, campaign_id=contact.campaign_id,
                      household_id=contact.household_id, phone_id=phone.id, phone_hash=phone.e164_hash,
                      carrier="simulator", slot_at=clock.now(), submitted_at=clock.now(), **given)  # fmt: skip
    session.add(attempt)
    session.commit()
    return attempt
