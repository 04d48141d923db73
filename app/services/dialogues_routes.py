"""Which script a call is in: the one its campaign asks, and where a script of the hotline leads, from "which household"
to the menu, from the menu to the check-in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.enums import ContactState
from app.domain.quarters import Quarter
from app.models import Attempt, Contact, Household, Phone
from app.services import campaign_kinds, dialogues_context, scripts
from app.services.contacts import lock_contact
from app.services.dialogues_state import CHECKIN, CHOOSE_HOUSEHOLD, INBOUND, Dialogue, begin, follow, is_routed, resume
from telephony.ivr import engine
from telephony.ivr.script import QuestionKind, Script


def route(session: Session, attempt: Attempt, dialogue: Dialogue, at: datetime) -> tuple[Script, Dialogue] | None:
    """The script that follows and its dialogue; None when the present one goes on, has ended, or was the last.

    An outbound call has one script. A caller who was reached already this quarter is thanked, not asked again.
    """
    if not is_routed(dialogue):
        return None
    if dialogue.state.script == CHOOSE_HOUSEHOLD:
        return _to_menu(session, attempt, dialogue, at)
    return _to_checkin(session, attempt, dialogue, at)


def open_script(
    session: Session, household: Household, contact: Contact | None, at: datetime
) -> tuple[Script, Dialogue]:
    """What the contact's campaign asks, gone on with where an earlier call broke off; without a contact the check-in.
    A script that was published anew meanwhile begins afresh: its keys may mean something else."""
    if contact is None:
        script = scripts.get_current(session, CHECKIN)
        return script, begin(script, dialogues_context.setting_of(session, household, at).context)
    kind = campaign_kinds.of(contact.campaign)
    script = scripts.get_version(session, contact.campaign.script_code, contact.campaign.script_version)
    context = dialogues_context.setting_of(session, household, at, kind.period(session, contact)).context
    if kind.resumes and contact.ivr_state is not None:
        try:
            return script, resume(script, contact.ivr_state, context)
        except engine.ScriptMismatch:
            contact.ivr_state = None
    return script, begin(script, context)


def find_open_contact(session: Session, household_id: int, at: datetime) -> Contact | None:
    """The household's contact of the quarter, unless it was reached."""
    query = select(Contact).where(Contact.household_id == household_id, Contact.quarter == str(Quarter.at(at)))
    contact = session.scalars(query).first()
    return contact if contact is not None and contact.state is not ContactState.REACHED else None


def has_been_reached(session: Session, household_id: int, at: datetime) -> bool:
    query = select(Contact.id).where(Contact.household_id == household_id, Contact.quarter == str(Quarter.at(at)),
                                     Contact.state == ContactState.REACHED)  # fmt: skip
    return session.execute(query).first() is not None


def attach(session: Session, attempt: Attempt, contact: Contact) -> None:
    """A call or text that came in belongs to `contact`. They are counted apart from our own attempts, two at once one
    after the other."""
    lock_contact(session, contact.id)
    came_in = select(func.count(Attempt.id)).where(Attempt.contact_id == contact.id, Attempt.is_inbound)
    attempt.number = 1 + (session.scalar(came_in) or 0)
    attempt.contact_id, attempt.contact = contact.id, contact
    attempt.campaign_id = contact.campaign_id


def _to_menu(session: Session, attempt: Attempt, dialogue: Dialogue, at: datetime) -> tuple[Script, Dialogue]:
    household = session.get_one(Household, _picked(session, dialogue))
    _give_to(session, attempt, household)
    script = scripts.get_current(session, INBOUND)
    context = dialogues_context.setting_of(session, household, at).context
    return script, follow(dialogue, begin(script, context))


def _picked(session: Session, dialogue: Dialogue) -> int:
    state = dialogue.state
    script = scripts.get_version(session, state.script, state.version)
    picks = (question.id for question in script.questions if question.kind is QuestionKind.PICK)
    return next(int(state.answers[name].value) for name in picks if name in state.answers)


def _give_to(session: Session, attempt: Attempt, household: Household) -> None:
    """The caller said whose call this is; until now it hung on the first household that shares the number."""
    query = select(Phone).where(Phone.household_id == household.id)
    hashes = session.scalars(select(Phone.e164_hash).where(Phone.id == attempt.phone_id)).all()
    phone = session.scalars(query.where(Phone.e164_hash.in_(hashes))).first()
    attempt.household_id, attempt.household = household.id, household
    attempt.phone_id, attempt.phone = (phone.id, phone) if phone is not None else (None, None)
    session.flush()


def _to_checkin(session: Session, attempt: Attempt, dialogue: Dialogue, at: datetime) -> tuple[Script, Dialogue] | None:
    if has_been_reached(session, attempt.household_id, at):
        return None
    contact = find_open_contact(session, attempt.household_id, at)
    if contact is not None:
        attach(session, attempt, contact)
    script, following = open_script(session, attempt.household, contact, at)
    return script, follow(dialogue, following)
