"""Red flags: units and months without records, meetings, minutes or reports, each with the way to what is there."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.domain.labels import label_of
from app.domain.monthly.words import RedFlag
from app.domain.policy.kinds import LevelKind
from app.extensions import db
from app.models import GridNode
from app.queries.meetings.units import units_of
from app.queries.monthly.flags import UnitMonth, list_flags, months_back
from app.queries.policy import level_titles
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import dates
from app.views.duties import scope
from app.views.menu import FIGURES, add_page
from app.views.monthly.words import month_of, report_url
from app.views.worker_files.page import page_of

MONTHS = 6


class FlagPages(BaseView):
    """GET /month-flags/?node=&month=&depth=."""

    route_base = "/month-flags"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, day = scope.unit_of_request(), today()
        months = months_back(day, MONTHS)
        month = month_of(request.args.get("month", ""), 400) or months[1]
        if month not in months:
            abort(400)
        depths, usual = _depths(node)
        depth = request.args.get("depth", usual, int)
        if depths and depth not in depths:
            abort(400)
        rows = list_flags(db.session, node, depth, month, day) if depths else []
        found, page, pages = page_of(rows)
        keep: Any = {"node": node.id} if node else {}
        self.update_redirect()
        return self.render_template(
            "monthly/flags.html", node=node, rows=[_row(one) for one in found],
            total=len(rows), page=page, pages=pages, month=dates.month(month),
            months=[{"label": dates.month(one), "active": one == month,
                     "href": url_for("FlagPages.index", month=f"{one:%Y-%m}", depth=depth, **keep)} for one in months],
            levels=[{"label": title, "active": key == depth,
                     "href": url_for("FlagPages.index", month=f"{month:%Y-%m}", depth=key, **keep)}
                    for key, title in depths.items()],
            crumbs=scope.crumbs_of(node, lambda key: url_for("FlagPages.index", node=key, month=f"{month:%Y-%m}")),
        )  # fmt: skip


def _depths(node: GridNode | None) -> tuple[dict[int, str], int]:
    """Depth → title of the levels at or below the chosen unit that have units in use, and the one to begin with: the
    villages', as the documents ask (D4-30), else the highest. Depth 0 where there is none."""
    first = select(func.min(GridNode.id)).where(GridNode.is_active).group_by(GridNode.depth)
    if node is not None:
        first = first.where(getattr(GridNode, f"l{node.depth}_id") == node.id)
    samples = db.session.scalars(select(GridNode).where(GridNode.id.in_(first)).order_by(GridNode.depth)).all()
    if not samples:
        return {}, 0
    titles = level_titles(db.session, samples[0].id, today())
    units = units_of(db.session, samples, today())
    usual = next((unit.depth for unit in units if unit.level is LevelKind.VILLAGE), units[0].depth)
    return {unit.depth: titles.get(unit.depth, str(unit.depth)) for unit in units}, usual


def _row(one: UnitMonth) -> dict[str, Any]:
    flags = [{"words": _(label_of(raised.flag)), "what": raised.what, "source": raised.source,
              "href": _href(one, raised.flag)} for raised in one.raised]  # fmt: skip
    return {"unit": one.unit.name, "flags": flags,
            "href": url_for("MonthPages.index", node=one.unit.id, month=f"{one.month:%Y-%m}")}  # fmt: skip


def _href(one: UnitMonth, flag: RedFlag) -> str:
    """What there is instead: the month's list, the meetings, the report."""
    if flag is RedFlag.NO_REPORT:
        return report_url(one.unit.id, one.month)
    if flag is RedFlag.NO_CONTACT:
        return url_for("SweepPages.month", node=one.unit.id, month=f"{one.month:%Y-%m}")
    return url_for("MeetingPages.index", node=one.unit.id)


def register(appbuilder: Any) -> None:
    add_page(appbuilder, FlagPages, FIGURES, _l("Months without records"), "flag")
