"""What a call came to: its dialogue becomes answers, and what they mean to its kind of campaign, in one commit.

I5: every answered check-in is exactly one visit; silence, voicemail and the wrong person are none. What ends a contact
is a confirmed identity and at least one answered question (TELEPHONY 1.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome, ClueKind, ClueSource, VisitChannel, WorkTaskKind
from app.domain.phones import CHINA, last4, time_zone_of
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Attempt
from app.services import campaign_kinds, clues, opt_outs_households, scheduling, scripts, worklist
from app.services.campaign_kinds import Call
from app.services.dialogues_state import INBOUND, Dialogue
from telephony.ivr import engine
from telephony.ivr.events import Machine, RemoteHangup
from telephony.ivr.findings import Finding, findings
from telephony.ivr.script import Outcome
from telephony.ivr.state import Answer, State
from telephony.ports import MACHINES

_OUTCOMES = {
    Outcome.COMPLETED: AttemptOutcome.COMPLETED,
    Outcome.PARTIAL: AttemptOutcome.PARTIAL,
    Outcome.IDENTITY_ONLY: AttemptOutcome.PARTIAL,  # gone on with in the next call; it closes nothing
    Outcome.SILENT: AttemptOutcome.SILENT,
    Outcome.REFUSED: AttemptOutcome.HUNG_UP,
    Outcome.WRONG_PERSON: AttemptOutcome.WRONG_PERSON,
    Outcome.VOICEMAIL: AttemptOutcome.VOICEMAIL,
    Outcome.OPTED_OUT: AttemptOutcome.OPTED_OUT,
    Outcome.CALLBACK_REQUESTED: AttemptOutcome.CALLBACK_LATER,
    Outcome.HANDED_OVER: AttemptOutcome.HUNG_UP,  # the worker logs what was said; until then the duty is open
    Outcome.ROUTED: AttemptOutcome.HUNG_UP,
}
_BEST_TIME = "best_time"
_DAYPARTS = {"morning": time(9, 30), "midday": time(12, 0), "evening": time(18, 30)}
_NOT_BEFORE = timedelta(hours=1)  # "in the evening" said at half past six means tomorrow's


@dataclass(frozen=True, slots=True)
class _Heard:
    """One script of the call: `new` answers were given in this call, `found` is what they mean."""

    state: State
    new: tuple[tuple[str, Answer], ...]
    found: tuple[Finding, ...]

    @property
    def counts(self) -> bool:
        return self.state.respondent is not None and any(a.counts and a.confirmed for _, a in self.new)


def settle_call(session: Session, attempt: Attempt) -> AttemptOutcome | None:
    """End the dialogue of a call that is over and turn it into rows; None when no dialogue ever began.

    Runs inside the caller's transaction, with the attempt's row locked. Idempotent: a second run changes nothing and
    returns the same outcome.
    """
    if attempt.ivr_state is None:
        return None
    dialogue = Dialogue.from_json(attempt.ivr_state)
    if not dialogue.is_settled:
        dialogue = replace(_ended(session, attempt, dialogue), is_settled=True)
        attempt.ivr_state = dialogue.to_json()
        session.flush()
        _settle(session, attempt, dialogue)
    return _outcome_of(session, dialogue)


def _ended(session: Session, attempt: Attempt, dialogue: Dialogue) -> Dialogue:
    state = dialogue.state
    if state.outcome is not None:
        return dialogue
    script = scripts.get_version(session, state.script, state.version)
    if attempt.answered_by in MACHINES:
        state, _ = engine.advance(script, state, Machine())
    if state.outcome is None:
        state, _ = engine.advance(script, state, RemoteHangup())
    return replace(dialogue, state=state)


def _settle(session: Session, attempt: Attempt, dialogue: Dialogue) -> None:
    at = attempt.answered_at or clock.now()
    heard = [_heard(session, dialogue, state) for state in (*dialogue.earlier, dialogue.state)]
    found = [finding for one in heard for finding in one.found]
    respondent = next((str(one.state.respondent) for one in reversed(heard) if one.counts), None)
    call = Call(attempt, list(_without_repeats(heard)), found, respondent, at)
    campaign_kinds.of_call(attempt).keep(session, call)
    for one in heard:
        _keep_promises(session, attempt, one, at)
    if respondent is not None and attempt.contact is not None:
        scheduling.close_contact(session, attempt.contact, VisitChannel.AUTO_CALL, at)


def _heard(session: Session, dialogue: Dialogue, state: State) -> _Heard:
    """Answers and findings of this call alone: a resumed check-in brings those of the earlier call along."""
    base = dialogue.base if state is dialogue.state else 0
    new = tuple((name, answer) for name, answer in state.answers.items() if answer.seq >= base)
    script = scripts.get_version(session, state.script, state.version)
    known = {question.id for question in script.questions}
    names = {name for name, _ in new}
    found = tuple(one for one in findings(script, state) if one.question in names or one.question not in known)
    return _Heard(state, new, found)


def _without_repeats(heard: list[_Heard]) -> Iterator[tuple[str, Answer]]:
    """Two scripts of one call may share a question's name ("opt_out"): the later one's answer stands."""
    merged: dict[str, Answer] = {}
    for one in heard:
        merged |= dict(one.new)
    return iter(merged.items())


def _keep_promises(session: Session, attempt: Attempt, heard: _Heard, at: datetime) -> None:
    """What the voice told the caller would happen."""
    state, household = heard.state, attempt.household
    if state.callback_requested:  # also before identity was confirmed: "your worker will call you" was said
        worklist.open_task(session, household, WorkTaskKind.CALL_BACK, ReasonCode.CALL_BACK, attempt.contact)
    if state.script == INBOUND and any(finding.is_recording for finding in heard.found):
        clues.raise_clue(session, household, ClueKind.OTHER, ClueSource.HOTLINE, contact=attempt.contact)
    if state.outcome is Outcome.CALLBACK_REQUESTED and attempt.contact is not None:
        attempt.contact.chosen_at = _chosen_time(state, attempt, at)
    if state.outcome is Outcome.OPTED_OUT:
        _opt_out(session, attempt, at)


def _opt_out(session: Session, attempt: Attempt, at: datetime) -> None:
    # The phone's own hash: that of an inbound attempt may be set apart (services.inbound).
    phone = attempt.phone
    e164_hash = phone.e164_hash if phone is not None else attempt.phone_hash
    tail = last4(phone.e164) if phone is not None else ""
    opt_outs_households.refuse(session, attempt.household, e164_hash, tail=tail, source="call", at=at)


def _chosen_time(state: State, attempt: Attempt, at: datetime) -> datetime | None:
    """The next time of the part of day they chose, in their own zone; None when they hung up before choosing."""
    chosen = state.answers.get(_BEST_TIME)
    of_day = _DAYPARTS.get(chosen.value) if chosen is not None else None
    if of_day is None:
        return None
    zone: ZoneInfo = time_zone_of(attempt.phone.e164) if attempt.phone is not None else CHINA
    local = at.astimezone(zone)
    wanted = datetime.combine(local.date(), of_day, zone)
    if wanted < local + _NOT_BEFORE:
        wanted = datetime.combine(local.date() + timedelta(days=1), of_day, zone)
    return wanted.astimezone(UTC)


def _outcome_of(session: Session, dialogue: Dialogue) -> AttemptOutcome:
    state = dialogue.state
    assert state.outcome is not None
    if state.outcome is Outcome.REFUSED:
        # Hanging up on the first words is no refusal yet; hanging up on "shall we stop calling?" is.
        script = scripts.get_version(session, state.script, state.version)
        if script.question(state.position).on_hangup is Outcome.REFUSED:
            return AttemptOutcome.REFUSED
    return _OUTCOMES[state.outcome]
