"""Rules: documents, profiles, which rules hold where."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views.menu import RULES, add_page
from app.views.policy.documents import PolicyDocumentFile, PolicyDocumentView
from app.views.policy.edit import PolicyEdit
from app.views.policy.files import PolicyFiles
from app.views.policy.here import PolicyHere
from app.views.policy.income import IncomeSheets
from app.views.policy.profiles import PolicyProfiles


def register(appbuilder: Any) -> None:
    add_page(appbuilder, PolicyHere, RULES, _l("Rules here"), "journal-check")
    add_page(appbuilder, PolicyProfiles, RULES, _l("Policy profiles"), "journal-text")
    add_page(appbuilder, PolicyDocumentView, RULES, _l("Policy documents"), "file-earmark-text")
    for view in (PolicyDocumentFile, PolicyEdit, PolicyFiles, IncomeSheets):
        appbuilder.add_view_no_menu(view)
