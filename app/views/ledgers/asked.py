"""Which unit and which day a page of ledgers was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.ledgers.kept import EARLIEST, is_kept_at
from app.domain.ledgers.words import LedgerCode
from app.domain.policy.rules import Ledgers, Rules
from app.extensions import db
from app.models import GridNode
from app.queries import grid_tree
from app.queries.ledgers import Ask, Place, ask_for, find_place, own_places
from app.queries.policy import rules_for
from app.queries.scope import today
from app.views import dates
from app.views.guards import whole_number


@dataclass(frozen=True, slots=True)
class Asked:
    """`problem`: why the day that was typed cannot be used, in the reader's language; then today is shown."""

    place: Place
    as_of: date
    rules: Rules
    problem: str = ""
    typed: str = ""

    def ask(self, *, masked: bool = True) -> Ask:
        return ask_for(self.place, self.as_of, masked=masked)

    @property
    def is_kept(self) -> bool:
        return is_kept_at(self.ledgers, self.place.kind, self.place.kinds[: self.place.depth - 1])

    @property
    def ledgers(self) -> Ledgers:
        return self.rules.ledgers

    @property
    def args(self) -> dict[str, Any]:
        return {"node": self.place.id, "as_of": self.as_of.isoformat()}


def read_asked(values: Mapping[str, str] | None = None) -> Asked | None:
    """From the query string or `values`; None for somebody who serves no unit. 404 for a unit out of reach."""
    given: Mapping[str, str] = request.args if values is None else values
    place = _place(given.get("node", ""))
    if place is None:
        return None
    typed = given.get("as_of", "").strip()
    as_of, problem = read_day(typed)
    return Asked(place, as_of, rules_for(place.id, as_of), problem, typed)


def _place(text: str) -> Place | None:
    if not text:
        served = own_places(db.session)
        return served[0] if served else None
    key = whole_number(text)
    return (find_place(db.session, key) if key is not None else None) or abort(404)


def read_day(typed: str) -> tuple[date, str]:
    """(the day, what is wrong with it)."""
    now = today()
    if not typed:
        return now, ""
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return now, str(_("“%(typed)s” is no day. Choose a day in the calendar; today is shown.", typed=typed[:20]))
    if on > now:
        return now, str(_("%(day)s has not come yet. Choose today or an earlier day; today is shown.",
                          day=dates.civil(on)))  # fmt: skip
    if on < EARLIEST:
        return now, str(_("Nothing was registered on %(day)s. Choose a later day; today is shown.",
                          day=dates.civil(on)))  # fmt: skip
    return on, ""


def read_code(text: str) -> LedgerCode:
    """404 for an unknown ledger."""
    return LedgerCode(text) if text in set(LedgerCode) else abort(404)


def crumbs(asked: Asked, endpoint: str, **args: Any) -> list[dict[str, Any]]:
    """From the top of the grid to the unit; names out of the reader's reach are plain words."""
    node = db.session.get_one(GridNode, asked.place.id)
    found = []
    for node_id, name in grid_tree.breadcrumb(node):
        reach = node_id == asked.place.id or find_place(db.session, node_id) is not None
        href = url_for(endpoint, node=node_id, as_of=asked.as_of.isoformat(), **args) if reach else None
        found.append({"label": name, "href": href})
    if found:
        found[-1]["href"] = None
    return found


def units_below(place: Place) -> list[tuple[int, str]]:
    """(id, name) of the units right below, by code."""
    query = select(GridNode.id, GridNode.name).where(GridNode.parent_id == place.id, GridNode.is_active)
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(GridNode.code))]


def choices(place: Place) -> list[tuple[int, str]]:
    """The units somebody serves, where these are several."""
    served = own_places(db.session)
    return [(one.id, one.name) for one in served] if len(served) > 1 else []
