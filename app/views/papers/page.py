"""Papers: what can be printed for a household and for a unit; each form on A4 and as DOCX (DOMAIN 3.3)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.papers import Facts, Grid, Sheet, Words
from app.domain.papers.registry import BY_CODE, FORMS, Form, Subject
from app.domain.papers.sheet import rows_of
from app.extensions import clock, db
from app.models import GridNode, Household
from app.queries.grid_tree import list_roots
from app.security import audit
from app.security.roles import EVERYBODY, FIELD, STAFF, SYSTEM_ADMIN
from app.sheets.papers.docx import MEDIA_TYPE, to_docx
from app.views import cells
from app.views.duties import scope
from app.views.grid_care.page import CarePage
from app.views.papers.build import BUILDERS, Builder
from app.views.reveal import REASONS

FOR_A_REASON = frozenset({"income"})  # show what is hidden elsewhere: a reason is asked for and logged
KINDS: Mapping[type[Any], str] = {Facts: "facts", Grid: "grid", Words: "words"}


class PapersPage(CarePage):
    """GET /papers/ (a unit's), /papers/household/<id>, /papers/<form>/<key>[.docx]."""

    route_base = "/papers"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_open": FIELD | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = scope.unit_of_request()
        if node is None:
            roots = list_roots()
            node = roots[0].node if roots else None
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Papers"))
        below = [(key, name, url_for("PapersPage.index", node=key)) for key, name in scope.units_below(node).items()]
        return self.render_template(
            "papers/index.html",
            title=_("Papers"),
            subtitle=node.name,
            rows=self._rows(Subject.UNIT, node),
            below=below,
            crumbs=scope.crumbs_of(node, lambda key: url_for("PapersPage.index", node=key)),
            board=url_for("GridPublicity.board", node_id=node.id)
            if node.parent_id and self.may("can_read", "GridPublicity")
            else "",
        )

    @expose("/household/<int:household_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def household(self, household_id: int) -> Any:
        household: Household = db.session.get(Household, household_id) or abort(404)
        return self.render_template(
            "papers/index.html",
            title=_("Papers of a household"),
            subtitle=cells.household_cell(household.id),
            below=[],
            rows=self._rows(Subject.HOUSEHOLD, household),
            crumbs=cells.crumbs_of(household),
            board="",
        )

    def _rows(self, subject: Subject, row: Household | GridNode) -> list[dict[str, Any]]:
        """The forms of a kind of subject in the order of their numbers, with what there is of each."""
        found = []
        for form in FORMS:
            if form.subject is not subject or not _may_read(form):
                continue
            found.append({
                "number": form.number, "title": _(form.title), "from": _(form.filled_from), "is_public": form.is_public,
                "entries": [{"words": one.words, "href": url_for("PapersPage.paper", form=form.code, key=one.key)}
                            for one in BUILDERS[form.code].entries(row)],
            })  # fmt: skip
        return found

    @expose("/<form>/<int:key>", methods=["GET"])
    @has_access
    @permission_name("read")
    def paper(self, form: str, key: int) -> Any:
        found, sheet = self._sheet(form, key)
        if form in FOR_A_REASON:
            if not self.may("can_open"):
                abort(403)
            reasons = [(name, words) for name, words in REASONS.items() if name not in ("call", "other")]
            return self.render_template("papers/reason.html", title=_(found.title), reasons=reasons,
                                        address=url_for("PapersPage.open", form=form, key=key))  # fmt: skip
        return self._page(found, key, sheet)

    @expose("/<form>/<int:key>.docx", methods=["GET"])
    @has_access
    @permission_name("read")
    def docx(self, form: str, key: int) -> Any:
        found, sheet = self._sheet(form, key)
        if form in FOR_A_REASON:
            return redirect(url_for("PapersPage.paper", form=form, key=key))
        return self._download(found, key, sheet)

    @expose("/<form>/<int:key>/open", methods=["POST"])
    @has_access
    @permission_name("open")
    def open(self, form: str, key: int) -> Any:
        """A form that shows what is hidden elsewhere: who opened it and why is in the audit trail."""
        found, sheet = self._sheet(form, key)
        reason = " ".join(request.form.get(part, "").strip() for part in ("reason", "words")).strip()
        if form not in FOR_A_REASON:
            abort(404)
        if not reason:
            flash(_("Say why."), "warning")
            return redirect(url_for("PapersPage.paper", form=form, key=key))
        audit.record("reveal", f"paper_{form}", key, reason=reason)
        db.session.commit()
        return self._download(found, key, sheet) if request.form.get("as") == "docx" else self._page(found, key, sheet)

    def _sheet(self, code: str, key: int) -> tuple[Form, Sheet]:
        """404 for a form that is unknown, not this reader's, or filled from nothing they may see."""
        form = BY_CODE.get(code)
        builder: Builder | None = BUILDERS.get(code)
        if form is None or builder is None or not _may_read(form):
            abort(404)
        return form, builder.sheet(key) or abort(404)

    def _page(self, form: Form, key: int, sheet: Sheet) -> Any:
        return self.render_template(
            "papers/sheet.html", sheet=sheet, rows_of=rows_of, kind_of=lambda block: KINDS.get(type(block), "signs"),
            docx="" if form.code in FOR_A_REASON else url_for("PapersPage.docx", form=form.code, key=key), back="",
        )  # fmt: skip

    def _download(self, form: Form, key: int, sheet: Sheet) -> Any:
        """The name says which form and number, never whose."""
        name = f"{form.number:02d}-{_(form.title)}-{clock.now():%Y%m%d}-{key}.docx"
        answer: Any = send_file(io.BytesIO(to_docx(sheet)), mimetype=MEDIA_TYPE, as_attachment=True, download_name=name)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _may_read(form: Form) -> bool:
    held = {role.name for role in g.user.roles}
    return SYSTEM_ADMIN in held or bool(held & {role.value for role in form.readers})
