"""How a contact ends: reached, not reached (the grid worker takes over), or opted out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.dispositions import disposition_of
from app.domain.enums import (
    AttemptOutcome,
    ClueKind,
    ClueSource,
    ContactState,
    Disposition,
    ExclusionReason,
    VisitChannel,
    WorkTaskKind,
)
from app.domain.quarters import Quarter
from app.domain.retry_policy import is_clue_due
from app.domain.supervision.rounds import CALLBACK
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Contact
from app.services import clues, worklist
from app.services.contacts import clear_next, move, request_cancellations
from app.services.policies import policy_of

_UNREACHED = {Disposition.UNREACHABLE, Disposition.SILENT, Disposition.WRONG_PERSON}


def end_reached(session: Session, contact: Contact, channel: VisitChannel, at: datetime) -> bool:
    """A valid contact over `channel`. The row is locked. False when it had been reached before."""
    if contact.state is ContactState.REACHED:
        return False
    move(contact, ContactState.REACHED)
    contact.disposition, contact.exclusion = Disposition.REACHED, None
    contact.closed_at, contact.closed_channel = at, str(channel)
    clear_next(contact)
    request_cancellations(session, contact)
    return True


def end_unreached(session: Session, contact: Contact, reason: str, outcomes: Sequence[AttemptOutcome]) -> None:
    """The campaign is through with this household without a valid contact; the duty itself goes to the grid worker."""
    disposition = disposition_of(ContactState.MISSED, outcomes)
    if disposition is Disposition.OPTED_OUT:
        end_opted_out(session, contact)
        return
    move(contact, ContactState.MISSED)
    contact.disposition, contact.closed_at = disposition, clock.now()
    clear_next(contact)
    request_cancellations(session, contact)
    if contact.campaign.kind == CALLBACK:  # nobody is owed a visit because a question about one was not answered
        return
    rounds = _missed_rounds(session, contact)
    worklist.open_task(session, contact.household, WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED,
                             contact=contact, detail={"why": str(reason), "rounds": rounds})  # fmt: skip
    if disposition in _UNREACHED and is_clue_due(policy_of(contact.campaign).retry, rounds):
        clues.raise_clue(session, contact.household, ClueKind.UNREACHABLE_AWAY, ClueSource.UNREACHABLE, contact=contact)


def end_opted_out(session: Session, contact: Contact) -> None:
    """They asked not to be called: from now on the worker visits."""
    end_excluded(session, contact, ExclusionReason.OPTED_OUT)


def end_excluded(session: Session, contact: Contact, reason: ExclusionReason) -> None:
    """Not to be called for `reason`; where a duty remains it goes to the grid worker as a visit."""
    move(contact, ContactState.EXCLUDED)
    contact.exclusion, contact.closed_at = reason, clock.now()
    contact.disposition = disposition_of(ContactState.EXCLUDED, (), reason)
    clear_next(contact)
    request_cancellations(session, contact)
    if contact.campaign.kind != CALLBACK and reason in (ExclusionReason.OPTED_OUT, ExclusionReason.VISIT_ONLY):
        worklist.open_task(session, contact.household, WorkTaskKind.OPTED_OUT_VISIT, ReasonCode.OPTED_OUT,
                           contact=contact)  # fmt: skip


def _missed_rounds(session: Session, contact: Contact) -> int:
    """Quarters in a row, this one included, in which nobody of the household could be reached."""
    query = (
        select(Contact.quarter, Contact.disposition)
        .where(Contact.household_id == contact.household_id, Contact.quarter < contact.quarter)
        .order_by(Contact.quarter.desc())
    )
    rounds, expected = 1, Quarter.parse(contact.quarter).previous()
    for quarter, disposition in session.execute(query):
        if quarter != str(expected) or disposition not in _UNREACHED:
            break
        rounds, expected = rounds + 1, expected.previous()
    return rounds
