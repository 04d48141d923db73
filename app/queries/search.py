"""Finding a household by what a person remembers of it: a name, its pinyin initials, its code, the end of a number.

Each way of matching is one query over its own index, capped; an OR over four tables would scan them all. Every query
runs on the session and so stays inside the current access.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app.domain.phones import PhoneError, parse_phone
from app.extensions import db
from app.models import Contact, Household, Member, Phone
from app.models.types import cipher
from app.queries.household_file_places import places_of

CAP = 500  # hits; who has more has typed too little
PAGE = 20
LONGEST = 64  # characters of a query that are looked at
_TAIL = re.compile(r"\d{4}")
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Hit:
    """`contact`: the check-in of the asked quarter, None when none was planned."""

    household: Household
    place: str
    contact: Contact | None


@dataclass(frozen=True)
class Result:
    """One page of hits. `total` counts all of them up to CAP; `capped`: there are more."""

    hits: list[Hit]
    total: int
    capped: bool
    page: int
    pages: int


def normalise(text: str) -> str:
    """Full-width letters and digits to plain ones; spaces inside a Chinese name fall away (an input method's habit)."""
    text = " ".join(unicodedata.normalize("NFKC", text).replace("\x00", "").split())[:LONGEST]
    return text if text.isascii() else text.replace(" ", "")


def search(text: str, quarter: str, page: int = 1) -> Result:
    """Households that match `text`, the closest first. `quarter` like "2026Q4". A page too far shows the last one."""
    text = normalise(text)
    ids: dict[int, None] = {}
    if text:
        for matcher in _matchers(text):
            ids.update(dict.fromkeys(matcher))
            if len(ids) > CAP:
                break
    found = list(ids)[:CAP]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, page), pages)
    hits = _load(found[(page - 1) * PAGE : page * PAGE], quarter)
    return Result(hits, len(found), len(ids) > CAP, page, pages)


def _matchers(text: str) -> Iterator[list[int]]:
    if text.isdigit() and _TAIL.fullmatch(text):
        yield _by_phone(Phone.tail == text)
    digits = re.sub(r"[\s\-()+]", "", text)
    if digits.isdigit() and len(digits) >= 7:
        yield from _by_whole_number(text)
    if text.isascii():
        letters = text.replace(" ", "")
        if letters.isalpha():
            yield _households(_prefix(Household.head_initials, letters.lower()))
        yield _households(_prefix(Household.code, text))
        yield _households(_prefix(Household.code, text.upper()))
    yield _households(Household.head_name == text)
    yield _households(_prefix(Household.head_name, text))
    yield _by_member(_prefix(Member.name, text))
    if not text.isascii() and len(text) >= 2:  # a given name without the surname
        yield _households(Household.head_name.contains(text, autoescape=True))


def _prefix(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """LIKE 'text%' that SQLite, too, answers from the index: its LIKE ignores case and therefore never uses one."""
    like = column.startswith(text, autoescape=True)
    if db.session.get_bind().dialect.name == "sqlite":
        return and_(column >= text, column < text + _LAST, like)
    return like


def _households(criterion: ColumnElement[bool]) -> list[int]:
    query = select(Household.id).where(criterion).order_by(Household.head_name, Household.code)
    return list(db.session.scalars(query.limit(CAP + 1)))


def _by_phone(criterion: ColumnElement[bool]) -> list[int]:
    query = select(Phone.household_id).where(criterion).order_by(Phone.priority, Phone.household_id)
    return list(db.session.scalars(query.limit(CAP + 1)))


def _by_member(criterion: ColumnElement[bool]) -> list[int]:
    query = select(Member.household_id).where(criterion).order_by(Member.name, Member.household_id)
    return list(db.session.scalars(query.limit(CAP + 1)))


def _by_whole_number(text: str) -> Iterator[list[int]]:
    """Numbers lie encrypted; a whole one is found by its blind hash, a part of one cannot be."""
    try:
        number = parse_phone(text)
    except PhoneError:
        return
    yield _by_phone(Phone.e164_hash == cipher.blind(number.e164))


def _load(ids: list[int], quarter: str) -> list[Hit]:
    query = select(Household).where(Household.id.in_(ids))
    options = (selectinload(Household.phones), selectinload(Household.absences), selectinload(Household.members))
    households = {row.id: row for row in db.session.scalars(query.options(*options))}
    due = select(Contact).where(Contact.household_id.in_(ids), Contact.quarter == quarter)
    contacts = {contact.household_id: contact for contact in db.session.scalars(due)}
    places = places_of(households.values())
    rows = [households[key] for key in ids if key in households]
    return [Hit(row, places[row.node_id], contacts.get(row.id)) for row in rows]
