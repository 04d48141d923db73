"""Claim what is due: row, claim, commit; the caller dials after its commit (HOUSE rule 4).

One transaction locks the pacing budget, picks due contacts fairly between townships, checks everything that must
hold at dial time, reserves slots and writes the intents. Workers on PostgreSQL skip each other's rows; SQLite has one
writer.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy import ColumnElement, TextClause, exists, select, text
from sqlalchemy.orm import Session, joinedload

from app.domain.enums import CampaignState
from app.models import Campaign, Contact, GridNode
from app.models.campaigns import NEEDS_NO_LINE
from app.services import claim_checks, pacing, routes
from app.services.claim_checks import Claimed, Desk
from app.services.contacts import READY_STATES
from telephony.ports import Channel

BATCH = 25  # few enough that a killed worker leaves few intents for the sweeper to clear up
HORIZON_S = 3.0  # wall seconds
_ROUNDS = 4  # a number that turns out dead gives way to the next one within the same claim


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far ahead slots are handed out. A rehearsal that dials synchronously takes none ahead."""

    lead: timedelta
    horizon: timedelta


@dataclass(frozen=True, slots=True)
class Round:
    """`claimed`: to be dialled. `put_off`: contacts that were due and are not any more (no window, number busy, over).
    Neither: nothing is due, or no carrier has a slot or a line free."""

    claimed: list[Claimed]
    put_off: int = 0

    @property
    def is_idle(self) -> bool:
        return not self.claimed and not self.put_off


def usual_ahead() -> Ahead:
    return Ahead(pacing.wall(pacing.LEAD_S), pacing.wall(HORIZON_S))


def claim_due(session: Session, now: datetime, limit: int = BATCH, ahead: Ahead | None = None) -> list[Claimed]:
    """Claim at most `limit` due attempts of running campaigns. The caller commits, then dials each at its slot."""
    return claim_round(session, now, limit, ahead).claimed


def claim_round(session: Session, now: datetime, limit: int = BATCH, ahead: Ahead | None = None) -> Round:
    """The same, telling what else was done: contacts that may not be called just now are put off or ended in the same
    transaction, so that none is looked at twice in vain."""
    ahead = ahead or usual_ahead()
    campaigns = _with_due_contacts(session, now)
    if not campaigns:
        return Round([])
    allowances = pacing.open_allowances(session, now, lead=ahead.lead, horizon=ahead.horizon)
    if not any(allowance.has(channel) for allowance in allowances.values() for channel in Channel):
        return Round([])
    only_texts = not any(allowance.has(Channel.VOICE) for allowance in allowances.values())
    desk = Desk(session, now, routes.list_routes(session), allowances)
    claimed: list[Claimed] = []
    put_off = 0
    for _ in range(_ROUNDS):
        candidates = _pick(session, campaigns, now, limit - len(claimed), desk.seen, only_texts)
        if not candidates:
            break
        desk.look_up(candidates)
        taken = [one for contact in candidates if (one := claim_checks.claim(desk, contact)) is not None]
        put_off += sum(not _is_due(contact, now) for contact in candidates) - len(taken)
        claimed += taken
        session.flush()
        if len(claimed) >= limit or desk.is_exhausted:
            break
    return Round(claimed, max(0, put_off) + desk.put_off)


def _is_due(contact: Contact, now: datetime) -> bool:
    at = contact.next_attempt_at
    return contact.state in READY_STATES and at is not None and at <= now


def _with_due_contacts(session: Session, now: datetime) -> list[Campaign]:
    """Running campaigns with anything due: one look into an index, since most ticks find nothing."""
    due = exists().where(Contact.campaign_id == Campaign.id, *_now_due(now))
    query = select(Campaign).where(Campaign.state == CampaignState.RUNNING, due).options(joinedload(Campaign.node))
    return list(session.scalars(query.order_by(Campaign.id)))


def _pick(
    session: Session, campaigns: list[Campaign], now: datetime, limit: int, seen: set[int], only_texts: bool
) -> list[Contact]:
    """Due contacts, one township after the other in turn; while no line is free, those alone that need none."""
    if only_texts:
        return _due(session, campaigns, None, now, limit, seen, text(NEEDS_NO_LINE))
    towns = _towns_in_turn(session, campaigns, now)
    each = max(1, -(-limit // max(1, len(towns))))
    queues: list[list[Contact]] = []
    for campaign, town in towns:
        # With few free slots most townships are not asked at all this time.
        if sum(map(len, queues)) >= limit:
            break
        queues.append(_due(session, [campaign], town, now, each, seen))
    return [contact for turn in zip_longest(*queues) for contact in turn if contact is not None][:limit]


def _towns_in_turn(session: Session, campaigns: list[Campaign], now: datetime) -> list[tuple[Campaign, int | None]]:
    """Townships in an order that changes from slot to slot: no township is always first when slots are few, and the
    same moment gives the same order again."""
    pairs: list[tuple[Campaign, int | None]] = []
    for campaign in campaigns:
        if campaign.node.depth >= 2:
            pairs.append((campaign, campaign.l2_id))
            continue
        due = select(Contact.id).where(Contact.campaign_id == campaign.id, Contact.l2_id == GridNode.id, *_now_due(now))
        towns = select(GridNode.id).where(GridNode.depth == 2, GridNode.l1_id == campaign.node_id, due.exists())
        pairs.extend((campaign, town) for town in session.scalars(towns))
        if _has_only_one_level(session, campaign):
            pairs.append((campaign, None))
    moment = int(now.timestamp() * 10)
    return sorted(pairs, key=lambda pair: zlib.crc32(f"{moment}:{pair[0].id}:{pair[1]}".encode()))


def _now_due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Contact.next_attempt_at <= now, Contact.state.in_(READY_STATES)


def _has_only_one_level(session: Session, campaign: Campaign) -> bool:
    """A campaign of a grid without townships: its contacts hang on the top node itself."""
    below = select(GridNode.id).where(GridNode.depth == 2, GridNode.l1_id == campaign.node_id)
    return session.scalar(below.limit(1)) is None


def _due(
    session: Session,
    campaigns: list[Campaign],
    town: int | None,
    now: datetime,
    limit: int,
    seen: set[int],
    *conditions: ColumnElement[bool] | TextClause,
) -> list[Contact]:
    query = (
        select(Contact)
        .where(Contact.campaign_id.in_([campaign.id for campaign in campaigns]), *_now_due(now), *conditions)
        .order_by(Contact.next_attempt_at, Contact.id)
        .limit(limit)
        .with_for_update(of=Contact, skip_locked=True)
    )
    if town is not None:
        query = query.where(Contact.l2_id == town)
    if seen:
        query = query.where(Contact.id.not_in(seen))
    return list(session.scalars(query, execution_options={"populate_existing": True}))
