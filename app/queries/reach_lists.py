"""The rows behind a number: pages of households and of calls, in the order they were planned or made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import select

from app.domain.enums import ContactState, Disposition, ExclusionReason, HouseholdCategory
from app.models import Attempt, Contact, Household
from app.queries.household_file_places import names_of
from app.queries.reach import ContactFilter, count_contacts, read
from app.queries.reach_calls import CallFilter, CallResult, count_calls, result_of

T = TypeVar("T")
PAGE = 50
_BLOCK = 2_000  # rows a statement while a list is written to a sheet


@dataclass(frozen=True, slots=True)
class ContactLine:
    """`place`: the names of the unit and those above it, below the county."""

    contact_id: int
    household_id: int
    code: str
    name: str
    category: HouseholdCategory
    place: str
    state: ContactState
    disposition: Disposition
    exclusion: ExclusionReason | None
    attempts: int
    next_at: datetime | None
    closed_at: datetime | None
    through: str


@dataclass(frozen=True, slots=True)
class CallLine:
    attempt: Attempt
    household: str
    place: str
    result: CallResult


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `number` counts from 1."""

    lines: list[T]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


_COLUMNS = (
    Contact.id, Contact.household_id, Household.code, Household.head_name, Household.category, Contact.state,
    Contact.disposition, Contact.exclusion, Contact.attempts_made, Contact.next_attempt_at, Contact.closed_at,
    Contact.closed_channel, Contact.l1_id, Contact.l2_id, Contact.l3_id, Contact.l4_id, Contact.l5_id,
)  # fmt: skip


def page_of_contacts(chosen: ContactFilter, number: int) -> Page[ContactLine]:
    """A page beyond the last one shows the last one."""
    total = count_contacts(chosen)
    number = min(number, max(1, -(-total // PAGE)))
    return Page(_contacts(chosen, after=None, offset=(number - 1) * PAGE, limit=PAGE), total, number)


def iterate_contacts(chosen: ContactFilter) -> Iterator[ContactLine]:
    """All of them, block by block along the key, so that a county needs no more memory than a village."""
    after = 0
    while block := _contacts(chosen, after=after, offset=0, limit=_BLOCK):
        yield from block
        after = block[-1].contact_id


def _contacts(chosen: ContactFilter, *, after: int | None, offset: int, limit: int) -> list[ContactLine]:
    query = select(*_COLUMNS).join(Household, Household.id == Contact.household_id).where(*chosen.conditions())
    if after is not None:
        query = query.where(Contact.id > after)
    rows = read(query.order_by(Contact.id).limit(limit).offset(offset), Contact)
    names = names_of({key for row in rows for key in row[12:] if key is not None})
    return [ContactLine(*(*row[:5], _place(row[12:], names), *row[5:11], row[11] or "")) for row in rows]


def page_of_calls(chosen: CallFilter, number: int) -> Page[CallLine]:
    """Newest first."""
    total = count_calls(chosen)
    number = min(number, max(1, -(-total // PAGE)))
    query = select(Attempt, Household.head_name).join(Household, Household.id == Attempt.household_id)
    query = query.where(*chosen.conditions()).order_by(Attempt.id.desc()).limit(PAGE).offset((number - 1) * PAGE)
    rows = read(query, Attempt)
    chains = [(row.l1_id, row.l2_id, row.l3_id, row.l4_id, row.l5_id) for row, _ in rows]
    names = names_of({key for chain in chains for key in chain if key is not None})
    lines = [
        CallLine(attempt, name, _place(chain, names), result_of(attempt.outcome))
        for (attempt, name), chain in zip(rows, chains, strict=True)
    ]
    return Page(lines, total, number)


def _place(chain: tuple[int | None, ...], names: dict[int, str]) -> str:
    return " ".join(names[key] for key in chain[1:] if key in names)
