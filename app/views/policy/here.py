"""Which rules hold for a place on a date, each with its basis: for everybody who works by them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import GridNode
from app.queries.policy import explained_for
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views.policy import present


class PolicyHere(BaseView):
    """GET /policy/here?node=&on=. Permission can_read on PolicyHere."""

    route_base = "/policy/here"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, on = self._node(), self._on()
        if node is None:
            return self.render_template("policy/here.html", node=None, on=on, units=[], sections=[])
        found = explained_for(node.id, on)
        loose, overlaid = present.notices(found)
        return self.render_template(
            "policy/here.html", node=node, on=on, units=self._units(), sections=present.sections(found),
            chain=present.chain_words(found.rules.chain), loose=loose, overlaid=overlaid,
            may_open=self.appbuilder.sm.has_access("can_read", "PolicyProfiles"),
        )  # fmt: skip

    def _node(self) -> GridNode | None:
        """The unit asked for, or the highest one the person serves. 404 for one outside their area."""
        asked = request.args.get("node", type=int)
        if asked is not None:
            found: GridNode = db.session.get(GridNode, asked) or abort(404)
            return found
        query = select(GridNode).order_by(GridNode.depth, GridNode.code).limit(1)
        first: GridNode | None = db.session.scalar(query)
        return first

    def _on(self) -> date:
        given = request.args.get("on", "")
        if not given:
            return today()
        try:
            return date.fromisoformat(given)
        except ValueError:
            flash(_("“%(given)s” is not a day; today is shown.", given=given[:20]), "warning")
            return today()

    def _units(self) -> list[tuple[int, str]]:
        """Units of the person's area down to the townships, or their own few."""
        top = db.session.scalar(select(GridNode.depth).order_by(GridNode.depth).limit(1)) or 1
        query = select(GridNode.id, GridNode.name, GridNode.depth).where(GridNode.depth <= top + 1, GridNode.is_active)
        return [(key, ("　" if depth > top else "") + name)
                for key, name, depth in db.session.execute(query.order_by(GridNode.code).limit(500))]  # fmt: skip
