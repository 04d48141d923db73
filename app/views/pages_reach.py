"""Response rates for township staff: by unit, attempt, hour and line, with the rows behind every number."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.dispositions import rates
from app.domain.quarters import Quarter
from app.extensions import clock, db
from app.models import GridNode
from app.queries import grid_tree, reach, reach_calls
from app.queries.reach import ContactFilter, Unit
from app.queries.reach_calls import CallFilter
from app.queries.reach_lists import iterate_contacts, page_of_calls, page_of_contacts
from app.security import audit
from app.security.roles import READERS, STAFF, VILLAGE, R
from app.sheets.ledgers.contacts import contact_ledger, count_ledger_rows
from app.views import dates
from app.views import pages_reach_charts as charts
from app.views import pages_reach_filters as filters
from app.views import pages_reach_tables as tables
from app.views import pages_reach_words as words
from app.views.menu import FIGURES, add_page
from app.views.pages_reach_sheet import write_contacts

TABS = {"unit": _l("By place"), "attempt": _l("By attempt"), "hour": _l("By hour of day"), "line": _l("By line")}
LEDGER_MOST = 50_000  # rows; more keep a web process busy for too long
MAY_READ = VILLAGE | STAFF | READERS | {R.GRID_LEAD}


class Reach(BaseView):
    """GET /reach/ and the lists behind its numbers. Permissions: can_read, can_export on Reach."""

    route_base = "/reach"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": MAY_READ, "can_export": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        by = request.args.get("by") or "unit"
        if by not in TABS:
            abort(400)
        quarter, unit = filters.read_quarter(), _unit_or_root()
        shared = self._frame(quarter, unit, by)
        if by == "unit":
            return self.render_template("reach/units.html", **shared, **_by_unit(quarter, unit))
        return self.render_template("reach/calls_by.html", **shared, **_by_call(by, quarter, unit))

    @expose("/list", methods=["GET"])
    @has_access
    @permission_name("read")
    def households(self) -> Any:
        quarter, chosen = self._chosen_contacts()
        page = page_of_contacts(chosen, filters.read_page())
        args = {"quarter": str(quarter), **filters.contact_args(chosen)}
        export = url_for("Reach.export", **args) if self._may("can_export") else ""
        return self.render_template(
            "reach/households.html", page=page, lines=[tables.contact_line(line) for line in page.lines],
            conditions=tables.contact_conditions(chosen), crumbs=_crumbs(quarter, chosen.unit), export=export,
            back=url_for("Reach.index", quarter=str(quarter), node=chosen.unit.id if chosen.unit else None),
            subtitle=dates.quarter(quarter),
        )  # fmt: skip

    @expose("/list.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export(self) -> Response:
        """The same rows as the list, all of them. Leaves a line in the audit trail."""
        quarter, chosen = self._chosen_contacts()
        target = io.BytesIO()
        count = write_contacts(target, iterate_contacts(chosen))
        target.seek(0)
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "contact", changes={"rows": [0, count], "quarter": [None, str(quarter)]})
        db.session.commit()
        name = f"{_('Contacts')}-{quarter}.xlsx"
        return send_file(target, as_attachment=True, download_name=name)

    @expose("/ledger.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def ledger(self) -> Any:
        """长期外出户季度联系台账 of the unit (or all the reader serves), ready to print."""
        quarter, unit = filters.read_quarter(), filters.read_unit()
        code = db.session.get_one(GridNode, unit.id).code if unit is not None else ""
        if count_ledger_rows(db.session, quarter, code) > LEDGER_MOST:
            flash(_("The ledger of so many households takes too long here. Open a unit below and download its ledger."),
                  "warning")  # fmt: skip
            return redirect(url_for("Reach.index", quarter=str(quarter), node=unit.id if unit else None))
        content = contact_ledger(db.session, quarter, code)
        db.session.rollback()
        audit.record("export", "contact_ledger", node_id=unit.id if unit else None,
                     changes={"quarter": [None, str(quarter)]})  # fmt: skip
        db.session.commit()
        place = unit.name if unit is not None else ""
        return send_file(io.BytesIO(content), as_attachment=True,
                         download_name=f"{_('Quarterly contact ledger')}-{place}{quarter}.xlsx")  # fmt: skip

    @expose("/calls", methods=["GET"])
    @has_access
    @permission_name("read")
    def calls(self) -> Any:
        quarter = filters.read_quarter()
        chosen = filters.read_call_filter(reach.list_campaign_ids(str(quarter)), filters.read_unit())
        page = page_of_calls(chosen, filters.read_page())
        return self.render_template(
            "reach/calls.html", page=page, lines=[tables.call_line(line) for line in page.lines],
            conditions=tables.call_conditions(chosen), crumbs=_crumbs(quarter, chosen.unit),
            back=url_for("Reach.index", quarter=str(quarter), by="attempt",
                         node=chosen.unit.id if chosen.unit else None),
            subtitle=dates.quarter(quarter), may_open=self._may("can_read", "Campaigns"),
        )  # fmt: skip

    def _chosen_contacts(self) -> tuple[Quarter, ContactFilter]:
        quarter = filters.read_quarter()
        return quarter, filters.read_contact_filter(reach.list_campaign_ids(str(quarter)), filters.read_unit())

    def _frame(self, quarter: Quarter, unit: Unit | None, by: str) -> dict[str, Any]:
        """Heading, breadcrumb, tabs and quarters: the same over every table."""
        node, crumbs = unit.id if unit else None, _crumbs(quarter, unit)
        known = sorted({*reach.list_quarters(), str(Quarter.at(clock.now()))}, reverse=True)
        tabs = [{"label": label, "href": url_for("Reach.index", quarter=str(quarter), node=node, by=key),
                 "active": key == by} for key, label in TABS.items()]  # fmt: skip
        return {
            "quarter": str(quarter), "quarters": [(one, dates.quarter(one)) for one in known], "by": by,
            "node": node, "unit": unit, "tabs": tabs, "crumbs": [*crumbs[:-1], crumbs[-1] | {"href": None}],
            "subtitle": dates.quarter(quarter),
            "ledger": url_for("Reach.ledger", quarter=str(quarter), node=node) if self._may("can_export") else "",
        }  # fmt: skip

    def _may(self, permission: str, view: str = "Reach") -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view))


def _unit_or_root() -> Unit | None:
    """The unit asked for; else the one the reader serves; None for somebody who serves several."""
    asked = filters.read_unit()
    if asked is not None:
        return asked
    roots = reach.list_roots()
    return roots[0] if len(roots) == 1 else None


def _crumbs(quarter: Quarter, unit: Unit | None) -> list[dict[str, Any]]:
    """From the top of the grid to the unit; names out of the reader's reach are plain words."""
    top: dict[str, Any] = {"label": _("Response rates"), "href": url_for("Reach.index", quarter=str(quarter))}
    if unit is None:
        return [top]
    node = db.session.get(GridNode, unit.id)
    assert node is not None  # read_unit found it in this request
    items = [top]
    for node_id, name in grid_tree.breadcrumb(node):
        seen = node_id == unit.id or reach.find_unit(node_id) is not None
        href = url_for("Reach.index", quarter=str(quarter), node=node_id) if seen else None
        items.append({"label": name, "href": href})
    return items


def _by_unit(quarter: Quarter, unit: Unit | None) -> dict[str, Any]:
    chosen = ContactFilter(reach.list_campaign_ids(str(quarter)), unit)
    before = ContactFilter(reach.list_campaign_ids(str(quarter.previous())), unit)
    table, earlier = reach.unit_table(chosen), reach.unit_table(before)
    link = _contact_link(quarter, chosen)
    total = table.total
    return {
        "has_campaign": bool(chosen.campaign_ids),
        "sentence": words.sentence(total),
        "difference": words.difference(total, earlier.total),
        "bar": words.bar_parts(total, link),
        "kpis": tables.reach_kpis(total, link),
        "dispositions": words.disposition_rows(total, link),
        "total": words.linked(sum(total.values()), link()),
        "due": words.linked(rates(total).due, link(is_due=True)),
        "channels": tables.channel_rows(reach.count_channels(chosen), link),
        "table": tables.unit_rows(table, earlier, quarter, chosen) if table.has_units else None,
        "chart": charts.by_unit(table, earlier) if table.has_units else None,
    }


def _by_call(by: str, quarter: Quarter, unit: Unit | None) -> dict[str, Any]:
    chosen = CallFilter(reach.list_campaign_ids(str(quarter)), unit)
    groups = reach_calls.list_groups(chosen)
    link = _call_link(quarter, chosen)
    found = tables.CALL_TABLES[by](groups, link)
    return {"has_campaign": bool(chosen.campaign_ids), "table": found,
            "chart": charts.by_call(found) if found["rows"] else None}  # fmt: skip


def _contact_link(quarter: Quarter, chosen: ContactFilter) -> Callable[..., str]:
    def link(**changes: Any) -> str:
        return url_for("Reach.households", quarter=str(quarter), **filters.contact_args(chosen, **changes))

    return link


def _call_link(quarter: Quarter, chosen: CallFilter) -> Callable[..., str]:
    def link(**changes: Any) -> str:
        return url_for("Reach.calls", quarter=str(quarter), **filters.call_args(chosen, **changes))

    return link


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Reach, FIGURES, _l("Response rates"), "bar-chart")
