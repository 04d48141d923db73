"""One visit on a page: what was found, its files, its corrections; and the way to put it right."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, has_access_api, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.duties.media import LARGEST
from app.domain.labels import label_of
from app.domain.quarters import CHINA
from app.extensions import db
from app.models import GridWorker, Visit, VisitCorrection, VisitFile
from app.queries.household_file_timeline import names_of_users
from app.queries.scope import current_access
from app.security.roles import EVERYBODY, FIELD
from app.services import scripts
from app.services.duties import corrections, visit_files
from app.services.duties.corrections import Corrected
from app.services.duties.visit_files import FileRefused
from app.services.duties.visit_form import visit_form
from app.services.worklist_log import OutcomeError
from app.views import dates, kept_files
from app.views.pages_households_timeline import finding_words
from app.views.pages_worklist_cards import CHANNELS, sheet_of
from app.views.pages_worklist_log import RefusedEntry, noon_of

LARGEST_BODY = max(LARGEST.values()) * 4 // 3 + 4096  # base64 and its envelope


class VisitRecord(BaseView):
    """GET /visit/<id>, GET and POST /visit/<id>/correct, GET /visit/file/<id>, POST /visit/file (from the outbox)."""

    route_base = "/visit"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_correct": FIELD, "can_send": FIELD}

    @expose("/<int:visit_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, visit_id: int) -> Any:
        visit = _visit(visit_id)
        files = db.session.scalars(select(VisitFile).where(VisitFile.visit_id == visit.id).order_by(VisitFile.id)).all()
        worker = db.session.get(GridWorker, visit.worker_id) if visit.worker_id else None
        script = scripts.get_current(db.session, "checkin")
        self.update_redirect()
        return self.render_template(
            "duties/visit.html", visit=visit, household=visit.household, files=files, worker=worker,
            channel=_(label_of(visit.channel)), happened=dates.moment(visit.happened_at),
            found=finding_words(script, visit.findings), history=_history(visit),
            may_correct=self._may("can_correct") and corrections.may_be_corrected(visit),
        )  # fmt: skip

    @expose("/<int:visit_id>/correct", methods=["GET", "POST"])
    @has_access
    @permission_name("correct")
    def correct(self, visit_id: int) -> Any:
        visit = _visit(visit_id)
        if not corrections.may_be_corrected(visit):
            flash(_("This record can no longer be corrected."), "warning")
            return redirect(url_for("VisitRecord.index", visit_id=visit.id))
        form, problems = _stored(visit), {}
        if request.method == "POST":
            form = request.form.to_dict()
            try:
                self._store(visit, form)
            except RefusedEntry as refusal:
                problems = {"on": str(refusal)}
            except OutcomeError as error:
                problems = {name: f"{_(what)} {_(remedy)}" for name, (what, remedy) in error.problems.items()}
            else:
                db.session.commit()
                flash(_("Corrected. What stood before is kept."), "success")
                return redirect(url_for("VisitRecord.index", visit_id=visit.id))
            db.session.rollback()
            visit = _visit(visit_id)
        sheet = sheet_of(visit_form())
        return self.render_template("duties/correct.html", visit=visit, household=visit.household, sheet=sheet,
                                    form=form, problems=problems, channels=CHANNELS)  # fmt: skip

    def _store(self, visit: Visit, form: Mapping[str, str]) -> None:
        user_id, reason = current_access().user_id, form.get("reason", "")
        if form.get("withdraw"):
            corrections.withdraw(db.session, visit, reason=reason, user_id=user_id)
            return
        names = {question.id for question in visit_form().questions} - {visit_form().start}
        answers = {name: form[name] for name in names if form.get(name)}
        wanted = Corrected(form.get("channel", ""), _moved(visit, form.get("on", "")), form.get("identity", ""),
                           answers, form.get("note", ""))  # fmt: skip
        corrections.correct(db.session, visit, wanted, reason=reason, user_id=user_id)

    @expose("/file/<int:file_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def file(self, file_id: int) -> Any:
        """The photo or sound. Looking at it leaves a line in the trail, as listening to a message does."""
        found: VisitFile = db.session.get(VisitFile, file_id) or abort(404)
        return kept_files.shown(found, found.household_id, in_parts=True)

    @expose("/file", methods=["POST"])
    @has_access_api
    @permission_name("send")
    def receive_file(self) -> Any:
        """One file of the outbox, after its visit. 204: kept, or kept before. 4xx with `message`: not."""
        try:
            body = _body()
            visit = _own_visit(body)
            visit_files.keep(db.session, kept_files.home(), visit, _content(body), client_id=str(body["client_id"]),
                             user_id=current_access().user_id)  # fmt: skip
        except RefusedEntry as refusal:
            db.session.rollback()
            return jsonify(message=str(refusal)), refusal.status
        except FileRefused as refusal:
            db.session.rollback()
            return jsonify(message=f"{_(refusal.what, **refusal.values)} {_(refusal.remedy)}"), 422
        db.session.commit()
        return Response(status=204)

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "VisitRecord"))


def _visit(visit_id: int) -> Visit:
    visit: Visit = db.session.get(Visit, visit_id) or abort(404)
    return visit


def _stored(visit: Visit) -> dict[str, str]:
    """The record as the form shows it."""
    day = visit.happened_at.astimezone(CHINA).date().isoformat()
    return {"channel": visit.channel.value, "on": day, "identity": visit.respondent, "note": visit.note or "",
            **corrections.answers_of(db.session, visit)}  # fmt: skip


def _moved(visit: Visit, on: str) -> datetime:
    """The same moment while the day is the same; noon of another day."""
    day = visit.happened_at.astimezone(CHINA).date().isoformat()
    return visit.happened_at if on == day else noon_of(on)


def _history(visit: Visit) -> list[dict[str, Any]]:
    records = corrections.list_corrections(db.session, visit.id)
    names = names_of_users({record.made_by_id for record in records})
    return [{"at": dates.moment(record.made_at), "who": names.get(record.made_by_id or 0, ""), "tone": "warning",
             "title": _("Corrected: %(reason)s", reason=record.reason), "text": _changes(record), "icon": "pencil"}
            for record in records]  # fmt: skip


def _changes(record: VisitCorrection) -> str:
    lines = []
    for name, (before, after) in corrections.changes_in(record).items():
        if name == "answers":
            lines += [_line(key, (before or {}).get(key), after.get(key)) for key in {**(before or {}), **after}
                      if (before or {}).get(key) != after.get(key)]  # fmt: skip
        else:
            lines.append(_line(name, before, after))
    return "\n".join(lines)


def _line(name: str, before: Any, after: Any) -> str:
    words = {"channel": _("Contacted by"), "happened_at": _("Day of the contact"), "respondent": _("Who was met"),
             "note": _("Note"), "withdrawn": _("Withdrawn")}  # fmt: skip
    question = next((one for one in sheet_of(visit_form())["questions"] if one["name"] == name), None)
    label = question["title"] if question else words.get(name, name)
    return str(_("%(field)s: %(before)s → %(after)s", field=label, before=_said(name, before),
                 after=_said(name, after)))  # fmt: skip


def _said(name: str, value: Any) -> str:
    """A stored value as the form words it."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name == "happened_at":
        return dates.moment(datetime.fromisoformat(value))
    if name == "channel":
        return str(dict(CHANNELS).get(value, value))
    sheet = sheet_of(visit_form())
    fields = {one["name"]: one for one in (*sheet["questions"], {**sheet["identity"], "name": "respondent"})}
    options = fields.get(name, {"options": []})["options"]
    return str(next((one["label"] for one in options if one["value"] == value), value))


def _body() -> Mapping[str, Any]:
    if (request.content_length or 0) > LARGEST_BODY:
        limit = max(LARGEST.values()) // 1024**2
        raise RefusedEntry(_("The file is larger than %(limit)s MB.", limit=limit))
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("client_id"), str) or len(body["client_id"]) > 36:
        raise RefusedEntry(_("This record cannot be read."))
    if body.get("user") != current_access().user_id:
        raise RefusedEntry(_("This record was made by another user."), 409)
    return body


def _own_visit(body: Mapping[str, Any]) -> Visit:
    query = select(Visit).where(Visit.client_id == str(body.get("visit"))[:36])
    visit: Visit | None = db.session.scalars(query).first()
    if visit is None:
        raise RefusedEntry(_("The visit of this file is not recorded: send the visit first."), 404)
    return visit


def _content(body: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(body.get("data", "")), validate=True)
    except binascii.Error as error:
        raise RefusedEntry(_("This record cannot be read.")) from error


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(VisitRecord)
