"""Which issues of the evaluated unit count, by which clause, and how they enter the evaluation (D0-60, D4-29)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.labels import label_of
from app.domain.supervision.words import IssueSeverity, Verdict
from app.domain.worker_files.words import EvaluationState
from app.extensions import db
from app.models import Evaluation, Issue
from app.queries.policy import rules_for
from app.queries.supervision.inspections import CATEGORIES
from app.queries.supervision.issues import Judged, is_taken_off, list_for_evaluation
from app.queries.worker_files.people import leads_place, own_worker_id
from app.security.roles import STAFF, VILLAGE
from app.services.supervision import issues as service
from app.views import cells
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.supervision.page import (
    SEVERITY_TONES,
    VERDICT_TONES,
    SupervisionPage,
    code_words,
    finding_words,
    row_or_404,
)
from app.views.worker_files.page import text


class PointsForm(FlaskForm):
    points = text(_l("Points taken off"), needed=True, longest=6, inputmode="decimal")


class IssuesOfEvaluation(SupervisionPage):
    """GET /issues-of-evaluation/<id>; forms to take points off for one of them, and to let a serious one decide."""

    route_base = "/issues-of-evaluation"
    default_view = "show"
    permitted_roles: ClassVar = {"can_read": VILLAGE | STAFF, "can_write": VILLAGE | STAFF}

    @expose("/<int:evaluation_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, evaluation_id: int) -> Any:
        row: Evaluation = _led(evaluation_id)
        found = list_for_evaluation(row)
        cells.load([issue for issue, _judged in found], ["household"])
        is_open = row.state is EvaluationState.DRAFT
        rule = rules_for(row.node_id, row.to_on).assessment
        return self.render_template(
            "supervision/evaluation.html", row=row, place=cells.unit_cell(row.node), may_write=is_open,
            issues=[_row(row, issue, judged, may_veto=bool(rule.veto)) for issue, judged in found],
            exempt=[_(label_of(one)) for one in rule.exempt_found_by], source=rule.source_of("exempt_found_by"),
            veto_source=rule.source_of("veto") if rule.veto else None,
        )  # fmt: skip

    @expose("/<int:evaluation_id>/issues/<int:issue_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def take_off(self, evaluation_id: int, issue_id: int) -> Any:
        row, issue, form = _led(evaluation_id), row_or_404(Issue, issue_id), PointsForm()
        return self.form_page(
            form, lambda: service.take_off(db.session, issue_id, evaluation_id, form.points.data or ""),
            url_for("IssuesOfEvaluation.show", evaluation_id=evaluation_id), title=_("Take points off"),
            button=_("Take off"), facts=[(_("Issue"), issue.number), (_("The problem"), finding_words(issue)),
                                         (_("Name"), row.worker.name), (_("Period"), row.period)],
        )  # fmt: skip

    @expose("/<int:evaluation_id>/issues/<int:issue_id>/veto", methods=["POST"])
    @has_access
    @permission_name("write")
    def veto(self, evaluation_id: int, issue_id: int) -> Any:
        _led(evaluation_id)
        return self.act(lambda: service.veto(db.session, issue_id, evaluation_id),
                        url_for("IssuesOfEvaluation.show", evaluation_id=evaluation_id))  # fmt: skip


def _led(evaluation_id: int) -> Evaluation:
    """An evaluation one decides about; one's own, or that of a superior, is not found."""
    row: Evaluation = row_or_404(Evaluation, evaluation_id)
    if not leads_place(row.node) or row.worker_id == own_worker_id():
        abort(404)
    return row


def _row(row: Evaluation, issue: Issue, judged: Judged, *, may_veto: bool) -> dict[str, Any]:
    counted, taken = judged.verdict is Verdict.COUNTED, is_taken_off(row, issue)
    return {
        "number": issue.number, "href": url_for("Issues.show", issue_id=issue.id), "on": civil(issue.found_on),
        "what": code_words(issue.node_id, CATEGORIES, issue.category, issue.found_on),
        "severity": badge_cell(_(label_of(issue.severity)), SEVERITY_TONES[issue.severity]),
        "found_by": _(label_of(issue.found_by)), "taken": taken,
        "verdict": badge_cell(_(label_of(judged.verdict)), VERDICT_TONES[judged.verdict]),
        "take_href": url_for("IssuesOfEvaluation.take_off", evaluation_id=row.id, issue_id=issue.id)
        if counted and not taken else "",
        "veto_href": url_for("IssuesOfEvaluation.veto", evaluation_id=row.id, issue_id=issue.id)
        if counted and may_veto and issue.severity is IssueSeverity.SERIOUS and not row.veto else "",
    }  # fmt: skip
