"""Rounds of call-backs about recorded visits: how they are told from check-ins, who is asked, what an answer means."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.domain.supervision.words import CallbackResult

SCRIPT = "visit_check"
VISITED, IN_PERSON = "visited", "in_person"  # questions of the script
LARGEST = 500
_CODE = re.compile(r"V[0-9]{5}")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def round_code(number: int) -> str:
    """What stands where a check-in names its quarter. No quarter is written so: whatever asks for the contact of a
    quarter never finds a call-back, which therefore closes no duty and is counted in no rate."""
    if not 1 <= number <= 99_999:
        raise ValueError(f"round {number} is not one of 1 to 99999")
    return f"V{number:05d}"


def is_round(code: str) -> bool:
    return _CODE.fullmatch(code) is not None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded visit that may be asked about. `household`: its code."""

    visit_id: int
    household: str
    happened_at: datetime


def choose(visits: Iterable[Recorded], seed: str, size: int) -> list[Recorded]:
    """`size` visits, one a household, in drawn order: the same for a seed, whatever ids the database gave."""
    chosen: dict[str, Recorded] = {}
    for one in sorted(visits, key=lambda one: (_place(seed, one), one.visit_id)):
        chosen.setdefault(one.household, one)
        if len(chosen) == size:
            break
    return list(chosen.values())


def _place(seed: str, one: Recorded) -> str:
    moment = one.happened_at.astimezone(CHINA).isoformat(timespec="seconds")
    return hashlib.sha256(f"{seed}\x1f{one.household}\x1f{moment}".encode()).hexdigest()


def result_of(answers: Mapping[str, str], is_over: bool) -> CallbackResult:
    """What a household said of a visit that was recorded as made in person. `answers`: question → value."""
    visited = answers.get(VISITED)
    if visited == "no" or (visited == "yes" and answers.get(IN_PERSON) == "no"):
        return CallbackResult.NOT_CONFIRMED
    if visited == "yes":
        return CallbackResult.CONFIRMED
    if visited is not None:
        return CallbackResult.UNSURE
    return CallbackResult.NOT_REACHED if is_over else CallbackResult.WAITING


def month_words(happened_at: datetime, language: str) -> str:
    """As the call says it: 11月, or November to a household that is called in English (`language` like en-US)."""
    month = happened_at.astimezone(CHINA).month
    return _MONTHS[month - 1] if language.startswith("en") else f"{month}月"


_ASK_FIRST = "请先核实，再作判断。"
NOBODY_CAME = f"回访核实与走访记录不一致。户上电话答复：没有人来走访或联系。{_ASK_FIRST}"
NOT_AT_HOME = f"回访核实与走访记录不一致。户上电话答复：没有上门。{_ASK_FIRST}"
# Kept with the issue in the language of the township's files; what a reader of English is shown instead.
CONTRADICTIONS = {
    NOBODY_CAME: N_("The household said on the telephone that nobody came or got in touch, against the record. "
                    "Look into it first, then decide."),
    NOT_AT_HOME: N_("The household said on the telephone that nobody came to the house, against the record. "
                    "Look into it first, then decide."),
}  # fmt: skip


def contradiction(answers: Mapping[str, str]) -> str:
    """What is kept of answers that come to NOT_CONFIRMED."""
    return NOBODY_CAME if answers.get(VISITED) == "no" else NOT_AT_HOME
