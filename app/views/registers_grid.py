"""Registers of the grid: what its levels are called, and its units."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.domain.grid_care.codes import level_of_code
from app.domain.policy.kinds import LevelKind
from app.domain.tree import CodeError, parse_code
from app.extensions import db
from app.models import GridLevel, GridNode, NodeAlias
from app.views.base import GridInterface, GridModelView, RefusedError
from app.views.columns import COLUMNS
from app.views.relations import LOOKUP_SIZE


class GridLevelView(GridModelView):
    datamodel = GridInterface(GridLevel)
    route_base = "/levels"
    list_title, show_title = _l("Levels of the grid"), _l("Level")
    add_title, edit_title = _l("New level"), _l("Edit level")
    label_columns = COLUMNS
    list_columns = ["depth", "title", "title_en", "worker_title"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = ["title", "title_en", "worker_title"]
    search_columns: list[str] = []
    order_columns = ["depth"]
    base_order = ("depth", "asc")


class GridNodeView(GridModelView):
    """Units. A unit is merged, split and moved under Merge, split, move, which asks why; here its names are kept."""

    datamodel = GridInterface(GridNode)
    route_base = "/nodes"
    list_title, show_title = _l("Units of the grid"), _l("Unit")
    add_title, edit_title = _l("New unit"), _l("Edit unit")
    label_columns = COLUMNS | {"name": _l("Unit name")}
    list_columns = ["name", "code", "unit_kind", "parent", "depth", "is_active"]
    show_columns = ["name", "code", "alias", "unit_kind", "parent", "depth", "is_active"]
    add_columns = ["parent", "code", "name", "alias", "unit_kind"]
    edit_columns = ["name", "alias", "unit_kind"]
    search_columns = ["name", "code", "unit_kind", "depth", "is_active"]
    order_columns = ["code", "name"]
    base_order = ("code", "asc")
    related_lookups = {"parent": "GridNodeView.lookup"}
    lookup_columns = ("code", "name")
    empty_hint = _l("The county's units are loaded once with `shouwang demo load` or by your supplier.")

    def lookup_label(self, row: GridNode) -> str:
        return f"{row.name} {row.code}"

    def lookup_also(self, term: str) -> list[GridNode]:
        """By what people call it: former names, names of merged units, spellings of documents."""
        named = select(NodeAlias.node_id).where(NodeAlias.name.startswith(term, autoescape=True)).limit(LOOKUP_SIZE)
        return list(db.session.scalars(select(GridNode).where(GridNode.id.in_(named)).order_by(GridNode.code)))

    def pre_add(self, item: GridNode) -> None:
        if item.parent is None:
            raise RefusedError(_("Choose the unit it belongs to."))
        if item.parent.depth >= 5:
            raise RefusedError(_("The grid has at most five levels."))
        item.code = unicodedata.normalize("NFKC", item.code).strip()
        if level_of_code(item.code) is LevelKind.NEIGHBOURS and item.code.startswith(item.parent.code):
            return  # neighbours of a group: its code and three digits more (D3-21)
        try:
            item.code = parse_code(item.code)
        except CodeError:
            raise RefusedError(_("A unit code has 6, 9, 12, 15 or, below a group, 18 digits.")) from None
