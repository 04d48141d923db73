"""What comes next for a contact: the retry matrix's answer written into the row, or the contact's end.

`contact.next_attempt_at` is the only schedule there is (HOUSE rule 5). Everything here runs inside the caller's
transaction and never speaks to a carrier.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Update, case, select, update
from sqlalchemy.orm import Session

from app.domain.dispositions import OUT_OF_REACH
from app.domain.enums import (
    AttemptOutcome,
    CampaignState,
    ContactState,
    Disposition,
    ExclusionReason,
    PhoneState,
    StepKind,
    StepReason,
    VisitChannel,
)
from app.domain.retries import CalleeTimes, Next, next_step
from app.extensions import clock
from app.models import Attempt, Campaign, Contact, Phone
from app.queries.scope import vouched
from app.services import campaign_kinds, endings, histories, routes
from app.services.contacts import OPEN_STATES, READY_STATES, lock_contact, move
from app.services.policies import Policy, policy_of

BUSY_NUMBER_WAIT = timedelta(minutes=5)  # another household is on this very phone

_LEARNT = {
    AttemptOutcome.INVALID_NUMBER: PhoneState.INVALID,
    AttemptOutcome.WRONG_PERSON: PhoneState.WRONG_PERSON,
    AttemptOutcome.POWERED_OFF: PhoneState.POWERED_OFF,
    AttemptOutcome.SUSPENDED: PhoneState.SUSPENDED,
}
_ALIVE = {AttemptOutcome.COMPLETED, AttemptOutcome.PARTIAL, AttemptOutcome.NO_ANSWER, AttemptOutcome.BUSY,
          AttemptOutcome.REJECTED, AttemptOutcome.SMS_REPLIED, AttemptOutcome.DELIVERED}  # fmt: skip


def after_attempt(session: Session, attempt: Attempt) -> None:
    """Draw the consequence of an attempt that has just ended with an outcome.

    Sets the contact's next step, hands it to the grid worker, or leaves it alone when it is closed already. Calling it
    again for the same attempt changes nothing. `attempt` is locked by the caller. Raises ValueError without an outcome.
    """
    if attempt.outcome is None:
        raise ValueError(f"attempt {attempt.id} has no outcome yet")
    _note_phone(session, attempt)
    if attempt.contact_id is None or attempt.purpose == "notice":
        return
    contact = lock_contact(session, attempt.contact_id)
    if attempt.is_inbound and contact.state is ContactState.CALLING:
        return  # our own call or text is under way: its end decides, or the next number would ring beside it
    if contact.state in OPEN_STATES:
        decide_next(session, contact)


def decide_next(session: Session, contact: Contact) -> None:
    """Ask the retry matrix about an open contact and write its answer down. The contact's row is locked."""
    policy, now = policy_of(contact.campaign), clock.now()
    finished = histories.list_finished(session, contact)
    phones = histories.dialable_phones(session, contact.household)
    times = _times(policy, contact, phones)
    past = histories.history_of(finished, times)
    contact.attempts_rung = histories.count_rung(past, policy)
    if contact.household.phones and not phones:  # every number has opted out meanwhile
        endings.end_opted_out(session, contact)
        return
    step = next_step(
        policy.retry, past, histories.choices(phones), now, times.zone, times.windows,
        preferred=times.preferred, chosen=times.chosen, can_sms=_can_text(session, contact, phones, policy),
    )  # fmt: skip
    if step.kind is StepKind.STOP or (step.kind is StepKind.WORKLIST and step.not_before <= now):
        endings.end_unreached(session, contact, step.reason)
    else:
        _wait(session, contact, step, policy, times)


def close_contact(session: Session, contact: Contact, channel: VisitChannel, at: datetime) -> bool:
    """A valid contact happened over `channel` at `at`: the quarter's duty is done and everything else stops.

    Also for contacts that were missed, excluded or closed. Calls still at the carrier are marked for cancellation; one
    in dialogue goes on. False when the contact had been reached before (nothing changes).
    """
    return endings.end_reached(session, lock_contact(session, contact.id), channel, at)


def look_again(session: Session, household_id: int) -> int:
    """A number was learnt for a household that could not be reached, or had none: while its campaign goes on it is due
    to be looked at again, and the retry matrix decides by the numbers of then. Number of contacts.

    One conditional statement, so that it may stand in the transaction that is about to write the number."""
    return look_again_at(session, [household_id])


def look_again_at(session: Session, household_ids: Collection[int]) -> int:
    """The same for a page of households (at most some hundred): one statement, none without households."""
    if not household_ids:
        return 0
    going_on = select(Campaign.id).where(Campaign.state.in_((CampaignState.RUNNING, CampaignState.PAUSED)))
    given_up = update(Contact).where(
        Contact.household_id.in_(household_ids), Contact.state.in_((ContactState.MISSED, ContactState.EXCLUDED)),
        Contact.disposition.in_(OUT_OF_REACH), Contact.campaign_id.in_(going_on),
    )  # fmt: skip
    state = case((Contact.state == ContactState.EXCLUDED, ContactState.PLANNED), else_=ContactState.WAITING)
    values = {"state": state, "disposition": Disposition.PENDING, "exclusion": None, "closed_at": None,
              "next_attempt_at": clock.now(), "next_kind": StepKind.WORKLIST.value, "next_phone_id": None}  # fmt: skip
    return _change(session, given_up.values(**values))


def let_go_of(session: Session, household_ids: Collection[int], phone_ids: Collection[int]) -> int:
    """These numbers of these households are about to leave the register: a call that is only planned on one of them is
    decided anew when it is due, by the numbers of then. A call under way keeps its number. Number of contacts."""
    if not phone_ids:
        return 0
    planned = update(Contact).where(
        Contact.household_id.in_(household_ids), Contact.next_phone_id.in_(phone_ids), Contact.state.in_(READY_STATES)
    )
    return _change(session, planned.values(next_phone_id=None))


def _change(session: Session, statement: Update) -> int:
    with session.no_autoflush:
        done = session.execute(vouched(statement), execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]


def postpone(session: Session, contact: Contact, at: datetime | None, kind: str, reason: str) -> None:
    """Put an open contact back into the queue for `at`; None (no window within 30 days) hands it to the worker."""
    if at is None:
        endings.end_unreached(session, contact, StepReason.NO_WINDOW)
        return
    move(contact, ContactState.WAITING)
    contact.next_attempt_at, contact.next_kind, contact.next_reason = at, kind, reason


def skip_text(session: Session, contact: Contact) -> None:
    """A text that was due cannot be sent: what comes after it is next. The contact's row is locked."""
    if contact.next_kind == "notice":
        postpone(session, contact, clock.now(), "call", contact.next_reason)
    else:
        decide_next(session, contact)


def exclude(session: Session, contact: Contact, reason: ExclusionReason) -> None:
    """The register says meanwhile that this household is not to be called. The contact's row is locked."""
    endings.end_excluded(session, contact, reason)


def _wait(session: Session, contact: Contact, step: Next, policy: Policy, times: CalleeTimes) -> None:
    to_worker = step.kind is StepKind.WORKLIST
    at = step.not_before if to_worker else policy.opening_for(times, step.not_before)
    if at is None:
        endings.end_unreached(session, contact, StepReason.NO_WINDOW)
        return
    move(contact, ContactState.WAITING)
    contact.next_attempt_at, contact.next_kind = at, str(step.kind)
    contact.next_phone_id, contact.next_reason = step.phone_id, str(step.reason)


def _times(policy: Policy, contact: Contact, phones: Sequence[Phone]) -> CalleeTimes:
    """In the zone of the number that is next; the household's first one stands in while none is chosen."""
    chosen = next((phone for phone in phones if phone.id == contact.next_phone_id), phones[0] if phones else None)
    return histories.callee_times(policy, contact.household, contact.chosen_at, chosen)


def _can_text(session: Session, contact: Contact, phones: Sequence[Phone], policy: Policy) -> bool:
    wanted = policy.fallback and campaign_kinds.of(contact.campaign).sends_texts
    return wanted and bool(phones) and routes.can_converse_by_sms(session, phones[0], contact)


def _note_phone(session: Session, attempt: Attempt) -> None:
    """Keep what the call taught about the number, for this and every later campaign."""
    if attempt.phone_id is None or attempt.outcome is None:
        return
    phone = session.get(Phone, attempt.phone_id)
    learnt = _LEARNT.get(attempt.outcome, PhoneState.ACTIVE if attempt.outcome in _ALIVE else None)
    if phone is None or learnt is None or phone.state in (learnt, PhoneState.RETIRED):
        return
    phone.state, phone.state_at = learnt, attempt.ended_at or clock.now()
