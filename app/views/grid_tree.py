"""The grid as a tree that opens branch by branch, and the page of one unit."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.enums import Duty
from app.domain.labels import choices_of
from app.extensions import db
from app.models import GridNode
from app.queries import grid_tree
from app.queries.policy import level_titles
from app.queries.scope import current_access, today


class GridTreeView(BaseView):
    route_base = "/grid"
    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("index")
    def index(self) -> Any:
        """The units one serves; the only one stands open, since nobody comes to see a single name."""
        branches = grid_tree.list_roots()
        opened = {branches[0].node.id: grid_tree.list_children(branches[0].node)} if len(branches) == 1 else {}
        levels = self._levels(branches[0].node if branches else None)
        is_bare = not branches and current_access().everything  # there is nothing to serve yet
        return self.render_template("grid/tree.html", branches=branches, opened=opened, levels=levels, is_bare=is_bare)

    @expose("/<int:node_id>/children")
    @has_access
    @permission_name("index")
    def children(self, node_id: int) -> Any:
        """A fragment: the units right below, fetched when a branch is opened."""
        node = self._node(node_id)
        branches = grid_tree.list_children(node)
        return self.render_template("grid/children.html", branches=branches, levels=self._levels(node))

    @expose("/<int:node_id>")
    @has_access
    @permission_name("index")
    def show(self, node_id: int) -> Any:
        node = self._node(node_id)
        duties = {value: _(msgid) for value, msgid in choices_of(Duty)}
        return self.render_template(
            "grid/node.html", node=node, crumbs=grid_tree.breadcrumb(node), branches=grid_tree.list_children(node),
            own=grid_tree.branch_of(node), workers=grid_tree.list_workers(node), duties=duties,
            levels=self._levels(node),
            may_see=self._may("can_read", "GridUnits"), may_change=self._may("can_change", "GridChanges"),
            may_close=self._may("can_close_node", "Decisions"), may_edit=self._may("can_edit", "GridNodeView"),
            may_reach=self._may("can_read", "Reach"), may_assign=self._may("can_add", "AssignmentView"),
        )  # fmt: skip

    def _may(self, permission: str, view: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view))

    def _node(self, node_id: int) -> GridNode:
        node: GridNode = db.session.get(GridNode, node_id) or abort(404)
        return node

    def _levels(self, node: GridNode | None) -> dict[int, str]:
        """What each depth is called at the unit, in the reader's language."""
        return {} if node is None else level_titles(
            db.session, node.id, today(), english=str(get_locale()) == "en"
        )  # fmt: skip
