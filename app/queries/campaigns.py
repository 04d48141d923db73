"""Numbers of a campaign: what the plan decided, how far it is, what it costs. Every split adds up to the total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from app.domain.enums import ContactState, Disposition, ExclusionReason
from app.models import Attempt, Campaign, Contact
from app.models.types import AREA_COLUMNS

CALLED = "called"


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """`called`: households that will be called; `excluded`: the others by their one reason. Together all households of
    the area. Those that another campaign of the quarter has count as in_other_campaign."""

    called: int
    excluded: Mapping[ExclusionReason, int]

    @property
    def total(self) -> int:
        return self.called + sum(self.excluded.values())

    def rows(self) -> list[tuple[str, int]]:
        """("called", n), each reason that occurs, ("total", n)."""
        reasons = [(reason.value, self.excluded[reason]) for reason in ExclusionReason if self.excluded.get(reason)]
        return [(CALLED, self.called), *reasons, ("total", self.total)]


@dataclass(frozen=True, slots=True)
class Progress:
    """One instant's picture of a campaign; `total` is the sum of each split."""

    total: int
    by_state: Mapping[ContactState, int]
    by_disposition: Mapping[Disposition, int]
    by_exclusion: Mapping[ExclusionReason, int]


@dataclass(frozen=True, slots=True)
class Spend:
    """`minutes` are billed ones, each call rounded up; `segments` of texts; `price` in the account's currency as far as
    the carrier has told it, `priced` the number of attempts it told it for."""

    calls: int
    rung: int
    minutes: int
    texts: int
    segments: int
    price: Decimal
    priced: int
    reached: int

    @property
    def per_reached(self) -> Decimal | None:
        """Price of one household reached; None while none is."""
        return (self.price / self.reached).quantize(Decimal("0.0001")) if self.reached else None


def of_kind(code: str) -> ColumnElement[bool]:
    """Campaigns of one kind (domain.campaign_kinds)."""
    return Campaign.kind == code


def find_campaign(session: Session, campaign_id: int, code: str) -> Campaign | None:
    """The campaign when it is of the kind `code`: each kind has pages of its own."""
    found: Campaign | None = session.get(Campaign, campaign_id)
    return found if found is not None and found.kind == code else None


def plan_preview(session: Session, campaign_id: int) -> PlanPreview:
    """What the plan decided. Raises NoResultFound for an unknown campaign."""
    campaign = session.get_one(Campaign, campaign_id)
    query = select(Contact.exclusion, func.count()).where(Contact.campaign_id == campaign_id)
    counts = dict(session.execute(query.group_by(Contact.exclusion)).all())
    called = counts.pop(None, 0)
    excluded = {reason: number for reason, number in counts.items() if reason is not None}
    elsewhere = session.scalar(select(func.count(Contact.id)).where(_elsewhere(campaign))) or 0
    if elsewhere:
        excluded[ExclusionReason.IN_OTHER_CAMPAIGN] = elsewhere
    return PlanPreview(called, excluded)


def contacts_of(campaign: Campaign, *, exclusion: ExclusionReason | None = None,
                disposition: Disposition | None = None) -> Select[tuple[Contact]]:  # fmt: skip
    """The list behind a number, to be paged by the caller."""
    if exclusion is ExclusionReason.IN_OTHER_CAMPAIGN:
        return select(Contact).where(_elsewhere(campaign)).order_by(Contact.id)
    query = select(Contact).where(Contact.campaign_id == campaign.id).order_by(Contact.id)
    if exclusion is not None:
        query = query.where(Contact.exclusion == exclusion)
    return query if disposition is None else query.where(Contact.disposition == disposition)


def count_dispositions(session: Session, campaign_id: int) -> dict[Disposition, int]:
    """Every disposition (0 where none) → contacts; the sum is the number of contacts."""
    query = select(Contact.disposition, func.count()).where(Contact.campaign_id == campaign_id)
    counts = dict(session.execute(query.group_by(Contact.disposition)).all())
    return {disposition: counts.get(disposition, 0) for disposition in Disposition}


def progress(session: Session, campaign_id: int) -> Progress:
    """States, dispositions and exclusions from one statement, so that they tell of the same instant."""
    split = (Contact.state, Contact.disposition, Contact.exclusion)
    query = select(*split, func.count()).where(Contact.campaign_id == campaign_id).group_by(*split)
    states = dict.fromkeys(ContactState, 0)
    dispositions = dict.fromkeys(Disposition, 0)
    exclusions = dict.fromkeys(ExclusionReason, 0)
    for state, disposition, exclusion, number in session.execute(query):
        states[state] += number
        dispositions[disposition] += number
        if exclusion is not None:
            exclusions[exclusion] += number
    return Progress(sum(states.values()), states, dispositions, exclusions)


def spend(session: Session, campaign_id: int) -> Spend:
    """What the campaign's attempts cost so far."""
    voice, text = Attempt.channel == "voice", Attempt.channel == "sms"
    seconds = func.coalesce(Attempt.duration_s, 0)
    minutes = case((voice, (seconds + 59) // 60), else_=0)
    row = session.execute(
        select(
            _count(voice & Attempt.submitted_at.is_not(None)), _count(voice & Attempt.ringing_at.is_not(None)),
            func.coalesce(func.sum(minutes), 0), _count(text & Attempt.submitted_at.is_not(None)),
            func.coalesce(func.sum(case((text, func.coalesce(Attempt.segments, 0)), else_=0)), 0),
            func.coalesce(func.sum(func.abs(Attempt.price)), 0), func.count(Attempt.price),
        ).where(Attempt.campaign_id == campaign_id, Attempt.is_inbound.is_(False))
    ).one()  # fmt: skip
    reached = count_dispositions(session, campaign_id)[Disposition.REACHED]
    calls, rung, billed, texts, segments, price, priced = row
    return Spend(calls, rung, int(billed), texts, int(segments), Decimal(str(price)), priced, reached)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _elsewhere(campaign: Campaign) -> ColumnElement[bool]:
    """Contacts of this quarter in the campaign's area that belong to another campaign.

    The level is read off the campaign's own area: township staff see the county's campaign, but not its unit.
    """
    level = next(name for name in AREA_COLUMNS[1:] if getattr(campaign, name) == campaign.node_id)
    inside = getattr(Contact, level) == campaign.node_id
    other: ColumnElement[bool] = (Contact.quarter == campaign.quarter) & (Contact.campaign_id != campaign.id) & inside
    return other
