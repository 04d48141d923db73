"""Sends the texts of a round through the hotline's own machinery: an intent, a slot of the account, the carrier.

What is not a text of a campaign has no contact: its own row takes the contact's place as the schedule and is settled
from the attempt's outcome. A text that surely never reached the carrier is tried again, any other never twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.domain.enums import AttemptOutcome, AttemptState
from app.domain.grid_care.words import NoticeState, NoticeTextState
from app.domain.retries import DIALLABLE, CalleeTimes
from app.domain.transitions import is_terminal
from app.extensions import clock
from app.models import Attempt, GridNotice, GridNoticeText
from app.services import opt_outs, pacing, routes, tokens
from app.services.claim_checks import Claimed
from app.services.grid_care.notices import carrier_for
from app.services.policies import default_policy
from telephony.ports import Channel

PURPOSE = "publicity"
BATCH = 25
MOST_TRIES = 5
_WAIT = timedelta(minutes=1)  # then twice as long each time
_HORIZON_S = 3.0  # wall seconds of slots handed out at once


def find_text(session: Any, attempt: Attempt) -> GridNoticeText | None:
    """The row behind an attempt of this purpose."""
    return session.scalars(  # type: ignore[no-any-return]
        select(GridNoticeText).where(GridNoticeText.attempt_id == attempt.id)
    ).first()


def body_of(session: Any, attempt: Attempt) -> str:
    """Raises LookupError for an attempt whose text is gone."""
    text = find_text(session, attempt)
    if text is None:
        raise LookupError(f"attempt {attempt.id} belongs to no round of texts")
    return text.notice.body


def may_leave(session: Any, attempt: Attempt) -> bool:
    """Checked once more just before the request: the round, the household, the ledger, the window."""
    text = find_text(session, attempt)
    closes_at = attempt.window_closes_at
    if text is None or closes_at is None or attempt.slot_at >= closes_at:
        return False
    household = text.household
    return (
        text.state is NoticeTextState.SENDING
        and text.notice.state is not NoticeState.STOPPED
        and household.gone_on is None
        and not household.visit_only
        and not opt_outs.is_opted_out(session, attempt.phone_hash)
    )


def claim(session: Any, now: datetime, limit: int = BATCH) -> list[Claimed]:
    """Write intents for texts that are due. The caller commits, then dials each at its slot (tasks.dialling)."""
    due = (
        select(GridNoticeText)
        .where(GridNoticeText.state == NoticeTextState.QUEUED, GridNoticeText.next_at <= now)
        .order_by(GridNoticeText.next_at, GridNoticeText.id)
        .limit(limit)
        .with_for_update(of=GridNoticeText, skip_locked=True)
    )
    texts: Sequence[GridNoticeText] = session.scalars(due, execution_options={"populate_existing": True}).all()
    if not texts:
        return []
    table = routes.list_routes(session)
    allowances = pacing.open_allowances(session, now, lead=pacing.wall(pacing.LEAD_S),
                                        horizon=pacing.wall(_HORIZON_S))  # fmt: skip
    claimed = [one for text in texts if (one := _claim(session, text, table, allowances, now)) is not None]
    session.flush()
    return claimed


def _claim(session: Any, text: GridNoticeText, table: Any, allowances: Any, now: datetime) -> Claimed | None:
    phone, household = text.phone, text.household
    gone = household.gone_on is not None or household.visit_only or phone.state not in DIALLABLE
    carrier = None if gone else carrier_for(table, household, phone)
    if carrier is None or opt_outs.is_opted_out(session, phone.e164_hash):
        text.state, text.next_at = NoticeTextState.WITHDRAWN, None
        return None
    policy = default_policy()
    times = CalleeTimes(ZoneInfo(phone.zone), policy.windows, None, None)
    closes_at = policy.closing_of(times, now)
    if closes_at is None:
        text.next_at = policy.opening_for(times, now) or now + timedelta(days=1)
        return None
    allowance = allowances.get(carrier)
    slot_at = allowance.take(Channel.SMS, closes_at) if allowance is not None else None
    if slot_at is None:
        return None
    lease_until = slot_at + pacing.wall(pacing.LEASE_S)
    attempt = Attempt(
        token=tokens.new_token(), household_id=household.id, phone_id=phone.id, phone_hash=phone.e164_hash,
        number=text.tries + 1, channel=Channel.SMS.value, purpose=PURPOSE, carrier=carrier, state=AttemptState.INTENT,
        claimed_at=now, slot_at=slot_at, lease_until=lease_until, next_check_at=lease_until,
        window_closes_at=closes_at, is_demo=text.is_demo, node_id=household.node_id, l1_id=household.l1_id,
        l2_id=household.l2_id, l3_id=household.l3_id, l4_id=household.l4_id, l5_id=household.l5_id,
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    text.attempt_id, text.state, text.next_at, text.tries = attempt.id, NoticeTextState.SENDING, None, text.tries + 1
    return Claimed(attempt.id, Channel.SMS, slot_at)


def settle(session: Any, limit: int = 500) -> int:
    """Draw the consequence of attempts that ended, and close rounds with nothing left. Number of texts settled."""
    ended = (
        select(GridNoticeText, Attempt)
        .join(Attempt, Attempt.id == GridNoticeText.attempt_id)
        .where(GridNoticeText.state == NoticeTextState.SENDING, Attempt.outcome.is_not(None))
        .order_by(GridNoticeText.id)
        .limit(limit)
        .with_for_update(of=GridNoticeText, skip_locked=True)
    )
    rows = session.execute(ended, execution_options={"populate_existing": True}).all()
    for text, attempt in rows:
        if is_terminal(attempt.state):
            _settle(text, attempt)
    session.flush()
    left = select(GridNoticeText.id).where(
        GridNoticeText.notice_id == GridNotice.id,
        GridNoticeText.state.in_((NoticeTextState.QUEUED, NoticeTextState.SENDING)),
    )
    for notice in session.scalars(select(GridNotice).where(GridNotice.state == NoticeState.SENDING, ~left.exists())):
        notice.state, notice.finished_at = NoticeState.DONE, clock.now()
    session.flush()
    return len(rows)


def _settle(text: GridNoticeText, attempt: Attempt) -> None:
    if attempt.outcome is AttemptOutcome.DELIVERED:
        text.state = NoticeTextState.DELIVERED
    elif attempt.outcome is not AttemptOutcome.CANCELLED:
        text.state = NoticeTextState.FAILED
    elif text.notice.state is NoticeState.STOPPED:
        text.state = NoticeTextState.WITHDRAWN
    elif text.tries >= MOST_TRIES:
        text.state = NoticeTextState.FAILED
    else:  # it surely never reached the carrier
        text.state, text.next_at = NoticeTextState.QUEUED, clock.now() + _WAIT * 2 ** (text.tries - 1)
