"""One call's dialogue: begin or go on, take an event in, say what the caller hears next (TELEPHONY 1.2).

The state lies in `attempt.ivr_state`; once somebody has said who they are it is copied to `contact.ivr_state` after
every answer, so that a call that breaks off is gone on with in the next one. The caller has locked the attempt's row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, ContactState
from app.domain.transitions import is_terminal
from app.extensions import clock
from app.models import Attempt, Contact
from app.services import answers, campaign_kinds, dialogues_context, dialogues_routes, recordings, scripts
from app.services.dialogues_state import CHECKIN, Dialogue, steps_of
from telephony.ivr import engine, library
from telephony.ivr.events import Answered, DialEnded, Machine, event_of
from telephony.ivr.script import Script
from telephony.ivr.state import State
from telephony.ivr.steps import Dial, HangUp, Say, Step
from telephony.ports import MACHINES, AnsweredBy, CarrierEvent, EventKind

_CONTACT = Contact.__table__
_KEEP = update(_CONTACT).where(_CONTACT.c.id == bindparam("contact"))
_NO_CALL = (ContactState.REACHED, ContactState.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Reply:
    """`steps` to render; `seq` belongs in their callback URL; `worker_number` E.164 for a Dial among them.

    `was_applied`: False when the event came late or again and changed nothing.
    """

    steps: tuple[Step, ...]
    seq: int = 0
    worker_number: str | None = None
    was_applied: bool = True


def answer(session: Session, attempt: Attempt, by: AnsweredBy | None, at: datetime | None = None) -> Reply:
    """The call was picked up. An attempt that is over, or whose household was reached or refused meanwhile, gets a
    polite end: nothing of it is asked any more."""
    at = at or clock.now()
    if is_terminal(attempt.state) or (attempt.contact is not None and attempt.contact.state in _NO_CALL):
        return farewell(attempt)
    if attempt.ivr_state is not None:
        dialogue = Dialogue.from_json(attempt.ivr_state)
        script = script_of(session, dialogue.state)
    else:
        script, dialogue = dialogues_routes.open_script(session, attempt.household, attempt.contact, at)
    state, _ = engine.advance(script, dialogue.state, Answered(by or AnsweredBy.UNKNOWN))
    dialogue = replace(dialogue, state=state)
    attempt.ivr_state = dialogue.to_json()
    return reply(session, attempt, script, dialogue, at)


def step(session: Session, attempt: Attempt, event: CarrierEvent, seq: int, at: datetime | None = None) -> Reply:
    """An action callback for the steps numbered `seq`. Late ones are not applied, but a message that was spoken before
    the line dropped is always kept. Raises ValueError for an event that answers no steps."""
    at = at or clock.now()
    if event.kind is EventKind.RECORDED and event.recording_id:
        recordings.note(session, attempt, event.recording_id, event.recording_s or 0, at)
    if attempt.ivr_state is None or is_terminal(attempt.state):
        return farewell(attempt)
    dialogue = Dialogue.from_json(attempt.ivr_state)
    script = script_of(session, dialogue.state)
    happened = event_of(event, seq)
    if happened is None:
        raise ValueError(f"{event.kind} is no answer to a dialogue's steps")
    state, _ = engine.advance(script, dialogue.state, happened)
    if state == dialogue.state:
        return replace(reply(session, attempt, script, dialogue, at), was_applied=False)
    answered_before = len(dialogue.state.answers)
    dialogue = replace(dialogue, state=state)
    routed = dialogues_routes.route(session, attempt, dialogue, at)
    if routed is not None:
        script, dialogue = routed
    attempt.ivr_state = dialogue.to_json()
    if len(state.answers) != answered_before and routed is None:
        _keep_for_next_call(session, attempt, state, attempt.ivr_state["state"])
    return reply(session, attempt, script, dialogue, at)


def machine(session: Session, attempt: Attempt, by: AnsweredBy) -> bool:
    """Asynchronous detection has spoken. A machine hears nothing more than that we will call again. False when late."""
    if is_terminal(attempt.state) or attempt.answered_by is not None:
        return False
    attempt.answered_by = by.value
    if by in MACHINES and attempt.ivr_state is not None:
        dialogue = Dialogue.from_json(attempt.ivr_state)
        state, _ = engine.advance(script_of(session, dialogue.state), dialogue.state, Machine())
        attempt.ivr_state = replace(dialogue, state=state).to_json()
    return True


def hang_up(session: Session, attempt: Attempt) -> AttemptOutcome | None:
    """The line is gone: end the dialogue and turn it into what it came to (see answers.settle_call)."""
    return answers.settle_call(session, attempt)


def farewell(attempt: Attempt) -> Reply:
    """A polite end that says nothing about anybody."""
    script = library.packaged(CHECKIN)
    language = script.language_or_default(attempt.household.language)
    return Reply((Say(script.text("thanks", language), language), HangUp()), was_applied=False)


def script_of(session: Session, state: State) -> Script:
    return scripts.get_version(session, state.script, state.version)


def reply(session: Session, attempt: Attempt, script: Script, dialogue: Dialogue, at: datetime) -> Reply:
    steps = steps_of(script, dialogue)
    number = None
    if any(isinstance(one, Dial) for one in steps):
        number = dialogues_context.worker_number(session, attempt.household, at)
        if number is None:  # the worker was unassigned while the line was open
            return _without_worker(session, attempt, script, dialogue)
    return Reply(steps, dialogue.state.seq, number)


def _without_worker(session: Session, attempt: Attempt, script: Script, dialogue: Dialogue) -> Reply:
    state, steps = engine.advance(script, dialogue.state, DialEnded(False, dialogue.state.seq))
    attempt.ivr_state = replace(dialogue, state=state).to_json()
    return Reply(steps, state.seq)


def _keep_for_next_call(session: Session, attempt: Attempt, state: State, plain: dict[str, Any]) -> None:
    if attempt.contact_id is not None and state.respondent is not None and campaign_kinds.is_resumed(state.script):
        session.connection().execute(_KEEP, {"contact": attempt.contact_id, "ivr_state": plain})
