"""部门预警 in the browser: upload, look through, dispatch, answer, sum up (D0-43, D2-17, D2-41, D4-32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.domain.casework.limits import limit_of
from app.domain.clues.words import BatchState, RowAnswer, RowChoice
from app.domain.enums import ClueKind
from app.domain.labels import LABELS, label_of
from app.domain.masking import mask_name
from app.domain.msgids import N_
from app.extensions import clock, db
from app.models import Department, GridNode, Household, WarningBatch, WarningRow
from app.queries.clues import batches as reads
from app.queries.clues.one import list_departments
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.clues import batches
from app.services.clues.problems import ClueError
from app.sheets.clues import warnings as sheet
from app.sheets.problems import SheetError, explain_in_a_line
from app.views import cells
from app.views.downloads import as_workbook
from app.views.guards import whole_number
from app.views.register.codes import own_node_id
from app.views.steps import said

STATES = {
    BatchState.DRAFT: (_l(label_of(BatchState.DRAFT)), "warning"),
    BatchState.DISPATCHED: (_l(label_of(BatchState.DISPATCHED)), "info"),
    BatchState.CLOSED: (_l(label_of(BatchState.CLOSED)), "success"),
    BatchState.UNDONE: (_l(label_of(BatchState.UNDONE)), "neutral"),
}
ANSWER_TONES = {RowAnswer.CLUE: "danger", RowAnswer.NOT_FOUND: "warning"}
_SHOWN_FAULTS = 50


class Warnings(BaseView):
    """GET /warnings/, /warnings/<id>, /warnings/answers; the POSTs below them do one thing each."""

    route_base = "/warnings"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": STAFF, "can_answer": FIELD | STAFF,
                                 "can_export": STAFF}  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        return self._index()

    def _index(self, given: dict[str, str] | None = None, faults: Any = ()) -> Any:
        rows = [{"batch": batch, "tally": tally, "state": STATES[batch.state], "limit": _limit(batch, tally)}
                for batch, tally in reads.list_batches(db.session)]  # fmt: skip
        return self.render_template(
            "clues/warnings.html", rows=rows, may_write=self._may("can_write"),
            departments=list_departments(db.session), given=given or {"pushed_on": today().isoformat()}, faults=faults,
            waiting=len(reads.list_to_answer(db.session)), may_answer=self._may("can_answer"),
        )  # fmt: skip

    @expose("/template.xlsx", methods=["GET"])
    @has_access
    @permission_name("write")
    def template(self) -> Response:
        return as_workbook(sheet.template(), "部门预警名单模板.xlsx")

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> Any:
        """Faults are listed by row; the rows without one are taken in, as a draft nobody else sees answered yet."""
        given = {name: request.form.get(name, "") for name in ("title", "department", "pushed_on")}
        file = request.files.get("file")
        try:
            department, pushed_on = _department(given["department"]), _day(given["pushed_on"])
            if file is None or not file.filename:
                raise ClueError(N_("Choose a file first."))
            lines, faults = sheet.read_warnings(file.read())
            node = db.session.get(GridNode, own_node_id() or 0) or abort(404)
            taken = batches.take_in(
                db.session, node, department, lines, title=given["title"], pushed_on=pushed_on,
                file_name=file.filename, user_id=current_access().user_id,
            )  # fmt: skip
        except SheetError as error:
            return self._again(given, explain_in_a_line(error.to_json()))
        except ClueError as error:
            return self._again(given, said(error))
        db.session.commit()
        told = [(number, problem.column, explain_in_a_line(problem.to_json())) for number, problem in faults]
        if taken.batch is None:
            flash(_("No new row: %(count)d were known already.", count=taken.known), "info")
            return (self._index(given, told[:_SHOWN_FAULTS]), 400) if told else redirect(url_for("Warnings.index"))
        flash(_("%(fresh)d rows taken in, %(known)d were known already, %(bad)d are faulty.", fresh=taken.fresh,
                known=taken.known, bad=len({number for number, _column, _text in told})), "success")  # fmt: skip
        if told:
            return self._page(taken.batch, faults=told[:_SHOWN_FAULTS])
        return redirect(url_for("Warnings.batch", batch_id=taken.batch.id))

    @expose("/<int:batch_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def batch(self, batch_id: int) -> Any:
        return self._page(self._batch(batch_id))

    @expose("/<int:batch_id>/<act>", methods=["POST"])
    @has_access
    @permission_name("write")
    def change(self, batch_id: int, act: str) -> Any:
        """dispatch, close, undo."""
        batch = self._own(batch_id)
        acts: dict[str, tuple[Callable[..., Any], Any]] = {
            "dispatch": (batches.dispatch, _l("Dispatched to the villages.")),
            "close": (batches.close, _l("Summarised and closed.")),
            "undo": (batches.undo, _l("The list is taken back.")),
        }  # fmt: skip
        do, done = acts.get(act) or abort(404)
        return self._act(lambda: do(db.session, batch.id), str(done), url_for("Warnings.batch", batch_id=batch_id))

    @expose("/row/<int:row_id>/choose", methods=["POST"])
    @has_access
    @permission_name("write")
    def choose(self, row_id: int) -> Any:
        row = self._row(row_id)
        self._own(row.batch_id)
        choice = next((one for one in RowChoice if one == request.form.get("choice")), RowChoice.SEND)
        home = _found(Household, request.form.get("household"))
        village = _found(GridNode, request.form.get("village"))
        back = url_for("Warnings.batch", batch_id=row.batch_id, page=request.args.get("page"))
        return self._act(lambda: batches.decide_row(db.session, row, choice, household=home, village=village),
                         _("Saved."), back)  # fmt: skip

    @expose("/answers", methods=["GET"])
    @has_access
    @permission_name("answer")
    def answers(self) -> Any:
        """What waits for an answer in one's own area, on one page for a phone."""
        return self._answers()

    def _answers(self, typed: dict[str, str] | None = None) -> Any:
        rows = reads.list_to_answer(db.session)
        cells.load(rows, ["household"])
        return self.render_template(
            "clues/warning_answers.html", rows=[_answer_row(row) for row in rows], typed=typed or {},
            replies=[(reply.value, _(label_of(reply))) for reply in RowAnswer],
            kinds=[(kind.value, _(LABELS[ClueKind][kind])) for kind in ClueKind],
        )  # fmt: skip

    @expose("/row/<int:row_id>/answer", methods=["POST"])
    @has_access
    @permission_name("answer")
    def answer(self, row_id: int) -> Any:
        row = self._row(row_id)
        reply = next((one for one in RowAnswer if one == request.form.get("answer")), None)
        kind = next((one for one in ClueKind if one == request.form.get("kind")), ClueKind.OTHER)
        home, words = _found(Household, request.form.get("household")), request.form.get("words", "")
        try:
            if reply is None:
                raise ClueError(N_("Choose an answer."))
            if home is not None and row.household_id is None:
                batches.find_home(db.session, row, home)
            batches.answer(db.session, row.id, reply, words=words, user_id=current_access().user_id, kind=kind)
        except LookupError:
            abort(404)
        except ClueError as error:
            db.session.rollback()
            flash(said(error), "warning")
            return self._answers({"row": str(row_id), "words": words, "answer": reply.value if reply else ""}), 400
        db.session.commit()
        flash(_("Answered."), "success")
        return redirect(url_for("Warnings.answers"))

    @expose("/<int:batch_id>/summary.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def summary(self, batch_id: int) -> Response:
        batch = self._batch(batch_id)
        audit.record("export", "warning_batch", batch.id, node_id=batch.node_id)
        db.session.commit()
        rows = list(db.session.scalars(reads.all_rows(batch_id)))
        return as_workbook(sheet.summary(batch, rows), f"部门预警核查汇总{batch.id}.xlsx")

    def _act(self, act: Callable[[], Any], done: str, back: str) -> Response:
        try:
            act()
        except ClueError as error:
            db.session.rollback()
            flash(said(error), "warning")
        else:
            db.session.commit()
            flash(done, "success")
        return redirect(back)

    def _again(self, given: dict[str, str], words: str) -> Any:
        db.session.rollback()
        flash(words, "danger")
        return self._index(given), 400

    def _page(self, batch: WarningBatch, faults: Any = ()) -> Any:
        page = whole_number(request.args.get("page", ""), 5, otherwise=1)
        rows, total = reads.list_rows(db.session, batch.id, page)
        cells.load(rows, ["household"])
        cells.load(rows, ["node"])
        tally = reads.tally_of(db.session, batch)
        return self.render_template(
            "clues/warning_batch.html", batch=batch, state=STATES[batch.state], rows=[_row(row) for row in rows],
            page=page, pages=max(1, -(-total // reads.PAGE)), total=total, tally=tally, limit=_limit(batch, tally),
            hours=reads.mean_hours(db.session, batch), faults=faults, may_export=self._may("can_export"),
            is_mine=self._may("can_write") and current_access().covers(_levels(batch)),
        )  # fmt: skip

    def _batch(self, batch_id: int) -> WarningBatch:
        batch: WarningBatch = db.session.get(WarningBatch, batch_id) or abort(404)
        return batch

    def _own(self, batch_id: int) -> WarningBatch:
        """Only the unit that took a list in dispatches, closes and undoes it."""
        batch = self._batch(batch_id)
        return batch if current_access().covers(_levels(batch)) else abort(403)

    def _row(self, row_id: int) -> WarningRow:
        row: WarningRow = db.session.get(WarningRow, row_id) or abort(404)
        return row

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "Warnings"))


def _levels(batch: WarningBatch) -> dict[str, int | None]:
    return {f"l{depth}_id": getattr(batch, f"l{depth}_id") for depth in range(1, 6)}


def _department(text: str) -> Department:
    found = _found(Department, text)
    if found is None:
        raise ClueError(N_("Choose the department this list is from."), "department")
    return found  # type: ignore[no-any-return]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ClueError(N_("Choose the day the department sent the list."), "pushed_on") from None


def _found(model: type[Any], text: str | None) -> Any:
    """The record of an id in a form, None for none or one outside the area."""
    key = whole_number(text or "")
    return db.session.get(model, key) if key is not None else None


def _limit(batch: WarningBatch, tally: reads.Tally) -> tuple[str, str] | None:
    """(words, tone) of the time to answer, while somebody still has to."""
    if batch.state is not BatchState.DISPATCHED or batch.due_at is None or tally.answered >= tally.sent:
        return None
    limit = limit_of(batch.dispatched_at or batch.created_at, batch.due_at, clock.now())
    if clock.now() >= batch.due_at:
        return (_("%(days)d days late", days=limit.days) if limit.days else _("Late since today")), "danger"
    return (_("%(days)d days left", days=limit.days) if limit.days else _("To be done today")), "neutral"


def _row(row: WarningRow) -> dict[str, Any]:
    answer = (_(label_of(row.answer)), ANSWER_TONES.get(row.answer, "success")) if row.answer else None
    return {"row": row, "person": mask_name(row.person), "household": cells.household_cell(row.household_id),
            "place": cells.unit_cell(row.node), "match": _(label_of(row.match)), "answer": answer,
            "clue": url_for("CluePage.index", clue_id=row.clue_id) if row.clue_id else "",
            "is_sent": row.choice is RowChoice.SEND}  # fmt: skip


def _answer_row(row: WarningRow) -> dict[str, Any]:
    tally = reads.Tally(sent=1)
    return {"row": row, "household": cells.household_cell(row.household_id), "limit": _limit(row.batch, tally),
            "department": row.batch.department.name if row.batch.department is not None else ""}  # fmt: skip
