"""Papers in the browser: one page of them a household and a unit, each form on A4 and as DOCX."""

from __future__ import annotations

import importlib
from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.papers.page import PapersPage


def register(appbuilder: Any) -> None:
    importlib.import_module("app.views.papers.forms")  # each form registers what fills it
    menu.add_page(appbuilder, PapersPage, menu.CASES, _l("Papers"), "printer")
