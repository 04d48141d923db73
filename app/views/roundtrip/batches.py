"""One national export, from the upload through the preview and the decisions to writing and undo."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.domain.enums import ImportState
from app.domain.labels import label_of
from app.domain.roundtrip.words import DECISIONS, Decision, RowKind
from app.domain.transitions import InvalidTransition
from app.extensions import clock, db
from app.models import NationalBatch
from app.queries.roundtrip import lists
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import READERS, STAFF
from app.services.roundtrip import applying, comparing, decisions
from app.sheets.imports import national_files, national_staging
from app.sheets.national_export import count_changes, export_changes
from app.sheets.problems import SheetError, explain_in_a_line
from app.views.columns import IMPORT_STATE
from app.views.downloads import as_workbook
from app.views.roundtrip import words
from tasks import roundtrip as tasks

LONGEST_REASON = 200
SILENT_S = 30  # so long without a sign of life, and the page offers to go on
_WORKING = ("reading", "comparing", "writing", "undoing")


class NationalExport(BaseView):
    """GET /national/ and the steps of one upload. Permissions: can_read, can_write, can_export on NationalExport."""

    route_base = "/national"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": STAFF, "can_export": STAFF | READERS,
                                 "can_full": STAFF}  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        recent = db.session.scalars(select(NationalBatch).order_by(NationalBatch.id.desc()).limit(20)).all()
        return self.render_template("roundtrip/index.html", recent=recent, states=IMPORT_STATE, kinds=words.KINDS,
                                    label_of=label_of, waiting=count_changes(db.session),
                                    may_full=self.appbuilder.sm.has_access("can_full", "NationalExport"),
                                    may_write=self.appbuilder.sm.has_access("can_write", "NationalExport"))  # fmt: skip

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> Response:
        """The file is kept and read by a worker: 200,000 rows take minutes."""
        files = [file for file in request.files.getlist("file") if file.filename]
        if len(files) != 1:
            flash(_("Choose exactly one file; upload a second one after the first."), "danger")
            return redirect(url_for("NationalExport.index"))
        db.session.commit()  # ends the transaction the log-in check began: reading must keep nobody waiting
        try:
            batch_id = national_staging.begin(db.session, files[0].stream, files[0].filename or "",
                                              current_access().user_id).id  # fmt: skip
        except SheetError as error:
            flash(explain_in_a_line(error.to_json()), "danger")
            return redirect(url_for("NationalExport.index"))
        national_staging.keep(db.session, batch_id, files[0].stream)
        db.session.commit()
        tasks.enqueue(tasks.READ, batch_id)
        return redirect(url_for("NationalExport.batch", batch_id=batch_id))

    @expose("/<int:batch_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def batch(self, batch_id: int) -> Any:
        """?kind=…&decision=…&unit=depth-id&page=…: the rows of one kind. Progress while somebody works on it."""
        batch = _batch(batch_id)
        wanted = words.read_filter(request.args, batch.counts)
        page = words.page_number(request.args)
        lines = lists.list_rows(db.session, batch_id, wanted, page)
        total = lists.count_rows(db.session, batch_id, wanted)
        return self.render_template(
            "roundtrip/batch.html", batch=batch, state=IMPORT_STATE[batch.state], wanted=wanted, lines=lines, page=page,
            total=total, pages=max(1, -(-total // lists.PAGE)), kinds=words.kind_chips(batch, wanted),
            units=words.unit_options(lists.list_units(db.session, batch_id, wanted.kind)), words=words,
            choices=DECISIONS.get(wanted.kind, ()), label_of=label_of, step=words.step_of(batch),
            is_working=batch.stage in _WORKING, is_silent=_is_silent(batch), plan=_plan(batch),
            refused=words.refusals(batch), failure=explain_in_a_line(batch.problem or {})
            if batch.state is ImportState.FAILED else "",
            may_write=self.appbuilder.sm.has_access("can_write", "NationalExport"))  # fmt: skip

    @expose("/<int:batch_id>/decide", methods=["POST"])
    @has_access
    @permission_name("write")
    def decide(self, batch_id: int) -> Response:
        """row=… decision=…: one row. kind=… decision=… [unit=…]: all rows of the kind."""
        _batch(batch_id)
        form = request.form
        try:
            decision = Decision(form.get("decision", ""))
            if form.get("row", "").isdigit():
                decisions.decide(db.session, batch_id, int(form["row"]), decision)
            else:
                wanted = words.read_filter(form, {})
                count = decisions.decide_all(db.session, batch_id, RowKind(form.get("kind", "")), decision,
                                             *wanted.conditions()[1:])  # fmt: skip
                flash(_("%(count)d rows: %(decision)s.", count=count, decision=_(label_of(decision))), "success")
        except (ValueError, decisions.CannotDecide):
            db.session.rollback()
            flash(_("This cannot be decided for these rows, or the file was written meanwhile."), "warning")
        except LookupError:
            abort(404)
        else:
            db.session.commit()
        return redirect(words.back_to(batch_id, form))

    @expose("/<int:batch_id>/write", methods=["POST"])
    @has_access
    @permission_name("write")
    def write(self, batch_id: int) -> Response:
        """Confirm, and let a worker write. Also goes on with what a crash interrupted."""
        batch = _batch(batch_id)
        try:
            if batch.state is ImportState.UPLOADED:
                task = tasks.READ
            else:
                applying.start(db.session, batch_id)
                task = tasks.WRITE
        except applying.Busy:
            db.session.rollback()
            flash(_("Another national export is being written. Wait until it is done."), "warning")
        except InvalidTransition:
            db.session.rollback()
            flash(_("This upload was already applied or cancelled."), "warning")
        else:
            db.session.commit()
            tasks.enqueue(task, batch_id)
        return redirect(url_for("NationalExport.batch", batch_id=batch_id))

    @expose("/<int:batch_id>/cancel", methods=["POST"])
    @has_access
    @permission_name("write")
    def cancel(self, batch_id: int) -> Response:
        _batch(batch_id)
        try:
            decisions.cancel(db.session, batch_id)
        except InvalidTransition:
            db.session.rollback()
            flash(_("This upload was already applied or cancelled."), "warning")
        else:
            db.session.commit()
            flash(_("The upload was discarded; nothing was written."), "info")
        return redirect(url_for("NationalExport.index"))

    @expose("/<int:batch_id>/undo", methods=["POST"])
    @has_access
    @permission_name("write")
    def undo(self, batch_id: int) -> Response:
        batch = _batch(batch_id)
        if not applying.can_undo(batch):
            flash(_("Only an applied upload can be undone."), "warning")
        else:
            batch.stage, batch.beat_at = "undoing", clock.now()
            db.session.commit()
            tasks.enqueue(tasks.UNDO, batch_id)
        return redirect(url_for("NationalExport.batch", batch_id=batch_id))

    @expose("/<int:batch_id>/errors.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def errors(self, batch_id: int) -> Response:
        """Exactly the faulty rows and those of other areas, as typed; an audit entry says who took them."""
        _batch(batch_id)
        return self._workbook(batch_id, national_files.error_file(db.session, batch_id), "错误行")

    @expose("/<int:batch_id>/village.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def village(self, batch_id: int) -> Response:
        """What the villages are asked, one row a difference, numbers masked, with space for the answer."""
        _batch(batch_id)
        return self._workbook(batch_id, national_files.village_list(db.session, batch_id), "问村核实")

    @expose("/changes.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def changes(self) -> Response:
        """What waits for the provincial platform, in the national columns, numbers masked."""
        return self._changes(masked=True)

    @expose("/changes-full.xlsx", methods=["POST"])
    @has_access
    @permission_name("full")
    def changes_full(self) -> Response:
        """The same with numbers in full, for a reason that stands in the trail."""
        reason = request.form.get("reason", "").strip()
        if not reason or len(reason) > LONGEST_REASON:
            flash(_("Say in up to 200 characters what the full numbers are for."), "danger")
            return redirect(url_for("NationalExport.index"))
        audit.record("reveal", "sync_item", reason=reason)
        return self._changes(masked=False)

    def _changes(self, *, masked: bool) -> Response:
        buffer = io.BytesIO()
        export_changes(db.session, buffer, who=f"{g.user.first_name} {g.user.username}".strip(), masked=masked)
        db.session.commit()
        return as_workbook(buffer.getvalue(), f"待同步变更-{today():%Y%m%d}.xlsx")

    def _workbook(self, batch_id: int, data: bytes, name: str) -> Response:
        audit.record("export", "national_batch", batch_id)
        db.session.commit()
        return as_workbook(data, f"{name}-{batch_id}.xlsx")


def _batch(batch_id: int) -> NationalBatch:
    try:
        return comparing.get_batch(db.session, batch_id)
    except LookupError:
        abort(404)


def _is_silent(batch: NationalBatch) -> bool:
    """Nobody has worked on it for a while: a worker died, or none runs."""
    return batch.stage in _WORKING and (clock.now() - batch.beat_at).total_seconds() > SILENT_S


def _plan(batch: NationalBatch) -> dict[str, int]:
    """What confirming would do now: rows by decision."""
    if batch.state is not ImportState.PREVIEWED:
        return {}
    found = dict.fromkeys((decision.value for decision in Decision), 0)
    for (kind, decision), count in decisions.count_decisions(db.session, batch.id).items():
        if kind in {key.value for key in DECISIONS}:
            found[decision] += count
    return found
