"""The words of a state: pure, so that a repeated webhook gets the same steps again."""

from __future__ import annotations

from collections.abc import Iterable

from telephony.ivr.script import Option, Question, QuestionKind, Script
from telephony.ivr.state import MAX_CHOICES, Choice, Context, Mode, State
from telephony.ivr.steps import Dial, Gather, HangUp, Record, Say, Step

CHOICE_ITEM = "choice_item"  # text key: one household of a PICK question

PUBLIC_FIELDS = frozenset({"org", "village", "worker", "worker_title", "household", "quarter", "choices"})
EXTRA_FIELDS = frozenset({"label", "surname", "hint", "digit"})


def render(script: Script, state: State) -> tuple[Step, ...]:
    """The steps that `state` waits on. An ended dialogue hangs up; one that leads into another script says nothing."""
    lead = _say_all(script, state, state.lead)
    if state.mode is Mode.ENDED:
        return () if state.next_script else (*lead, HangUp())
    if state.mode is Mode.DIAL:
        return (Dial("worker", lead),)
    question = script.question(state.position)
    if state.mode is Mode.CONFIRM:
        asked_back = _say(script, state.context, script.confirmation.prompt, label=_pending_label(script, state))
        return (Gather((*lead, asked_back), timeout_s=question.timeout_s),)
    prompt = _say(script, state.context, question.prompt)
    if question.kind is QuestionKind.RECORD:
        return (Record((*lead, prompt), max_s=question.max_s),)
    return (Gather((*lead, prompt), timeout_s=question.timeout_s),)


def find_option(question: Question, context: Context, digit: str) -> Option | None:
    """The option behind `digit`; a PICK question's options come from the call's context."""
    if question.kind is not QuestionKind.PICK:
        return question.option(digit)
    if digit == "0" and question.none_next:
        return Option("0", "none", {}, question.none_next)
    fixed = question.option(digit)
    if fixed is not None or question.next is None:
        return fixed
    offered = {str(number): choice for number, choice in enumerate(context.choices[:MAX_CHOICES], start=1)}
    choice = offered.get(digit)
    return Option(digit, choice.ref, {}, question.next) if choice else None


def _say_all(script: Script, state: State, keys: Iterable[str]) -> tuple[Say, ...]:
    return tuple(_say(script, state.context, key) for key in keys)


def _say(script: Script, context: Context, key: str, *, label: str = "") -> Say:
    language = script.language_or_default(context.language)
    words = fill(script.text(key, language), context, label=label, choices=_choices(script, context))
    recorded = script.audio.get(language, {}).get(key)
    return Say(words, language, recorded)


def fill(text: str, context: Context, *, label: str = "", choices: str = "") -> str:
    """Put the call's values into `text`. Values are inserted as they are: braces in a name mean nothing."""
    return text.format(
        org=context.org,
        village=context.village,
        worker=context.worker,
        worker_title=context.worker_title,
        household=context.household,
        quarter=context.quarter,
        label=label,
        choices=choices,
    )


def _choices(script: Script, context: Context) -> str:
    if not context.choices or CHOICE_ITEM not in script.texts:
        return ""
    item = script.text(CHOICE_ITEM, context.language)
    return "".join(
        _choice(item, number, choice) for number, choice in enumerate(context.choices[:MAX_CHOICES], start=1)
    )


def _choice(item: str, number: int, choice: Choice) -> str:
    return item.format(digit=number, surname=choice.surname, hint=choice.hint)


def _pending_label(script: Script, state: State) -> str:
    option = script.question(state.position).option_for(state.answers[state.position].value)
    return option.label[script.family(state.context.language)] if option else ""
