"""Appeals and suggestions: the list, one of them with its answer and closing, and recording one (D0-30)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.labels import label_of
from app.domain.msgids import N_
from app.domain.register.words import AppealKind, AppealState
from app.domain.transitions import InvalidTransition, can_move
from app.extensions import db
from app.models import Appeal, GridNode, Household
from app.queries.household_file_timeline import names_of_users
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.register import appeals
from app.services.register.appeals import AppealError
from app.views import cells, dates
from app.views.base import GridInterface, ReadOnlyModelView
from app.views.columns import COLUMNS, badges
from app.views.register.registers import plain

STATE = badges(AppealState, {AppealState.OPEN: "warning", AppealState.ANSWERED: "info", AppealState.CLOSED: "success"})


class AppealView(ReadOnlyModelView):
    datamodel = GridInterface(Appeal)
    route_base = "/appeals"
    list_title, show_title = _l("Appeals and suggestions"), _l("Appeal")
    label_columns = COLUMNS | {
        "kind": _l("Kind"), "received_on": _l("Received on"), "id": _l("Number"), "node": _l("Unit"),
    }  # fmt: skip
    list_columns = ["id", "kind", "state", "household", "node", "received_on"]
    show_columns = list_columns
    search_columns = ["kind", "state", "received_on"]
    order_columns = ["received_on"]
    badges: ClassVar = {"state": STATE, "kind": plain(AppealKind)}
    permitted_roles: ClassVar = {"can_list": EVERYBODY, "can_show": EVERYBODY}
    empty_hint = _l("What people ask for or suggest, on the phone, at a visit or at the counter, is kept here.")

    def display(self, item: Appeal, column: str) -> Any:
        if column == "id":
            href = url_for("AppealPage.show", appeal_id=item.id)
            return Markup('<a href="{}">{}</a>').format(href, item.id)
        return super().display(item, column)


class AppealPage(BaseView):
    """GET /appeal/<id>, POST /appeal/<id>/<act>, GET and POST /appeal/new."""

    route_base = "/appeal"
    default_view = "new"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_record": FIELD | STAFF, "can_answer": VILLAGE | STAFF}

    @expose("/<int:appeal_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, appeal_id: int) -> Any:
        return self._page(self._appeal(appeal_id))

    @expose("/<int:appeal_id>/act", methods=["POST"])
    @has_access
    @permission_name("answer")
    def act(self, appeal_id: int) -> Any:
        appeal = self._appeal(appeal_id)
        act, words, user_id = request.form.get("act"), request.form.get("words", ""), current_access().user_id
        try:
            if act == "answer":
                appeals.answer(db.session, appeal.id, words, user_id=user_id)
            elif act == "close":
                appeals.close(db.session, appeal.id, words, user_id=user_id)
            elif act == "reopen":
                appeals.reopen(db.session, appeal.id)
            else:
                abort(400)
            db.session.commit()
            flash(_("Saved."), "success")
        except InvalidTransition:
            db.session.rollback()
            flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
        except AppealError as error:
            db.session.rollback()
            flash(f"{_(error.message)} {_(error.remedy)}", "warning")
            return self._page(self._appeal(appeal_id), words), 422
        return redirect(url_for("AppealPage.show", appeal_id=appeal_id))

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("record")
    def new(self) -> Any:
        names = ("household", "node", "kind", "words", "received_on", "told_by")
        given, problem = {name: request.values.get(name, "") for name in names}, {}
        household, node = _find(Household, given["household"]), _find(GridNode, given["node"])
        if request.method == "POST":
            try:
                appeal = self._record(given, household, node)
            except AppealError as error:
                db.session.rollback()
                problem = {error.field: f"{_(error.message)} {_(error.remedy)}"}
                household, node = _find(Household, given["household"]), _find(GridNode, given["node"])
            else:
                flash(_("Saved."), "success")
                return redirect(url_for("AppealPage.show", appeal_id=appeal.id))
        kinds = [(one.value, _(label_of(one))) for one in AppealKind]
        page = self.render_template("register/appeal_new.html", given=given, problem=problem, kinds=kinds,
                                    household=household, node=node, today=today())  # fmt: skip
        return page, 422 if problem else 200

    def _record(self, given: dict[str, str], household: Household | None, node: GridNode | None) -> Appeal:
        kind = next((one for one in AppealKind if one == given["kind"]), None)
        if kind is None:
            raise AppealError("kind", N_("The kind is missing."), N_("Choose from the list."))
        try:
            day = date.fromisoformat(given["received_on"])
        except ValueError as error:
            raise AppealError("received_on", N_("This is not a date."), N_("Enter it like 2026-11-21.")) from error
        appeal = appeals.record(db.session, kind=kind, words=given["words"], received_on=day, household=household,
                                node=node, told_by=given["told_by"], user_id=current_access().user_id)  # fmt: skip
        db.session.commit()
        return appeal

    def _appeal(self, appeal_id: int) -> Appeal:
        found: Appeal = db.session.get(Appeal, appeal_id) or abort(404)
        return found

    def _page(self, appeal: Appeal, words: str = "") -> Any:
        may = bool(self.appbuilder.sm.has_access("can_answer", "AppealPage"))
        acts = [(act, label, state) for act, label, state in (
            ("answer", _("Answer"), AppealState.ANSWERED), ("close", _("Close"), AppealState.CLOSED),
            ("reopen", _("Open again"), AppealState.OPEN)) if may and can_move(appeal.state, state)]  # fmt: skip
        names = names_of_users({appeal.answered_by_id, appeal.closed_by_id, appeal.created_by_id})
        lines = [
            (_("Said"), dates.civil(appeal.received_on), names.get(appeal.created_by_id, ""), appeal.words),
            (_("Answer"), dates.moment(appeal.answered_at), names.get(appeal.answered_by_id, ""), appeal.answer),
            (_("Closing"), dates.moment(appeal.closed_at), names.get(appeal.closed_by_id, ""), appeal.closing),
        ]
        return self.render_template(
            "register/appeal.html", appeal=appeal, state=STATE[appeal.state], kind=_(label_of(appeal.kind)), acts=acts,
            household=cells.household_cell(appeal.household_id), unit=cells.unit_cell(appeal.node), words=words,
            lines=[line for line in lines if line[3]],
        )  # fmt: skip


def _find(model: Any, key: str) -> Any:
    return db.session.get(model, int(key)) if key.isascii() and key.isdigit() and len(key) < 18 else None
