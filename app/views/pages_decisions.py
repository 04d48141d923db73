"""Decisions that need a word: settle a clue, close a task, call a number again, move a household, close a unit.

Each is one page with the record's facts above a short form; the service decides, and the reason stands in the trail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.domain.enums import ClueState, WorkTaskState
from app.domain.labels import label_of
from app.domain.transitions import InvalidTransition, can_move
from app.extensions import db
from app.models import Clue, GridNode, Household, OptOut, WorkTask
from app.queries.scope import current_access
from app.security import audit
from app.security.roles import COUNTY, FIELD, STAFF, VILLAGE
from app.services import clues, grid_nodes, opt_outs, worklist
from app.views import cells, dates
from app.views.base import GridInterface
from app.views.followup_words import CLOSINGS
from app.views.relations import AjaxRelField

OPEN = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING)
_LONGEST_RESULT, _LONGEST_REASON = 400, 200


def _reason() -> Any:
    return StringField(_l("Why"), [DataRequired(), Length(max=_LONGEST_REASON)], render_kw={"autocomplete": "off"},
                       description=_l("Your name, the time and the reason are recorded."))  # fmt: skip


class ReasonForm(FlaskForm):
    reason = _reason()


class ClueForm(FlaskForm):
    state = SelectField(_l("What did you find?"), [DataRequired()])
    result = TextAreaField(_l("What was found"), [DataRequired(), Length(max=_LONGEST_RESULT)])


class TaskForm(FlaskForm):
    result = SelectField(_l("What came of it?"), [DataRequired()],
                         choices=lambda: [SelectChoice(value, words) for value, words in CLOSINGS.items()])  # fmt: skip
    reason = _reason()


class MoveHouseholdForm(FlaskForm):
    node = AjaxRelField(_l("New unit"), [DataRequired()], datamodel=GridInterface(GridNode),
                        endpoint="GridNodeView.lookup", description=_l("Type the name or the code."))  # fmt: skip
    reason = _reason()


class Decisions(BaseView):
    """GET and POST /decide/…; who may is stated per decision, on which rows the row scope says."""

    route_base = "/decide"
    default_view = "clue"
    permitted_roles: ClassVar = {
        "can_settle_clue": FIELD | STAFF, "can_close_task": VILLAGE | STAFF, "can_revoke_opt_out": STAFF,
        "can_move_household": STAFF, "can_close_node": COUNTY,
    }  # fmt: skip

    @expose("/clue/<int:clue_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("settle_clue")
    def clue(self, clue_id: int) -> Any:
        clue = db.session.get(Clue, clue_id) or abort(404)
        back = url_for("ClueView.show", pk=clue_id)
        offered = [state for state in ClueState if state not in OPEN and _can_reach(clue.state, state)]
        if not offered:
            return self._too_late(back)
        form = ClueForm()
        form.state.choices = [SelectChoice(state.value, _(label_of(state))) for state in offered]
        facts = [(_("Household"), cells.household_cell(clue.household_id)), (_("Clue"), _(label_of(clue.kind))),
                 (_("Details"), clue.detail)]  # fmt: skip

        def settle() -> None:
            state = ClueState(form.state.data)
            if not can_move(clue.state, state):  # found out at once: the step in between is taken in the same breath
                clues.move(db.session, clue.id, ClueState.VERIFYING, user_id=current_access().user_id)
            clues.move(db.session, clue.id, state, user_id=current_access().user_id, result=form.result.data or "")

        return self._decide(form, settle, back, title=_("Settle the clue"), facts=facts, button=_("Settle"))

    @expose("/task/<int:task_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("close_task")
    def task(self, task_id: int) -> Any:
        task = db.session.get(WorkTask, task_id) or abort(404)
        back = url_for("WorkTaskView.show", pk=task_id)
        if task.state is not WorkTaskState.OPEN:
            return self._too_late(back)
        form = TaskForm()
        facts = [(_("Household"), cells.household_cell(task.household_id)), (_("Task"), _(label_of(task.kind)))]

        def close() -> None:
            state = WorkTaskState.DONE if form.result.data == "done" else WorkTaskState.DROPPED
            worklist.close_task(db.session, task.id, result=form.result.data, user_id=current_access().user_id,
                                state=state)  # fmt: skip
            audit.record("task_closed", "work_task", task.id, household_id=task.household_id, node_id=task.node_id,
                         reason=form.reason.data or "")  # fmt: skip

        return self._decide(form, close, back, title=_("Close the task"), facts=facts, button=_("Close the task"))

    @expose("/opt-out/<int:opt_out_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("revoke_opt_out")
    def opt_out(self, opt_out_id: int) -> Any:
        entry = db.session.get(OptOut, opt_out_id) or abort(404)
        back = url_for("OptOutView.show", pk=opt_out_id)
        if entry.revoked_at is not None:
            return self._too_late(back)
        form = ReasonForm()
        facts = [(_("Number ends in"), entry.tail), (_("Since"), dates.moment(entry.at))]

        def revoke() -> None:
            opt_outs.revoke(db.session, entry.e164_hash)
            audit.record("opt_out_revoked", "opt_out", entry.id, reason=form.reason.data or "")

        hint = _("Only when the person has asked for it.")
        return self._decide(form, revoke, back, title=_("Call this number again"), facts=facts, hint=hint,
                            button=_("May be called again"))  # fmt: skip

    @expose("/household/<int:household_id>/move", methods=["GET", "POST"])
    @has_access
    @permission_name("move_household")
    def move_household(self, household_id: int) -> Any:
        household = db.session.get(Household, household_id) or abort(404)
        form = MoveHouseholdForm()
        facts = [(_("Household"), household.head_name), (_("Code"), household.code),
                 (_("Present unit"), cells.unit_cell(household.node))]  # fmt: skip

        def move() -> None:
            node: Any = form.node.data
            grid_nodes.move_household(db.session, household, node, form.reason.data or "")

        hint = _("Its people, phones, contacts, visits and tasks move with it.")
        return self._decide(form, move, url_for("HouseholdFile.index", household_id=household_id),
                            title=_("Move to another unit"), facts=facts, hint=hint, button=_("Move"))  # fmt: skip

    @expose("/unit/<int:node_id>/close", methods=["GET", "POST"])
    @has_access
    @permission_name("close_node")
    def close_node(self, node_id: int) -> Any:
        node = db.session.get(GridNode, node_id) or abort(404)
        back = url_for("GridTreeView.show", node_id=node_id)
        if not node.is_active:
            return self._too_late(back)
        form = ReasonForm()
        facts = [(_("Unit"), cells.unit_cell(node)), (_("Code"), node.code)]

        def close() -> None:
            grid_nodes.close_node(db.session, node, form.reason.data or "")

        hint = _("Only an empty unit can be closed: no household and no unit in use below it. It stays on record.")
        return self._decide(form, close, back, title=_("Close this unit"), facts=facts, hint=hint,
                            button=_("Close this unit"), tone="danger")  # fmt: skip

    def _decide(
        self, form: Any, act: Callable[[], None], back: str, *, title: str, facts: list[tuple[str, Any]], button: str,
        hint: str = "", tone: str = "primary",
    ) -> Any:  # fmt: skip
        """The form; once it is complete, `act`, commit and back to the record. A refusal is shown above the form."""
        if form.validate_on_submit():
            try:
                act()
            except InvalidTransition:
                db.session.rollback()
                return self._too_late(back)
            except grid_nodes.GridError as error:
                db.session.rollback()
                flash(_(str(error)), "warning")
            else:
                db.session.commit()
                flash(_("Saved."), "success")
                return redirect(back)
        return self.render_template("decisions/form.html", form=form, title=title, facts=facts, hint=hint, back=back,
                                    button=button, tone=tone)  # fmt: skip

    def _too_late(self, back: str) -> Any:
        flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
        return redirect(back)


def _can_reach(present: ClueState, wanted: ClueState) -> bool:
    """At once, or through verifying."""
    through = can_move(present, ClueState.VERIFYING) and can_move(ClueState.VERIFYING, wanted)
    return can_move(present, wanted) or through


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(Decisions)
