"""One line of a plan: what is done, what proves it, reckoning anew, crossing off (D4-02, D4-11, D4-25)."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import abort, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.extensions import db
from app.models import PlanEvidence, PlanLine
from app.queries.scope import current_access
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.measures import lines
from app.views import dates
from app.views.measures import forms
from app.views.measures.page import ERRORS, MeasurePage, line_title


class PlanLinePage(MeasurePage):
    """Forms below /plan/line/<id> and /plan/evidence/<id>; each leads back to the plan."""

    route_base = "/plan"
    default_view = "write"
    permitted_roles: ClassVar = {"can_write": VILLAGE | STAFF, "can_tick": FIELD | STAFF, "can_look": EVERYBODY}

    @expose("/line/<int:line_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def write(self, line_id: int) -> Any:
        line: PlanLine = self.found(PlanLine, line_id)
        form: Any = forms.WriteForm(data={"what": line.what})

        def act() -> None:
            lines.write_line(db.session, line.id, what=form.what.data or "")

        return self._form(form, act, line, _l("What is done about this risk"))

    @expose("/evidence/<int:evidence_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("tick")
    def tick(self, evidence_id: int) -> Any:
        one: PlanEvidence = self.found(PlanEvidence, evidence_id)
        form: Any = forms.TickForm(data={"note": one.note} if one.note else None)

        def act() -> None:
            upload = request.files.get("file")
            content = upload.read() if upload else b""
            lines.tick(db.session, one.id, user_id=current_access().user_id, note=form.note.data or "",
                       content=content, on=form.on.data)  # fmt: skip

        return self._form(form, act, one.line, _l("This evidence is there"), upload=True,
                          more=[(_("Evidence"), one.title)])  # fmt: skip

    @expose("/evidence/<int:evidence_id>/photo", methods=["GET"])
    @has_access
    @permission_name("look")
    def photo(self, evidence_id: int) -> Any:
        one: PlanEvidence = self.found(PlanEvidence, evidence_id)
        if one.file is None:
            abort(404)
        answer: Any = send_file(io.BytesIO(lines.photo_of(one)), mimetype=one.file_type)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/line/<int:line_id>/reckon", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def reckon(self, line_id: int) -> Any:
        """On an income sheet made before; the page for a new one is a link away."""
        line: PlanLine = self.found(PlanLine, line_id)
        form: Any = forms.ReckonForm()
        form.sheet.choices = forms.blank_first(
            [SelectChoice(str(one.id), dates.civil(one.judged_on)) for one in lines.sheets_since(db.session, line)]
        )
        if not line.judge_relief:
            del form.relief_needed

        def act() -> None:
            judged = {"yes": True, "no": False}.get(form.relief_needed.data) if line.judge_relief else None
            lines.reckon(db.session, line.id, user_id=current_access().user_id, sheet_id=forms.whole(form.sheet),
                         relief_needed=judged, judgement=form.judgement.data or "")  # fmt: skip

        return self._form(form, act, line, _l("Income reckoned anew"),
                          hint=_l("Make the income sheet first; it then stands in the list."))  # fmt: skip

    @expose("/line/<int:line_id>/cross-off", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def cross_off(self, line_id: int) -> Any:
        line: PlanLine = self.found(PlanLine, line_id)
        form: Any = forms.NoteForm()
        seen, user_id = line.plan.changes, current_access().user_id

        def act() -> None:
            lines.cross_off(db.session, line.id, user_id=user_id, note=form.note.data or "", seen=seen)

        return self._form(form, act, line, _l("Cross the risk off"))

    @expose("/line/<int:line_id>/reopen", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def reopen(self, line_id: int) -> Any:
        line: PlanLine = self.found(PlanLine, line_id)
        form: Any = forms.NoteForm()
        seen = line.plan.changes

        def act() -> None:
            lines.reopen(db.session, line.id, note=form.note.data or "", seen=seen)

        return self._form(form, act, line, _l("The risk is back"))

    def _form(self, form: Any, act: Any, line: PlanLine, title: Any, *, more: Any = (), upload: bool = False,
              hint: Any = "") -> Any:  # fmt: skip
        facts = [(_("Household"), line.household.head_name), (_("Risk"), line_title(line)), *more]
        return self.form_page(
            form,
            act,
            url_for("PlanPage.index", plan_id=line.plan_id) + f"#line-{line.id}",
            errors=ERRORS,
            title=title,
            button=_("Save"),
            facts=facts,
            upload=upload,
            hint=hint,
        )
