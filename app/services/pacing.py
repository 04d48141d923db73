"""The one budget of a carrier account: dial slots for all workers, and how many calls may be under way (I4).

A slot is an instant at which one request may leave. Slots are handed out from the locked `pacing_budget` row, so any
number of workers together keep the account's rate. A worker that died leaves slots unused and nothing to clean up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.extensions import clock
from app.models import Attempt, PacingBudget
from app.models.attempts import LIVE_CALL
from app.services import carriers
from telephony.ports import Channel

# A request may leave this late (wall seconds) and the rate still holds in every second: with slots
# (1 + LATENESS) / rate apart, even a second lengthened by it has room for no more than `rate` of them.
# On the wall clock this uses 97 % of the account.
LATENESS_S = 0.03
LEAD_S = 0.5  # from the claim to the first request: time to commit and to get the request ready
LEASE_S = 60.0  # from the slot until the sweeper takes over; longer than any request with all its time-outs
_REHEARSAL_S = 0.04
DEFAULT_CPS = 1.0
DEFAULT_CONCURRENT = 20


@dataclass
class Allowance:
    """What one carrier may still take in this claim: `free` calls, slots from `next_slot_at` on up to `until`."""

    budget: PacingBudget
    free: int
    earliest: datetime
    until: datetime
    is_spent: bool = False

    def has(self, channel: Channel) -> bool:
        """Is there a slot of the channel, and for a call a line?"""
        return self._next(channel) <= self.until and (channel is not Channel.VOICE or self.free > 0)

    def _next(self, channel: Channel) -> datetime:
        reserved = self.budget.next_slot_at if channel is Channel.VOICE else self.budget.next_sms_slot_at
        return max(self.earliest, reserved) if reserved is not None else self.earliest

    def take(self, channel: Channel, before: datetime) -> datetime | None:
        """The next slot of the channel, reserved in the budget's row; None when there is none until `until`, or none
        earlier than `before` (the end of the callee's window)."""
        voice = channel is Channel.VOICE
        if not self.has(channel):
            self.is_spent = True
            return None
        slot = self._next(channel)
        if slot >= before:
            return None
        rate = self.budget.calls_per_second if voice else self.budget.messages_per_second
        following = slot + spacing(rate)
        if voice:
            self.budget.next_slot_at, self.free = following, self.free - 1
        else:
            self.budget.next_sms_slot_at = following
        return slot


def wall(seconds: float) -> timedelta:
    """So many seconds of real time (networks, processes), in the clock's own time: a rehearsal's clock runs faster."""
    return timedelta(seconds=seconds * clock_rate())


def clock_rate() -> float:
    """Clock seconds per wall second, never below 1 (a clock that stands still is moved by hand)."""
    rate = getattr(clock.source, "rate", None)
    return max(1.0, float(rate())) if callable(rate) else 1.0


def spacing(rate: float) -> timedelta:
    """Least distance of two slots at `rate` requests a second."""
    pace = clock_rate()
    usual = timedelta(seconds=(1 + LATENESS_S * pace) / max(rate, 0.001))
    return usual if pace == 1.0 else max(usual, wall(_REHEARSAL_S))  # a machine keeps up with so many, not with more


def is_late(slot_at: datetime, now: datetime) -> bool:
    """Too late for its slot: leaving now could crowd the slots after it."""
    return now - slot_at > wall(LATENESS_S)


def open_allowances(session: Session, now: datetime, *, lead: timedelta, horizon: timedelta) -> dict[str, Allowance]:
    """Lock every carrier's budget and see what is free. `lead`: the first slot is this far off, time to commit and get
    the request ready; `horizon`: no slot is handed out further ahead, so that few wait in a worker that may die."""
    query = select(PacingBudget).order_by(PacingBudget.carrier).with_for_update()
    budgets = session.scalars(query, execution_options={"populate_existing": True}).all()
    if not {budget.carrier for budget in budgets}.issuperset(_paced()):  # a carrier that was configured since
        ensure_budgets(session)
        budgets = session.scalars(query, execution_options={"populate_existing": True}).all()
    live = _count_live(session)
    first, last = now + lead, now + lead + horizon
    return {
        budget.carrier: Allowance(budget, budget.concurrent_calls - live.get(budget.carrier, 0), first, last)
        for budget in budgets
        if budget.carrier in carriers.names()
    }


def take_new_slot(session: Session, carrier: str, channel: Channel, now: datetime) -> datetime:
    """Another slot for an attempt that missed its own."""
    budget = session.get_one(PacingBudget, carrier, with_for_update=True, populate_existing=True)
    end_of_time = datetime.max.replace(tzinfo=now.tzinfo)
    slot = Allowance(budget, 1, now + wall(LEAD_S), end_of_time).take(channel, end_of_time)
    assert slot is not None
    return slot


def ensure_budgets(session: Session) -> None:
    """A budget row for every carrier of this installation that dials by itself; existing rows stay as they are."""
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    for name in _paced():
        able = carriers.get(name).capabilities
        values = {
            "carrier": name,
            "calls_per_second": able.calls_per_second or DEFAULT_CPS,
            "concurrent_calls": able.concurrent_calls or DEFAULT_CONCURRENT,
            "messages_per_second": able.calls_per_second or DEFAULT_CPS,
        }
        session.execute(insert(PacingBudget).values(**values).on_conflict_do_nothing())


def _paced() -> list[str]:
    """Carriers that dial by themselves."""
    return [name for name in carriers.names() if not carriers.get(name).capabilities.human]


def set_limits(
    session: Session,
    carrier: str,
    *,
    calls_per_second: float | None = None,
    concurrent_calls: int | None = None,
    messages_per_second: float | None = None,
) -> PacingBudget:
    """Change what the account may do; holds from the next claim on. Raises ValueError for what is not positive,
    NoResultFound for a carrier without a budget."""
    changes = {"calls_per_second": calls_per_second, "concurrent_calls": concurrent_calls,
               "messages_per_second": messages_per_second}  # fmt: skip
    ensure_budgets(session)
    budget = session.get_one(PacingBudget, carrier, with_for_update=True, populate_existing=True)
    for name, value in changes.items():
        if value is not None:
            if value <= 0:
                raise ValueError(f"{name} must be positive")
            setattr(budget, name, value)
    session.flush()
    return budget


def _count_live(session: Session) -> dict[str, int]:
    """Calls under way a carrier, those about to leave and those of unknown fate included."""
    query = select(Attempt.carrier, func.count()).where(text(LIVE_CALL)).group_by(Attempt.carrier)
    return dict(session.execute(query).all())
