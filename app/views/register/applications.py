"""The village's inbox of applications, one application with what can be decided, and filing one for somebody."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.labels import label_of
from app.domain.masking import mask_id, mask_name, mask_phone
from app.domain.register.applications import FilingError, read_filing
from app.domain.register.receipts import show_receipt
from app.domain.register.words import ApplicationState
from app.domain.transitions import InvalidTransition, successors
from app.extensions import db
from app.models import Application, GridNode, Household
from app.queries.household_file_timeline import names_of_users
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.register import applications
from app.services.register.applications import NEEDS_WORDS, ApplicationError
from app.views import cells, dates
from app.views.base import GridInterface, ReadOnlyModelView
from app.views.columns import COLUMNS, badges
from app.views.register.codes import code_words, codes_of, words_of
from app.views.register.registers import TRI

S = ApplicationState
STATE = badges(S, {S.RECEIVED: "warning", S.ASKED_BACK: "info", S.ACCEPTED: "info", S.PASSED_ON: "success"})
DECISIONS = {
    S.ACCEPTED: (_l("Accept"), "check-lg", "primary"),
    S.ASKED_BACK: (_l("Ask the applicant"), "chat-dots", "outline-secondary"),
    S.PASSED_ON: (_l("Pass on to the township"), "box-arrow-up", "primary"),
    S.REFUSED: (_l("Refuse"), "x-lg", "outline-danger"),
}  # fmt: skip
FORM_FIELDS = ("head_name", "phone", "id_number", "hardship", "risk", "risk_note")


def _find_node(key: str) -> GridNode | None:
    """A unit inside the user's area by its id as a form states it."""
    return db.session.get(GridNode, int(key)) if key.isdigit() and key.isascii() and len(key) < 18 else None


class ApplicationView(ReadOnlyModelView):
    datamodel = GridInterface(Application)
    route_base = "/applications"
    list_title, show_title = _l("Applications"), _l("Application")
    label_columns = COLUMNS | {
        "receipt": _l("Receipt"), "risk_code": _l("Trouble"), "state": _l("State"), "accept_due_on": _l("Accept by"),
        "check_due_on": _l("Check by"), "submitted_at": _l("Sent at"), "is_assisted": _l("With help"),
        "node": _l("Unit"),
    }  # fmt: skip
    list_columns = ["receipt", "node", "risk_code", "state", "submitted_at", "accept_due_on", "is_assisted"]
    show_columns = ["receipt", "node", "risk_code", "state", "submitted_at", "accept_due_on", "check_due_on"]
    search_columns = ["receipt", "state", "submitted_at", "accept_due_on", "is_assisted"]
    order_columns = ["submitted_at", "accept_due_on"]
    base_order = ("accept_due_on", "asc")
    badges: ClassVar = {"state": STATE, "is_assisted": TRI}
    permitted_roles: ClassVar = {"can_list": EVERYBODY, "can_show": EVERYBODY}
    empty_hint = _l("Applications that people send from their own phones with the code on their door arrive here.")

    def display(self, item: Application, column: str) -> Any:
        if column == "receipt":
            href = url_for("ApplicationPage.show", application_id=item.id)
            return Markup('<a href="{}">{}</a>').format(href, show_receipt(item.receipt))
        if column == "risk_code":
            return code_words(item.risk_code, "risk_kinds", node_id=item.node_id)
        return super().display(item, column)


class ApplicationPage(BaseView):
    """GET /application/<id>, POST /application/<id>/decide and …/link, GET and POST /application/new."""

    route_base = "/application"
    default_view = "new"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_decide": VILLAGE | STAFF, "can_file": FIELD | STAFF}

    @expose("/<int:application_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, application_id: int) -> Any:
        return self._page(self._application(application_id))

    @expose("/<int:application_id>/decide", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, application_id: int) -> Any:
        application = self._application(application_id)
        to = next((state for state in DECISIONS if state == request.form.get("to")), None) or abort(400)
        words = request.form.get("words", "")
        try:
            applications.decide(db.session, application.id, to, words=words, user_id=current_access().user_id)
            db.session.commit()
        except InvalidTransition:
            db.session.rollback()
            flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
        except ApplicationError as error:
            db.session.rollback()
            flash(f"{_(error.message)} {_(error.remedy)}", "warning")
            return self._page(self._application(application_id), words=words), 422
        else:
            flash(_("Saved."), "success")
        return redirect(url_for("ApplicationPage.show", application_id=application_id))

    @expose("/<int:application_id>/link", methods=["POST"])
    @has_access
    @permission_name("decide")
    def link(self, application_id: int) -> Any:
        """The village says which household it is: a clue and a task follow."""
        application = self._application(application_id)
        chosen = request.form.get("household", "")
        household = db.session.get(Household, int(chosen)) if chosen.isdigit() and len(chosen) < 18 else None
        if household is None:
            flash(_("Choose the household from the list."), "warning")
            return redirect(url_for("ApplicationPage.show", application_id=application_id))
        try:
            applications.link(db.session, application, household, user_id=current_access().user_id)
            db.session.commit()
            flash(_("Saved."), "success")
        except ApplicationError as error:
            db.session.rollback()
            flash(f"{_(error.message)} {_(error.remedy)}", "warning")
        return redirect(url_for("ApplicationPage.show", application_id=application_id))

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("file")
    def new(self) -> Any:
        """A worker fills it in for somebody who cannot: read out, with the applicant's fingerprint on paper."""
        given = {name: request.form.get(name, "") for name in (*FORM_FIELDS, "node", "fingerprint_note")}
        problems: dict[str, str] = {}
        if request.method == "POST":
            done = self._file(given, problems)
            if done is not None:
                flash(_("Receipt number %(receipt)s. Write it down for the applicant.",
                        receipt=show_receipt(done.receipt)), "success")  # fmt: skip
                return redirect(url_for("ApplicationPage.show", application_id=done.id))
        risks = [(one.code, words_of(one)) for one in codes_of("risk_kinds") if not one.group]
        page = self.render_template("register/application_new.html", given=given, problems=problems, risks=risks,
                                    node=_find_node(given["node"]))  # fmt: skip
        return page, 422 if problems else 200

    def _file(self, given: dict[str, str], problems: dict[str, str]) -> Application | None:
        node = _find_node(given["node"])
        if node is None:
            problems["node"] = _("Choose the village from the list.")
        if not given["fingerprint_note"].strip():
            problems["fingerprint_note"] = _("Say that it was read out, and where the fingerprint is kept.")
        rows = [one for one in codes_of("risk_kinds") if not one.group]
        try:
            filing = read_filing(given, today=today(), risks={one.code for one in rows},
                                 need_note={one.code for one in rows if one.needs_note})  # fmt: skip
        except FilingError as error:
            problems |= {name: f"{_(what)} {_(remedy)}" for name, (what, remedy) in error.problems.items()}
            return None
        if problems or node is None:
            return None
        try:
            application = applications.file(db.session, node, filing, filled_by_id=current_access().user_id,
                                            fingerprint_note=given["fingerprint_note"].strip())  # fmt: skip
            db.session.commit()
        except ApplicationError as error:
            db.session.rollback()
            problems["head_name"] = f"{_(error.message)} {_(error.remedy)}"
            return None
        return application

    def _application(self, application_id: int) -> Application:
        found: Application = db.session.get(Application, application_id) or abort(404)
        return found

    def _case_url(self, application: Application) -> str:
        """Where the township goes on with what the village has passed on; "" for whoever may not, or before that."""
        if application.state is not S.PASSED_ON or application.matched_household_id is None:
            return ""
        if not self.appbuilder.sm.has_access("can_open", "CaseOpening"):
            return ""
        return url_for("CaseOpening.household", household_id=application.matched_household_id,
                       clue=application.clue_id)  # fmt: skip

    def _page(self, application: Application, words: str = "") -> Any:
        may = bool(self.appbuilder.sm.has_access("can_decide", "ApplicationPage"))
        offered = [(state, *DECISIONS[state], state in NEEDS_WORDS) for state in DECISIONS
                   if state in successors(application.state)] if may else []  # fmt: skip
        names = names_of_users({entry.user_id for entry in application.entries})
        history = [(dates.moment(entry.at), _(label_of(entry.act)), names.get(entry.user_id, ""), entry.words)
                   for entry in application.entries]  # fmt: skip
        return self.render_template(
            "register/application.html", application=application, receipt=show_receipt(application.receipt),
            state=STATE[application.state], offered=offered, history=history, words=words,
            risk=code_words(application.risk_code, "risk_kinds", node_id=application.node_id),
            unit=cells.unit_cell(application.node), household=cells.household_cell(application.matched_household_id),
            case_url=self._case_url(application),
            hidden={"name": mask_name(application.head_name), "phone": mask_phone(application.phone),
                    "id": mask_id(application.id_number)},
            may_decide=may, may_reveal=bool(self.appbuilder.sm.has_access("can_reveal", "RevealView")),
        )  # fmt: skip
