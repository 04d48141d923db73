"""Rosters in and out: upload, preview, apply, error file, undo; the register and the quarter's ledger as XLSX."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.domain.enums import ImportState
from app.domain.quarters import Quarter, QuarterError
from app.domain.transitions import InvalidTransition
from app.extensions import clock, db
from app.models import ImportBatch, ImportRow
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import READERS, STAFF, VILLAGE
from app.services.rosters import CHUNK
from app.sheets import exports
from app.sheets.imports import batches, files
from app.sheets.ledgers import contacts as ledger
from app.sheets.problems import SheetError, explain, explain_in_a_line
from app.views.columns import IMPORT_STATE
from app.views.downloads import as_workbook
from app.views.guards import whole_number
from app.views.menu import HOUSEHOLDS, add_page
from app.views.pages_reach import LEDGER_MOST
from tasks import imports as tasks

PAGE = 50
INLINE_BYTES = 1 << 20  # about 10,000 rows: previewed in seconds, so nobody waits for a worker
_PENDING = (ImportState.UPLOADED, ImportState.APPLYING)
_REFUSALS = {
    "changed_since": _l("changed since"),
    "in_use": _l("called or visited since"),
    "gone": _l("no longer in the register"),
    "outside_area": _l("outside your area"),
}


class Imports(BaseView):
    """GET /imports/ and the steps of one upload. Permissions: can_read, can_write, can_export on Imports."""

    route_base = "/imports"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_read": VILLAGE | STAFF,
        "can_write": VILLAGE | STAFF,
        "can_export": VILLAGE | STAFF | READERS,
    }

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        recent = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(20)).all()
        return self.render_template("imports/index.html", recent=recent, states=IMPORT_STATE,
                                    quarter=Quarter.at(clock.now()))  # fmt: skip

    @expose("/template.xlsx", methods=["GET"])
    @has_access
    @permission_name("read")
    def template(self) -> Response:
        return as_workbook(files.template(db.session), "农户名册模板.xlsx")

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> Response:
        file = request.files.get("file")
        if file is None or not file.filename:
            flash(_("Choose a file first."), "danger")
            return redirect(url_for("Imports.index"))
        data = file.read()
        db.session.commit()  # ends the transaction the log-in check began: parsing must keep nobody waiting
        try:
            batch_id = batches.upload(db.session, data, file.filename, current_access().user_id).id
        except SheetError as error:
            flash(explain_in_a_line(error.to_json()), "danger")
            return redirect(url_for("Imports.index"))
        db.session.commit()
        if len(data) <= INLINE_BYTES:
            batches.preview(db.session, batch_id, db.session.commit)
        else:
            tasks.enqueue(tasks.PREVIEW, batch_id)
        return redirect(url_for("Imports.batch", batch_id=batch_id))

    @expose("/<int:batch_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def batch(self, batch_id: int) -> Any:
        batch = _batch(batch_id)
        verdict = next((one for one in batches.PENDING if one == request.args.get("show")), "bad")
        page = _page_number()
        rows, total = _rows(batch_id, verdict, page)
        is_undone = batch.state in (ImportState.UNDONE, ImportState.APPLIED)
        return self.render_template(
            "imports/batch.html", batch=batch, state=IMPORT_STATE[batch.state], rows=rows, total=total, verdict=verdict,
            page=page, pages=max(1, -(-total // PAGE)), earlier=batches.find_earlier(db.session, batch),
            step=_step(batch), is_pending=batch.state in _PENDING, todo=batch.rows_new + batch.rows_changed,
            failure=explain(batch.problem) if batch.state is ImportState.FAILED and batch.problem else None,
            problem=batch.problem or {}, refused=_refused(batch) if is_undone else [],
        )  # fmt: skip

    @expose("/<int:batch_id>/apply", methods=["POST"])
    @has_access
    @permission_name("write")
    def apply(self, batch_id: int) -> Response:
        """One chunk is written at once, more by a worker. Also goes on with a batch that a crash interrupted."""
        batch = _batch(batch_id)
        if batch.state not in (ImportState.PREVIEWED, ImportState.APPLYING):
            flash(_("This upload was already applied or cancelled."), "warning")
        elif batch.rows_new + batch.rows_changed <= CHUNK:
            batches.apply(db.session, batch_id, db.session.commit)
        else:
            db.session.commit()
            tasks.enqueue(tasks.APPLY, batch_id)
            flash(_("The rows are being written. This page shows how far it is."), "info")
        return redirect(url_for("Imports.batch", batch_id=batch_id))

    @expose("/<int:batch_id>/cancel", methods=["POST"])
    @has_access
    @permission_name("write")
    def cancel(self, batch_id: int) -> Response:
        _batch(batch_id)
        try:
            batches.cancel(db.session, batch_id)
        except InvalidTransition:
            db.session.rollback()
            flash(_("This upload was already applied or cancelled."), "warning")
        else:
            db.session.commit()
            flash(_("The upload was discarded; nothing was written."), "info")
        return redirect(url_for("Imports.index"))

    @expose("/<int:batch_id>/undo", methods=["POST"])
    @has_access
    @permission_name("write")
    def undo(self, batch_id: int) -> Response:
        batch = _batch(batch_id)
        if not batches.can_undo(batch):
            flash(_("Only an applied upload can be undone."), "warning")
        elif batch.rows_new + batch.rows_changed <= CHUNK:
            result = batches.undo(db.session, batch_id, db.session.commit)
            flash(_("%(count)d households were put back.", count=result.restored), "success")
        else:
            db.session.commit()
            tasks.enqueue(tasks.UNDO, batch_id)
            flash(_("The upload is being undone. Reload this page in a moment."), "info")
        return redirect(url_for("Imports.batch", batch_id=batch_id))

    @expose("/<int:batch_id>/errors.xlsx", methods=["GET"])
    @has_access
    @permission_name("read")
    def errors(self, batch_id: int) -> Response:
        """The bad rows as they were typed, with numbers in full: an audit entry says who took them."""
        _batch(batch_id)
        data = files.error_file(db.session, batch_id)
        audit.record("export", "import_batch", batch_id)
        db.session.commit()
        return as_workbook(data, f"错误行-{batch_id}.xlsx")

    @expose("/households.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def households(self) -> Response:
        """The register of one's area, masked. ?node=&q=&absent=1"""
        wanted = exports.HouseholdFilters(
            node_code=request.args.get("node", ""), text=request.args.get("q", "")[:40],
            is_absent=True if request.args.get("absent") == "1" else None,
        )  # fmt: skip
        buffer = io.BytesIO()
        try:
            exports.export_households(db.session, buffer, wanted, masked=True)
        except LookupError:
            abort(404)
        db.session.commit()
        return as_workbook(buffer.getvalue(), f"农户名册-{today():%Y%m%d}.xlsx")

    @expose("/contacts.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def contacts(self) -> Response:
        """长期外出户季度联系台账 of one's area. ?quarter=2026Q4&node="""
        try:
            quarter = Quarter.parse(request.args.get("quarter") or str(Quarter.at(clock.now())))
            code = request.args.get("node", "")
            if ledger.count_ledger_rows(db.session, quarter, code) > LEDGER_MOST:
                flash(_("The ledger of so many households takes too long here. Open a unit below and download its "
                        "ledger."), "warning")  # fmt: skip
                return redirect(url_for("Reach.index", quarter=str(quarter)))
            data = ledger.contact_ledger(db.session, quarter, code)
        except QuarterError:
            abort(400)
        except LookupError:
            abort(404)
        audit.record("export", "contact", changes={"quarter": [None, str(quarter)]})
        db.session.commit()
        return as_workbook(data, f"长期外出户季度联系台账-{quarter}.xlsx")


def _batch(batch_id: int) -> ImportBatch:
    try:
        return batches.get_batch(db.session, batch_id)
    except batches.ImportNotFound:
        abort(404)


def _rows(batch_id: int, verdict: str, page: int) -> tuple[list[dict[str, Any]], int]:
    """Row numbers with their problems in words; no personal data, which stays in the error file."""
    condition = ImportRow.batch_id == batch_id, ImportRow.verdict == verdict
    total = db.session.scalar(select(func.count()).select_from(ImportRow).where(*condition)) or 0
    query = select(ImportRow.row_number, ImportRow.errors).where(*condition).order_by(ImportRow.row_number)
    found = db.session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [{"number": number, "problems": [(error["column"], *explain(error)) for error in errors]}
            for number, errors in found], total  # fmt: skip


def _step(batch: ImportBatch) -> int:
    return {ImportState.UPLOADED: 1, ImportState.PREVIEWED: 2, ImportState.APPLYING: 3}.get(batch.state, 4)


def _refused(batch: ImportBatch) -> list[tuple[int, str, Any]]:
    given = (batch.problem or {}).get("undo_refused", [])
    return [(number, code, _REFUSALS[why]) for number, code, why in given]


def _page_number() -> int:
    text = request.args.get("page", "")
    return max(1, whole_number(text, 4, otherwise=1))


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Imports, HOUSEHOLDS, _l("Import and export"), "upload")
