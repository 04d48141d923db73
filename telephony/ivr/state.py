"""Where one dialogue stands: everything needed to go on after a restart, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from telephony.ivr.script import Outcome, Respondent

MAX_CHOICES = 7  # keys 1–7; 0, 8 and 9 have their meaning everywhere


class Mode(StrEnum):
    ASK = "ask"
    CONFIRM = "confirm"  # a risk answer is being asked back
    DIAL = "dial"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Choice:
    """One household that shares the number: `ref` is our id, `surname` the head's; `hint` tells equal ones apart."""

    ref: str
    surname: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the prompts may say. Nothing here may be private: it is spoken before anyone proved who they are.

    `org` who is calling ("舒城县干汊河镇"), `village`, `worker` the grid worker's name, `worker_title` e.g. "网格员",
    `household` the head's surname alone, `quarter` e.g. "第四季度", `worker_dial` whether key 0 can ring the worker.
    """

    language: str = "cmn-CN"
    org: str = ""
    village: str = ""
    worker: str = ""
    worker_title: str = ""
    household: str = ""
    quarter: str = ""
    worker_dial: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` the option's (or the recording's id), `digits` as pressed (I10), `seq` of the steps it answered.

    `confirmed` is False while (or because) a risk answer was not asked back with a yes; `counts` towards the duty:
    an answer to a CHOICE question.
    """

    value: str
    digits: str
    seq: int
    confirmed: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class KeyPress:
    seq: int
    question: str
    digits: str


@dataclass(frozen=True, slots=True)
class State:
    """A dialogue's whole state. `position` the question's id; `lead` text keys said before it; `asks` of it so far.

    `identified` holds in this call, `respondent` over all calls of the check-in; `seq` counts the sets of steps;
    `skipped` questions given up on; `resume_at` where to go once the identity is confirmed again.
    """

    script: str
    version: int
    context: Context
    position: str
    mode: Mode = Mode.ASK
    lead: tuple[str, ...] = ()
    asks: int = 1
    repeats: int = 0
    redos: int = 0
    dials: int = 0
    seq: int = 0
    identified: bool = False
    respondent: Respondent | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    keys: tuple[KeyPress, ...] = ()
    skipped: int = 0
    callback_requested: bool = False
    resume_at: str | None = None
    outcome: Outcome | None = None
    ending: str | None = None
    next_script: str | None = None

    @property
    def answered(self) -> tuple[str, ...]:
        """Ids of the questions that count as answered: CHOICE questions whose answer is confirmed."""
        return tuple(name for name, answer in self.answers.items() if answer.counts and answer.confirmed)

    @property
    def closes_duty(self) -> bool:
        """Identity confirmed and at least one question answered (TELEPHONY §1.4)."""
        return self.respondent is not None and bool(self.answered)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types alone; `from_json` gives an equal State."""
        plain: dict[str, Any] = asdict(self)
        plain["lead"] = list(self.lead)
        plain["keys"] = [asdict(key) for key in self.keys]
        plain["context"]["choices"] = [asdict(choice) for choice in self.context.choices]
        for name in ("mode", "respondent", "outcome"):
            plain[name] = None if plain[name] is None else str(plain[name])
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> State:
        """The State of `to_json`; ValueError names what is missing or unknown."""
        try:
            values = dict(plain)
            context = dict(values.pop("context"))
            context["choices"] = tuple(Choice(**choice) for choice in context.get("choices", ()))
            values["context"] = Context(**context)
            values["mode"] = Mode(values["mode"])
            values["lead"] = tuple(values["lead"])
            values["answers"] = {name: Answer(**answer) for name, answer in values["answers"].items()}
            values["keys"] = tuple(KeyPress(**key) for key in values["keys"])
            values["respondent"] = Respondent(values["respondent"]) if values["respondent"] else None
            values["outcome"] = Outcome(values["outcome"]) if values["outcome"] else None
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored dialogue state: {error}") from error
