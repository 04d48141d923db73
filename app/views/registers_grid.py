"""Registers of the grid: what its levels are called, its units, the people who serve it, and their assignments."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from app.domain.tree import CodeError, parse_code
from app.models import Assignment, GridLevel, GridNode, GridWorker
from app.queries.scope import today
from app.views.base import GridInterface, GridModelView, RefusedError
from app.views.columns import COLUMNS
from app.views.personal import PhoneEntry


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
    """Units. A unit moves through the tree's own page, which asks why; here its names and its use are kept."""

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

    def pre_add(self, item: GridNode) -> None:
        if item.parent is None:
            raise RefusedError(_("Choose the unit it belongs to."))
        if item.parent.depth >= 5:
            raise RefusedError(_("The grid has at most five levels."))
        try:
            item.code = parse_code(item.code)
        except CodeError:
            raise RefusedError(_("A unit code has 6, 9, 12 or 15 digits.")) from None


class GridWorkerView(PhoneEntry, GridModelView):
    datamodel = GridInterface(GridWorker)
    route_base = "/workers"
    list_title, show_title = _l("Grid workers and officers"), _l("Worker")
    add_title, edit_title = _l("New worker"), _l("Edit worker")
    label_columns = COLUMNS | {"title": _l("Job title")}
    list_columns = ["name", "title", "phone_tail", "is_active"]
    show_columns = ["name", "title", "phone_tail", "is_active"]
    add_columns = ["name", "title", "phone_number"]
    edit_columns = ["name", "title", "phone_number", "is_active"]
    search_columns = ["name", "title", "is_active"]
    order_columns = ["name"]
    base_order = ("name", "asc")
    lookup_columns = ("name",)

    def store_phone(self, item: Any, e164: str) -> None:
        item.phone, item.phone_tail = e164, e164[-4:]


class AssignmentView(GridModelView):
    """Who serves which unit, from when to when. The past stays: an assignment ends, it is not deleted (D0-17)."""

    datamodel = GridInterface(Assignment)
    route_base = "/assignments"
    exclude_route_methods = {"download", "delete"}
    list_title, show_title = _l("Assignments"), _l("Assignment")
    add_title, edit_title = _l("New assignment"), _l("End or correct an assignment")
    label_columns = COLUMNS
    list_columns = ["worker", "node", "duty", "from_on", "to_on"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = ["to_on"]
    search_columns = ["duty", "from_on", "to_on"]
    order_columns = ["from_on", "to_on"]
    base_order = ("from_on", "desc")
    related_lookups = {"worker": "GridWorkerView.lookup", "node": "GridNodeView.lookup"}
    list_options = (selectinload(Assignment.worker), selectinload(Assignment.node))

    def pre_add(self, item: Assignment) -> None:
        self._check_dates(item)

    def pre_update(self, item: Assignment) -> None:
        self._check_dates(item)

    def _check_dates(self, item: Assignment) -> None:
        if item.from_on is None:
            item.from_on = today()
        if item.to_on is not None and item.to_on < item.from_on:
            raise RefusedError(_("It cannot end before it begins."))


