"""《网格化监测手册》 on the screen: its versions, to read and to download, and the hand-out ledger (form 24)."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import Response, abort, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField

from app.extensions import db
from app.models import Handbook
from app.queries.scope import today
from app.queries.worker_files import training
from app.security.roles import EVERYBODY, READERS, STAFF, VILLAGE
from app.services.worker_files import training as service
from app.views import cells
from app.views.dates import civil, moment
from app.views.worker_files.lists import columns, file_link
from app.views.worker_files.page import LOOKERS, Ticks, WorkerPage, day, node_asked, own_units, page_of, text, words

_TYPES = {".pdf": "application/pdf"}
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class IssueForm(FlaskForm):
    title = text(_l("Title"), needed=True, longest=100)
    version = text(_l("Version"), _l("Such as 2026-1."), needed=True, longest=20)
    issued_on = day(_l("Issued on"), needed=True)
    body = words(_l("Text"), _l("Shown in the app as it stands here."), longest=200_000, rows=12)
    file = FileField(_l("File"), description=_l("PDF or Word (docx), up to 5 MB."))


class HandOutForm(FlaskForm):
    handed_on = day(_l("Handed out on"), needed=True)
    workers = Ticks(_l("Given to"), choices=[], coerce=int, validate_choice=False)


class Handbooks(WorkerPage):
    """GET /handbooks/, /handbooks/<id>, its file and ledger; POST receipts."""

    route_base = "/handbooks"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_read": EVERYBODY, "can_list": LOOKERS, "can_write": STAFF, "can_hand_out": VILLAGE | STAFF,
        "can_receive": EVERYBODY - READERS,
    }  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        versions = training.list_handbooks()
        cells.load(versions, ["node"])
        rows = [{"title": one.title, "href": url_for("Handbooks.show", handbook_id=one.id), "version": one.version,
                 "on": civil(one.issued_on), "unit": cells.unit_cell(one.node)} for one in versions]  # fmt: skip
        buttons = []
        if self.may("can_list"):
            ledger = url_for("Handbooks.ledger")
            buttons.append({"label": _("Hand-out ledger"), "href": ledger, "icon": "journal-check"})
        if self.may("can_write"):
            buttons.append({"label": _("Issue a version"), "href": url_for("Handbooks.new"), "icon": "plus-lg",
                            "kind": "primary"})  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Handbook"), rows=rows, buttons=buttons, total=len(rows),
            empty_title=_("No handbook yet."), columns=columns(("title", _("Title"), "main"), (
                "version", _("Version"), ""), ("on", _("Issued on"), "date"), ("unit", _("Issued by"), "")),
        )  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        form = IssueForm(issued_on=today())

        def act() -> Any:
            upload = form.file.data
            content = upload.stream.read(service.MOST_BYTES + 1) if upload else b""
            return service.issue_handbook(db.session, node, form.title.data or "", form.version.data or "",
                                          form.issued_on.data, form.body.data or "", upload.filename if upload else "",
                                          content)  # fmt: skip

        return self.form_page(form, act, url_for("Handbooks.index"), title=_("Issue a version"), button=_("Issue it"),
                              facts=[(_("For the workers of"), cells.unit_cell(node))])  # fmt: skip

    @expose("/<int:handbook_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, handbook_id: int) -> Any:
        row = db.session.get(Handbook, handbook_id) or abort(404)
        return self.render_template("worker_files/handbook.html", row=row, place=cells.unit_cell(row.node),
                                    may_hand_out=self.may("can_hand_out"))  # fmt: skip

    @expose("/<int:handbook_id>/file", methods=["GET"])
    @has_access
    @permission_name("read")
    def file(self, handbook_id: int) -> Response:
        row = db.session.get(Handbook, handbook_id) or abort(404)
        content = row.content or abort(404)
        kind = _TYPES.get(row.file_name[-4:], _DOCX)
        return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=row.file_name)

    @expose("/<int:handbook_id>/hand-out", methods=["GET", "POST"])
    @has_access
    @permission_name("hand_out")
    def hand_out(self, handbook_id: int) -> Any:
        row = db.session.get(Handbook, handbook_id) or abort(404)
        waiting = [one for one in training.list_handbook_rows(today(), node_asked()) if one.handbook.id == row.id
                   and one.receipt is None]  # fmt: skip
        form = HandOutForm(handed_on=today())
        form.workers.choices = [(one.post.worker_id, f"{one.post.name} {one.post.place}") for one in waiting]
        return self.form_page(
            form, lambda: service.hand_out(db.session, handbook_id, form.workers.data or [], form.handed_on.data),
            url_for("Handbooks.ledger"), title=_("Hand out the handbook"), button=_("Save"),
            facts=[(_("Handbook"), f"{row.title} {row.version}")],
            note="" if waiting else _("Everybody has this version already."),
        )  # fmt: skip

    @expose("/<int:handbook_id>/receive", methods=["POST"])
    @has_access
    @permission_name("receive")
    def receive(self, handbook_id: int) -> Any:
        """The worker's own signature."""
        return self.act(lambda: service.confirm_receipt(db.session, handbook_id), url_for("WorkerFilePage.mine"))

    @expose("/ledger", methods=["GET"])
    @has_access
    @permission_name("list")
    def ledger(self) -> Any:
        """Who has the present version and who has not; printed, it is signed (form 24)."""
        found = training.list_handbook_rows(today(), node_asked())
        found.sort(key=lambda one: one.receipt is not None)  # without first, each half by unit
        rows, number, pages = page_of(found)
        without = sum(one.receipt is None for one in found)
        tone, note = "warning" if without else "success", _("As of %(day)s", day=civil(today()))
        figures = [{"label": _("Without the present version"), "value": without, "tone": tone, "note": note}]
        return self.render_template(
            "worker_files/list.html", title=_("Handbook: hand-out ledger"), figures=figures, page=number, pages=pages,
            total=len(found), empty_title=_("No handbook yet."), rows=[_ledger_row(one) for one in rows],
            columns=columns(("person", _("Name"), "main"), ("unit", _("Unit"), ""), ("version", _("Version"), ""),
                            ("handed_on", _("Handed out on"), "date"), ("received", _("Signed for"), "date")),
        )  # fmt: skip


def _ledger_row(one: training.HandbookRow) -> dict[str, Any]:
    receipt = one.receipt
    return {"person": one.post.name, "href": file_link(one.post.worker_id), "unit": one.post.place,
            "version": one.handbook.version, "handed_on": civil(receipt.handed_on) if receipt else "",
            "received": moment(receipt.received_at) if receipt else ""}  # fmt: skip
