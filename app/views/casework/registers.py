"""The register of cases: whose turn it is and until when; a case itself opens on its own page."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.casework.words import CaseState
from app.domain.labels import label_of
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.models import Case
from app.security.roles import EVERYBODY
from app.views.base import PLAIN, GridInterface, ReadOnlyModelView
from app.views.casework.words import limit_badge
from app.views.columns import COLUMNS

LABELS = COLUMNS | {
    "number": _l("Case number"), "step_title": _l("Step"), "actor": _l("Whose turn"),
    "step_due_at": _l("To be done by"), "outcome_title": _l("Outcome"), "opened_on": _l("Opened on"),
    "kind": _l("Kind of case"),
}  # fmt: skip
STATES = {CaseState.OPEN: (_l("Under way"), "info"), CaseState.CLOSED: (_l("Closed"), "neutral")}
ACTORS = {level: (_l(label_of(level)), PLAIN) for level in LevelKind} | {"": ("—", PLAIN)}
KINDS = {kind: (_l(label_of(kind)), PLAIN) for kind in WorkflowKind}


class CaseInterface(GridInterface):
    """Closed cases have no term; databases disagree on where nothing sorts, and what is to be done comes first."""

    def apply_order_by(self, query: Any, order_column: str, *rest: Any, **named: Any) -> Any:
        if order_column == "step_due_at":
            query = query.order_by(Case.state == CaseState.CLOSED)
        return super().apply_order_by(query, order_column, *rest, **named)


class CaseView(ReadOnlyModelView):
    """案件: the next to be done first. Nothing is changed here."""

    datamodel = CaseInterface(Case)
    route_base = "/cases"
    permitted_roles = {"can_list": EVERYBODY, "can_show": EVERYBODY}
    list_title, show_title = _l("Cases"), _l("Case")
    label_columns = LABELS
    list_columns = ["number", "household", "kind", "step_title", "actor", "step_due_at", "outcome_title"]
    show_columns = ["number", "household"]
    search_columns = ["number", "kind", "state", "actor", "step_due_at", "opened_on", "outcome_title"]
    order_columns = ["number", "step_due_at", "opened_on"]
    base_order = ("step_due_at", "asc")
    badges = {"state": STATES, "actor": ACTORS, "kind": KINDS}
    empty_hint = _l("A case is opened from a household's file or from a clue that proved true.")

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return redirect(url_for("CasePage.index", case_id=int(pk)))

    def display(self, item: Case, column: str) -> Any:
        if column == "number":
            href = url_for("CasePage.index", case_id=item.id)
            return Markup('<a class="num" href="{}">{}</a>').format(href, item.number or _("Case"))
        if column == "step_due_at":
            return limit_badge(item)
        return super().display(item, column)
