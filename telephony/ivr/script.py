"""A dialogue as data: what is asked, which key means what, and where each key leads (TELEPHONY §1.2–1.3).

A script is immutable and versioned; `parse.py` makes one from YAML and `validate.py` says whether it may be
published. A *target* (`Option.next`, `Branch.then`) is a question's id, "end:<ending id>", or "dial" (the grid worker).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_ASKS = 3
MAX_KEY_QUESTIONS = 7
DIAL_TARGET = "dial"
END_PREFIX = "end:"


class QuestionKind(StrEnum):
    IDENTITY = "identity"  # who is on the line; nothing private is said before it
    CHOICE = "choice"  # a question of the check-in: only these count as answered (TELEPHONY §1.4)
    MENU = "menu"  # leads on, says nothing about the household
    PICK = "pick"  # a menu whose options come from the call: which of several households
    RECORD = "record"  # a spoken message


class Respondent(StrEnum):
    HEAD = "head"
    MEMBER = "member"
    HOME_SIDE_RELATIVE = "home_side_relative"


class Outcome(StrEnum):
    """How a dialogue ended. Whether it closes the duty is `State.closes_duty`, not a matter of the word."""

    COMPLETED = "completed"  # asked to the end
    PARTIAL = "partial"  # identity confirmed and at least one answer, then hung up or fell silent
    IDENTITY_ONLY = "identity_only"  # identity confirmed, no question answered
    SILENT = "silent"  # picked up, pressed nothing: silent is not fine
    REFUSED = "refused"  # hung up on us before saying who they are
    WRONG_PERSON = "wrong_person"
    VOICEMAIL = "voicemail"
    OPTED_OUT = "opted_out"
    CALLBACK_REQUESTED = "callback_requested"  # "not now": asked for another time
    HANDED_OVER = "handed_over"  # put through to the grid worker, who logs the rest
    ROUTED = "routed"  # this script ended by leading into `State.next_script`


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a question. `label` maps a text family (zh, en) to the words for it.

    `risk` a risk code (table in findings.py); `wants` "callback" | "apply"; `info_change` what is new about the
    household ("returned", "returning_soon"); `respondent` confirms the identity.
    """

    digit: str
    value: str
    label: Mapping[str, str]
    next: str
    risk: str | None = None
    respondent: Respondent | None = None
    wants: str | None = None
    info_change: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """What happens on silence or on a wrong key: `say` this text and ask again; after the last ask go to `then`."""

    say: str
    then: str


@dataclass(frozen=True, slots=True)
class Question:
    """`prompt`: text key spoken; `title`: its short form on screens. `timeout_s` seconds of silence per ask.

    A RECORD question has no options and leads to `next`; `max_s` bounds the message. A PICK question's options share
    `next`, and pressing 0 means none of them (`none_next`). `optional` ones do not count as asked in full;
    `on_hangup` overrides the outcome when the line drops here.
    """

    id: str
    kind: QuestionKind
    prompt: str
    title: Mapping[str, str]
    options: tuple[Option, ...]
    timeout: Branch
    invalid: Branch
    timeout_s: int = 6
    max_asks: int = MAX_ASKS
    confirm_risk: bool = True
    optional: bool = False
    next: str | None = None
    none_next: str | None = None
    max_s: int = 60
    on_hangup: Outcome | None = None

    def option(self, digit: str) -> Option | None:
        return next((option for option in self.options if option.digit == digit), None)

    def option_for(self, value: str) -> Option | None:
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True, slots=True)
class Ending:
    """Last words and outcome. `outcome` None: earned by what was answered. `script`: go on in that script instead."""

    id: str
    say: str | None
    outcome: Outcome | None
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How a risk answer is asked back once before it counts (TELEPHONY §1.3)."""

    prompt: str
    yes: str = "1"
    no: str = "2"


@dataclass(frozen=True, slots=True)
class Script:
    """One version of one dialogue.

    `languages` maps a language code ("cmn-CN") to the family of its texts ("zh"); the first is the default.
    `texts` maps text key → family → words with {placeholders} (state.Context). `audio` maps language code → text key
    → URL of a recording that replaces the words. `opening` is said before the first question.
    """

    code: str
    version: int
    languages: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]
    start: str
    questions: tuple[Question, ...]
    endings: Mapping[str, Ending]
    opening: tuple[str, ...] = ()
    confirmation: Confirmation = Confirmation("confirm")
    repeat_key: str = "9"
    worker_key: str = "0"
    audio: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def question(self, question_id: str) -> Question:
        """The question; KeyError when the script has none of that id."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def language_or_default(self, language: str) -> str:
        return language if language in self.languages else next(iter(self.languages))

    def family(self, language: str) -> str:
        return self.languages[self.language_or_default(language)]

    def text(self, key: str, language: str) -> str:
        return self.texts[key][self.family(language)]

    def targets(self, question: Question) -> tuple[str, ...]:
        """Every place `question` can lead to, in script order, each once."""
        found = [option.next for option in question.options]
        found += [target for target in (question.next, question.none_next) if target]
        found += [question.timeout.then, question.invalid.then]
        return tuple(dict.fromkeys(found))
