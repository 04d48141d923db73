"""The recurring work, as plain functions: each may run at any time, twice, and in any number of workers at once.

Celery runs them in the background, `run_due_work` runs the very same ones synchronously, in a rehearsal's virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.enums import CampaignState
from app.extensions import clock
from app.models import Attempt, Campaign, Contact, PacingBudget, Recording
from app.services import campaign_ends, campaigns, claiming, reconciling, recordings, worklist
from app.services.contacts import OPEN_STATES
from tasks.checkups import check_up_all
from tasks.dialling import dial
from tasks.dispatcher import dispatch
from tasks.grid_notices import send_notices
from tasks.housekeeping import forget_old, mend_last_contacts, resume_imports
from tasks.ledgers import keep_packs
from tasks.units import unit

_AT_ONCE = claiming.Ahead(lead=timedelta(0), horizon=timedelta(0))
_MOST_ROUNDS = 100_000  # a rehearsal that never comes to rest is a bug to be shown, not a machine to be kept busy
_LINE_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """`every_s`: clock seconds between two runs. `queue`: which of `tasks.queues` it waits in."""

    name: str
    run: Callable[[], object]
    every_s: float
    queue: str


def check_attempts() -> int:
    """Ask the carrier about every attempt that has been quiet for too long. Number of attempts asked about."""
    asked = 0
    while True:
        with unit() as session:
            checks = reconciling.take_checks(session, clock.now())
        for check in checks:
            answer = reconciling.ask(check)
            with unit() as session:
                reconciling.settle(session, check, answer)
        asked += len(checks)
        if len(checks) < reconciling.BATCH:
            return asked


def fetch_recordings() -> int:
    """Fetch the audio of spoken messages. Number of recordings that arrived."""
    return recordings.fetch_due_recordings(unit)


def settle_campaigns() -> int:
    """End what closed campaigns left open, one transaction a chunk. Number of chunks. A campaign that
    is over by itself (its quarter has passed, or nobody is left whom it could call) is closed first."""
    with unit() as session:
        for campaign_id in campaign_ends.list_over(session):
            campaigns.close(session, campaigns.get_campaign(session, campaign_id), most=0)
        campaign_ids = campaign_ends.list_unsettled(session)
    chunks = 0
    for campaign_id in campaign_ids:
        last: int | None = 0
        while last is not None:
            with unit() as session:
                campaign = campaigns.get_campaign(session, campaign_id)
                last, chunks = campaign_ends.settle_chunk(session, campaign, last), chunks + 1
    return chunks


def refresh_worklists() -> int:
    """Put the grid workers' lists in today's order. Number of tasks that moved."""
    with unit() as session:
        return worklist.refresh_ranks(session)


STEPS = (
    Step("dispatch", dispatch, 2.0, "calls"),
    Step("check_attempts", check_attempts, 5.0, "checks"),
    Step("recordings", fetch_recordings, 20.0, "slow"),
    Step("settle_campaigns", settle_campaigns, 30.0, "slow"),
    Step("grid_notices", send_notices, 5.0, "calls"),
    Step("ledger_packs", keep_packs, 60.0, "slow"),
    Step("nightly", refresh_worklists, 86_400.0, "slow"),
    Step("resume_imports", resume_imports, 120.0, "slow"),
    Step("forget_old", forget_old, 86_400.0, "slow"),
    Step("mend_contacts", mend_last_contacts, 86_400.0, "slow"),
    Step("checkup", check_up_all, 86_400.0, "slow"),
)


def run_due_work(now: datetime) -> datetime | None:
    """Do everything that is due at `now`, in this thread; the next instant at which something will be, or None.

    For clocks that are moved by hand: `now` is the clock's present. No slot is taken ahead, so that the carrier's own
    events can be played between two calls. Raises ValueError for an instant the clock has not reached.
    """
    if now > clock.now():
        raise ValueError("the clock has not come to that instant yet")
    for _ in range(_MOST_ROUNDS):
        contact, check, recording = _list_due()
        if check is not None and check <= now:
            check_attempts()
        elif contact is not None and contact <= now and not _dial_at_once().is_idle:
            continue
        elif recording is not None and recording <= now:
            fetch_recordings()
        else:
            return _earliest(contact, check, recording)
    raise RuntimeError(f"work at {now.isoformat()} never came to an end")


def _dial_at_once() -> claiming.Round:
    with unit() as session:
        round_ = claiming.claim_round(session, clock.now(), ahead=_AT_ONCE)
    for one in round_.claimed:
        dial(one)
    return round_


def next_due_at() -> datetime | None:
    """The earliest of: a due contact (not before its carrier has a slot), a check, a recording; None: all is quiet."""
    return _earliest(*_list_due())


_DUE = select(
    select(func.min(Contact.next_attempt_at))
    .join(Campaign, Campaign.id == Contact.campaign_id)
    .where(Campaign.state == CampaignState.RUNNING, Contact.state.in_(OPEN_STATES))
    .scalar_subquery(),
    select(func.min(Attempt.next_check_at)).scalar_subquery(),
    select(func.min(Recording.next_fetch_at)).where(Recording.audio.is_(None)).scalar_subquery(),
)


def _list_due() -> tuple[datetime | None, datetime | None, datetime | None]:
    """When the earliest contact, check and recording are or were due."""
    with unit() as session:
        contact, check, recording = session.execute(_DUE).one()
    return contact, check, recording


def _earliest(contact: datetime | None, check: datetime | None, recording: datetime | None) -> datetime | None:
    now = clock.now()
    if contact is not None and contact <= now:
        with unit() as session:
            contact = _free_slot_at(session, now)
    return min((at for at in (contact, check, recording) if at is not None), default=None)


def _free_slot_at(session: Session, now: datetime) -> datetime:
    """When a contact that is due and was not dialled may be: at a carrier's next slot, or, while every line is taken, a
    little later."""
    budgets = session.scalars(select(PacingBudget))
    slots = [at for one in budgets for at in (one.next_slot_at, one.next_sms_slot_at) if at is not None and at > now]
    return min([*slots, now + _LINE_WAIT])
