"""Merging, splitting and moving units: choose, see what is carried along, decide once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.enums import Duty, UnitKind
from app.domain.labels import choices_of, label_of
from app.extensions import db
from app.models import Assignment, GridChange, GridNode, Household
from app.queries.grid_care import impact
from app.queries.scope import ScopeError, today
from app.security.roles import COUNTY, READERS, STAFF
from app.services.grid_care import restructure
from app.services.grid_care.restructure import Decision, NewUnit, Part
from app.services.grid_nodes import GridError
from app.views import cells
from app.views.grid_care.page import CarePage, TokenForm, day_field, page_of, reason_field, unit_field

MOST_PARTS = 6


class ChangeForm(TokenForm):
    on = day_field(_l("Holds from"), required=True, default=today)
    reason = reason_field()

    def decision(self) -> Decision:
        return Decision(self.token_value(), self.reason.data or "", self.on.data)


class MergeForm(ChangeForm):
    sources = SelectMultipleField(
        _l("Units to merge"),
        [DataRequired()],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    into = SelectField(_l("They become"), [DataRequired()])
    name = StringField(_l("Name of the new unit"), [Optional(), Length(max=64)], render_kw={"autocomplete": "off"})
    code = StringField(
        _l("Code of the new unit"),
        [Optional(), Length(max=20)],
        render_kw={"autocomplete": "off"},
        description=_l("Empty: the next free one."),
    )


class MoveForm(ChangeForm):
    parent = unit_field(_l("New parent"))


class GridChanges(CarePage):
    """GET and POST /grid-changes/…: the preview is the form's own page; the POST with `confirm` decides."""

    route_base = "/grid-changes"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_change": STAFF, "can_move": COUNTY}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Merge, split, move"))
        query = select(GridChange).where(getattr(GridChange, f"l{node.depth}_id") == node.id)
        rows, page, pages, total = page_of(query.order_by(GridChange.id.desc()))
        cells.load(rows, ["node"])
        return self.render_template(
            "grid_care/changes.html",
            node=node,
            rows=rows,
            page=page,
            pages=pages,
            total=total,
            place=cells.unit_cell,
            crumbs=self.crumbs(node, "GridChanges.index"),
            words=lambda one: _(label_of(one)),
            may_change=self.may("can_change"),
            may_move=self.may("can_move"),
        )

    @expose("/merge/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("change")
    def merge(self, node_id: int) -> Any:
        """`node_id`: one of the units; offered are those of its level in its township."""
        node = self.unit(node_id)
        level = f"l{2 if node.depth > 2 else 1}_id"
        same = select(GridNode).where(
            GridNode.depth == node.depth, GridNode.is_active, getattr(GridNode, level) == getattr(node, level)
        )
        offered = sorted(db.session.scalars(same), key=lambda one: (one.parent_id != node.parent_id, one.code))
        cells.load([_Row(one) for one in offered], ["node"])
        form = MergeForm(data=None if request.method == "POST" else {"sources": [node.id]})
        form.sources.choices = [SelectChoice(one.id, cells.unit_cell(one)) for one in offered]
        form.into.choices = [
            SelectChoice("", _("Please choose")),
            SelectChoice("new", _("a new unit")),
            *(SelectChoice(str(one.id), cells.unit_cell(one)) for one in offered),
        ]

        def act() -> GridChange:
            units = [self.unit(key) for key in form.sources.data]
            if form.into.data == "new":
                assert node.parent is not None
                into: Any = NewUnit(node.parent, form.name.data or "", form.code.data or "")
            else:
                into = self.unit(int(form.into.data))
            return restructure.merge(db.session, units, into, form.decision())

        def carried() -> list[GridNode]:
            into = form.into.data or ""
            return [one for one in offered if one.id in form.sources.data and str(one.id) != into]

        return self.decide(form, act, carried, node, _("Merge units"), _("Merge"))

    @expose("/move/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("move")
    def move(self, node_id: int) -> Any:
        node, form = self.unit(node_id), MoveForm()

        def act() -> GridChange:
            parent: Any = form.parent.data
            return restructure.move(db.session, node, parent, form.decision())

        return self.decide(form, act, lambda: [node], node, _("Move a unit"), _("Move"))

    @expose("/split/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("change")
    def split(self, node_id: int) -> Any:
        """A table of the households, units and workers of the unit, each with the part it goes to."""
        node, form = self.unit(node_id), ChangeForm()
        number = request.values.get("parts", "2")
        count = min(MOST_PARTS, max(2, int(number))) if number.isascii() and number.isdigit() and len(number) < 3 else 2
        rows = _Shares(node, count)
        if request.method == "POST":
            rows.read(request.form)
            if form.validate_on_submit() and request.form.get("confirm") == "1":
                done = self.attempt(lambda: restructure.split(db.session, node, rows.parts(), form.decision()))
                if done is not None:
                    return redirect(url_for("GridUnits.show", node_id=node.id))
        kinds = [(value, _(msgid)) for value, msgid in choices_of(UnitKind)]
        return self.render_template(
            "grid_care/split.html",
            node=node,
            form=form,
            rows=rows,
            count=count,
            kinds=kinds,
            impact=impact.of([node]),
            words=lambda one: _(label_of(one)),
            crumbs=self.crumbs(node, "GridChanges.index"),
        )

    def unit(self, node_id: int) -> GridNode:
        node = self.node(node_id)
        return node if node.is_active and node.parent_id is not None else abort(404)

    def attempt(self, act: Callable[[], GridChange]) -> GridChange | None:
        """Decide and commit; None when it was refused and why was said."""
        try:
            change = act()
        except ScopeError:
            db.session.rollback()
            abort(404)
        except GridError as error:
            db.session.rollback()
            flash(_(str(error)), "warning")
            return None
        db.session.commit()
        flash(_("Done. What the people must be told waits under Publicity."), "success")
        return change

    def decide(
        self,
        form: Any,
        act: Callable[[], GridChange],
        carried: Callable[[], list[GridNode]],
        node: GridNode,
        title: str,
        button: str,
    ) -> Any:
        """First POST: tried and rolled back, so that one knows what stands in the way and what moves. Then: decided."""
        preview = None
        if form.validate_on_submit():
            if request.form.get("confirm") == "1":
                if (change := self.attempt(act)) is not None:
                    return redirect(url_for("GridUnits.show", node_id=change.node_id))
            else:
                preview = self.tried(act, carried)
        return self.render_template(
            "grid_care/change.html",
            form=form,
            node=node,
            title=title,
            button=button,
            preview=preview,
            crumbs=self.crumbs(node, "GridChanges.index"),
        )

    def tried(self, act: Callable[[], GridChange], carried: Callable[[], list[GridNode]]) -> impact.Impact | None:
        counted = impact.of(units) if (units := carried()) else None
        try:
            with db.session.begin_nested() as trial:
                act()
                trial.rollback()
        except ScopeError:
            db.session.rollback()
            abort(404)
        except GridError as error:
            db.session.rollback()
            flash(_(str(error)), "warning")
            return None
        db.session.rollback()
        return counted


class _Row:
    """What cells.load reads of a row."""

    def __init__(self, node: GridNode) -> None:
        self.node = node


class _Shares:
    """Who goes to which part (0 = not chosen yet), as posted: `h<id>`, `u<id>`, `a<id>`, `name<n>`, `kind<n>`."""

    def __init__(self, node: GridNode, count: int) -> None:
        living = select(Household).where(Household.node_id == node.id, Household.gone_on.is_(None))
        below = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active).order_by(GridNode.code)
        serving = (
            select(Assignment)
            .where(
                Assignment.node_id == node.id,
                Assignment.duty.in_((Duty.GRID_WORKER, Duty.NEIGHBOUR_LEAD)),
                or_(Assignment.to_on.is_(None), Assignment.to_on >= today()),
            )
            .options(selectinload(Assignment.worker))
        )
        self.households = list(db.session.scalars(living.order_by(Household.address, Household.code)))
        self.units = list(db.session.scalars(below))
        self.workers = list(db.session.scalars(serving.order_by(Assignment.id)))
        self.count, self.chosen = count, dict[str, int]()
        self.names, self.kinds = [""] * count, [UnitKind.SPLIT.value] * count

    def read(self, posted: Any) -> None:
        for key in (
            *(f"h{one.id}" for one in self.households),
            *(f"u{one.id}" for one in self.units),
            *(f"a{one.id}" for one in self.workers),
        ):
            value = posted.get(key, "")
            self.chosen[key] = int(value) if value in {str(n) for n in range(1, self.count + 1)} else 0
        self.names = [posted.get(f"name{n}", "").strip()[:64] for n in range(1, self.count + 1)]
        self.kinds = [posted.get(f"kind{n}", UnitKind.SPLIT.value) for n in range(1, self.count + 1)]

    def left_over(self) -> int:
        return sum(1 for one in self.households if not self.chosen.get(f"h{one.id}"))

    def parts(self) -> list[Part]:
        def ids(mark: str, rows: list[Any], part: int) -> list[int]:
            return [one.id for one in rows if self.chosen.get(f"{mark}{one.id}") == part]

        kinds = set(UnitKind)
        return [
            Part(
                self.names[n - 1],
                ids("h", self.households, n),
                ids("u", self.units, n),
                ids("a", self.workers, n),
                kind=UnitKind(self.kinds[n - 1]) if self.kinds[n - 1] in kinds else UnitKind.SPLIT,
            )
            for n in range(1, self.count + 1)
        ]
