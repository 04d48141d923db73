"""月通报 and the papers of the quarter: households, coverage and what lies open, by unit in the units' own order.

Places are told apart by their figures; nobody is ranked, neither persons nor places (UX 4).
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.duties.windows import period_of
from app.domain.monthly.chain import month_before
from app.domain.policy.kinds import Every
from app.domain.quarters import Quarter, QuarterError
from app.extensions import db
from app.models import GridNode
from app.queries.monthly.figures import Figures, list_figures, total_of
from app.queries.monthly.reports import find_report
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import EVERYBODY, STAFF, VILLAGE
from app.sheets.monthly import write_figures
from app.views import dates
from app.views.downloads import as_workbook
from app.views.duties import scope
from app.views.menu import FIGURES, add_page
from app.views.monthly.words import around, figure_words, month_of_request

CONTACTS = ("households", "contacted", "uncovered", "monitored", "monitored_contacted", "visits")
EVENTS = ("clues", "changes", "cases_opened", "cases_closed", "meetings")
OPEN = ("open_clues", "open_cases", "open_resolutions", "overdue_resolutions")


class BulletinPages(BaseView):
    """GET /bulletin/?node=&month=, /bulletin/month.xlsx, /bulletin/quarter?node=&quarter=, /bulletin/quarter.xlsx."""

    route_base = "/bulletin"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_export": VILLAGE | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, month = _unit(), month_of_request(_month_before())
        period = period_of(Every.MONTH, month)
        earlier, later = around(month)
        keep: Any = {"node": node.id} if node else {}
        report = find_report(db.session, node.id, period.first_on) if node else None
        return self._page(
            node, period.first_on, period.due_on, _("Bulletin of %(month)s", month=dates.month(month)),
            export=url_for("BulletinPages.month_sheet", month=f"{month:%Y-%m}", **keep),
            earlier=url_for("BulletinPages.index", month=earlier, **keep),
            later=url_for("BulletinPages.index", month=later, **keep) if later <= f"{today():%Y-%m}" else "",
            report=report, further=lambda key: url_for("BulletinPages.index", node=key, month=f"{month:%Y-%m}"),
        )  # fmt: skip

    @expose("/quarter", methods=["GET"])
    @has_access
    @permission_name("read")
    def quarter(self) -> Any:
        """季度会商材料 (D0-46): the same figures over a quarter, for the county's consultation."""
        node, quarter = _unit(), _quarter()
        keep: Any = {"node": node.id} if node else {}
        later = quarter.next()
        return self._page(
            node, quarter.first_on, quarter.last_on,
            _("Papers for the consultation of %(quarter)s", quarter=dates.quarter(quarter)),
            export=url_for("BulletinPages.quarter_sheet", quarter=str(quarter), **keep),
            earlier=url_for("BulletinPages.quarter", quarter=str(quarter.previous()), **keep),
            later=url_for("BulletinPages.quarter", quarter=str(later), **keep) if later.first_on <= today() else "",
            report=None, further=lambda key: url_for("BulletinPages.quarter", node=key, quarter=str(quarter)),
        )  # fmt: skip

    @expose("/month.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def month_sheet(self) -> Any:
        month = month_of_request(_month_before())
        period = period_of(Every.MONTH, month)
        return self._sheet(period.first_on, period.due_on, f"{month:%Y-%m}",
                           _("Bulletin of %(month)s", month=dates.month(month)))  # fmt: skip

    @expose("/quarter.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def quarter_sheet(self) -> Any:
        quarter = _quarter()
        title = _("Papers for the consultation of %(quarter)s", quarter=dates.quarter(quarter))
        return self._sheet(quarter.first_on, quarter.last_on, str(quarter), title)

    def _page(self, node: GridNode | None, first: date, last: date, title: str, **links: Any) -> Any:
        rows, total = _rows(node, first, last)
        return self.render_template(
            "monthly/bulletin.html", node=node, title=title, rows=rows, total=total, words=figure_words(), first=first,
            parts=((_("Households and contacts"), CONTACTS), (_("What happened"), EVENTS), (_("What lies open"), OPEN)),
            last=last, as_of=today(), is_over=last < today(), may_export=self._may_export(), **links,
        )  # fmt: skip

    def _sheet(self, first: date, last: date, name: str, title: str) -> Any:
        node = _unit()
        rows, _total = _rows(node, first, last)
        unit = node.name if node else ""
        remark = _("From %(first)s to %(last)s; what lies open: on %(today)s", first=dates.civil(first),
                   last=dates.civil(last), today=dates.civil(today()))  # fmt: skip
        buffer = io.BytesIO()
        lines = [(label, figures) for _key, label, figures in rows]
        words = {"unit_word": _("Unit"), "total_word": _("Total")}
        write_figures(buffer, f"{unit}{title}", remark, figure_words(), lines, **words)
        node_id = node.id if node else None
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "bulletin", None, node_id=node_id, changes={"of": [None, name]})
        db.session.commit()
        return as_workbook(buffer.getvalue(), f"{name}.xlsx")

    def _may_export(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_export", "BulletinPages"))


def _rows(node: GridNode | None, first: date, last: date) -> tuple[list[tuple[int, str, Figures]], Figures]:
    """One row a unit right below the chosen one, by code, zeros included; and their sum."""
    depth = scope.depth_below(node)
    found = list_figures(db.session, first, last, depth, today(), node)
    rows = [(key, name, found.get(key, Figures())) for key, name in scope.units_below(node).items()]
    return rows, total_of(figures for _key, _name, figures in rows)


def _unit() -> GridNode | None:
    """The unit of the request, else the only one the reader serves."""
    grants = current_access().grants
    chosen = scope.unit_of_request()
    return chosen or (db.session.get(GridNode, grants[0][1]) if len(grants) == 1 else None)


def _month_before() -> date:
    return month_before(today())


def _quarter() -> Quarter:
    try:
        quarter = Quarter.parse(request.args.get("quarter") or str(Quarter.of(today())))
    except QuarterError:
        abort(400)
    if not 2000 <= quarter.year <= 2099:
        abort(400)
    return quarter


def register(appbuilder: Any) -> None:
    add_page(appbuilder, BulletinPages, FIGURES, _l("Bulletin of the month"), "megaphone")
