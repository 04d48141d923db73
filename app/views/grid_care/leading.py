"""领导小组: who holds which post, from when to when, and form 25 to print (D2-42)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.domain.grid_care.words import LeadingPost
from app.domain.labels import choices_of, label_of
from app.extensions import db
from app.models import LeadingMember
from app.queries.scope import today
from app.security.roles import STAFF
from app.services.grid_care import supervision
from app.services.grid_care.supervision import SupervisionError
from app.views.grid_care.page import LOOKERS, CarePage, day_field


class MemberForm(FlaskForm):
    post = SelectField(_l("Post in the group"), [DataRequired()])
    name = StringField(_l("Name of the person"), [DataRequired(), Length(max=40)], render_kw={"autocomplete": "off"})
    title = StringField(_l("Office held"), [Optional(), Length(max=80)], render_kw={"autocomplete": "off"})
    from_on = day_field(_l("From"), required=True, default=today)
    to_on = day_field(_l("Until"))
    position = IntegerField(_l("Place in the list"), [Optional(), NumberRange(1, 999)], default=100)


class EndForm(FlaskForm):
    to_on = day_field(_l("Last day"), required=True, default=today)


class LeadingGroup(CarePage):
    """GET and POST /leading-group/…"""

    route_base = "/leading-group"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": LOOKERS, "can_appoint": STAFF}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        """`?past=1`: those who left, too. Printed it is form 25."""
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Leading group"))
        query = select(LeadingMember).where(LeadingMember.node_id == node.id)
        past = request.args.get("past") == "1"
        if not past:
            query = query.where(or_(LeadingMember.to_on.is_(None), LeadingMember.to_on >= today()))
        order = list(LeadingPost)
        members = sorted(db.session.scalars(query), key=lambda one: (order.index(one.post), one.position, one.id))
        groups = [(_(label_of(post)), [one for one in members if one.post is post]) for post in order]
        return self.render_template(
            "grid_care/leading.html",
            node=node,
            groups=groups,
            day=today(),
            past=past,
            crumbs=self.crumbs(node, "LeadingGroup.index"),
            may_appoint=self.may("can_appoint"),
        )

    @expose("/new/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("appoint")
    def appoint(self, node_id: int) -> Any:
        node, form = self.node(node_id), MemberForm()
        form.post.choices = [SelectChoice(value, _(msgid)) for value, msgid in choices_of(LeadingPost)]

        def save() -> None:
            supervision.appoint(
                db.session,
                node,
                LeadingPost(form.post.data),
                form.name.data or "",
                form.title.data or "",
                form.from_on.data,
                form.to_on.data,
                form.position.data or 100,
            )

        return self.form_page(
            form,
            save,
            url_for("LeadingGroup.index", node=node.id),
            errors=(SupervisionError,),
            title=_("New member"),
            button=_("Save"),
            hint=node.name,
        )

    @expose("/<int:member_id>/end", methods=["GET", "POST"])
    @has_access
    @permission_name("appoint")
    def end(self, member_id: int) -> Any:
        member: LeadingMember = db.session.get(LeadingMember, member_id) or abort(404)
        form = EndForm()
        return self.form_page(
            form,
            lambda: supervision.end_post(db.session, member, form.to_on.data),
            url_for("LeadingGroup.index", node=member.node_id),
            errors=(SupervisionError,),
            title=_("End the post"),
            button=_("Save"),
            facts=[(_("Name of the person"), member.name), (_("Post in the group"), _(label_of(member.post)))],
        )
