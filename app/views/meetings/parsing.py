"""The record as the browser sends it: rows named people-0-name, topics-0-title, resolved-0-text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.msgids import N_
from app.extensions import db
from app.models import Case, Clue, GridNode, Household, Meeting
from app.queries.meetings.subjects import find_household
from app.services.meetings.drafting import Draft, Person, Resolve, Topic
from app.services.meetings.problems import MeetingError
from app.views.guards import whole_number

_ROW = re.compile(r"(people|topics|resolved)-(\d{1,3})-(\w{1,20})")
Rows = dict[str, list[dict[str, str]]]
_MODELS: dict[str, type[Any]] = {"case": Case, "clue": Clue, "household": Household}


def rows_of(form: Mapping[str, str]) -> Rows:
    """The three tables in order, wholly empty rows left out."""
    found: dict[str, dict[int, dict[str, str]]] = {"people": {}, "topics": {}, "resolved": {}}
    for key, value in form.items():
        match = _ROW.fullmatch(key)
        if match:
            found[match[1]].setdefault(int(match[2]), {})[match[3]] = value.strip()
    said = {"people": ("name", "post"), "topics": ("title", "about", "code"), "resolved": ("text", "responsible")}
    return {
        table: [row for _number, row in sorted(rows.items()) if any(row.get(name) for name in said[table])]
        for table, rows in found.items()
    }


def draft_of(form: Mapping[str, str], meeting: Meeting) -> Draft:
    """Raises MeetingError naming field and row for what cannot be read."""
    rows = rows_of(form)
    return Draft(
        held_on=_date(form.get("held_on", ""), "held_on") or meeting.held_on,
        place=form.get("place", "").strip(), chair=form.get("chair", "").strip(),
        recorder=form.get("recorder", "").strip(), minutes=form.get("minutes", ""),
        people=[Person(row.get("name", ""), row.get("post", ""), "present" in row) for row in rows["people"]],
        topics=[_topic(row, meeting.node, at) for at, row in enumerate(rows["topics"], start=1)],
        resolved=[_resolve(row, meeting, at) for at, row in enumerate(rows["resolved"], start=1)],
    )  # fmt: skip


def sheet_of(meeting: Meeting) -> dict[str, Any]:
    """The stored record in the form's own names."""
    return {
        "held_on": meeting.held_on.isoformat(), "place": meeting.place, "chair": meeting.chair,
        "recorder": meeting.recorder, "minutes": meeting.minutes, "revision": meeting.revision,
        "people": [{"name": a.name, "post": a.post, **({"present": "1"} if a.is_present else {})}
                   for a in meeting.attendees],
        "topics": [{"title": item.title, "about": _key_of(item), "words": item.about} for item in meeting.items],
        "resolved": [{"text": r.text, "node": str(r.node_id), "department": str(r.department_id or ""),
                      "responsible": r.responsible, "due_on": r.due_on.isoformat() if r.due_on else ""}
                     for r in meeting.resolutions],
    }  # fmt: skip


def posted_sheet(form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, to be shown again when it could not be kept."""
    names = ("held_on", "place", "chair", "recorder", "minutes", "revision")
    return {**{name: form.get(name, "") for name in names}, **rows_of(form)}


def _key_of(item: Any) -> str:
    for kind in _MODELS:
        key = getattr(item, f"about_{kind}_id")
        if key:
            return f"{kind}:{key}"
    return ""


def _topic(row: Mapping[str, str], node: GridNode, number: int) -> Topic:
    title, code = row.get("title", ""), row.get("code", "")
    if code:
        household = find_household(db.session, node, code)
        if household is None:
            raise MeetingError(N_("Row %(row)d: no household of this unit has this code."), "topics", row=number)
        return Topic(title, "household", household.id, subject_words(household))
    kind, _colon, key = row.get("about", "").partition(":")
    if not kind:
        return Topic(title)
    model = _MODELS.get(kind)
    row_id = whole_number(key)
    found = db.session.get(model, row_id) if model is not None and row_id is not None else None
    if found is None or getattr(found, f"l{node.depth}_id") != node.id:
        raise MeetingError(N_("Row %(row)d: choose a case, clue or household of this unit."), "topics", row=number)
    return Topic(title, kind, found.id, subject_words(found))


def subject_words(row: Any) -> str:
    """A case, clue or household in a line of the record."""
    if isinstance(row, Case):
        return str(_("Case %(number)s: %(name)s", number=row.number, name=row.household.head_name))
    if isinstance(row, Clue):
        return str(_("Clue: %(kind)s, %(name)s", kind=_(label_of(row.kind)), name=row.household.head_name))
    return str(_("Household %(code)s: %(name)s", code=row.code, name=row.head_name))


def _resolve(row: Mapping[str, str], meeting: Meeting, number: int) -> Resolve:
    node, department = row.get("node", ""), row.get("department", "")
    due_on = _date(row.get("due_on", ""), "resolved", number)
    responsible = row.get("responsible", "")
    return Resolve(row.get("text", ""), _id(node) or meeting.node_id, _id(department), responsible, due_on)


def _id(text: str) -> int | None:
    """-1, which no row has, for what is no number."""
    if not text:
        return None
    return whole_number(text, otherwise=-1)


def _date(text: str, field: str, number: int = 0) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        if number:
            raise MeetingError(N_("Row %(row)d: give the day as year, month and day."), field, row=number) from None
        raise MeetingError(N_("Give the day as year, month and day."), field) from None
