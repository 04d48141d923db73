"""Cases in the browser: the register, the page of one case, and the papers it prints."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.casework.opening import CaseOpening
from app.views.casework.page import CasePage
from app.views.casework.papers import CasePapers
from app.views.casework.photos import CasePhotos
from app.views.casework.registers import CaseView


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, CaseView, menu.CASES, _l("Cases"), "folder2-open")
    for view in (CasePage, CaseOpening, CasePapers, CasePhotos):
        appbuilder.add_view_no_menu(view)
