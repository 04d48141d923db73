"""Clues in the browser: the inbox, a clue's page, departments and their warnings."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.clues.departments import DepartmentView


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, DepartmentView, menu.GRID, _l("Departments"), "building")
