"""Entries of the outbox: read from JSON with every problem named, and handed to the services that decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import ChangeRequestState, ClueState, WorkTaskKind, WorkTaskState
from app.domain.quarters import CHINA
from app.domain.register.fields import FieldError
from app.domain.transitions import InvalidTransition, can_move, is_terminal
from app.extensions import clock
from app.models import ChangeRequest, Clue, GridWorker, WorkTask
from app.queries.household_file_timeline import names_of_users
from app.queries.scope import current_access, today
from app.services import changes, clues, worklist
from app.services.register.applying import may_decide
from app.services.worklist_log import LoggedOutcome, OutcomeError, log_outcome
from app.views.pages_worklist_cards import CHANGE_RESULTS, CLUE_STATES, MESSAGE_RESULTS, WISH_RESULTS
from app.views.register.roles import own_roles
from app.views.sentences import in_sentences

_RESULTS = {
    WorkTaskKind.LISTEN_MESSAGE: {value for value, _label in MESSAGE_RESULTS},
    WorkTaskKind.CHANGE_REQUEST_CHECK: {value for value, _label in CHANGE_RESULTS},
    WorkTaskKind.WANTS_TO_APPLY: {value for value, _label in WISH_RESULTS},
}
_OLDEST = timedelta(days=400)
_LONGEST_NOTE = 500
_LONGEST_RESULT = 400
_MOST_ANSWERS = 30


class RefusedEntry(ValueError):
    """Why an entry was not stored, in the user's language. `status`: 404, 409 or 422; `problems`: field → words."""

    def __init__(self, message: str, status: int = 422, problems: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.problems = dict(problems or {})


@dataclass(frozen=True)
class Entry:
    """One thing a worker logged. `kind`: visit | clue | task; unused fields are empty."""

    kind: str
    client_id: str
    household_id: int
    at: datetime
    outcome: str = ""
    channel: str = ""
    respondent: str = ""
    answers: Mapping[str, str] | None = None
    note: str = ""
    appeal: str = ""
    task_id: int | None = None
    clue_id: int | None = None
    phone_id: int | None = None
    state: str = ""
    result: str = ""


def read_entry(body: Any, user_id: int | None) -> Entry:
    """An Entry from the outbox's JSON. RefusedEntry 422 for anything malformed, 409 for another user's entry."""
    if not isinstance(body, dict):
        raise RefusedEntry(_("This record cannot be read."))
    if body.get("user") != user_id:
        raise RefusedEntry(_("This record was made by another user."), 409)
    kind = body.get("kind")
    if kind not in ("visit", "clue", "task"):
        raise RefusedEntry(_("This record cannot be read."))
    return Entry(
        kind=kind,
        client_id=_client_id(body),
        household_id=_number(body, "household"),
        at=_instant(body),
        outcome=_text(body, "outcome", 24),
        channel=_text(body, "channel", 24) or "phone",
        respondent=_text(body, "respondent", 24),
        answers=_answers(body),
        note=_text(body, "note", _LONGEST_NOTE),
        appeal=_text(body, "appeal", _LONGEST_NOTE),
        task_id=_number(body, "task") if kind == "task" or body.get("task") is not None else None,
        clue_id=_number(body, "clue") if kind == "clue" else None,
        phone_id=_number(body, "phone") if body.get("phone") is not None else None,
        state=_text(body, "state", 24),
        result=_text(body, "result", _LONGEST_RESULT),
    )


def _number(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**53:
        raise RefusedEntry(_("This record cannot be read."), problems={name: _("not a number")})
    return value


def _text(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str) or "\x00" in value:
        raise RefusedEntry(_("This record cannot be read."), problems={name: _("not a text")})
    if len(value) > longest:
        raise RefusedEntry(_("The text is too long: at most %(count)s characters.", count=longest))
    return value.strip()


def _client_id(body: Mapping[str, Any]) -> str:
    try:
        return str(UUID(str(body.get("client_id"))))
    except ValueError as error:
        raise RefusedEntry(_("This record cannot be read."), problems={"client_id": _("not a UUID")}) from error


def _instant(body: Mapping[str, Any]) -> datetime:
    """When it was logged: by how long it has waited in the phone, since clocks of old phones are often wrong. `on`: the
    day of a contact that is written down later; its noon stands for it."""
    if body.get("on"):
        return noon_of(_text(body, "on", 10))
    age = body.get("age_s")
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age < _OLDEST.total_seconds():
        raise RefusedEntry(_("This record cannot be read."), problems={"age_s": _("not a number of seconds")})
    return clock.now() - timedelta(seconds=float(age))


def noon_of(text: str) -> datetime:
    """Noon in China of an ISO date; today's is the present moment, so that it lies in no future. RefusedEntry."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise RefusedEntry(_("This is no date: write year, month and day."), problems={"on": text}) from error
    return clock.now() if day == today() else datetime.combine(day, time(12), CHINA)


def _answers(body: Mapping[str, Any]) -> dict[str, str]:
    given = body.get("answers") or {}
    if not isinstance(given, dict) or len(given) > _MOST_ANSWERS:
        raise RefusedEntry(_("This record cannot be read."))
    return {_text({"name": name}, "name", 40): _text(given, name, 40) for name in given}


# ---------------------------------------------------------------- storing


def store(session: Session, entry: Entry) -> None:
    """Hand the entry to its service. Sent twice, stored once. RefusedEntry says in words why it was not."""
    {"visit": _store_visit, "clue": _store_clue, "task": _store_task}[entry.kind](session, entry)


def _store_visit(session: Session, entry: Entry) -> None:
    worker = session.scalars(select(GridWorker).where(GridWorker.user_id == current_access().user_id)).first()
    outcome = entry.outcome if entry.outcome in set(LoggedOutcome) else ""
    try:
        log_outcome(
            session, entry.household_id, worker=worker, channel=entry.channel, outcome=outcome, answers=entry.answers,
            respondent=entry.respondent, note=entry.note, appeal=entry.appeal, client_id=entry.client_id, at=entry.at,
            task_id=entry.task_id, phone_id=entry.phone_id,
        )  # fmt: skip
    except LookupError as error:
        raise RefusedEntry(_("This household is no longer in your area."), 404) from error
    except OutcomeError as error:
        words = {name: in_sentences(*problem) for name, problem in error.problems.items()}
        said = in_sentences(*(sentence for problem in error.problems.values() for sentence in problem))
        raise RefusedEntry(said, problems=words) from error


def _store_clue(session: Session, entry: Entry) -> None:
    clue = session.get(Clue, entry.clue_id)
    if clue is None or clue.household_id != entry.household_id:
        raise RefusedEntry(_("This clue is no longer in your area."), 404)
    state = next((one for one in CLUE_STATES if one == entry.state), None)
    if state is None or not entry.result:
        raise RefusedEntry(_("Please say what was found."))
    if is_terminal(clue.state):
        _accept_repeat(clue.settled_by_id, clue.state is state)
        return
    if clue.state is state and clue.result == entry.result:
        return
    if not can_move(clue.state, state):  # found out on the spot: the step in between is taken in the same breath
        _move_clue(session, clue.id, ClueState.VERIFYING, "")
    _move_clue(session, clue.id, state, entry.result)


def _move_clue(session: Session, clue_id: int, state: ClueState, result: str) -> None:
    try:
        clues.move(session, clue_id, state, user_id=current_access().user_id, result=result)
    except InvalidTransition as error:
        raise RefusedEntry(_("This clue cannot be settled in its present state."), 409) from error


def _store_task(session: Session, entry: Entry) -> None:
    task = session.get(WorkTask, entry.task_id)
    if task is None or task.household_id != entry.household_id:
        raise RefusedEntry(_("This task is no longer in your area."), 404)
    if entry.result not in _RESULTS.get(task.kind, set()):
        raise RefusedEntry(_("Please choose one."))
    if task.state is not WorkTaskState.OPEN:
        _accept_repeat(task.closed_by_id, True)
        return
    user_id = current_access().user_id
    if task.kind is WorkTaskKind.CHANGE_REQUEST_CHECK:
        for request_id in _pending(session, task.household_id):  # what is an office's to decide waits for it
            _decide_change(session, request_id, entry.result == ChangeRequestState.ACCEPTED)
    session.refresh(task)
    if task.state is WorkTaskState.OPEN:  # deciding its changes has closed it otherwise
        worklist.close_task(session, task.id, result=entry.result, user_id=user_id, at=entry.at)


def _decide_change(session: Session, request_id: int, accept: bool) -> None:
    try:
        changes.decide(session, request_id, accept=accept, user_id=current_access().user_id)
    except FieldError as error:  # the register has moved on since, or can no longer hold the value
        raise RefusedEntry(f"{_(error.message)} {_(error.remedy, **error.values)}", 409) from error


def _pending(session: Session, household_id: int) -> list[int]:
    query = select(ChangeRequest).where(
        ChangeRequest.household_id == household_id, ChangeRequest.state == ChangeRequestState.PENDING
    )
    roles = own_roles()
    return [one.id for one in session.scalars(query.order_by(ChangeRequest.id)) if may_decide(one, roles)]


def _accept_repeat(done_by_id: int | None, is_same: bool) -> None:
    """The same entry again is a success; somebody else's result is not overwritten, and the worker hears of it."""
    if done_by_id == current_access().user_id and is_same:
        return
    name = names_of_users({done_by_id}).get(done_by_id, "")
    words = _("%(name)s has finished this already.", name=name) if name else _("This has been finished already.")
    raise RefusedEntry(words, 409)
