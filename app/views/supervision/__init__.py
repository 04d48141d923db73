"""Supervision in the browser: inspections and issues, drawn samples, what inspectors fill in, visits to look at."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.supervision.evaluation import IssuesOfEvaluation
from app.views.supervision.inspections import Inspections
from app.views.supervision.issues import Issues
from app.views.supervision.own_sample import OwnSample
from app.views.supervision.patterns import VisitPatterns
from app.views.supervision.samples import Samples
from app.views.supervision.visit_checks import VisitChecks


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, Inspections, menu.INSPECTION, _l("Inspections"), "shield-check")
    menu.add_page(appbuilder, Issues, menu.INSPECTION, _l("Issues and rectification"), "exclamation-diamond")
    menu.add_page(appbuilder, Samples, menu.INSPECTION, _l("Cross-check samples"), "dice-5")
    menu.add_page(appbuilder, VisitPatterns, menu.INSPECTION, _l("Visits to look at"), "eye")
    menu.add_page(appbuilder, VisitChecks, menu.INSPECTION, _l("Call-backs about visits"), "telephone-outbound")
    menu.add_page(appbuilder, OwnSample, menu.WORK, _l("My sample"), "clipboard-check")
    appbuilder.add_view_no_menu(IssuesOfEvaluation)
