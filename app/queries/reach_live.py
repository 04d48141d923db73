"""What a campaign does at this moment: calls under way, calls made lately, what is due and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, text

from app.domain.enums import AttemptState
from app.extensions import db
from app.models import Attempt, CarrierRoute, Contact, PacingBudget, Tick
from app.models.attempts import LIVE_CALL
from app.queries.reach import OPEN_STATES, read
from app.queries.reach_calls import CallFilter, Direction, count_calls
from app.queries.scope import scoped, vouched

LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pulse:
    """`live`: calls under way by state. `lately`: calls that left in the five minutes up to `at`. `due`: households
    whose next attempt is not in the future. `waiting`: all that still have one. `next_at`: the earliest to come."""

    at: datetime
    live: Mapping[AttemptState, int]
    lately: int
    due: int
    waiting: int
    next_at: datetime | None

    @property
    def live_total(self) -> int:
        return sum(self.live.values())

    @property
    def per_minute(self) -> float:
        return self.lately / (LATELY.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Line:
    """A line's budget and how many calls of all campaigns are on it now."""

    carrier: str
    calls_per_second: float
    concurrent_calls: int
    messages_per_second: float
    live: int


def calls_lately(campaign_id: int, now: datetime) -> CallFilter:
    return CallFilter((campaign_id,), channel="voice", direction=Direction.OUT, since=now - LATELY, until=now)


def pulse(campaign_id: int, now: datetime) -> Pulse:
    states = select(Attempt.state, func.count(Attempt.id)).group_by(Attempt.state)
    states = states.where(*CallFilter((campaign_id,), is_live=True).conditions())
    is_due = Contact.next_attempt_at <= now
    planned = select(
        func.count(Contact.id), func.count(case((is_due, 1))), func.min(case((~is_due, Contact.next_attempt_at)))
    ).where(Contact.campaign_id == campaign_id, Contact.next_attempt_at.is_not(None), Contact.state.in_(OPEN_STATES))
    waiting, due, next_at = read(planned, Contact)[0]
    return Pulse(
        at=now,
        live=dict(read(states, Attempt)),
        lately=count_calls(calls_lately(campaign_id, now)),
        due=due,
        waiting=waiting,
        next_at=next_at,
    )


def list_lines() -> list[Line]:
    """Every line with a budget. Lines are shared, so the calls of all campaigns count, whoever looks: counts alone."""
    query = select(Attempt.carrier, func.count(Attempt.id)).where(text(LIVE_CALL)).group_by(Attempt.carrier)
    taken = dict(list(db.session.execute(vouched(query))))
    return [
        Line(one.carrier, one.calls_per_second, one.concurrent_calls, one.messages_per_second,
             taken.get(one.carrier, 0))
        for one in db.session.scalars(select(PacingBudget).order_by(PacingBudget.carrier))
    ]  # fmt: skip


def list_voice_carriers() -> set[str]:
    """Carriers that an active route gives calls to, among the routes the reader can see."""
    query = select(CarrierRoute.carrier).where(CarrierRoute.is_active, CarrierRoute.channel == "voice").distinct()
    return set(db.session.scalars(scoped(query, CarrierRoute)))


def find_last_dispatch() -> datetime | None:
    """When a worker was last told to look for due calls; None: never in this installation."""
    found: datetime | None = db.session.scalar(select(Tick.last_at).where(Tick.name == "dispatch"))
    return found
