"""What the answers mean for the household: risks, wishes and news, in plain codes.

Risk codes (the product's clue kinds are `app.domain`'s; it maps these):

| code                | said                                     | duty of DOMAIN |
|---------------------|------------------------------------------|----------------|
| income_drop         | income much less than last quarter       | 收入骤减        |
| employment_lost     | no work                                  | 就业不稳        |
| major_illness       | someone fell seriously ill               | 因病支出        |
| accident_disaster   | an accident or a disaster                | 因灾因意外      |
| large_expense       | another big cost                         | 支出骤增        |
| schooling           | trouble with children's schooling        | 义务教育        |
| housing             | the house at home is unsafe or damaged   | 住房安全        |
| drinking_water      | trouble with drinking water              | 饮水安全        |
"""

from __future__ import annotations

from dataclasses import dataclass

from telephony.ivr.script import Option, QuestionKind, Script
from telephony.ivr.state import Answer, State

RISKS = (
    "income_drop",
    "employment_lost",
    "major_illness",
    "accident_disaster",
    "large_expense",
    "schooling",
    "housing",
    "drinking_water",
)
WANTS = ("callback", "apply")
INFO_CHANGES = ("returned", "returning_soon")

WORKER_KEY_QUESTION = "worker_key"  # a Finding's question when key 0 was pressed and nobody could be reached


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing learnt. `value` is the option's value, or the carrier's recording id when `is_recording`.

    Only a `confirmed` risk raises a clue; an unconfirmed one (the line dropped before the yes) is for the worker.
    """

    question: str
    value: str
    confirmed: bool
    risk: str | None = None
    wants: str | None = None
    info_change: str | None = None
    is_recording: bool = False


def findings(script: Script, state: State) -> list[Finding]:
    """Everything `state` tells about the household, in script order. Menus and identity tell nothing about it.

    Without a confirmed identity there is at most the wish to be called back (key 0, nobody reached).
    """
    found = [
        _finding(question.kind, question.id, question.option_for(answer.value), answer)
        for question in script.questions
        if state.respondent is not None
        and question.kind in (QuestionKind.CHOICE, QuestionKind.RECORD)
        and (answer := state.answers.get(question.id)) is not None
    ]
    if state.callback_requested:
        found.append(Finding(WORKER_KEY_QUESTION, "callback", confirmed=True, wants="callback"))
    return found


def _finding(kind: QuestionKind, question_id: str, option: Option | None, answer: Answer) -> Finding:
    return Finding(
        question=question_id,
        value=answer.value,
        confirmed=answer.confirmed,
        risk=option.risk if option else None,
        wants=option.wants if option else None,
        info_change=option.info_change if option else None,
        is_recording=kind is QuestionKind.RECORD,
    )
