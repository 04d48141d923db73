"""Notices of measures, village by village: what waits to be published, what was drawn up (D3-20)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.grid_care.words import PublicityState
from app.domain.labels import label_of
from app.extensions import db
from app.queries.measures import notices as query
from app.security.roles import EVERYBODY, STAFF, VILLAGE
from app.services.measures import telling
from app.views import cells, dates
from app.views.duties import scope
from app.views.grid_care.page import page_of
from app.views.measures.page import MeasurePage

TONES = {PublicityState.DUE: "warning", PublicityState.SHOWN: "success", PublicityState.DROPPED: "neutral"}


class MeasureNotices(MeasurePage):
    """GET /measure-notices/?node=; POST /measure-notices/<village>."""

    route_base = "/measure-notices"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_publish": VILLAGE | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = scope.unit_of_request()
        rows, page, pages, total = page_of(query.drawn_up(node))
        cells.load(rows, ["node"])
        return self.render_template(
            "measures/notices.html", waiting=query.villages_waiting(node), may_publish=self.may("can_publish"),
            page=page, pages=pages, total=total,
            rows=[{"id": one.id, "what": one.what, "place": cells.unit_cell(one.node), "from": dates.civil(one.from_on),
                   "state": (_(label_of(one.state)), TONES[one.state])} for one in rows],
            may_see=self.may("can_read", "GridPublicity"),
            crumbs=scope.crumbs_of(node, lambda key: url_for("MeasureNotices.index", node=key)),
        )  # fmt: skip

    @expose("/<int:node_id>", methods=["POST"])
    @has_access
    @permission_name("publish")
    def draw_up(self, node_id: int) -> Any:
        village = self.node(node_id)
        self.do(lambda: telling.draw_up(db.session, village))
        return redirect(url_for("MeasureNotices.index"))
