"""政策宣传: what was explained where, to how many people, and what they were in need of (D3-23)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.enums import ClueKind
from app.domain.grid_care.words import NeedAnswer, PublicityChannel, PublicityKind
from app.domain.labels import choices_of, label_of
from app.extensions import db
from app.models import GridNode, Household, PublicityRecord
from app.queries.grid_care.policy_talks import Count, count_by_unit, talks_of
from app.queries.scope import today
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.grid_care import policy_talks as service
from app.services.grid_care.publicity import LONGEST, PublicityError
from app.views import cells, dates
from app.views.base import GridInterface
from app.views.duties import scope
from app.views.grid_care.page import CarePage, day_field, page_of, photo_answer
from app.views.kept_files import sent_photo
from app.views.monthly.words import around, month_of_request
from app.views.relations import AjaxRelField

_WORDS = 2000


class TalkForm(FlaskForm):
    what = TextAreaField(_l("What was explained"), [DataRequired(), Length(max=LONGEST)],
                         description=_l("The policy and how one gets it. Nothing of any household."))  # fmt: skip
    channels = SelectMultipleField(_l("In which way"), [DataRequired()], widget=ListWidget(prefix_label=False),
                                   option_widget=CheckboxInput())  # fmt: skip
    on = day_field(_l("Day"), required=True, default=today)
    place = StringField(_l("Where"), [Optional(), Length(max=120)], render_kw={"autocomplete": "off"})
    reached = IntegerField(_l("How many people"), [Optional()],
                           description=_l("Present or visited. May stay empty where nobody counted."))  # fmt: skip
    photo = FileField(_l("Photo"), render_kw={"accept": "image/jpeg,image/png"}, description=_l(
        "JPEG or PNG. Place and time that the camera wrote into it are taken out."))  # fmt: skip


class NeedForm(FlaskForm):
    words = TextAreaField(_l("What was said, and what was done"), [DataRequired(), Length(max=_WORDS)])
    answer = RadioField(_l("What was done about it"), [InputRequired()])
    household = AjaxRelField(_l("Household"), [Optional()], datamodel=GridInterface(Household),
                             endpoint="HouseholdView.lookup",
                             description=_l("Needed where it is reported: it becomes a clue."))  # fmt: skip
    kind = SelectField(_l("What the need is about"), [Optional()])


class PolicyTalks(CarePage):
    """GET /policy-talks/…; POST what was explained, and what was heard."""

    route_base = "/policy-talks"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_record": FIELD | STAFF}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        """`?node=`, `?month=`: counted by unit, then one by one."""
        node, month = self.node_or_own(), month_of_request()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Policies explained"))
        rows, page, pages, total = page_of(talks_of(node, month))
        cells.load(rows, ["node"])
        earlier, later = around(month)
        return self.render_template(
            "grid_care/policy_talks.html", node=node, rows=rows, page=page, pages=pages, total=total,
            month=dates.month(month), earlier=url_for("PolicyTalks.index", node=node.id, month=earlier),
            later=url_for("PolicyTalks.index", node=node.id, month=later), counts=_counts(node, month),
            channel=_channel, place=cells.unit_cell, may_record=self.may("can_record"),
            crumbs=self.crumbs(node, "PolicyTalks.index"),
        )  # fmt: skip

    @expose("/<int:record_id>")
    @has_access
    @permission_name("read")
    def show(self, record_id: int) -> Any:
        talk = self.talk(record_id)
        needs = [(need, _(label_of(need.answer)), _TONES[need.answer],
                  cells.household_cell(need.about_household_id) if need.about_household_id else "")
                 for need in talk.needs]  # fmt: skip
        return self.render_template(
            "grid_care/policy_talk.html", talk=talk, needs=needs, channel=_channel, may_record=self.may("can_record"),
            crumbs=self.crumbs(talk.node, "PolicyTalks.index"), place=cells.unit_cell(talk.node),
        )  # fmt: skip

    @expose("/new/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("record")
    def new(self, node_id: int) -> Any:
        node, form = self.node(node_id), TalkForm()
        form.channels.choices = [SelectChoice(value, _(msgid)) for value, msgid in choices_of(PublicityChannel)]
        made: list[PublicityRecord] = []

        def save() -> None:
            chosen = [PublicityChannel(value) for value in form.channels.data]
            made.append(service.record(db.session, node, service.Talk(
                form.what.data or "", chosen, form.on.data, form.place.data or "", form.reached.data,
                sent_photo())))  # fmt: skip

        return self.form_page(form, save, url_for("PolicyTalks.index", node=node.id), errors=(PublicityError,),
                              title=_("Policy and procedure explained"), button=_("Save"), upload=True,
                              hint=node.name)  # fmt: skip

    @expose("/<int:record_id>/need", methods=["GET", "POST"])
    @has_access
    @permission_name("record")
    def need(self, record_id: int) -> Any:
        talk, form = self.talk(record_id), NeedForm()
        form.answer.choices = [SelectChoice(value, _(msgid)) for value, msgid in choices_of(NeedAnswer)]
        form.kind.choices = [SelectChoice("", _("Please choose")),
                             *(SelectChoice(value, _(msgid)) for value, msgid in choices_of(ClueKind))]  # fmt: skip

        def save() -> None:
            kind = ClueKind(form.kind.data) if form.kind.data else None
            service.hear(db.session, talk, service.Need(form.words.data or "", NeedAnswer(form.answer.data),
                                                        form.household.data, kind))  # fmt: skip

        return self.form_page(form, save, url_for("PolicyTalks.show", record_id=talk.id), errors=(PublicityError,),
                              title=_("A need was heard"), button=_("Save"), hint=talk.what[:80])  # fmt: skip

    @expose("/<int:record_id>/photo")
    @has_access
    @permission_name("read")
    def photo(self, record_id: int) -> Any:
        return photo_answer(self.talk(record_id))

    def talk(self, record_id: int) -> PublicityRecord:
        found: PublicityRecord | None = db.session.get(PublicityRecord, record_id)
        return found if found is not None and found.kind is PublicityKind.POLICY else abort(404)


_TONES = {NeedAnswer.SETTLED: "success", NeedAnswer.REPORTED: "info", NeedAnswer.EMERGENCY: "danger"}


def _counts(node: GridNode, month: date) -> list[tuple[int, str, Count]]:
    """Every unit below with its numbers, those with none too; first what lies at the unit itself, if anything."""
    found = count_by_unit(db.session, node, month)
    own = [(node.id, node.name, found[node.id])] if node.id in found else []
    below = scope.units_below(node) if node.depth < scope.MOST_DEPTH else {}
    return own + [(key, name, found.get(key, Count())) for key, name in below.items()]


def _channel(value: str) -> str:
    return str(_(label_of(PublicityChannel(value))))
