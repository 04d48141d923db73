"""How a form is filled: for each form the records it may be made of, and the sheet of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.domain.labels import label_of
from app.domain.masking import mask_id
from app.domain.papers import Facts, Grid, Sheet
from app.domain.papers.registry import BY_CODE
from app.extensions import db
from app.models import GridNode, Household, Member
from app.queries.grid_tree import breadcrumb
from app.queries.policy import rules_for
from app.queries.scope import today
from app.views import dates
from app.views.register.codes import code_words

MOST = 20  # records of one form on the page of papers


@dataclass(frozen=True, slots=True)
class Entry:
    """One sheet that can be printed. `key`: of the record it is filled from."""

    key: int
    words: str


@dataclass(frozen=True, slots=True)
class Builder:
    """`entries`: of a household or a unit, the newest first; `sheet`: None for a record that is unknown, outside the
    reader's area or of another kind."""

    entries: Callable[[Any], list[Entry]]
    sheet: Callable[[int], Sheet | None]


BUILDERS: dict[str, Builder] = {}


def paper(code: str, entries: Callable[[Any], list[Entry]]) -> Callable[[Any], Any]:
    """Register the function as the one that fills `code`."""

    def register(sheet: Callable[[int], Sheet | None]) -> Callable[[int], Sheet | None]:
        BUILDERS[code] = Builder(entries, sheet)
        return sheet

    return register


def title(code: str) -> str:
    return str(_(BY_CODE[code].title))


def list_of(query: Select[Any], words: Callable[[Any], str]) -> list[Entry]:
    """The first records of a selection."""
    return [Entry(row.id, words(row)) for row in db.session.scalars(query.limit(MOST))]


def of_household(model: Any, *order: Any) -> Callable[[Household], Select[Any]]:
    def query(household: Household) -> Select[Any]:
        return select(model).where(model.household_id == household.id).order_by(*order)

    return query


def once(subject: Any) -> list[Entry]:
    """A form that is made of the household or the unit itself."""
    return [Entry(subject.id, dates.civil(today()))]


def unit_words(node_id: int) -> str:
    """'舒城县干汊河镇大院村': the names from the top down."""
    node = db.session.get(GridNode, node_id)
    return "" if node is None else "".join(name for _key, name in breadcrumb(node))


def village_words(row: Any) -> str:
    """The village a record lies in, else its unit: whose seal the paper bears."""
    village = db.session.get(GridNode, row.l3_id) if row.l3_id else None
    return village.name if village is not None else unit_words(row.node_id)


def seal(office: str, on: date | datetime | None = None) -> str:
    day = dates.civil(today()) if on is None else dates.moment(on) if isinstance(on, datetime) else dates.civil(on)
    return f"{office} {_('(seal)')}\n{day}"


def yes_no(value: bool | None) -> str:
    return "" if value is None else _("Yes") if value else _("No")


def head_facts(household: Household, *more: tuple[str, str]) -> Facts:
    """Who the paper is about."""
    people = sum(1 for one in household.members if one.left_on is None)
    return Facts((
        (_("Head of household"), household.head_name), (_("Household code"), household.code),
        (_("Household type"), _(label_of(household.category))), (_("People"), str(people)),
        (_("Unit"), unit_words(household.node_id)), *more,
    ))  # fmt: skip


def risk_words(node_id: int, codes: Sequence[str]) -> str:
    rules = rules_for(node_id, today())
    return "、".join(rules.code_label("risk_kinds", code) for code in codes)


def member_rows(household: Household, *columns: Callable[[Member], str]) -> tuple[tuple[str, ...], ...]:
    """Those who belong to the household now: name, relation, masked number, then `columns`."""
    return tuple(
        (one.name, _(label_of(one.relation)), mask_id(one.id_number) if one.id_number else "",
         *(column(one) for column in columns))
        for one in household.members if one.left_on is None
    )  # fmt: skip


def members(household: Household) -> Grid:
    heads = (_("Name"), _("Relation to the head"), _("ID number"), _("Ability to work"), _("Works where"))
    return Grid(heads, member_rows(household, lambda one: code_words(one.labour_skill, "labour_skills",
                                                                     node_id=one.node_id),
                                   lambda one: one.work_place), title=_("Members of the household"))  # fmt: skip
