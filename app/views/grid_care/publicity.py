"""公示: what is to be told, what was told and how, and the papers to tell it with: board, broadcast, contact card."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy import select
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.grid_care import wording
from app.domain.grid_care.words import PublicityChannel, PublicityKind, PublicityState
from app.domain.labels import choices_of, label_of
from app.extensions import db
from app.models import GridNotice, PublicityRecord
from app.queries.grid_care import board
from app.queries.scope import today
from app.security.roles import STAFF, VILLAGE
from app.services.grid_care import publicity
from app.services.grid_care.publicity import Publication, PublicityError
from app.views import cells
from app.views.grid_care.page import LOOKERS, CarePage, ReasonForm, chosen, day_field, page_of, photo_answer
from app.views.kept_files import sent_photo

_MOST_CHANGES = 3  # read out in one broadcast


class PublishForm(FlaskForm):
    channels = SelectMultipleField(
        _l("Channels"), [DataRequired()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    from_on = day_field(_l("Shown from"), required=True, default=today)
    to_on = day_field(_l("Shown until"), hint=_l("Empty: it stays there."))
    place = StringField(_l("Where the board hangs"), [Optional(), Length(max=120)], render_kw={"autocomplete": "off"})
    photo = FileField(
        _l("Photo"),
        render_kw={"accept": "image/jpeg,image/png"},
        description=_l("JPEG or PNG. Place and time that the camera wrote into it are taken out."),
    )


class TellForm(FlaskForm):
    kind = SelectField(_l("What changed"), [DataRequired()])
    what = TextAreaField(
        _l("What the people are told"),
        [DataRequired(), Length(max=publicity.LONGEST)],
        description=_l("In Chinese, in full sentences. Nothing of any household."),
    )


class GridPublicity(CarePage):
    """GET and POST /publicity/…"""

    route_base = "/publicity"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": LOOKERS, "can_publish": VILLAGE | STAFF}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Publicity"))
        state = chosen(PublicityState, "state")
        query = select(PublicityRecord).where(getattr(PublicityRecord, f"l{node.depth}_id") == node.id)
        if state is not None:
            query = query.where(PublicityRecord.state == state)
        rows, page, pages, total = page_of(query.order_by(PublicityRecord.id.desc()))
        cells.load(rows, ["node"])
        return self.render_template(
            "grid_care/publicity.html",
            node=node,
            rows=rows,
            page=page,
            pages=pages,
            total=total,
            state=state,
            states=[(one, _(label_of(one))) for one in PublicityState],
            place=cells.unit_cell,
            channel=_channel,
            crumbs=self.crumbs(node, "GridPublicity.index"),
            words=lambda one: _(label_of(one)),
            may_publish=self.may("can_publish"),
            may_send=self.may("can_send", "GridNotices"),
        )

    @expose("/<int:record_id>")
    @has_access
    @permission_name("read")
    def show(self, record_id: int) -> Any:
        record = self.record(record_id)
        rounds = select(GridNotice).where(GridNotice.publicity_id == record.id).order_by(GridNotice.id.desc())
        return self.render_template(
            "grid_care/publicity_show.html",
            record=record,
            node=record.node,
            channel=_channel,
            rounds=list(db.session.scalars(rounds)),
            crumbs=self.crumbs(record.node, "GridPublicity.index"),
            words=lambda one: _(label_of(one)),
            may_publish=self.may("can_publish"),
            may_send=self.may("can_send", "GridNotices"),
        )

    @expose("/new/<int:node_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def tell(self, node_id: int) -> Any:
        node, form = self.node(node_id), TellForm()
        form.kind.choices = [
            SelectChoice(value, _(msgid))
            for value, msgid in choices_of(PublicityKind)
            if value not in (PublicityKind.MEASURES, PublicityKind.POLICY)
        ]

        def save() -> None:
            publicity.raise_due(db.session, node, PublicityKind(form.kind.data), form.what.data or "")

        return self.form_page(
            form,
            save,
            url_for("GridPublicity.index", node=node.id),
            errors=(PublicityError,),
            title=_("Something to be published"),
            button=_("Save"),
            hint=node.name,
        )

    @expose("/<int:record_id>/publish", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def publish(self, record_id: int) -> Any:
        record = self.record(record_id)
        form = PublishForm(
            data=None
            if request.method == "POST"
            else {
                "channels": record.channels,
                "from_on": record.from_on or today(),
                "to_on": record.to_on,
                "place": record.place,
            }
        )
        form.channels.choices = [SelectChoice(value, _(msgid)) for value, msgid in choices_of(PublicityChannel)]

        def save() -> None:
            channels = [PublicityChannel(value) for value in form.channels.data]
            publicity.publish(
                db.session,
                record,
                Publication(channels, form.from_on.data, form.to_on.data, form.place.data or "", sent_photo()),
            )

        return self.form_page(
            form,
            save,
            url_for("GridPublicity.show", record_id=record.id),
            errors=(PublicityError,),
            title=_("It was published"),
            button=_("Save"),
            upload=True,
            facts=[(_("Unit"), cells.unit_cell(record.node)), (_("What the people are told"), record.what)],
        )

    @expose("/<int:record_id>/drop", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def drop(self, record_id: int) -> Any:
        record, form = self.record(record_id), ReasonForm()
        return self.form_page(
            form,
            lambda: publicity.drop(db.session, record, form.reason.data or ""),
            url_for("GridPublicity.index", node=record.node_id),
            errors=(PublicityError,),
            title=_("Nobody needs to be told"),
            button=_("Not needed"),
            tone="danger",
            facts=[(_("What the people are told"), record.what)],
        )

    @expose("/<int:record_id>/photo")
    @has_access
    @permission_name("read")
    def photo(self, record_id: int) -> Any:
        return photo_answer(self.record(record_id))

    @expose("/board/<int:node_id>")
    @has_access
    @permission_name("read")
    def board(self, node_id: int) -> Any:
        """A4 papers of one unit: `?paper=` board | broadcast | card, `?phone=` ids of released numbers."""
        node = self.node(node_id)
        people = board.list_workers(node)
        asked = {value for value in request.args.getlist("phone") if value.isascii() and value.isdigit()}
        released = [key for key, _name, _phone in people if str(key) in asked]
        facts = board.of_unit(node, released)
        paper = request.args.get("paper", "board")
        return self.render_template(
            "grid_care/board.html",
            node=node,
            board=facts,
            people=people,
            released=released,
            paper=paper if paper in ("board", "broadcast", "card") else "board",
            day=wording.day(today()),
            script=wording.broadcast(facts, self.changes(node.id)),
            crumbs=self.crumbs(node, "GridPublicity.index"),
        )

    def changes(self, node_id: int) -> list[str]:
        """What is due or shown now, newest first, for reading out."""
        query = select(PublicityRecord.what).where(
            PublicityRecord.node_id == node_id,
            PublicityRecord.state != PublicityState.DROPPED,
            PublicityRecord.kind.not_in((PublicityKind.BOARD, PublicityKind.MEASURES, PublicityKind.POLICY)),
        )
        return list(db.session.scalars(query.order_by(PublicityRecord.id.desc()).limit(_MOST_CHANGES)))

    def record(self, record_id: int) -> PublicityRecord:
        record: PublicityRecord = db.session.get(PublicityRecord, record_id) or abort(404)
        return record


def _channel(value: str) -> str:
    return str(_(label_of(PublicityChannel(value))))
