"""Who reports without a log-in, and the reports that wait for somebody to say whom they are about."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.clues.words import ReportState
from app.domain.labels import label_of
from app.domain.masking import mask_name
from app.domain.phones import mask_phone
from app.extensions import db
from app.models import ClueReport, ClueReporter, Household
from app.queries.scope import current_access
from app.security import audit
from app.security.roles import EVERYBODY, STAFF
from app.services.clues import reports
from app.services.clues.problems import ClueError
from app.views.base import PLAIN, GridInterface, GridModelView, ReadOnlyModelView, RefusedError
from app.views.columns import COLUMNS
from app.views.guards import whole_number
from app.views.personal import PhoneEntry
from app.views.register.codes import code_words, policy_select
from app.views.steps import said

LABELS: dict[str, Any] = {
    "name": _l("Reporter"), "source_code": _l("Kind of reporter"), "node": _l("Township"),
    "department": _l("Department that hears of it too"), "contact_name": _l("Contact person"),
    "contact_phone": _l("Telephone"), "is_active": _l("In use"), "receipt": _l("Receipt number"),
    "reporter": _l("Reporter"), "submitted_at": _l("Sent at"), "village": _l("Village as written"),
}  # fmt: skip
STATES = {
    ReportState.WAITING: (_l(label_of(ReportState.WAITING)), "warning"),
    ReportState.TAKEN_UP: (_l(label_of(ReportState.TAKEN_UP)), "success"),
    ReportState.SET_ASIDE: (_l(label_of(ReportState.SET_ASIDE)), PLAIN),
}


class ClueReporterView(PhoneEntry, GridModelView):
    """Enterprises, schools, health centres, village doctors of a township; each has one link."""

    datamodel = GridInterface(ClueReporter)
    route_base = "/clue-reporters"
    permitted_roles: ClassVar = {"can_list": EVERYBODY, "can_show": EVERYBODY, "can_add": STAFF, "can_edit": STAFF}
    exclude_route_methods: ClassVar[set[str]] = {"download", "delete"}
    list_title, show_title = _l("Reporters without a log-in"), _l("Reporter")
    add_title, edit_title = _l("New reporter"), _l("Edit reporter")
    label_columns = COLUMNS | LABELS
    list_columns = ["name", "source_code", "node", "contact_name", "is_active"]
    show_columns = ["name", "source_code", "node", "department", "contact_name", "contact_phone", "is_active"]
    add_columns = ["name", "source_code", "node", "department", "contact_name", "phone_number"]
    edit_columns = ["name", "source_code", "department", "contact_name", "phone_number", "is_active"]
    search_columns = ["name", "is_active"]
    order_columns = ["name"]
    related_lookups: ClassVar = {"node": "GridNodeView.lookup", "department": "DepartmentView.lookup"}
    masked_columns: ClassVar = {"contact_phone": mask_phone}
    add_form_extra_fields = edit_form_extra_fields = {
        "source_code": policy_select(LABELS["source_code"], "clue_sources"),
    }  # fmt: skip
    empty_hint = _l("Enter an enterprise, a school or a village doctor, and give them their link.")

    def display(self, item: ClueReporter, column: str) -> Any:
        if column == "source_code":
            return code_words(item.source_code, "clue_sources", node_id=item.node_id)
        if column == "name":
            return Markup('<a href="{}">{}</a>').format(url_for("ReportDesk.link", reporter_id=item.id), item.name)
        return super().display(item, column)

    def pre_add(self, item: ClueReporter) -> None:
        super().pre_add(item)
        self._check(item)

    def pre_update(self, item: ClueReporter) -> None:
        super().pre_update(item)
        self._check(item)

    def _check(self, item: ClueReporter) -> None:
        item.name = (item.name or "").strip()
        place = item.node.id if item.node is not None else item.node_id
        same = db.session.query(ClueReporter.id).filter(ClueReporter.node_id == place, ClueReporter.name == item.name)
        if same.filter(ClueReporter.id != (item.id or 0)).first() is not None:
            raise RefusedError(_("This unit has a reporter of that name already. Open it instead."))

    def store_phone(self, item: ClueReporter, e164: str) -> None:
        item.contact_phone, item.contact_tail = e164, e164[-4:]


class ClueReportView(ReadOnlyModelView):
    datamodel = GridInterface(ClueReport)
    route_base = "/clue-reports"
    permitted_roles: ClassVar = {"can_list": EVERYBODY, "can_show": EVERYBODY}
    list_title, show_title = _l("Reports received"), _l("Report")
    label_columns = COLUMNS | LABELS
    list_columns = ["receipt", "reporter", "kind", "village", "state", "submitted_at"]
    show_columns = ["receipt", "reporter", "kind", "village", "state", "submitted_at"]
    search_columns = ["receipt", "kind", "state", "submitted_at"]
    order_columns = ["submitted_at"]
    base_order = ("submitted_at", "desc")
    badges: ClassVar = {"state": STATES}
    empty_hint = _l("What enterprises, schools and doctors write by their link appears here.")

    def display(self, item: ClueReport, column: str) -> Any:
        if column == "receipt":
            return Markup('<a href="{}">{}</a>').format(url_for("ReportDesk.report", report_id=item.id), item.receipt)
        return super().display(item, column)


class ReportDesk(BaseView):
    """GET /report-desk/<id>, POST …/match and …/set-aside; GET and POST /report-desk/link/<reporter>."""

    route_base = "/report-desk"
    default_view = "report"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_decide": STAFF, "can_link": STAFF}

    @expose("/<int:report_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def report(self, report_id: int) -> Any:
        return self._page(self._report(report_id))

    @expose("/<int:report_id>/match", methods=["POST"])
    @has_access
    @permission_name("decide")
    def match(self, report_id: int) -> Any:
        report = self._report(report_id)
        key = whole_number(request.form.get("household", ""))
        household = db.session.get(Household, key) if key is not None else None
        if household is None:
            flash(_("Choose the household this report is about."), "warning")
            return self._page(report), 400
        try:
            clue = reports.take_up(db.session, report, household, user_id=current_access().user_id)
        except ClueError as error:
            return self._refused(report_id, error)
        db.session.commit()
        flash(_("Taken up as a clue in the township's inbox."), "success")
        return redirect(url_for("CluePage.index", clue_id=clue.id))

    @expose("/<int:report_id>/set-aside", methods=["POST"])
    @has_access
    @permission_name("decide")
    def set_aside(self, report_id: int) -> Any:
        report, words = self._report(report_id), request.form.get("reason", "")
        try:
            reports.set_aside(db.session, report, reason=words, user_id=current_access().user_id)
        except ClueError as error:
            return self._refused(report_id, error, words)
        db.session.commit()
        flash(_("Set aside, with the reason."), "success")
        return redirect(url_for("ReportDesk.report", report_id=report_id))

    @expose("/link/<int:reporter_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("link")
    def link(self, reporter_id: int) -> Any:
        """Makes or withdraws the link. It is shown this once: what is kept does not tell it."""
        reporter: ClueReporter = db.session.get(ClueReporter, reporter_id) or abort(404)
        href = ""
        if request.method == "POST":
            if request.form.get("act") == "withdraw":
                reports.withdraw_link(db.session, reporter)
                flash(_("The link is withdrawn."), "success")
            else:
                href = url_for("PublicReport.form", word=reports.issue_link(db.session, reporter), _external=True)
            audit.record("reporter_link", "clue_reporter", reporter.id, node_id=reporter.node_id)
            db.session.commit()
        return self.render_template("clues/reporter_link.html", reporter=reporter, href=href,
                                    edit=url_for("ClueReporterView.edit", pk=reporter.id))  # fmt: skip

    def _refused(self, report_id: int, error: ClueError, words: str = "") -> Any:
        db.session.rollback()
        flash(said(error), "warning")
        return self._page(self._report(report_id), words), 400

    def _report(self, report_id: int) -> ClueReport:
        report: ClueReport = db.session.get(ClueReport, report_id) or abort(404)
        return report

    def _page(self, report: ClueReport, words: str = "") -> Any:
        may = report.state is ReportState.WAITING and self.appbuilder.sm.has_access("can_decide", "ReportDesk")
        return self.render_template(
            "clues/report.html", report=report, state=STATES[report.state], kind=_(label_of(report.kind)),
            person=mask_name(report.person), may_decide=may, words=words,
            clue=url_for("CluePage.index", clue_id=report.clue_id) if report.clue_id else "",
        )  # fmt: skip
