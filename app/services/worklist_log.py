"""What a grid worker logs after a visit or a call of their own, with the very questions the automatic call asks.

What is logged closes the household's contact of the quarter and withdraws what carriers still hold for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.enums import ClueSource, VisitChannel, WorkTaskState
from app.domain.msgids import N_
from app.domain.quarters import CHINA, Quarter
from app.extensions import clock
from app.models import Contact, GridWorker, Household, Phone, Visit, WorkTask
from app.services import changes, duty_ends, opt_outs_households, scheduling, scripts, visits, worklist
from app.services.dialogues_state import CHECKIN
from app.services.duties import appeals, visit_form
from app.services.register.wrong_numbers import mark_wrong
from app.services.visits import Heard
from telephony.human.form import FormError, answers_from_form
from telephony.ivr.findings import findings
from telephony.ivr.script import Script
from telephony.ivr.state import State

CHANNELS = (VisitChannel.IN_PERSON, VisitChannel.PHONE, VisitChannel.WECHAT, VisitChannel.MEETING, VisitChannel.RELAY)
LATEST = timedelta(minutes=10)  # a phone's clock may run ahead
EARLIEST = timedelta(days=92)  # a quarter: what was found offline longer ago is entered on paper
_MOST_NOTE = 1000
_MOST_APPEAL = 500
_MOST_TRIES = 20


class LoggedOutcome(StrEnum):
    """What came of it. Only `reached` is a visit; the others are noted on the task, which stays open."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    REFUSED = "refused"
    MOVED = "moved"  # the household is said to have left for good: to be checked
    OPTED_OUT = "opted_out"  # wants no automatic calls or texts


class OutcomeError(ValueError):
    """The form cannot be stored. `problems`: field → (what is wrong, what to do), English msgids."""

    def __init__(self, problems: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


PROBLEMS: dict[str, tuple[str, str]] = {
    "channel": (N_("The way of contact is missing."), N_("Choose home visit, phone, WeChat, meeting or passed on.")),
    "outcome": (N_("The result is missing."), N_("Choose what came of the contact.")),
    "respondent": (N_("Who answered is missing."), N_("Choose head of household, member or relative at home.")),
    "answers": (N_("No question is answered."), N_("Answer at least one question, or choose another result.")),
    "option": (N_("This answer is not one of the choices."), N_("Open the form again and choose from the list.")),
    "not_asked": (N_("This question does not belong to the form."), N_("Open the form again; it was changed.")),
    "at_future": (N_("The time lies in the future."), N_("Check the date and the clock of the phone.")),
    "at_old": (N_("The contact is more than a quarter ago."), N_("Enter a contact of the last three months.")),
    "at_before": (N_("The household was not registered yet on that day."), N_("Check the date and the household.")),
    "appeal": (N_("The request is too long."), N_("Keep it within 500 characters.")),
    "note": (N_("The note is too long."), N_("Keep it within 1000 characters.")),
    "client_id": (N_("The record has no valid number of its own."), N_("Open the form again.")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entry:
    channel: VisitChannel
    outcome: LoggedOutcome
    at: datetime
    respondent: str
    answers: Mapping[str, str]
    note: str
    client_id: str
    appeal: str


def log_outcome(
    session: Session,
    household_id: int,
    *,
    worker: GridWorker | None,
    channel: str,
    outcome: str,
    answers: Mapping[str, str] | None = None,
    respondent: str = "",
    note: str = "",
    appeal: str = "",
    client_id: str,
    at: datetime | None = None,
    phone_id: int | None = None,
    task_id: int | None = None,
) -> Visit | None:
    """Log one contact, or one try. The visit when the household was reached, else None.

    `answers`: question id → option value of the visit form or the check-in; `appeal`: what they ask for or suggest, in
    their words (D0-30); `client_id`: made by the phone (≤ 36 characters): sent twice,
    stored once. `at`: aware, default now. `phone_id`: the number that was tried; `task_id`: a task that this settles
    besides the missed contact (others stay open). Raises LookupError for a household the user may not see, OutcomeError
    naming fields and remedies.
    """
    household = session.get(Household, household_id)
    if household is None:
        raise LookupError(f"no household {household_id}")
    known = _find_logged(session, client_id)
    if known is not None:
        return known
    entry = _Entry(*_words(channel, outcome), at or clock.now(), respondent, answers or {}, note.strip(), client_id,
                   appeal.strip())  # fmt: skip
    _check(entry, household)
    if entry.outcome is LoggedOutcome.REACHED:
        return _reached(session, household, worker, entry, task_id)
    _not_reached(session, household, entry, phone_id, worker.user_id if worker else None)
    return None


def _find_logged(session: Session, client_id: str) -> Visit | None:
    return session.scalars(select(Visit).where(Visit.client_id == client_id)).first() if client_id else None


def check_contact(
    household: Household, channel: str, at: datetime, respondent: str, answers: Mapping[str, str], note: str
) -> None:
    """Raises OutcomeError for a contact that could not have been logged so; a record that is put right must be one."""
    words = _words(channel, LoggedOutcome.REACHED)
    _check(_Entry(*words, at, respondent, answers, note, "-", ""), household)


def _words(channel: str, outcome: str) -> tuple[VisitChannel, LoggedOutcome]:
    wrong = {} if channel in set(CHANNELS) else {"channel": PROBLEMS["channel"]}
    wrong |= {} if outcome in set(LoggedOutcome) else {"outcome": PROBLEMS["outcome"]}
    if wrong:
        raise OutcomeError(wrong)
    return VisitChannel(channel), LoggedOutcome(outcome)


def _check(entry: _Entry, household: Household) -> None:
    """Everything that is wrong at once, so that the worker corrects it once."""
    wrong: dict[str, tuple[str, str]] = {}
    if entry.at.tzinfo is None or entry.at > clock.now() + LATEST:
        wrong["at"] = PROBLEMS["at_future"]
    elif entry.at < clock.now() - EARLIEST:
        wrong["at"] = PROBLEMS["at_old"]
    elif entry.at.astimezone(CHINA).date() < household.created_at.astimezone(CHINA).date():
        wrong["at"] = PROBLEMS["at_before"]
    if len(entry.note) > _MOST_NOTE:
        wrong["note"] = PROBLEMS["note"]
    if len(entry.appeal) > _MOST_APPEAL:
        wrong["appeal"] = PROBLEMS["appeal"]
    if not entry.client_id or len(entry.client_id) > 36:
        wrong["client_id"] = PROBLEMS["client_id"]
    if entry.outcome is LoggedOutcome.REACHED:
        wrong |= {} if entry.respondent else {"respondent": PROBLEMS["respondent"]}
        wrong |= {} if any(entry.answers.values()) else {"answers": PROBLEMS["answers"]}
    if wrong:
        raise OutcomeError(wrong)


# ---------------------------------------------------------------- reached


def _reached(
    session: Session, household: Household, worker: GridWorker | None, entry: _Entry, task_id: int | None
) -> Visit:
    contact = find_contact(session, household.id, entry.at)
    script = _script(session, contact, entry.answers)
    state = _form_state(script, entry)
    # What a neighbour passes on is worth keeping, but it is no contact with the household (D0-25).
    closes = entry.channel is not VisitChannel.RELAY
    heard = Heard(str(state.respondent), list(state.answers.items()), findings(script, state))
    try:
        with session.begin_nested():
            visit = visits.record(session, household, entry.channel, heard, at=entry.at, closes_duty=closes,
                                  contact=contact, client_id=entry.client_id, note=entry.note,
                                  worker_id=worker.id if worker else None)  # fmt: skip
    except IntegrityError:  # the outbox sent it twice at once
        known = _find_logged(session, entry.client_id)
        if known is None:
            raise
        return known
    user_id = worker.user_id if worker else None
    visits.draw_consequences(session, household, heard.found, ClueSource.WORKER, visit=visit, contact=contact,
                             user_id=user_id)  # fmt: skip
    if entry.appeal:
        appeals.note(session, household, entry.appeal, at=entry.at, user_id=user_id)
    if closes and contact is not None:
        scheduling.close_contact(session, contact, entry.channel, entry.at)
    _close_tasks(session, household, visit, closes, user_id, task_id)
    return visit


def find_contact(session: Session, household_id: int, at: datetime) -> Contact | None:
    """The household's contact of the quarter in which `at` lies."""
    query = select(Contact).where(Contact.household_id == household_id, Contact.quarter == str(Quarter.at(at)))
    return session.scalars(query).first()


def _script(session: Session, contact: Contact | None, answers: Mapping[str, str]) -> Script:
    """The visit form; the questions of the household's own campaign where a call was logged with them."""
    if visit_form.knows(answers):
        return visit_form.visit_form()
    if contact is None:
        return scripts.get_current(session, CHECKIN)
    return scripts.get_version(session, contact.campaign.script_code, contact.campaign.script_version)


def _form_state(script: Script, entry: _Entry) -> State:
    """An ended dialogue with a confirmed identity and at least one answer, which is what closes the duty."""
    who = script.question(script.start).option_for(entry.respondent)
    if who is None or who.respondent is None:
        raise OutcomeError({"respondent": PROBLEMS["respondent"]})
    try:
        return answers_from_form(script, {**entry.answers, script.start: entry.respondent})
    except FormError as error:
        texts = {"missing": "respondent", "unknown_option": "option", "not_asked": "not_asked"}
        fields = {"respondent" if name == script.start else name: PROBLEMS[texts[what]]
                  for name, what in error.problems.items()}  # fmt: skip
        raise OutcomeError(fields) from error


def _close_tasks(
    session: Session, household: Household, visit: Visit, closes: bool, user_id: int | None, task_id: int | None
) -> None:
    if closes:
        duty_ends.close_duty(session, visit, user_id=user_id, state=WorkTaskState.DONE)
    task = session.get(WorkTask, task_id) if task_id is not None else None
    if task is not None and task.household_id == household.id and task.state is WorkTaskState.OPEN:
        worklist.close_task(session, task.id, result=LoggedOutcome.REACHED.value, user_id=user_id, visit_id=visit.id)


# ---------------------------------------------------------------- not reached


def _not_reached(
    session: Session, household: Household, entry: _Entry, phone_id: int | None, user_id: int | None
) -> None:
    if not _note_try(session, household, entry):
        return
    phone = session.get(Phone, phone_id) if phone_id is not None else None
    if phone is not None and phone.household_id != household.id:
        phone = None
    if entry.outcome is LoggedOutcome.WRONG_PERSON:
        mark_wrong(session, household, phone_id=phone_id, user_id=user_id, at=entry.at, source=entry.channel.value)
    elif entry.outcome is LoggedOutcome.MOVED:
        changes.propose(session, household, "moved", entry.note or "moved", source=entry.channel.value)
    elif entry.outcome is LoggedOutcome.OPTED_OUT:
        for refused in [phone] if phone is not None else household.phones:
            opt_outs_households.refuse(session, household, refused.e164_hash, tail=refused.tail, source="worker",
                                       at=entry.at)  # fmt: skip
    session.flush()


def _note_try(session: Session, household: Household, entry: _Entry) -> bool:
    """On the most urgent open task: when it was tried and what came of it. False when this record was noted before."""
    query = select(WorkTask).where(WorkTask.household_id == household.id, WorkTask.state == WorkTaskState.OPEN)
    tasks = list(session.scalars(query.order_by(WorkTask.rank, WorkTask.id).with_for_update()))
    tries: list[dict[str, Any]] = [one for task in tasks for one in task.reason_detail.get("tries", [])]
    if any(one["client_id"] == entry.client_id for one in tries):
        return False
    if tasks:
        made = {"at": entry.at.isoformat(), "outcome": entry.outcome.value, "channel": entry.channel.value,
                "client_id": entry.client_id}  # fmt: skip
        kept = [*tasks[0].reason_detail.get("tries", []), made][-_MOST_TRIES:]
        tasks[0].reason_detail = {**tasks[0].reason_detail, "tries": kept}
    return True
