"""How a record is sealed: SHA-256 over one fixed form of what was said, who was there and what was resolved (D4-16).

Each record of a unit's book also covers the seal of the one before it, and each addendum the seal before it, so that
nothing can be changed, taken out or put in between without a later seal failing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

FORM = "shouwang-minutes-1"  # names the form, so that a later one can be told from it
SHORT = 12  # hex digits shown; the whole seal is what is compared


@dataclass(frozen=True, slots=True)
class Attendance:
    name: str
    post: str
    present: bool


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    about: str  # "case:12", "clue:5", "household:3" or ""


@dataclass(frozen=True, slots=True)
class Resolved:
    text: str
    unit: str
    department: str
    responsible: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Record:
    """Everything of a meeting that its seal covers. `number`: its place in the book of `unit` and `year`."""

    unit: str
    year: int
    number: int
    kind: str
    title: str
    held_on: date
    place: str
    chair: str
    recorder: str
    minutes: str
    attendance: tuple[Attendance, ...]
    topics: tuple[Topic, ...]
    resolved: tuple[Resolved, ...]
    previous: str  # seal of the record before it in the book, "" for the first


def seal_of(record: Record) -> str:
    """64 hex digits."""
    return _digest({"form": FORM, **asdict(record)})


def seal_of_addendum(text: str, number: int, previous: str) -> str:
    """`previous`: the seal it follows, that of the record itself for the first addendum."""
    return _digest({"form": FORM, "addendum": number, "text": text, "previous": previous})


def _digest(facts: dict[str, object]) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)
    return hashlib.sha256(text.encode()).hexdigest()


def short(seal: str) -> str:
    """For people: '3F2A 91C0 77BE'."""
    head = seal[:SHORT].upper()
    return " ".join(head[at : at + 4] for at in range(0, len(head), 4))


@dataclass(frozen=True, slots=True)
class Link:
    """One sealed thing: what was stored for it, and what its present content gives."""

    number: int
    stored: str
    stored_previous: str
    computed: str


def first_broken(links: Sequence[Link]) -> int | None:
    """The number of the first link whose seal fails or that does not follow the one before; None when all hold.

    A number that is left out breaks the chain at the link behind it.
    """
    previous, expected = "", 1
    for link in links:
        if link.stored != link.computed or link.stored_previous != previous or link.number != expected:
            return link.number
        previous, expected = link.stored, expected + 1
    return None


def addenda_hold(seal: str, addenda: Iterable[tuple[int, str, str, str]]) -> bool:
    """(number, text, stored previous, stored seal) in order: does each follow, from the record's own seal on?"""
    previous, expected = seal, 1
    for number, text, stored_previous, stored in addenda:
        good = number == expected and stored_previous == previous
        if not good or stored != seal_of_addendum(text, number, previous):
            return False
        previous, expected = stored, expected + 1
    return True
