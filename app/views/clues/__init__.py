"""Clues in the browser: the inbox, a clue's page, departments and their warnings."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.clues.departments import DepartmentView
from app.views.clues.inbox import ClueInbox
from app.views.clues.page import CluePage


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, ClueInbox, menu.FOLLOWUP, _l("Inbox of clues"), "inbox")
    menu.add_page(appbuilder, DepartmentView, menu.GRID, _l("Departments"), "building")
    appbuilder.add_view_no_menu(CluePage)
