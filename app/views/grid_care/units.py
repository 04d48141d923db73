"""The dossier of a unit: what it covers, its other names and codes, its lineage, its sub-areas."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.enums import UnitKind
from app.domain.labels import choices_of, label_of
from app.extensions import db
from app.models import CoveredPlace, GridNode, GridWorker, NetworkCode, NodeAlias, NodeLineage, SubArea
from app.queries import grid_tree
from app.queries.household_file_places import names_of
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import STAFF, VILLAGE
from app.services.grid_care import details, sub_areas
from app.services.grid_care.details import DetailError, Details
from app.services.grid_care.sub_areas import SubAreaError
from app.views.base import GridInterface
from app.views.grid_care.page import LOOKERS, CarePage, day_field
from app.views.relations import AjaxRelField


class DetailForm(FlaskForm):
    unit_kind = SelectField(_l("Kind of unit"), [DataRequired()])
    boundary = TextAreaField(
        _l("Boundary"), [Length(max=1000)], description=_l("In words: where it ends in the four directions.")
    )
    point = StringField(
        _l("Point on the map"),
        [Optional(), Length(max=60)],
        render_kw={"autocomplete": "off"},
        description=_l("Latitude and longitude in degrees, such as 31.46, 116.93."),
    )
    organisation = StringField(_l("Run by"), [Optional(), Length(max=80)])
    covered = TextAreaField(
        _l("Villager groups and natural villages it covers"),
        [Length(max=4000)],
        description=_l("One a line; put * after one that is covered in part."),
    )
    aliases = TextAreaField(
        _l("Other names"), [Length(max=4000)], description=_l("One a line; each is found by the search.")
    )


class SubAreaForm(FlaskForm):
    name = StringField(_l("Name of the sub-area"), [DataRequired(), Length(max=64)], render_kw={"autocomplete": "off"})
    worker = AjaxRelField(
        _l("Responsible person"),
        [DataRequired()],
        datamodel=GridInterface(GridWorker),
        endpoint="GridWorkerView.lookup",
    )
    units = SelectMultipleField(
        _l("Units in it"),
        [DataRequired()],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    on = day_field(_l("From"), required=True, default=today)


class LastDayForm(FlaskForm):
    on = day_field(_l("Last day"), required=True, default=today)


class GridUnits(CarePage):
    """GET and POST /grid-units/<id>…"""

    route_base = "/grid-units"
    default_view = "show"
    permitted_roles: ClassVar = {"can_read": LOOKERS, "can_describe": VILLAGE | STAFF, "can_group": VILLAGE | STAFF}

    @expose("/<int:node_id>")
    @has_access
    @permission_name("read")
    def show(self, node_id: int) -> Any:
        node = self.node(node_id)
        rules = rules_for(node.id, today())

        def rows(model: Any) -> list[Any]:
            return list(db.session.scalars(select(model).where(model.node_id == node.id).order_by(model.id)))

        areas = rows(SubArea) if node.depth >= 2 else []
        return self.render_template(
            "grid_care/unit.html",
            node=node,
            crumbs=self.crumbs(node, "GridCheck.index"),
            kind=_(label_of(node.unit_kind)),
            aliases=rows(NodeAlias),
            covered=rows(CoveredPlace),
            networks=rows(NetworkCode),
            rules=rules,
            areas=areas,
            lineage=self.lineage(node),
            workers=grid_tree.list_workers(node),
            words=lambda one: _(label_of(one)),
            may_describe=self.may("can_describe"),
            may_group=self.may("can_group"),
            may_change=self.may("can_change", "GridChanges"),
        )

    def lineage(self, node: GridNode) -> list[dict[str, Any]]:
        """What it became and what it came from, oldest first."""
        query = select(NodeLineage).where(or_(NodeLineage.node_id == node.id, NodeLineage.into_id == node.id))
        lines = list(db.session.scalars(query.order_by(NodeLineage.on, NodeLineage.id)))
        names = names_of(key for line in lines for key in (line.node_id, line.into_id))
        return [{"line": one, "old": names.get(one.node_id, "—"), "new": names.get(one.into_id, "—")} for one in lines]

    @expose("/<int:node_id>/edit", methods=["GET", "POST"])
    @has_access
    @permission_name("describe")
    def edit(self, node_id: int) -> Any:
        node = self.node(node_id)
        known, codes = details.describe(db.session, node), rules_for(node.id, today()).codes.get("networks", ())
        form = _with_networks(codes, known["networks"])(
            data={
                "unit_kind": node.unit_kind.value,
                "boundary": node.boundary,
                "organisation": node.organisation,
                "point": "" if node.latitude is None else f"{node.latitude}, {node.longitude}",
                "covered": "\n".join(known["covered"]),
                "aliases": "\n".join(known["aliases"]),
            }
        )
        form.unit_kind.choices = [SelectChoice(value, _(msgid)) for value, msgid in choices_of(UnitKind)]

        def save() -> None:
            kind = UnitKind(form.unit_kind.data)
            covered = UnitKind.GROUP if kind is UnitKind.ADMIN else kind
            details.save(
                db.session,
                node,
                Details(
                    form.boundary.data or "",
                    form.organisation.data or "",
                    details.parse_point(form.point.data or ""),
                    kind,
                    details.parse_names(form.aliases.data or ""),
                    details.parse_covered(form.covered.data or "", covered),
                    _networks_of(form, codes),
                ),
            )

        return self.form_page(
            form,
            save,
            url_for("GridUnits.show", node_id=node.id),
            errors=(DetailError,),
            title=node.name,
            button=_("Save"),
            hint=node.code,
        )

    @expose("/<int:node_id>/sub-areas/new", methods=["GET", "POST"])
    @has_access
    @permission_name("group")
    def new_area(self, node_id: int) -> Any:
        village, form = self.node(node_id), SubAreaForm()
        self.offer_units(form, village)

        def save() -> None:
            area = sub_areas.open_area(db.session, village, form.name.data or "", form.on.data)
            self.fill(area, form)

        return self.form_page(
            form,
            save,
            url_for("GridUnits.show", node_id=village.id),
            errors=(SubAreaError,),
            title=_("New sub-area"),
            button=_("Save"),
            hint=village.name,
        )

    @expose("/sub-areas/<int:area_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("group")
    def area(self, area_id: int) -> Any:
        """Other units or another person from a day on."""
        area: SubArea = db.session.get(SubArea, area_id) or abort(404)
        open_units = [one.node_id for one in area.units if one.to_on is None]
        lead = next((one.worker for one in area.leads if one.to_on is None), None)
        form = SubAreaForm(data={"name": area.name, "units": open_units, "worker": lead, "on": today()})
        del form.name
        self.offer_units(form, area.node)
        return self.form_page(
            form,
            lambda: self.fill(area, form),
            url_for("GridUnits.show", node_id=area.node_id),
            errors=(SubAreaError,),
            title=area.name,
            button=_("Save"),
            hint=_("What was before stays on record."),
        )

    @expose("/sub-areas/<int:area_id>/close", methods=["GET", "POST"])
    @has_access
    @permission_name("group")
    def close_area(self, area_id: int) -> Any:
        area: SubArea = db.session.get(SubArea, area_id) or abort(404)
        form, back = LastDayForm(), url_for("GridUnits.show", node_id=area.node_id)
        if area.to_on is not None:
            return redirect(back)
        return self.form_page(
            form,
            lambda: sub_areas.close_area(db.session, area, form.on.data),
            back,
            errors=(SubAreaError,),
            title=_("Close the sub-area"),
            button=_("Close"),
            tone="danger",
            facts=[(_("Sub-area"), area.name)],
        )

    def offer_units(self, form: Any, village: GridNode) -> None:
        below = select(GridNode).where(GridNode.parent_id == village.id, GridNode.is_active).order_by(GridNode.code)
        form.units.choices = [SelectChoice(one.id, one.name) for one in db.session.scalars(below)]

    def fill(self, area: SubArea, form: Any) -> None:
        units = [self.node(key) for key in form.units.data]
        sub_areas.set_units(db.session, area, units, form.on.data)
        sub_areas.set_lead(db.session, area, form.worker.data, form.on.data)


def _with_networks(codes: Any, known: dict[str, str]) -> Any:
    """The form with a tick and a code for each network of the policy's list."""
    fields: dict[str, Any] = {}
    belonging = [SelectChoice("", _("Not a grid of this network")), SelectChoice("1", _("Also its grid"))]
    for code in codes:
        fields[f"member_{code.code}"] = SelectField(
            code.label, default="1" if code.code in known else "", choices=belonging
        )
        fields[f"network_{code.code}"] = StringField(
            _("Code in %(network)s", network=code.label),
            [Optional(), Length(max=40)],
            default=known.get(code.code, ""),
            render_kw={"autocomplete": "off"},
        )
    return type("UnitForm", (DetailForm,), fields)


def _networks_of(form: Any, codes: Any) -> dict[str, str]:
    """A code alone says that the unit belongs to the network."""
    typed = {code.code: form[f"network_{code.code}"].data or "" for code in codes}
    return {key: value for key, value in typed.items() if value.strip() or form[f"member_{key}"].data}
