"""Registers of what followed: visits, clues, tasks, changes. They change on the pages where the work is done."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder.actions import action
from flask_babel import lazy_gettext as _l

from app.domain.enums import ChangeRequestState, ClueState, VisitChannel, WorkTaskState
from app.domain.labels import LABELS
from app.domain.transitions import can_move, is_terminal
from app.extensions import db
from app.models import ChangeRequest, Clue, Visit, WorkTask
from app.queries.scope import current_access
from app.services import changes, clues, scripts
from app.views.actions import run_each
from app.views.base import PLAIN, GridInterface, ReadOnlyModelView
from app.views.columns import CHANGE_STATE, CLUE_STATE, COLUMNS, TASK_STATE, URGENCY
from app.views.followup_words import NEWS, RESULTS
from app.views.pages_households_timeline import finding_words

RESPONDENTS = {
    "": (_l("Not stated"), PLAIN),
    "head": (_l("Head of household"), PLAIN),
    "member": (_l("Member of the household"), PLAIN),
    "home_side_relative": (_l("Relative at home"), PLAIN),
}
FIELDS = {
    "absence": (_l("Absence"), PLAIN),
    "phone": (_l("Phone"), PLAIN),
    "work_place": (_l("Place of work"), PLAIN),
    "moved": (_l("Moved away"), PLAIN),
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

    def display(self, item: Visit, column: str) -> Any:
        if column != "findings":
            return super().display(item, column)
        return finding_words(scripts.get_current(db.session, "checkin"), item.findings) or None


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

    def action_visible(self, item: Clue, name: str) -> bool:
        wanted = {"assign": ClueState.ASSIGNED, "verify": ClueState.VERIFYING}.get(name)
        return can_move(item.state, wanted) if wanted is not None else not is_terminal(item.state)

    @action("assign", _l("Hand to the grid worker"), "", icon="person-check")
    def assign(self, items: Clue | list[Clue]) -> Any:
        return self._move(items, ClueState.ASSIGNED)

    @action("verify", _l("Verification has begun"), "", icon="search")
    def verify(self, items: Clue | list[Clue]) -> Any:
        return self._move(items, ClueState.VERIFYING)

    @action("settle", _l("Settle the clue"), "", icon="check-lg", multiple=False)
    def settle(self, item: Clue) -> Any:
        return redirect(url_for("Decisions.clue", clue_id=item.id))

    def _move(self, items: Clue | list[Clue], state: ClueState) -> Any:
        def move(clue: Clue) -> None:
            clues.move(db.session, clue.id, state, user_id=current_access().user_id)

        return run_each(self, items, move)


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

    def display(self, item: WorkTask, column: str) -> Any:
        return RESULTS.get(item.result, item.result) if column == "result" else super().display(item, column)

    def action_visible(self, item: WorkTask, name: str) -> bool:
        return item.state is WorkTaskState.OPEN

    @action("close", _l("Close the task"), "", icon="check-lg", multiple=False)
    def close(self, item: WorkTask) -> Any:
        return redirect(url_for("Decisions.task", task_id=item.id))


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
              "source": {c.value: (_l(LABELS[VisitChannel][c]), PLAIN) for c in VisitChannel}}  # fmt: skip

    def display(self, item: ChangeRequest, column: str) -> Any:
        value = super().display(item, column)
        return NEWS.get(value, value) if column in ("old_value", "new_value") else value

    def action_visible(self, item: ChangeRequest, name: str) -> bool:
        return item.state is ChangeRequestState.PENDING

    @action("accept", _l("Accept"), _l("Write these changes into the register?"), icon="check-lg")
    def accept(self, items: ChangeRequest | list[ChangeRequest]) -> Any:
        return self._decide(items, accept=True)

    @action("reject", _l("Reject"), _l("Leave the register as it is?"), icon="x-lg")
    def reject(self, items: ChangeRequest | list[ChangeRequest]) -> Any:
        return self._decide(items, accept=False)

    def _decide(self, items: ChangeRequest | list[ChangeRequest], *, accept: bool) -> Any:
        def decide(request: ChangeRequest) -> None:
            changes.decide(db.session, request.id, accept=accept, user_id=current_access().user_id)

        return run_each(self, items, decide)
