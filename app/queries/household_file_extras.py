"""What a worker wants to know beside a card of `app.queries.worklist`: tried when, away where, said what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from app.domain.enums import AttemptOutcome
from app.domain.quarters import Quarter
from app.domain.transitions import OPEN_CLUES
from app.extensions import clock, db
from app.models import Absence, Attempt, Clue, Contact, Household, OptOut, Phone, Recording, SmsMessage


@dataclass
class Extras:
    """One household's. `outcomes`: of this quarter's calls, the newest first; `refused`: ids of phones on the opt-out
    ledger; `heard`: ids of recordings whose audio has arrived; `messages`: id → text as it was received."""

    visit_only: bool = False
    absence: Absence | None = None
    outcomes: list[AttemptOutcome] = field(default_factory=list)
    clues: list[Clue] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    heard: set[int] = field(default_factory=set)
    messages: dict[int, str] = field(default_factory=dict)


def extras_of(household_ids: Collection[int]) -> dict[int, Extras]:
    """For every one of `household_ids`, in one query a table."""
    found = {key: Extras() for key in household_ids}
    inside = Household.id.in_(household_ids)
    for key, visit_only in db.session.execute(select(Household.id, Household.visit_only).where(inside)):
        found[key].visit_only = visit_only
    open_absence = select(Absence).where(Absence.household_id.in_(household_ids), Absence.ended_on.is_(None))
    for absence in db.session.scalars(open_absence):
        found[absence.household_id].absence = absence
    for key, outcome in db.session.execute(_calls(household_ids)):
        found[key].outcomes.append(outcome)
    clues = select(Clue).where(Clue.household_id.in_(household_ids), Clue.state.in_(OPEN_CLUES))
    for clue in db.session.scalars(clues.order_by(Clue.raised_at)):
        found[clue.household_id].clues.append(clue)
    refused = select(Phone.household_id, Phone.id).join(OptOut, OptOut.e164_hash == Phone.e164_hash)
    for key, phone_id in db.session.execute(
        refused.where(Phone.household_id.in_(household_ids), OptOut.revoked_at.is_(None))
    ):
        found[key].refused.add(phone_id)
    _messages(found)
    return found


def _calls(household_ids: Collection[int]) -> Select[int, AttemptOutcome | None]:
    return (
        select(Attempt.household_id, Attempt.outcome)
        .join(Contact, Contact.id == Attempt.contact_id)
        .where(Attempt.household_id.in_(household_ids), Contact.quarter == str(Quarter.at(clock.now())))
        .where(Attempt.channel == "voice", Attempt.is_inbound.is_(False), Attempt.outcome.is_not(None))
        .where(Attempt.outcome != AttemptOutcome.CANCELLED)
        .order_by(Attempt.id.desc())
    )


def _messages(found: dict[int, Extras]) -> None:
    spoken = select(Recording.household_id, Recording.id).where(
        Recording.household_id.in_(found), Recording.audio.is_not(None)
    )
    for key, recording_id in db.session.execute(spoken):
        found[key].heard.add(recording_id)
    waiting = select(SmsMessage).where(SmsMessage.household_id.in_(found), SmsMessage.handled_at.is_(None))
    for message in db.session.scalars(waiting):
        if message.household_id is not None:
            found[message.household_id].messages[message.id] = message.body
