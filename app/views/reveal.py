"""Showing a hidden number once: only with a reason, only to those who may, never without a line in the audit trail."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.actions import action
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.phones import local_display
from app.extensions import db
from app.models import Department, GridWorker, Member, Phone, WorkerFile
from app.security import audit

# What can be revealed: word in the address → model, encrypted column, how it is shown.
SECRETS: dict[str, tuple[type[Any], str, Any]] = {
    "phone": (Phone, "e164", local_display),
    "member": (Member, "id_number", str),
    "worker": (GridWorker, "phone", local_display),
    "worker-id": (WorkerFile, "id_number", str),
    "worker-account": (WorkerFile, "bank_account", str),
    "department": (Department, "contact_phone", local_display),
}
REASONS = {
    "call": _l("To call the household"),
    "check": _l("To check or correct the record"),
    "verify": _l("To verify a clue"),
    "authority": _l("Request of another authority"),
    "other": _l("Other (say what)"),
}


class RevealView(BaseView):
    """POST /reveal/<word>/<pk> with `reason` (a key of REASONS, or words). Text for scripts, a page for forms."""

    route_base = "/reveal"
    default_view = "ask"

    @expose("/<word>/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("reveal")
    def ask(self, word: str, pk: int) -> Any:
        """Asks why; nothing is shown yet."""
        self._row(word, pk)
        return self.render_template("security/reveal.html", word=word, pk=pk, reasons=REASONS, value=None)

    @expose("/<word>/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("reveal")
    def reveal(self, word: str, pk: int) -> Any:
        row, column, show = self._row(word, pk)
        reason = " ".join(request.values.get(part, "").strip() for part in ("reason", "words")).strip()
        as_page = request.form.get("page") == "1"
        if not reason or reason == "other":
            if not as_page:
                return Response(_("Say why."), status=400, mimetype="text/plain")
            flash(_("Say why."), "warning")
            return redirect(url_for("RevealView.ask", word=word, pk=pk))
        value = getattr(row, column)
        audit.record("reveal", row.__tablename__, pk, household_id=getattr(row, "household_id", None),
                     node_id=getattr(row, "node_id", None), reason=reason, changes={"field": column})  # fmt: skip
        db.session.commit()
        shown = show(value) if value else _("(none)")
        if as_page:
            return self.render_template("security/reveal.html", word=word, pk=pk, reasons=REASONS, value=shown)
        return Response(shown, mimetype="text/plain")

    def _row(self, word: str, pk: int) -> tuple[Any, str, Any]:
        model, column, show = SECRETS.get(word) or abort(404)
        row = db.session.get(model, pk) or abort(404)
        return row, column, show


class RevealAction:
    """Adds the button "Reveal" to a register's record page."""

    datamodel: Any

    @action("reveal", _l("Reveal the full number"), "", icon="eye", multiple=False)
    def reveal(self, item: Any) -> Any:
        word = next(word for word, (model, _column, _show) in SECRETS.items() if isinstance(item, model))
        return redirect(url_for("RevealView.ask", word=word, pk=item.id))
