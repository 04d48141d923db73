"""Is the grid complete: what is missing below a village, township or county, each number with its list, and urging."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.domain.grid_care.words import Gap, GridTaskState
from app.domain.labels import label_of
from app.extensions import db
from app.models import GridNode, GridTask
from app.queries.grid_care import completeness
from app.queries.scope import today
from app.security.roles import STAFF
from app.services.grid_care import tasks
from app.views import cells
from app.views.grid_care.page import LEADERS, LOOKERS, CarePage, chosen, day_field, page_of

MOST_LISTED = 500
_USUAL_DAYS = 14  # proposed in the form, freely changed there


class UrgeForm(FlaskForm):
    due_on = day_field(_l("To be mended by"), required=True, default=lambda: today() + timedelta(days=_USUAL_DAYS))
    text = StringField(_l("What is to be done"), [Length(max=400)], render_kw={"autocomplete": "off"})


class CloseForm(FlaskForm):
    result = TextAreaField(_l("What was done"), [DataRequired(), Length(max=400)])


class GridCheck(CarePage):
    """GET /grid-check/?node=&gap=; POST urges the units of one gap."""

    route_base = "/grid-check"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": LOOKERS, "can_urge": STAFF, "can_close": LEADERS}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Is the grid complete"))
        check, gap = completeness.check(node), chosen(Gap, "gap")
        listed = completeness.of_gap(check.findings, gap) if gap else []
        open_tasks = select(GridTask).where(
            getattr(GridTask, f"l{node.depth}_id") == node.id, GridTask.state == GridTaskState.OPEN
        )
        cells.load(listed[:MOST_LISTED], ["node"])
        return self.render_template(
            "grid_care/check.html",
            node=node,
            check=check,
            gap=gap,
            listed=listed[:MOST_LISTED],
            hidden=max(0, len(listed) - MOST_LISTED),
            gaps=[(one, _(label_of(one)), check.totals[one]) for one in Gap],
            place=cells.unit_cell,
            form=UrgeForm(),
            crumbs=self.crumbs(node, "GridCheck.index"),
            may_urge=self.may("can_urge"),
            day=today(),
            tasks=len(db.session.scalars(open_tasks).all()),
        )

    @expose("/urge/<int:node_id>/<string:word>", methods=["POST"])
    @has_access
    @permission_name("urge")
    def urge(self, node_id: int, word: str) -> Any:
        """A task at each unit of the list that has none open."""
        node, form = self.node(node_id), UrgeForm()
        gap = Gap(word) if word in {one.value for one in Gap} else abort(404)
        back = url_for("GridCheck.index", node=node.id, gap=gap.value)
        if not form.validate_on_submit():
            self.refuse(form)
            return redirect(back)
        found = completeness.of_gap(completeness.check(node).findings, gap)

        def act() -> None:
            tasks.urge(db.session, [finding.node for finding in found], gap, form.due_on.data, form.text.data or "")

        self.do(act, errors=(tasks.TaskError,))
        return redirect(back)

    @expose("/tasks")
    @has_access
    @permission_name("read")
    def tasks(self) -> Any:
        """What units were urged to mend; `?all=1` shows the closed ones too."""
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Grid tasks"))
        query = select(GridTask).where(getattr(GridTask, f"l{node.depth}_id") == node.id)
        with_closed = request.args.get("all") == "1"
        if not with_closed:
            query = query.where(GridTask.state == GridTaskState.OPEN)
        rows, page, pages, total = page_of(query.order_by(GridTask.state.desc(), GridTask.due_on, GridTask.id))
        cells.load(rows, ["node"])
        return self.render_template(
            "grid_care/tasks.html",
            node=node,
            rows=rows,
            page=page,
            pages=pages,
            total=total,
            crumbs=self.crumbs(node, "GridCheck.tasks"),
            with_closed=with_closed,
            day=today(),
            place=cells.unit_cell,
            words=lambda one: _(label_of(one)),
            may_close=self.may("can_close"),
        )

    @expose("/tasks/<int:task_id>/close", methods=["GET", "POST"])
    @has_access
    @permission_name("close")
    def close(self, task_id: int) -> Any:
        task: GridTask = db.session.get(GridTask, task_id) or abort(404)
        form = CloseForm()
        unit: GridNode = task.node
        facts = [
            (_("Unit"), cells.unit_cell(unit)),
            (_("What is missing"), _(label_of(task.gap))),
            (_("What is to be done"), task.text),
        ]
        return self.form_page(
            form,
            lambda: tasks.close(db.session, task, form.result.data or ""),
            url_for("GridCheck.tasks"),
            errors=(tasks.TaskError,),
            title=_("Close the task"),
            button=_("Close the task"),
            facts=facts,
        )

    def refuse(self, form: Any) -> None:
        flash(" ".join(f"{form[name].label.text}: {errors[0]}" for name, errors in form.errors.items()), "warning")
