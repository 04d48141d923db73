"""The dialogue as a pure reducer: (script, state, event) → (state, steps). No clock, no chance, no I/O.

A caller keeps `State.to_json()` beside the call, renders the steps for its carrier with `State.seq` in the callback
URL, and hands each callback in as an event. Handing one in twice is harmless (events.py).
"""

from __future__ import annotations

from dataclasses import replace

from telephony.ivr.events import Answered, DialEnded, Digits, Event, Machine, Recorded, RemoteHangup
from telephony.ivr.render import find_option, render
from telephony.ivr.script import (
    DIAL_TARGET,
    END_PREFIX,
    MAX_ASKS,
    Branch,
    Option,
    Outcome,
    Question,
    QuestionKind,
    Script,
)
from telephony.ivr.state import Answer, Context, KeyPress, Mode, State
from telephony.ivr.steps import Step
from telephony.ports import AnsweredBy

Turn = tuple[State, tuple[Step, ...]]

VOICEMAIL_ENDING = "voicemail"
HANDED_OVER_ENDING = "handed_over"
WORKER_CONNECTING = "worker_connecting"
WORKER_BUSY = "worker_busy"
WORKER_WILL_CALL = "worker_will_call"
WELCOME_BACK = "welcome_back"
_RESUMABLE = {QuestionKind.CHOICE, QuestionKind.RECORD}
MAX_DIALS = 1  # a second try in the same call would ring a worker who just did not answer


class ScriptMismatch(ValueError):
    """The state belongs to another script or version: going on would read keys by the wrong questions."""


def begin(script: Script, context: Context) -> Turn:
    """A fresh dialogue and what to play when the call is answered."""
    state = State(script.code, script.version, context, position=script.start, lead=script.opening)
    return state, render(script, state)


def resume(script: Script, state: State) -> Turn:
    """Go on with a dialogue that broke off, in a new call: identity first, then where it stopped.

    Raises ScriptMismatch for another version, since the questions may have changed: begin afresh then.
    """
    _check(script, state)
    unconfirmed = {name: answer for name, answer in state.answers.items() if not answer.confirmed}
    stopped_at = state.resume_at or state.position
    resumable = state.respondent is not None and script.question(stopped_at).kind in _RESUMABLE
    fresh = replace(
        state,
        position=script.start,
        mode=Mode.ASK,
        lead=(WELCOME_BACK,) if resumable and WELCOME_BACK in script.texts else script.opening,
        asks=1,
        repeats=0,
        redos=0,
        dials=0,
        seq=state.seq + 1,
        identified=False,
        answers={name: answer for name, answer in state.answers.items() if name not in unconfirmed},
        resume_at=stopped_at if resumable else None,
        outcome=None,
        ending=None,
        next_script=None,
    )
    return fresh, render(script, fresh)


def advance(script: Script, state: State, event: Event) -> Turn:
    """Take one event in. An event already consumed, or one that comes after the end, returns the same steps again."""
    _check(script, state)
    new = state if state.outcome is not None else _apply(script, state, event)
    return new, render(script, new)


def skip(script: Script, state: State) -> Turn:
    """Leave the present question unanswered and go on, as a caller does who keeps pressing keys without meaning.

    For the worker's form: there nobody waits for a key.
    """
    _check(script, state)
    if state.outcome is not None:
        return state, render(script, state)
    question = script.question(state.position)
    skipped = replace(state, seq=state.seq + 1, skipped=state.skipped + 1)
    new = _go(script, skipped, question.invalid.then)
    return new, render(script, new)


def max_turns(script: Script) -> int:
    """Upper bound of events with a seq before a dialogue ends by itself: asks, repeats and confirmations of each."""
    per_question = (MAX_ASKS + 1) * 2
    return len(script.questions) * per_question * (MAX_ASKS + 1) + 2 * MAX_DIALS


def _check(script: Script, state: State) -> None:
    if (state.script, state.version) != (script.code, script.version):
        raise ScriptMismatch(
            f"the state belongs to {state.script} v{state.version}, not {script.code} v{script.version}; "
            "load the script version the call began with"
        )


def _apply(script: Script, state: State, event: Event) -> State:
    match event:
        case RemoteHangup():
            return _hung_up(script, state)
        case Machine() | Answered(by=AnsweredBy.MACHINE | AnsweredBy.FAX):
            # A key was pressed, so a person is there: detection is wrong more often than fingers are.
            return state if state.keys else _end(script, state, VOICEMAIL_ENDING)
        case Answered():
            return state
        case _:
            if event.seq != state.seq:
                return state
            return _answer(script, replace(state, seq=state.seq + 1), event)


def _answer(script: Script, state: State, event: Digits | Recorded | DialEnded) -> State:
    """An event for the present steps; one of the wrong sort (a record's digits, say) moves on as silence would."""
    question = script.question(state.position)
    if isinstance(event, DialEnded) or state.mode is Mode.DIAL:
        return _dialled(script, state, ok=isinstance(event, DialEnded) and event.ok)
    if isinstance(event, Recorded):
        return _recorded(script, state, question, event)
    if event.digits:
        state = replace(state, keys=(*state.keys, KeyPress(event.seq, state.position, event.digits)))
    if question.kind is QuestionKind.RECORD:
        return _go(script, state, question.next or question.timeout.then)
    if event.digits == "":
        return _again(script, state, question.timeout, gave_up=False)
    if event.digits == script.repeat_key:
        return _repeat(script, state, question)
    if event.digits == script.worker_key and state.identified:
        return _dial(script, state)
    if state.mode is Mode.CONFIRM:
        return _confirm(script, state, question, event.digits)
    option = find_option(question, state.context, event.digits)
    if option is None:
        return _again(script, state, question.invalid, gave_up=True)
    return _take(script, state, question, option, event)


def _take(script: Script, state: State, question: Question, option: Option, event: Digits) -> State:
    asks_back = option.risk is not None and question.confirm_risk
    counts = question.kind is QuestionKind.CHOICE
    answer = Answer(option.value, event.digits, event.seq, confirmed=not asks_back, counts=counts)
    state = replace(state, answers={**state.answers, question.id: answer})
    if asks_back:
        return replace(state, mode=Mode.CONFIRM, asks=1, lead=())
    target = option.next
    if option.respondent is not None:
        target = state.resume_at or target
        state = replace(state, identified=True, respondent=option.respondent, resume_at=None)
    return _go(script, state, target)


def _confirm(script: Script, state: State, question: Question, digits: str) -> State:
    answer = state.answers[question.id]
    option = question.option_for(answer.value)
    if digits == script.confirmation.yes and option is not None:
        answers = {**state.answers, question.id: replace(answer, confirmed=True)}
        return _go(script, replace(state, answers=answers), option.next)
    if digits != script.confirmation.no:
        return _again(script, state, question.invalid, gave_up=True)
    answers = {name: kept for name, kept in state.answers.items() if name != question.id}
    state = replace(state, answers=answers, mode=Mode.ASK, redos=state.redos + 1, asks=1, lead=())
    if state.redos >= question.max_asks:
        return _go(script, replace(state, skipped=state.skipped + 1), question.invalid.then)
    return state


def _again(script: Script, state: State, branch: Branch, *, gave_up: bool) -> State:
    """Ask again with a word about why, or after the last ask take the branch. `gave_up`: the question stays open."""
    if state.asks < script.question(state.position).max_asks:
        return replace(state, asks=state.asks + 1, lead=(branch.say,))
    return _go(script, replace(state, skipped=state.skipped + int(gave_up)), branch.then)


def _repeat(script: Script, state: State, question: Question) -> State:
    """Key 9. The first prompt is repeated with its opening; more than `max_asks` repeats count as wrong keys."""
    if state.repeats >= question.max_asks:
        return _again(script, state, question.invalid, gave_up=True)
    opening = script.opening if state.position == script.start and not state.answers else ()
    return replace(state, repeats=state.repeats + 1, lead=opening)


def _go(script: Script, state: State, target: str) -> State:
    if target.startswith(END_PREFIX):
        return _end(script, state, target.removeprefix(END_PREFIX))
    if target == DIAL_TARGET:
        return _dial(script, state)
    return replace(state, position=target, mode=Mode.ASK, asks=1, repeats=0, redos=0, lead=())


def _dial(script: Script, state: State) -> State:
    if state.context.worker_dial and state.dials < MAX_DIALS:
        return replace(state, mode=Mode.DIAL, dials=state.dials + 1, lead=(WORKER_CONNECTING,))
    question = script.question(state.position)
    promised = replace(state, callback_requested=True)
    return _again(script, promised, Branch(WORKER_WILL_CALL, question.invalid.then), gave_up=True)


def _dialled(script: Script, state: State, *, ok: bool) -> State:
    if state.mode is not Mode.DIAL:
        return state
    if ok:
        return _end(script, state, HANDED_OVER_ENDING)
    pending = state.answers.get(state.position)
    mode = Mode.CONFIRM if pending is not None and not pending.confirmed else Mode.ASK
    return replace(state, mode=mode, callback_requested=True, lead=(WORKER_BUSY,))


def _recorded(script: Script, state: State, question: Question, event: Recorded) -> State:
    if question.kind is not QuestionKind.RECORD:
        return state
    if event.recording_id and event.seconds > 0:
        answer = Answer(event.recording_id, "", event.seq, confirmed=True, counts=False)
        state = replace(state, answers={**state.answers, question.id: answer})
    return _go(script, state, question.next or question.timeout.then)


def _end(script: Script, state: State, ending_id: str) -> State:
    ending = script.endings[ending_id]
    ended = replace(
        state,
        mode=Mode.ENDED,
        ending=ending_id,
        next_script=ending.script,
        lead=(ending.say,) if ending.say else (),
    )
    if ending.script:
        return replace(ended, outcome=Outcome.ROUTED)
    if ending.outcome in (None, Outcome.COMPLETED):  # completed is earned by answers, not by arriving
        return replace(ended, outcome=_earned(ended, finished=ending.outcome is not None))
    return replace(ended, outcome=ending.outcome)


def _hung_up(script: Script, state: State) -> State:
    question = script.question(state.position)
    outcome = question.on_hangup or _earned(state, finished=question.optional)
    return replace(state, mode=Mode.ENDED, lead=(), outcome=outcome)


def _earned(state: State, *, finished: bool) -> Outcome:
    """The outcome by what was said. `finished`: nothing that must be asked was left."""
    if state.respondent is None:
        fell_silent = state.mode is Mode.ENDED or (not state.keys and state.asks > 1)
        return Outcome.SILENT if fell_silent else Outcome.REFUSED
    if not state.answered:
        return Outcome.IDENTITY_ONLY
    return Outcome.COMPLETED if finished and not state.skipped else Outcome.PARTIAL
