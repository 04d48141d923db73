"""Registers of what followed: visits, clues, tasks, changes. They change on the pages where the work is done."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.enums import VisitChannel
from app.domain.labels import LABELS
from app.models import ChangeRequest, Clue, Visit, WorkTask
from app.views.base import GridInterface, ReadOnlyModelView
from app.views.columns import CHANGE_STATE, CLUE_STATE, COLUMNS, TASK_STATE, URGENCY

RESPONDENTS = {
    "": (_l("Not stated"), "neutral"),
    "head": (_l("Head of household"), "neutral"),
    "member": (_l("Member of the household"), "neutral"),
    "home_side_relative": (_l("Relative at home"), "neutral"),
}
FIELDS = {
    "absence": (_l("Absence"), "neutral"),
    "phone": (_l("Phone"), "neutral"),
    "work_place": (_l("Place of work"), "neutral"),
}


class VisitView(ReadOnlyModelView):
    """Every contact with a household. New ones are logged from the task list or the household's file."""

    datamodel = GridInterface(Visit)
    route_base = "/visits"
    list_title, show_title = _l("Visits"), _l("Visit")
    label_columns = COLUMNS | {"findings": _l("Findings")}
    list_columns = ["household", "channel", "happened_at", "respondent", "worker", "closes_duty"]
    show_columns = ["household", "channel", "happened_at", "respondent", "worker", "findings", "note", "closes_duty"]
    search_columns = ["channel", "happened_at", "respondent", "closes_duty"]
    order_columns = ["happened_at"]
    badges = {"respondent": RESPONDENTS}

    def display(self, item: Any, column: str) -> Any:
        if column != "findings":
            return super().display(item, column)
        risk = _("risk")
        parts = (f"{f.get('question')}: {f.get('value')}{f' ({risk})' if f.get('risk') else ''}" for f in item.findings)
        return "; ".join(parts) or None


class ClueView(ReadOnlyModelView):
    datamodel = GridInterface(Clue)
    route_base = "/clues"
    list_title, show_title = _l("Clues"), _l("Clue")
    label_columns = COLUMNS
    list_columns = ["household", "kind", "source", "state", "urgency", "raised_at"]
    show_columns = ["household", "kind", "source", "state", "urgency", "detail", "raised_at", "result", "settled_at"]
    search_columns = ["kind", "source", "state", "urgency", "raised_at"]
    order_columns = ["raised_at"]
    badges = {"state": CLUE_STATE, "urgency": URGENCY}


class WorkTaskView(ReadOnlyModelView):
    datamodel = GridInterface(WorkTask)
    route_base = "/tasks"
    list_title, show_title = _l("Tasks"), _l("Task")
    label_columns = COLUMNS
    list_columns = ["household", "kind", "state", "due_on", "created_at"]
    show_columns = ["household", "kind", "state", "due_on", "created_at", "closed_at", "result"]
    search_columns = ["kind", "state", "due_on", "created_at"]
    order_columns = ["due_on", "created_at", "rank"]
    badges = {"state": TASK_STATE}


class ChangeRequestView(ReadOnlyModelView):
    """News about a household. The old and new values are personal: they stand on the record's page alone."""

    datamodel = GridInterface(ChangeRequest)
    route_base = "/changes"
    list_title, show_title = _l("Changes to the register"), _l("Change")
    label_columns = COLUMNS
    list_columns = ["household", "field", "source", "state", "created_at"]
    show_columns = ["household", "field", "old_value", "new_value", "source", "state", "created_at", "decided_at",
                    "note"]  # fmt: skip
    search_columns = ["field", "state", "created_at"]
    order_columns = ["created_at"]
    badges = {"state": CHANGE_STATE, "field": FIELDS,
              "source": {c.value: (_l(LABELS[VisitChannel][c]), "neutral") for c in VisitChannel}}  # fmt: skip
