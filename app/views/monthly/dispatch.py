"""月调度: what lies open, to be handed on; from here the dispatch meeting is begun (D3-12)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.domain.meetings.owed import meetings_of
from app.domain.policy.kinds import CalendarKind
from app.extensions import clock, db
from app.models import GridNode
from app.queries.meetings.units import own_units, unit_of
from app.queries.monthly.dispatch import list_open_items
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import cells, dates
from app.views.casework.words import limit_badge
from app.views.duties import scope
from app.views.meetings.resolutions import due_words
from app.views.menu import FOLLOWUP, add_page
from app.views.steps import present_actor


class DispatchPages(BaseView):
    """GET /dispatch/?node=."""

    route_base = "/dispatch"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = scope.unit_of_request()
        found = list_open_items(db.session, node, clock.now(), today())
        self.update_redirect()
        return self.render_template(
            "monthly/dispatch.html", node=node, found=found, begin=_begin_url(node),
            clues=[(cells.household_cell(one.household_id), _(label_of(one.kind)), dates.moment(one.raised_at),
                    url_for("ClueView.show", pk=one.id)) for one in found.clues],
            cases=[(cells.household_cell(one.household_id), one, limit_badge(one)) for one in found.cases],
            resolutions=[(one, *due_words(one)) for one in found.resolutions],
            crumbs=scope.crumbs_of(node, lambda key: url_for("DispatchPages.index", node=key)),
            units=list(scope.units_below(node).items()),
        )  # fmt: skip


def _begin_url(node: GridNode | None) -> str:
    """Where the dispatch meeting is begun: the rule the calendar calls so, at a unit of the reader's own level."""
    units = [unit_of(db.session, node, today())] if node else own_units(db.session, today())
    for unit in units:
        if unit.level not in present_actor().levels:
            continue
        named = {rule.code for rule in unit.rules.calendar if rule.kind is CalendarKind.DISPATCH}
        rule = next((one for one in meetings_of(unit.rules, unit.level) if one.code in named), None)
        if rule is not None:
            return url_for("MeetingPages.new", node=unit.id, kind=rule.code)
    return ""


def register(appbuilder: Any) -> None:
    add_page(appbuilder, DispatchPages, FOLLOWUP, _l("Monthly dispatch"), "signpost-split")
