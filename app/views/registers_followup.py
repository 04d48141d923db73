"""Registers of what followed: visits, clues, tasks, changes. They change on the pages where the work is done."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.enums import ChangeRequestState, ClueState, VisitChannel, WorkTaskState
from app.domain.labels import LABELS
from app.domain.register.fields import FieldError
from app.domain.transitions import InvalidTransition, can_move, is_terminal
from app.extensions import db
from app.models import ChangeRequest, Clue, Visit, WorkTask
from app.queries.scope import current_access
from app.services import changes, clues, scripts
from app.services.register.applying import may_decide
from app.views.actions import run_each
from app.views.base import PLAIN, GridInterface, ReadOnlyModelView
from app.views.columns import CHANGE_STATE, CLUE_STATE, COLUMNS, TASK_STATE, URGENCY
from app.views.followup_words import NEWS, RESULTS, found_words
from app.views.pages_households_timeline import finding_words
from app.views.register.roles import own_roles

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
    list_columns = ["household", "kind", "source", "state", "urgency", "is_away", "raised_at"]
    show_columns = ["household", "kind", "source", "state", "urgency", "is_away", "detail",
                    "raised_at", "result", "settled_at"]  # fmt: skip
    search_columns = ["kind", "source", "state", "urgency", "is_away", "raised_at"]
    order_columns = ["raised_at"]
    badges = {"state": CLUE_STATE, "urgency": URGENCY}

    def action_visible(self, item: Clue, name: str) -> bool:
        wanted = {"assign": ClueState.ASSIGNED, "verify": ClueState.VERIFYING}.get(name)
        return can_move(item.state, wanted) if wanted is not None else not is_terminal(item.state)

    def display(self, item: Clue, column: str) -> Any:
        if column == "result":
            return found_words(item.result) or None
        value = super().display(item, column)
        if column != "kind" or not self.appbuilder.sm.has_access("can_read", "CluePage"):
            return value
        return Markup('<a href="{}">{}</a>').format(url_for("CluePage.index", clue_id=item.id), value)

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
        """Each field says who decides on it; a rejection is written on the household's file, where its reason is."""
        return item.state is ChangeRequestState.PENDING and may_decide(item, own_roles())

    @action("accept", _l("Accept"), _l("Write these changes into the register?"), icon="check-lg")
    def accept(self, items: ChangeRequest | list[ChangeRequest]) -> Any:
        def accept(request: ChangeRequest) -> None:
            before = request.state
            try:
                with db.session.begin_nested():
                    changes.decide(db.session, request.id, accept=True, user_id=current_access().user_id)
            except FieldError as error:  # the register has moved on, or can no longer hold the value
                flash(f"{_(error.message)} {_(error.remedy, **error.values)}", "warning")
                raise InvalidTransition(before, ChangeRequestState.ACCEPTED) from error

        return run_each(self, items, accept)

    @action("reject", _l("Reject"), "", icon="x-lg", multiple=False)
    def reject(self, item: ChangeRequest) -> Any:
        return redirect(url_for("HouseholdFile.index", household_id=item.household_id, _anchor="changes"))
