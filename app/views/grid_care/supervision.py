"""定期督导: when each village last looked after its groups, what was found, what is to be looked at again (D0-35)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.grid_care.codes import level_of_code
from app.domain.grid_care.sizes import supervision_days
from app.extensions import db
from app.models import GridNode, GridSupervision, GridSupervisionUnit
from app.queries.grid_care.completeness import unit_level
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import STAFF, VILLAGE
from app.services.grid_care import supervision
from app.services.grid_care.supervision import Sheet, SupervisionError
from app.views import cells
from app.views.grid_care.page import LEADERS, LOOKERS, CarePage, TokenForm, day_field, page_of

MOST_LISTED = 40


class SupervisionForm(TokenForm):
    held_on = day_field(_l("Day"), required=True, default=today)
    by_name = StringField(_l("By whom"), [DataRequired(), Length(max=80)], render_kw={"autocomplete": "off"})
    units = SelectMultipleField(
        _l("Units looked at"),
        [DataRequired()],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    found = TextAreaField(_l("What was found"), [DataRequired(), Length(max=4000)])
    advice = TextAreaField(_l("What is to be mended"), [Length(max=4000)])
    follow_up_on = day_field(_l("Looked at again on"))


class FollowUpForm(FlaskForm):
    on = day_field(_l("Day"), required=True, default=today)
    note = TextAreaField(_l("What was found"), [DataRequired(), Length(max=400)])


class GridSupervisions(CarePage):
    """GET and POST /grid-supervision/…"""

    route_base = "/grid-supervision"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": LOOKERS, "can_record": LEADERS, "can_follow_up": VILLAGE | STAFF}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Supervision of groups"))
        query = select(GridSupervision).where(getattr(GridSupervision, f"l{node.depth}_id") == node.id)
        rows, page, pages, total = page_of(query.order_by(GridSupervision.held_on.desc(), GridSupervision.id.desc()))
        rules = rules_for(node.id, today())
        waiting = self.waiting(node, supervision_days(rules))
        cells.load(rows, ["node"])
        cells.load([_Unit(unit) for unit, _last in waiting[:MOST_LISTED]], ["node"])
        return self.render_template(
            "grid_care/supervision.html",
            node=node,
            rows=rows,
            page=page,
            pages=pages,
            total=total,
            day=today(),
            crumbs=self.crumbs(node, "GridSupervisions.index"),
            place=cells.unit_cell,
            waiting=waiting[:MOST_LISTED],
            waiting_count=len(waiting),
            days=supervision_days(rules),
            may_record=self.may("can_record"),
            may_follow=self.may("can_follow_up"),
        )

    def waiting(self, top: GridNode, days: int) -> list[tuple[GridNode, Any]]:
        """(unit, last supervised on) of the units nobody of the village looked at for longer than the rule allows."""
        column = f"l{top.depth}_id"
        last = (
            select(GridSupervisionUnit.node_id, func.max(GridSupervision.held_on))
            .join(GridSupervision, GridSupervision.id == GridSupervisionUnit.supervision_id)
            .where(getattr(GridSupervisionUnit, column) == top.id)
            .group_by(GridSupervisionUnit.node_id)
        )
        seen = dict(db.session.execute(last).all())
        nodes = select(GridNode).where(getattr(GridNode, column) == top.id, GridNode.is_active).order_by(GridNode.code)
        wanted, oldest = unit_level(rules_for(top.id, today())), today() - timedelta(days=days)
        units = [one for one in db.session.scalars(nodes) if level_of_code(one.code) is wanted]
        return [(one, seen.get(one.id)) for one in units if (seen.get(one.id) or oldest - timedelta(1)) < oldest]

    @expose("/new/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("record")
    def record(self, node_id: int) -> Any:
        village, form = self.node(node_id), SupervisionForm()
        below = (
            select(GridNode)
            .where(GridNode.path.startswith(village.path), GridNode.id != village.id, GridNode.is_active)
            .order_by(GridNode.code)
            .limit(300)
        )
        form.units.choices = [SelectChoice(one.id, one.name) for one in db.session.scalars(below)]

        def save() -> None:
            units = [self.node(key) for key in form.units.data]
            supervision.record(
                db.session,
                village,
                Sheet(
                    form.token_value(),
                    form.held_on.data,
                    form.by_name.data or "",
                    units,
                    form.found.data or "",
                    form.advice.data or "",
                    form.follow_up_on.data,
                ),
            )

        return self.form_page(
            form,
            save,
            url_for("GridSupervisions.index", node=village.id),
            errors=(SupervisionError,),
            title=_("Record a supervision"),
            button=_("Save"),
            hint=village.name,
        )

    @expose("/<int:record_id>/follow-up", methods=["GET", "POST"])
    @has_access
    @permission_name("follow_up")
    def follow_up(self, record_id: int) -> Any:
        row: GridSupervision = db.session.get(GridSupervision, record_id) or abort(404)
        form = FollowUpForm()
        facts = [
            (_("Unit"), cells.unit_cell(row.node)),
            (_("What was found"), row.found),
            (_("What is to be mended"), row.advice),
        ]
        return self.form_page(
            form,
            lambda: supervision.follow_up(db.session, row, form.on.data, form.note.data or ""),
            url_for("GridSupervisions.index", node=row.node_id),
            errors=(SupervisionError,),
            title=_("Record the second look"),
            button=_("Save"),
            facts=facts,
        )


class _Unit:
    """What cells.load reads of a row."""

    def __init__(self, node: GridNode) -> None:
        self.node = node
