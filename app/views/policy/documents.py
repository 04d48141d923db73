"""Register of policy documents (D0-01), and the file of each."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.domain.labels import choices_of
from app.domain.policy.kinds import LevelKind
from app.extensions import db
from app.models import PolicyDocument
from app.security.roles import COUNTY, EVERYBODY
from app.services.policy import attachments, citations
from app.views.base import PLAIN, GridInterface, GridModelView, RefusedError


class PolicyDocumentView(GridModelView):
    datamodel = GridInterface(PolicyDocument)
    route_base = "/policy/documents"
    permitted_roles: ClassVar = {
        "can_list": EVERYBODY, "can_show": EVERYBODY, "can_add": COUNTY, "can_edit": COUNTY, "can_delete": COUNTY,
    }  # fmt: skip
    list_title, show_title = _l("Policy documents"), _l("Policy document")
    add_title, edit_title = _l("New document"), _l("Edit document")
    label_columns = {
        "number": _l("Document number"), "title": _l("Title"), "issuer": _l("Issued by"), "issued_on": _l("Issued on"),
        "level": _l("Level"), "effective_from": _l("In effect from"), "effective_to": _l("In effect until"),
        "note": _l("Note"), "file_name": _l("File"),
    }  # fmt: skip
    list_columns = ["number", "title", "issuer", "level", "issued_on", "effective_from", "effective_to"]
    show_columns = [*list_columns, "note", "file_name"]
    add_columns = ["number", "title", "issuer", "level", "issued_on", "effective_from", "effective_to", "note"]
    edit_columns = add_columns
    search_columns = ["number", "title", "issuer", "level", "issued_on"]
    order_columns = ["number", "issued_on", "effective_from"]
    base_order = ("effective_from", "desc")
    badges: ClassVar = {"level": {LevelKind(word): (_l(label), PLAIN) for word, label in choices_of(LevelKind)}}
    show_template = "policy/document.html"
    empty_hint = _l("Load the documents that come with the product with `shouwang policy load`, or enter one.")

    def pre_add(self, item: PolicyDocument) -> None:
        self._check(item)

    def pre_update(self, item: PolicyDocument) -> None:
        self._check(item)
        was = db.session.scalar(select(PolicyDocument.number).where(PolicyDocument.id == item.id))
        if was is not None and was != item.number and citations.profiles_citing(db.session, was):
            raise RefusedError(_("Rules cite this document by its number; the number cannot be changed."))

    def pre_delete(self, item: PolicyDocument) -> None:
        citing = citations.profiles_citing(db.session, item.number)
        if citing:
            raise RefusedError(_("Rules cite this document: %(profiles)s. It cannot be deleted.",
                                 profiles=_(", ").join(citing)))  # fmt: skip

    def _check(self, item: PolicyDocument) -> None:
        item.number, item.title = item.number.strip(), item.title.strip()
        if not item.number or not item.title:
            raise RefusedError(_("Give the number and the title as printed on the document."))
        if item.effective_from and item.effective_to and item.effective_to < item.effective_from:
            raise RefusedError(_("The last day lies before the first day."))


class PolicyDocumentFile(BaseView):
    """GET /policy/file/<id>: the file; POST: put one there (PDF, picture, Word; at most 10 MB)."""

    route_base = "/policy/file"
    default_view = "download"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": COUNTY}

    @expose("/<int:document_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def download(self, document_id: int) -> Any:
        document = self._document(document_id)
        if document.file_content is None:
            abort(404)
        return send_file(io.BytesIO(document.file_content), mimetype=document.file_type, as_attachment=True,
                         download_name=document.file_name)  # fmt: skip

    @expose("/<int:document_id>", methods=["POST"])
    @has_access
    @permission_name("write")
    def upload(self, document_id: int) -> Response:
        document = self._document(document_id)
        given = request.files.get("file")
        try:
            attachments.attach(document, given.filename or "" if given else "", given.read() if given else b"")
        except attachments.AttachmentError as error:
            db.session.rollback()
            flash(_(error.message), "danger")
        else:
            db.session.commit()
            flash(_("The file is kept with the document."), "success")
        return redirect(url_for("PolicyDocumentView.show", pk=document_id))  # type: ignore[return-value]

    def _document(self, document_id: int) -> PolicyDocument:
        found: PolicyDocument = db.session.get(PolicyDocument, document_id) or abort(404)
        return found
