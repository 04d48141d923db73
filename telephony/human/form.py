"""A script as a form: the worker's page asks what the call asks, and its answers become the same State and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telephony.ivr.engine import advance, begin, skip
from telephony.ivr.events import Digits, RemoteHangup
from telephony.ivr.script import Question, QuestionKind, Script
from telephony.ivr.state import Context, Mode, State


@dataclass(frozen=True, slots=True)
class FormOption:
    """`leads_on`: choosing it goes on to the questions; an identity option without it ends the form there."""

    value: str
    label: str
    risk: str | None
    leads_on: bool


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `shown_when` (field, value) that brings it up, None when it always stands in the form."""

    name: str
    title: str
    kind: QuestionKind
    options: tuple[FormOption, ...]
    required: bool
    shown_when: tuple[str, str] | None = None


class FormError(ValueError):
    """The answers do not fit the script. `problems`: field → "missing" | "unknown_option" | "not_asked"."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {what}" for name, what in problems.items()))
        self.problems = dict(problems)


def form_fields(script: Script, language: str = "cmn-CN") -> tuple[FormField, ...]:
    """The fields in the order the call asks: identity, what some of its answers bring up, then the questions.

    Raises ValueError for a script that does not begin with an identity question: such a one is no check-in.
    """
    identity = _identity(script)
    fields = [_field(script, identity, language, required=True)]
    for option in identity.options:
        follow_up = next((question for question in script.questions if question.id == option.next), None)
        if follow_up is not None and follow_up.kind is QuestionKind.MENU:
            shown_when = (identity.id, option.value)
            fields.append(_field(script, follow_up, language, required=False, shown_when=shown_when))
    choices = (question for question in script.questions if question.kind is QuestionKind.CHOICE)
    fields += [_field(script, question, language, required=False) for question in choices]
    return tuple(fields)


def answers_from_form(script: Script, answers: Mapping[str, str], context: Context | None = None) -> State:
    """The ended State of a dialogue with these answers, made by the engine itself.

    `answers`: question id → option value; blank and absent ones are questions left open. A risk chosen here counts as
    confirmed: the worker heard it. Raises FormError, naming every field it can.
    """
    given = {name: value for name, value in answers.items() if value}
    _check_options(script, given)
    state, _ = begin(script, context or Context())
    while state.outcome is None:
        question = script.question(state.position)
        if state.mode is Mode.CONFIRM:
            state, _ = advance(script, state, Digits(script.confirmation.yes, state.seq))
            continue
        value = given.pop(question.id, None)
        option = question.option_for(value) if value else None
        if option is not None:
            state, _ = advance(script, state, Digits(option.digit, state.seq))
        elif question.kind is QuestionKind.IDENTITY:
            raise FormError({question.id: "missing"})
        elif question.kind is QuestionKind.CHOICE:
            state, _ = skip(script, state)
        else:
            state, _ = advance(script, state, RemoteHangup())
    if given:
        raise FormError(dict.fromkeys(given, "not_asked"))
    return state


def _identity(script: Script) -> Question:
    question = script.question(script.start)
    if question.kind is not QuestionKind.IDENTITY:
        raise ValueError(f"script {script.code!r} begins with {question.id!r}, not with an identity question")
    return question


def _check_options(script: Script, given: Mapping[str, str]) -> None:
    known = {question.id: question for question in script.questions}
    problems: dict[str, str] = {}
    for name, value in given.items():
        question = known.get(name)
        if question is None:
            problems[name] = "not_asked"
        elif question.option_for(value) is None:
            problems[name] = "unknown_option"
    if problems:
        raise FormError(problems)


def _field(
    script: Script,
    question: Question,
    language: str,
    *,
    required: bool,
    shown_when: tuple[str, str] | None = None,
) -> FormField:
    family = script.family(language)
    options = tuple(
        FormOption(
            option.value,
            option.label[family],
            option.risk,
            leads_on=question.kind is not QuestionKind.IDENTITY or option.respondent is not None,
        )
        for option in question.options
    )
    return FormField(question.id, question.title[family], question.kind, options, required, shown_when)
