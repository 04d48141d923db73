"""The village archive takes in the records of home visits, month by month (D4-26)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.measures.dates import months_later
from app.extensions import db
from app.queries.household_file_timeline import names_of_users
from app.queries.measures import archive as query
from app.queries.measures.plans import count
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, STAFF, VILLAGE
from app.services.measures import archive
from app.views import cells, dates
from app.views.duties import scope
from app.views.grid_care.page import iso, page_of
from app.views.guards import whole_number
from app.views.measures.page import MeasurePage

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class VisitArchive(MeasurePage):
    """GET /visit-archive/?node=&month=2026-11&received=1; POST takes the ticked records in."""

    route_base = "/visit-archive"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_receive": VILLAGE | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, month, received = scope.unit_of_request(), _month(), request.args.get("received") == "1"
        rows, page, pages, total = page_of(query.home_visits(node, month, received=received))
        cells.load(rows, ["household"])
        key = node.id if node else None
        receipts = query.receipts_of([one.id for one in rows])
        names = names_of_users({one.received_by_id for one in receipts.values()})

        def address(**changes: Any) -> str:
            given = {"node": key, "month": f"{month:%Y-%m}", "received": 1 if received else None}
            return url_for("VisitArchive.index", **{**given, **changes})

        tabs = [
            {"label": label, "href": address(received=1 if which else None), "active": received is which,
             "count": count(query.home_visits(node, month, received=which))}
            for which, label in ((False, _("To be taken in")), (True, _("Taken in")))
        ]  # fmt: skip
        return self.render_template(
            "measures/archive.html", tabs=tabs, page=page, pages=pages, total=total, month=dates.month(month),
            received=received, may_receive=self.may("can_receive") and not received, today=today().isoformat(),
            before=address(month=f"{months_later(month, -1):%Y-%m}"), here=address(),
            after=address(month=f"{months_later(month, 1):%Y-%m}") if months_later(month, 1) <= today() else "",
            rows=[{"id": one.id, "household": cells.household_cell(one.household_id),
                   "on": dates.civil(receipts[one.id].received_on) if received else "",
                   "at": dates.moment(one.happened_at),
                   "who": names.get(receipts[one.id].received_by_id, "") if received else "",
                   "paper": url_for("PapersPage.paper", form="visit", key=one.id)} for one in rows],
            crumbs=scope.crumbs_of(node, lambda one: address(node=one)),
        )  # fmt: skip

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("receive")
    def receive(self) -> Any:
        ids = [key for text in request.form.getlist("visit") if (key := whole_number(text)) is not None]
        day = iso(request.form.get("on", ""))
        if day is None:
            flash(_("Enter the day like 2026-11-21."), "warning")
        else:
            self.do(lambda: archive.receive(db.session, ids, user_id=current_access().user_id, on=day))
        return redirect(url_for("VisitArchive.index", month=request.form.get("month") or None,
                                node=request.form.get("node") or None))  # fmt: skip


def _month() -> date:
    """The first of the month asked for; of this one for none or nonsense."""
    text = request.args.get("month", "")
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else today().replace(day=1)
