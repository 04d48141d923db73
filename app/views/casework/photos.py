"""Photos of the review meeting: added while the case is open, looked at by whoever reads the case (D0-37)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.extensions import db
from app.models import Case, CasePhoto
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.casework import photos as service
from app.services.casework.problems import CaseError, NotYoursError
from app.views import kept_files
from app.views.steps import present_actor, said


class CasePhotos(BaseView):
    """POST /case/<id>/photos; GET /case/photo/<id>."""

    route_base = "/case"
    default_view = "show"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_add": FIELD | STAFF}

    @expose("/<int:case_id>/photos", methods=["POST"])
    @has_access
    @permission_name("add")
    def add(self, case_id: int) -> Any:
        if db.session.get(Case, case_id) is None:
            abort(404)
        try:
            service.keep(db.session, kept_files.home(), case_id, present_actor(), kept_files.sent_photo())
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except CaseError as error:
            db.session.rollback()
            flash(said(error), "warning")
        else:
            db.session.commit()
            flash(_("The photo is kept."), "success")
        return redirect(url_for("CasePage.index", case_id=case_id, _anchor="photos"))

    @expose("/photo/<int:photo_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, photo_id: int) -> Any:
        found: CasePhoto = db.session.get(CasePhoto, photo_id) or abort(404)
        return kept_files.shown(found, found.household_id)
