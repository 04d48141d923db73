"""Forms 1 and 2: a visit, and a contact over another channel (D4-26, D4-27)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.domain.enums import VisitChannel
from app.domain.labels import label_of
from app.domain.papers import Facts, Grid, Sheet, Signs, Words
from app.extensions import db
from app.models import Household, Visit
from app.services.duties.visit_form import visit_form
from app.views import dates
from app.views.pages_worklist_cards import sheet_of
from app.views.papers.build import Entry, head_facts, list_of, paper, title

_HOME = (VisitChannel.IN_PERSON, VisitChannel.MEETING)


def _visits(household: Household, *, home: bool) -> Select[Any]:
    here = Visit.channel.in_(_HOME) if home else Visit.channel.not_in(_HOME)
    query = select(Visit).where(Visit.household_id == household.id, Visit.withdrawn_at.is_(None), here)
    return query.order_by(Visit.happened_at.desc(), Visit.id.desc())


def _words(visit: Visit) -> str:
    return f"{dates.moment(visit.happened_at)} {_(label_of(visit.channel))}"


def _home(household: Household) -> list[Entry]:
    return list_of(_visits(household, home=True), _words)


def _other(household: Household) -> list[Entry]:
    return list_of(_visits(household, home=False), _words)


@paper("visit", _home)
def visit(key: int) -> Sheet | None:
    found = _visit(key, home=True)
    return (
        None
        if found is None
        else _sheet(
            found,
            "visit",
            (_("Signature of the household"), _("Signature of the visitor"), _("Received by the village archive")),
        )
    )


@paper("contact", _other)
def contact(key: int) -> Sheet | None:
    found = _visit(key, home=False)
    return None if found is None else _sheet(found, "contact", (_("Recorded by"), _("Received by the village archive")))


def _visit(key: int, *, home: bool) -> Visit | None:
    found = db.session.get(Visit, key)
    return found if found is not None and (found.channel in _HOME) is home and found.withdrawn_at is None else None


def _sheet(found: Visit, code: str, signs: tuple[str, ...]) -> Sheet:
    facts = Facts((
        (_("Time"), dates.moment(found.happened_at)), (_("Channel"), _(label_of(found.channel))),
        (_("Spoke to"), said("respondent", found.respondent)), (_("By"), found.worker.name if found.worker else ""),
    ))  # fmt: skip
    return Sheet(title(code), (head_facts(found.household), facts, answers(found),
                               Words(found.note or "—", _("What else was found")), Signs(signs)),
                 number=f"{found.happened_at.year}-{found.id:08d}")  # fmt: skip


def answers(found: Visit) -> Grid:
    """Question, answer, and whether it hints at a risk."""
    rows = [(question(one.get("question", "")), said(one.get("question", ""), one.get("value")),
             _("Yes") if one.get("risk") else "") for one in found.findings]  # fmt: skip
    return Grid((_("Asked"), _("Answer"), _("Hint at a risk")), tuple(rows), title=_("What was asked"),
                spare=0 if rows else 4)  # fmt: skip


def question(name: str) -> str:
    found = next((one for one in sheet_of(visit_form())["questions"] if one["name"] == name), None)
    return str(found["title"]) if found else name


def said(name: str, value: Any) -> str:
    """A stored answer as the form words it; the bare value where the form no longer knows it."""
    if value in (None, ""):
        return ""
    sheet = sheet_of(visit_form())
    fields = {one["name"]: one for one in (*sheet["questions"], {**sheet["identity"], "name": "respondent"})}
    options = fields.get(name, {"options": []})["options"]
    return str(next((one["label"] for one in options if one["value"] == value), value))
