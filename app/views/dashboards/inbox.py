"""The township's inbox: 协调推进、及时预警、研判处置、落实帮扶、解决问题, each with what waits in it (D0-19, D3-04)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import current_app, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.casework.words import CaseState
from app.domain.enums import ChangeRequestState, ClueState, Urgency
from app.domain.register.words import AppealState
from app.extensions import clock, db
from app.queries.dashboards import BlockName, Queues, read_queues
from app.queries.duties import DueFilter, count_due
from app.queries.meetings.resolutions import Shelf
from app.queries.scope import today
from app.security.roles import READERS, STAFF, VILLAGE
from app.views.duties.lists import list_url
from app.views.menu import WORK, add_page


class Inbox(BaseView):
    """GET /inbox/. Rights: can_read. Each number opens the list of its own page."""

    route_base = "/inbox"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": VILLAGE | STAFF | READERS}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        found = read_queues(db.session, clock.now(), today())
        overdue = count_due(db.session, DueFilter(overdue=True), clock.now())
        self.update_redirect()
        return self.render_template("dashboards/inbox.html", queues=_queues(found, overdue))


def _queues(found: Queues, overdue: int) -> list[dict[str, Any]]:
    """The five tasks in the documents' words and order."""
    pending = {"_flt_0_state": ClueState.PENDING.value}
    return [
        {"title": _("Coordinate"), "hint": _("Grids without gaps, notices and the provincial platform"), "items": [
            _item(_("Open tasks of the grid"), found.grid_tasks, "GridCheck.index"),
            _item(_("Changes to be made public"), found.notices_due, "GridPublicity.index"),
            _item(_("Waiting for the provincial platform"), found.sync_waiting, "PlatformSync.index"),
            {"label": _("Overdue contacts"), "value": overdue, "href": list_url(None, overdue=1)},
        ]},
        {"title": _("Warn in time"), "hint": _("What nobody has begun with"), "items": [
            _item(_("Emergencies"), found.emergencies, "ClueView.list", **pending,
                  _flt_0_urgency=Urgency.EMERGENCY.value),
            _item(_("Clues to be taken up"), found.clues_pending, "ClueView.list", **pending),
        ]},
        {"title": _("Judge and decide"), "hint": _("Cases on their way and what meetings resolved"), "items": [
            _item(_("Cases past their day"), found.cases_late, "Dashboard.rows", block=BlockName.LATE_CASES.value),
            _item(_("Cases in work"), found.cases_open, "CaseView.list", _flt_0_state=CaseState.OPEN.value),
            _item(_("Resolutions past their day"), found.resolutions_late, "ResolutionPages.index",
                  shelf=Shelf.OVERDUE.value),
            _item(_("Resolutions to be carried out"), found.resolutions_open, "ResolutionPages.index",
                  shelf=Shelf.TO_DO.value),
        ]},
        {"title": _("Carry out help"), "hint": _("Plans, measures and what departments owe"), "items": [
            _way(_("Plans of help"), "PlansPage.index"), _way(_("Dispatches to departments"), "DispatchPage.index"),
            _way(_("Risks to be crossed off"), "CrossOffPage.index"),
        ]},
        {"title": _("Solve problems"), "hint": _("What people ask for and what was found wrong"), "items": [
            _item(_("Appeals to be answered"), found.appeals_open, "AppealView.list",
                  _flt_0_state=AppealState.OPEN.value),
            _item(_("Changes to be decided"), found.changes_pending, "ChangeRequestView.list",
                  _flt_0_state=ChangeRequestState.PENDING.value),
            _item(_("Answers to be checked"), found.resolutions_to_check, "ResolutionPages.index",
                  shelf=Shelf.TO_CHECK.value),
        ]},
    ]  # fmt: skip


def _item(label: str, value: int, endpoint: str, **args: Any) -> dict[str, Any]:
    return {"label": label, "value": value, "href": url_for(endpoint, **args)}


def _way(label: str, endpoint: str) -> dict[str, Any]:
    """A page that counts for itself."""
    return {"label": label, "value": None, "href": url_for(endpoint) if endpoint in current_app.view_functions else ""}


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Inbox, WORK, _l("Inbox"), "inbox")
