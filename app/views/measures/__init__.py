"""Plans, measures and their dispatch in the browser (D4-24, D0-44, D0-48)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.measures.archive import VisitArchive
from app.views.measures.dispatches import DispatchPage
from app.views.measures.figures import MeasureFigures
from app.views.measures.item import PlanItemPage
from app.views.measures.line import PlanLinePage
from app.views.measures.lists import CrossOffPage, PlansPage
from app.views.measures.notices import MeasureNotices
from app.views.measures.plan import PlanPage


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, PlansPage, menu.CASES, _l("Plans of households"), "clipboard-check")
    menu.add_page(appbuilder, DispatchPage, menu.CASES, _l("With departments"), "send")
    menu.add_page(appbuilder, CrossOffPage, menu.CASES, _l("Risks to cross off"), "card-checklist")
    menu.add_page(appbuilder, MeasureNotices, menu.CASES, _l("Notices of measures"), "megaphone")
    menu.add_page(appbuilder, VisitArchive, menu.FOLLOWUP, _l("Archive of visit records"), "archive")
    menu.add_page(appbuilder, MeasureFigures, menu.FIGURES, _l("Timely and effective"), "bar-chart")
    for view in (PlanPage, PlanLinePage, PlanItemPage):
        appbuilder.add_view_no_menu(view)
