"""The form of a reporter without a log-in: few fields, all checked at once, nothing typed is lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.enums import ClueKind
from app.domain.id_numbers import IdError, parse_id_number
from app.domain.msgids import N_

LONGEST_NAME, LONGEST_VILLAGE, LONGEST_WORDS = 40, 80, 500
FIELDS = ("person", "id_number", "village", "kind", "seen_on", "words")
Problem = tuple[str, str]  # what is wrong, what to do: English msgids
PROBLEMS: Mapping[str, Problem] = {
    "person": (N_("The person's name is missing or too long."), N_("Write the name of whom it is about.")),
    "village": (N_("The village is missing or too long."), N_("Write the village the family lives in.")),
    "kind": (N_("What happened is missing."), N_("Choose the one that fits best.")),
    "seen_on": (N_("This is not a day up to today."), N_("Choose the day on which it happened or was seen.")),
    "words": (N_("A short account is missing or too long."), N_("Write up to 500 characters.")),
    "signs": (N_("The text contains signs that cannot be stored."), N_("Type it again.")),
}


@dataclass(frozen=True, slots=True)
class Report:
    """A form without faults."""

    person: str
    id_number: str
    village: str
    kind: ClueKind
    words: str
    seen_on: date | None = None


class ReportError(ValueError):
    """`problems`: field → (what is wrong, what to do). Never repeats what was typed."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


def read_report(given: Mapping[str, str], *, today: date) -> Report:
    """The ID number and the day may be left out; all else is needed. Raises ReportError with every fault."""
    text = {name: unicodedata.normalize("NFC", given.get(name, "")).replace("\r\n", "\n").strip() for name in FIELDS}
    wrong: dict[str, Problem] = {name: PROBLEMS["signs"] for name, value in text.items() if _has_signs(value)}
    for name, most in (("person", LONGEST_NAME), ("village", LONGEST_VILLAGE), ("words", LONGEST_WORDS)):
        if not 0 < len(text[name]) <= most:
            wrong[name] = PROBLEMS[name]
    kind = next((one for one in ClueKind if one.value == text["kind"]), None)
    if kind is None:
        wrong["kind"] = PROBLEMS["kind"]
    number = _id_number(text["id_number"], today, wrong)
    seen = _day(text["seen_on"], today, wrong)
    if wrong or kind is None:
        raise ReportError(wrong)
    return Report(text["person"], number, text["village"], kind, text["words"], seen)


def _id_number(text: str, today: date, wrong: dict[str, Problem]) -> str:
    if not text:
        return ""
    try:
        return parse_id_number(text[:60], today).number
    except IdError as error:
        wrong["id_number"] = (error.message, error.remedy)
        return ""


def _day(text: str, today: date, wrong: dict[str, Problem]) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        wrong["seen_on"] = PROBLEMS["seen_on"]
        return None
    if day > today:
        wrong["seen_on"] = PROBLEMS["seen_on"]
    return day


def _has_signs(text: str) -> bool:
    return any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text)
