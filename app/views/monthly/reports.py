"""One unit's report on a month: counted, sent with one tap, sent back with a reason, summed up, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.duties.windows import period_of
from app.domain.labels import label_of
from app.domain.monthly.words import ReportState, ReportStep
from app.domain.policy.kinds import Every
from app.extensions import db
from app.models import GridNode, MonthlyReport
from app.queries.meetings.units import unit_of
from app.queries.monthly.figures import Figures, figures_of, from_dict
from app.queries.monthly.reports import Expected, find_report, list_expected, list_received
from app.queries.scope import ScopeError, today
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.meetings.problems import MeetingError, NotYoursError
from app.services.monthly import reporting
from app.views import dates
from app.views.duties import scope
from app.views.guards import whole_number
from app.views.meetings.words import standing_words
from app.views.monthly.words import figure_rows, month_of, report_url
from app.views.steps import present_actor, said

TONES = {ReportState.SUBMITTED: "success", ReportState.RETURNED: "warning", ReportState.CLOSED: "success"}
_MARKS = {ReportStep.SUBMITTED: ("success", "send"), ReportStep.RETURNED: ("warning", "arrow-counterclockwise"),
          ReportStep.CLOSED: ("success", "lock")}  # fmt: skip


class ReportPages(BaseView):
    """GET /report/<unit>/<month>; POST …/submit; POST /report/<id>/return."""

    route_base = "/report"
    default_view = "show"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_submit": FIELD | STAFF, "can_return": VILLAGE | STAFF}

    @expose("/<int:node_id>/<month>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, node_id: int, month: str) -> Any:
        self.update_redirect()
        return self._page(_node(node_id), _month(month))

    @expose("/<int:node_id>/<month>/submit", methods=["POST"])
    @has_access
    @permission_name("submit")
    def submit(self, node_id: int, month: str) -> Any:
        node, on = _node(node_id), _month(month)
        comment, nil = request.form.get("comment", ""), request.form.get("nil") == "1"

        def act() -> MonthlyReport:
            return reporting.submit(db.session, node, on, present_actor(), comment=comment, nil=nil, seen=_seen())

        return self._act(node_id, on, act, _("The report is sent."), comment=comment)

    @expose("/<int:report_id>/return", methods=["POST"])
    @has_access
    @permission_name("return")
    def send_back(self, report_id: int) -> Any:
        report: MonthlyReport = db.session.get(MonthlyReport, report_id) or abort(404)
        node_id, month, reason = report.node_id, report.month, request.form.get("reason", "")

        def act() -> MonthlyReport:
            return reporting.send_back(db.session, report_id, present_actor(), reason, seen=_seen())

        return self._act(node_id, month, act, _("The report is sent back."), reason=reason)

    def _act(self, node_id: int, month: date, act: Callable[[], MonthlyReport], done: str, **typed: str) -> Any:
        try:
            report = act()
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except ScopeError:
            db.session.rollback()
            abort(404)
        except MeetingError as error:
            db.session.rollback()
            return self._page(_node(node_id), month, problem=said(error), **typed), 400
        if report.state is ReportState.CLOSED:
            done = _("The month is closed.")
        db.session.commit()
        flash(done, "success")
        return redirect(report_url(node_id, month))

    def _page(self, node: GridNode, month: date, *, problem: str = "", comment: str = "", reason: str = "") -> Any:
        day, unit = today(), unit_of(db.session, node, month)
        expected = next(iter(list_expected(db.session, [unit], month, day)), None)
        place = reporting.place_of(db.session, node, month)
        report = find_report(db.session, node.id, month)
        figures = figures_of(db.session, node, month, period_of(Every.MONTH, month).due_on, day)
        mine = unit.level in present_actor().levels and self._may("can_submit")
        open_for_me = mine and place is not None and (report is None or report.state is ReportState.RETURNED)
        may_return = (report is not None and report.state is ReportState.SUBMITTED and self._may("can_return")
                      and reporting.may_send_back(db.session, report, present_actor()))  # fmt: skip
        sent = from_dict(report.figures) if report is not None else None
        return self.render_template(
            "monthly/report.html", node=node, month_key=f"{month:%Y-%m}", month_words=dates.month(month), report=report,
            place=place,
            expected=expected, standing=standing_words(expected.standing) if expected else None, day=day,
            figures=figure_rows(sent or figures), grown=_changed(sent, figures), is_quiet=figures.is_quiet,
            may_submit=open_for_me, may_return=may_return, received=self._received(node, month, day),
            seen=report.steps if report else 0, problem=problem, comment=comment or (report.comment if report else ""),
            reason=reason, crumbs=scope.crumbs_of(node, lambda key: report_url(key, month)),
            history=[_line(one) for one in reversed(report.history)] if report else [], label_of=label_of,
            state_tone=TONES[report.state] if report else "neutral",
        )  # fmt: skip

    def _received(self, node: GridNode, month: date, day: date) -> list[dict[str, Any]]:
        return [_row(one, month) for one in list_received(db.session, node, month, day)]

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "ReportPages"))


def _row(one: Expected, month: date) -> dict[str, Any]:
    words, tone = standing_words(one.standing)
    state = one.report.state if one.report is not None else None
    if state is ReportState.RETURNED:
        words, tone = str(_(label_of(state))), "warning"
    return {"unit": one.unit.name, "href": report_url(one.unit.id, month), "words": words, "tone": tone,
            "nil": one.report is not None and one.report.is_nil,
            "figures": from_dict(one.report.figures) if one.report is not None else None}  # fmt: skip


def _changed(sent: Figures | None, now: Figures) -> bool:
    """Was something entered later that belongs to this month? What lies open today always moves and is no change."""
    if sent is None:
        return False
    names = ("contacted", "monitored_contacted", "visits", "clues", "changes", "cases_opened", "cases_closed")
    return any(getattr(sent, name) != getattr(now, name) for name in names)


def _line(entry: Any) -> dict[str, Any]:
    tone, icon = _MARKS[entry.step]
    return {"at": dates.moment(entry.at), "title": _(label_of(entry.step)), "text": entry.words or "", "tone": tone,
            "icon": icon, "who": entry.user.get_full_name() if entry.user else ""}  # fmt: skip


def _node(node_id: int) -> GridNode:
    node: GridNode = db.session.get(GridNode, node_id) or abort(404)
    return node


def _month(text: str) -> date:
    return month_of(text, 404) or abort(404)


def _seen() -> int:
    return whole_number(request.form.get("seen", ""), 5, otherwise=-1)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ReportPages)
