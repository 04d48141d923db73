"""立案: opening a case from a household's file or from a clue."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from app.domain.casework.words import CaseState
from app.domain.labels import label_of
from app.domain.policy.kinds import WorkflowKind
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.extensions import db
from app.models import Case, Clue, Household
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.security.roles import STAFF, VILLAGE
from app.services import casework
from app.services.casework.problems import CaseError
from app.views import cells
from app.views.casework import forms
from app.views.guards import whole_number
from app.views.steps import said


class CaseOpening(BaseView):
    """GET and POST /case/open/<household>?clue=<id>."""

    route_base = "/case/open"
    default_view = "household"
    permitted_roles: ClassVar = {"can_open": VILLAGE | STAFF}

    @expose("/<int:household_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("open")
    def household(self, household_id: int) -> Any:
        household = db.session.get(Household, household_id) or abort(404)
        query = select(Case).where(Case.household_id == household.id, Case.state == CaseState.OPEN)
        under_way = db.session.scalars(query).first()
        if under_way is not None:
            flash(_("A case of this household is under way."), "info")
            return redirect(url_for("CasePage.index", case_id=under_way.id))
        clue = self._clue(household)
        rules = rules_for(household.node_id, today())
        form: Any = forms.OpeningForm(data={"kind": _likely(household).value})
        flows = rules.workflows.items()
        form.kind.choices = [SelectChoice(kind.value, f"{_(label_of(kind))} · {flow.title}") for kind, flow in flows]
        form.risks.choices = forms.code_choices(rules.codes.get("risk_kinds", ()))
        if form.validate_on_submit():
            try:
                case = casework.open_case(db.session, household, WorkflowKind(form.kind.data), clue=clue,
                                          user_id=current_access().user_id, reason=form.reason.data or "",
                                          risks=form.risks.data or ())  # fmt: skip
            except CaseError as error:
                db.session.rollback()
                flash(said(error), "warning")
            else:
                db.session.commit()
                flash(_("Case %(number)s is open.", number=case.number), "success")
                return redirect(url_for("CasePage.index", case_id=case.id))
        return self.render_template(
            "casework/open.html", form=form, household=cells.household_cell(household_id), clue=clue,
            clue_words=_(label_of(clue.kind)) if clue else "", workflows=rules.workflows,
            back=url_for("HouseholdFile.index", household_id=household_id),
        )  # fmt: skip

    def _clue(self, household: Household) -> Clue | None:
        """The clue of the link, as far as it is this household's."""
        key = whole_number(request.args.get("clue", ""))
        clue = db.session.get(Clue, key) if key is not None else None
        return clue if clue is not None and clue.household_id == household.id else None


def _likely(household: Household) -> WorkflowKind:
    return WorkflowKind.ELIMINATION if household.category in MONITORED_CATEGORIES else WorkflowKind.RECOGNITION
