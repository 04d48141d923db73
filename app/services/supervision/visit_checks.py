"""回访核实: recorded visits are drawn, and the hotline asks the households two questions about them.

A round is a campaign of its own kind (campaign_kinds.callback says what comes of its calls). Where a check-in names its
quarter it names itself (rounds.round_code), so that nothing that looks for the contact of a quarter finds it: no duty
is closed, no rate counts it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import CampaignState, ContactState, ExclusionReason, StepReason, VisitChannel
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.domain.retries import DIALLABLE
from app.domain.supervision import rounds
from app.domain.supervision.rounds import Recorded
from app.extensions import clock
from app.models import Campaign, Contact, GridNode, Household, Visit, VisitCheck
from app.models.types import AREA_COLUMNS
from app.queries.campaigns import find_campaign, of_kind
from app.queries.scope import current_access, today
from app.services import campaigns, histories, pacing, policies, scripts
from app.services.campaign_kinds import CALLBACK
from app.services.worker_files.refusals import Refused, Trouble, refuse


@dataclass(frozen=True, slots=True)
class Wish:
    """Visits recorded on these civil days; `size` households are asked; `seed` "" for a random one."""

    from_on: date | None
    to_on: date | None
    size: int | None
    seed: str = ""


def start(session: Session, node: GridNode, wish: Wish) -> Campaign:
    """Draw the visits and begin to call: windows and pacing decide when. Raises Refused."""
    from_on, to_on, size = _checked(wish)
    seed = wish.seed.strip() or secrets.token_hex(8)
    chosen = rounds.choose(_recorded(session, node, from_on, to_on), seed, size)
    if not chosen:
        raise refuse("from_on", N_("No home visit that has not been asked about was recorded on these days."))
    campaign = _campaign(session, node, f"{seed} · {from_on.isoformat()} – {to_on.isoformat()}")
    by_id = {one.id: one for one in session.scalars(select(Visit).where(
        Visit.id.in_([recorded.visit_id for recorded in chosen])))}  # fmt: skip
    for position, recorded in enumerate(chosen, start=1):
        _ask_about(session, campaign, by_id[recorded.visit_id], position)
    pacing.ensure_budgets(session)
    session.flush()
    return campaign


def _checked(wish: Wish) -> tuple[date, date, int]:
    troubles: dict[str, Trouble] = {}
    if wish.from_on is None:
        troubles["from_on"] = Trouble(N_("Choose the first day."))
    if wish.to_on is None or wish.to_on > today() or (wish.from_on is not None and wish.to_on < wish.from_on):
        troubles["to_on"] = Trouble(N_("Choose a last day, today at the latest, that is not before the first."))
    if wish.size is None or not 1 <= wish.size <= rounds.LARGEST:
        troubles["size"] = Trouble(N_("Ask 1 to %(most)s households."), {"most": rounds.LARGEST})
    if len(wish.seed.strip()) > 32:
        troubles["seed"] = Trouble(N_("A seed has at most 32 characters."))
    if troubles or wish.from_on is None or wish.to_on is None or wish.size is None:
        raise Refused(troubles)
    return wish.from_on, wish.to_on, wish.size


def _recorded(session: Session, node: GridNode, from_on: date, to_on: date) -> list[Recorded]:
    """Home visits by workers that no round has asked about."""
    start_at = datetime.combine(from_on, time(), CHINA)
    end_at = datetime.combine(to_on + timedelta(days=1), time(), CHINA)
    asked = exists().where(VisitCheck.visit_id == Visit.id)
    query = (
        select(Visit.id, Household.code, Visit.happened_at)
        .join(Household, Household.id == Visit.household_id)
        .where(getattr(Visit, f"l{node.depth}_id") == node.id, Visit.channel == VisitChannel.IN_PERSON)
        .where(Visit.happened_at >= start_at, Visit.happened_at < end_at, Visit.worker_id.is_not(None))
        .where(Visit.withdrawn_at.is_(None), Household.gone_on.is_(None), ~asked)
    )
    return [Recorded(*row) for row in session.execute(query)]


def _campaign(session: Session, node: GridNode, name: str) -> Campaign:
    last = session.scalar(select(func.max(Campaign.quarter)).where(of_kind(CALLBACK.code)))
    number = int(last[1:]) + 1 if last else 1
    script, now = scripts.get_current(session, CALLBACK.script), clock.now()
    texts = dict.fromkeys(("notice", "fallback"), CALLBACK.sends_texts)
    row = Campaign(kind=CALLBACK.code, name=name[:80], quarter=rounds.round_code(number), node=node,
                   script_code=script.code, script_version=script.version, state=CampaignState.RUNNING,
                   policy=policies.merged(texts).to_json(), planned_at=now, launched_at=now,
                   created_by_id=current_access().user_id,
                   **{name: getattr(node, "id" if name == "node_id" else name) for name in AREA_COLUMNS})  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _ask_about(session: Session, campaign: Campaign, visit: Visit, position: int) -> None:
    household = visit.household
    phones = [one for one in histories.dialable_phones(session, household) if one.state in DIALLABLE]
    excluded = _exclusion(household, bool(phones))
    contact = Contact(campaign_id=campaign.id, campaign=campaign, household=household, household_id=household.id,
                      quarter=campaign.quarter, is_demo=household.is_demo,
                      **{name: getattr(household, name) for name in AREA_COLUMNS})  # fmt: skip
    if excluded is None:
        contact.next_attempt_at, contact.next_kind = clock.now(), "call"
        contact.next_phone_id, contact.next_reason = phones[0].id, StepReason.FIRST_CALL.value
    else:
        contact.state, contact.exclusion = ContactState.EXCLUDED, excluded
        contact.disposition = disposition_of(ContactState.EXCLUDED, (), excluded)
    session.add(contact)
    session.flush()
    session.add(VisitCheck(campaign_id=campaign.id, contact=contact, contact_id=contact.id, household=household,
                           household_id=household.id, visit=visit, visit_id=visit.id, position=position,
                           is_demo=household.is_demo))  # fmt: skip


def _exclusion(household: Household, has_phone: bool) -> ExclusionReason | None:
    if household.visit_only:
        return ExclusionReason.VISIT_ONLY
    if has_phone:
        return None
    in_use = any(phone.state in DIALLABLE for phone in household.phones)
    return ExclusionReason.OPTED_OUT if in_use else ExclusionReason.NO_NUMBER


def close(session: Session, campaign_id: int) -> Campaign:
    """No more calls; who was not reached stays so. Raises LookupError, InvalidTransition."""
    row = find_campaign(session, campaign_id, CALLBACK.code)
    if row is None:
        raise LookupError(f"no round {campaign_id}")
    campaigns.close(session, campaigns.get_campaign(session, campaign_id))
    return row
