"""Households with work to do in worker1's group of the cast's county, and one in a neighbour's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.domain.enums import (
    AttemptOutcome,
    AttemptState,
    CampaignState,
    ClueKind,
    ClueSource,
    ContactState,
    Disposition,
    HouseholdCategory,
    WorkTaskKind,
)
from app.domain.urgency import ReasonCode
from app.models import Attempt, Campaign, Contact, GridNode, Household
from app.models.types import cipher
from tests.factories.world import area_of, demo_number, make_household

NAMES = ("郑长贵", "姜志强", "陈桂兰", "孙庆华", "周玉莲", "吴立新")
COUNTY, OWN_GROUP, OTHER_GROUP = "990001", "990001101201001", "990001101201002"
_CATEGORIES = (HouseholdCategory.UNSTABLE, HouseholdCategory.GENERAL, HouseholdCategory.OUT_OF_POVERTY)


def furnish(session: Any, nodes: dict[str, int], clock: Any) -> list[int]:
    """Six missed households of worker1 (the first also asked to be called back and has a clue), one of worker2.

    `nodes`: code → id. Their ids, the neighbour's last.
    """
    from app.services import clues, worklist

    county, own, other = (session.get(GridNode, nodes[code]) for code in (COUNTY, OWN_GROUP, OTHER_GROUP))
    campaign = Campaign(name="2026年第四季度", quarter="2026Q4", state=CampaignState.RUNNING, **area_of(county))
    session.add(campaign)
    session.flush()
    made = []
    for number, name in enumerate(NAMES):
        numbers = (demo_number(500 + number), demo_number(600 + number))[: 2 if number == 0 else 1]
        made.append(make_household(session, own, name=name, numbers=numbers,
                                   category=_CATEGORIES[number % 3], head_initials="zcg"))  # fmt: skip
    made.append(make_household(session, other, name="邻家户", numbers=(demo_number(700),)))
    for number, household in enumerate(made):
        contact = _missed(session, campaign, household, calls=1 + number % 3, clock=clock)
        worklist.open_task(session, household, WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED, contact)
    worklist.open_task(session, made[0], WorkTaskKind.CALL_BACK, ReasonCode.CALL_BACK)
    clues.raise_clue(session, made[0], ClueKind.EMPLOYMENT_LOST, ClueSource.AUTO_CALL)
    return [household.id for household in made]


def _missed(session: Any, campaign: Campaign, household: Household, calls: int, clock: Any) -> Contact:
    area = {name: getattr(household, name) for name in ("node_id", "l1_id", "l2_id", "l3_id", "l4_id", "l5_id")}
    contact = Contact(campaign_id=campaign.id, household_id=household.id, quarter="2026Q4", state=ContactState.MISSED,
                      disposition=Disposition.UNREACHABLE, attempts_made=calls, **area)  # fmt: skip
    session.add(contact)
    session.flush()
    for number in range(calls):
        at = clock.now() - timedelta(days=10 - number)
        session.add(Attempt(
            token=f"t{household.id}-{number}", contact_id=contact.id, campaign_id=campaign.id,
            household_id=household.id, phone_id=household.phones[0].id, number=number + 1, carrier="simulator",
            phone_hash=cipher.blind(f"{household.id}"), state=AttemptState.DONE, outcome=AttemptOutcome.NO_ANSWER,
            claimed_at=at, slot_at=at, submitted_at=at, **area,
        ))  # fmt: skip
    session.flush()
    return contact
