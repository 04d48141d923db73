"""Clues in the browser: the inbox, a clue's page, departments and their warnings."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.clues.comparison import Comparison, of_household
from app.views.clues.departments import DepartmentView
from app.views.clues.inbox import ClueInbox
from app.views.clues.page import CluePage
from app.views.clues.public import PublicReport
from app.views.clues.reporters import ClueReporterView, ClueReportView, ReportDesk
from app.views.clues.warnings import Warnings


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, ClueInbox, menu.FOLLOWUP, _l("Inbox of clues"), "inbox")
    menu.add_page(appbuilder, DepartmentView, menu.GRID, _l("Departments"), "building")
    menu.add_page(appbuilder, Warnings, menu.FOLLOWUP, _l("Department warnings"), "exclamation-triangle")
    menu.add_page(appbuilder, ClueReportView, menu.FOLLOWUP, _l("Reports received"), "inbox")
    menu.add_page(appbuilder, ClueReporterView, menu.FOLLOWUP, _l("Reporters without a log-in"), "link-45deg")
    menu.add_page(appbuilder, Comparison, menu.CASES, _l("Data comparison"), "clipboard-data")
    current_app.jinja_env.globals["comparison_of"] = of_household
    for view in (CluePage, PublicReport, ReportDesk):
        appbuilder.add_view_no_menu(view)
