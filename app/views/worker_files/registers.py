"""Registers of the people who serve the grid, and of their assignments."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload
from wtforms.validators import NumberRange, Optional

from app.models import Assignment, GridWorker
from app.queries.scope import today
from app.views.base import GridInterface, GridModelView, RefusedError
from app.views.columns import COLUMNS
from app.views.personal import PhoneEntry


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
    label_columns = COLUMNS | {"position": _l("Place in order")}
    description_columns = {"position": _l("Several with one duty: 1 stands first, on the unit's page and its board.")}
    list_columns = ["worker", "node", "duty", "from_on", "to_on"]
    show_columns = [*list_columns, "position"]
    add_columns = show_columns
    edit_columns = ["position", "to_on"]
    validators_columns = {"position": [Optional(), NumberRange(1, 99, _l("A whole number from 1 to 99."))]}
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
