"""月历: what is due when for a unit this month, with done and late marks and the clause."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import GridNode
from app.queries.meetings.units import own_units, unit_of
from app.queries.monthly.calendar import list_due, list_open, weeks_of
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import dates
from app.views.duties import scope
from app.views.menu import WORK, add_page
from app.views.monthly.words import around, lines_of, month_of_request


class MonthPages(BaseView):
    """GET /monthly/?node=&month=, /monthly/due."""

    route_base = "/monthly"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, month, day = scope.unit_of_request(), month_of_request(), today()
        units = _units(node, month)
        lines = lines_of(list_due(db.session, units, month, day))
        marks: dict[Any, list[dict[str, Any]]] = {}
        for line in lines:
            marks.setdefault(line["last_on"], []).append(line)
        earlier, later = around(month)
        keep: Any = {"node": node.id} if node else {}
        self.update_redirect()
        return self.render_template(
            "monthly/calendar.html", node=node, month=dates.month(month), lines=lines, today=day, marks=marks,
            weeks=weeks_of(month), units=units, several=len(units) > 1,
            earlier=url_for("MonthPages.index", month=earlier, **keep),
            later=url_for("MonthPages.index", month=later, **keep), key=f"{month:%Y-%m}",
            crumbs=scope.crumbs_of(node, lambda key: url_for("MonthPages.index", node=key, month=f"{month:%Y-%m}")),
            names=list(scope.units_below(node).items()),
        )  # fmt: skip

    @expose("/due", methods=["GET"])
    @has_access
    @permission_name("read")
    def due(self) -> Any:
        """Reports and meetings of one's own units that are due or late today."""
        day = today()
        lines = lines_of(list_open(db.session, own_units(db.session, day), day))
        self.update_redirect()
        return self.render_template("monthly/due.html", lines=lines)


def _units(node: GridNode | None, month: Any) -> Any:
    return [unit_of(db.session, node, month)] if node else own_units(db.session, month)


def register(appbuilder: Any) -> None:
    add_page(appbuilder, MonthPages, WORK, _l("Calendar of the month"), "calendar-event")
