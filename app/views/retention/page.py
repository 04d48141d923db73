"""What is kept only for a time: for how long, by which rule, what goes tonight, what an open matter holds back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.labels import label_of
from app.domain.quarters import CHINA
from app.domain.retention import EFFECTS, cutoff
from app.extensions import clock, db
from app.models import GridNode
from app.queries.access import current_access
from app.queries.retention import Standing, list_standings
from app.queries.scope import vouched
from app.security.roles import COUNTY, READERS
from app.views import dates


class Retention(BaseView):
    """GET /retention/. Permission can_read on Retention. The periods themselves are rules: /policy/profiles/."""

    route_base = "/retention"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": COUNTY | READERS}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        now = clock.now()
        counted = _serves_all()
        return self.render_template(
            "retention/index.html", rows=[_row(one, now) for one in list_standings(db.session(), now)],
            counted=counted, may_change=self.appbuilder.sm.has_access("can_read", "PolicyProfiles"),
            rules=url_for("PolicyProfiles.index"),
        )  # fmt: skip


def _serves_all() -> bool:
    """Counts are of the whole installation: nothing for somebody who serves one of its counties."""
    access = current_access()
    if access.everything:
        return True
    table = GridNode.__table__
    roots = set(db.session.execute(vouched(select(table.c.id).where(table.c.depth == 1))).scalars())
    return roots <= {node_id for depth, node_id in access.grants if depth == 1}


def _row(one: Standing, now: datetime) -> dict[str, Any]:
    period = one.period
    return {
        "title": _(label_of(one.kind)), "effect": _(EFFECTS[one.kind]), "due": one.due, "held": one.held,
        "soon": one.soon, "source": period.source if period else None,
        "period": f"{period.amount} {_(label_of(period.unit))}" if period else "",
        "until": dates.civil((cutoff(period, now) - timedelta(microseconds=1)).date()) if period else "",
        "oldest": dates.civil(one.oldest_at.astimezone(CHINA).date()) if one.oldest_at else "",
    }  # fmt: skip
