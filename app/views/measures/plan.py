"""一户一方案 on one page: its risks, what proves them, the list of measures, who checked it (D4-24, D4-25)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.domain.measures.templates import template_of
from app.domain.measures.words import OPEN_STATES, PlanState
from app.extensions import db
from app.models import Case, HelpPlan, Household
from app.queries.measures.plans import plan_of
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, STAFF, VILLAGE
from app.services.measures import plans
from app.views import cells
from app.views.guards import whole_number
from app.views.measures import forms, show
from app.views.measures.page import ERRORS, MeasurePage, seen_of_request
from app.views.steps import present_actor

WRITERS = VILLAGE | STAFF


class PlanPage(MeasurePage):
    """GET /plan/<id>; the POSTs below it change one thing each and lead back here."""

    route_base = "/plan"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": WRITERS, "can_check": STAFF}

    @expose("/<int:plan_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, plan_id: int) -> Any:
        plan: HelpPlan = self.found(HelpPlan, plan_id)
        return self.render_template("measures/plan.html", may=self._rights(plan), **show.page(plan))

    def _rights(self, plan: HelpPlan) -> dict[str, bool]:
        """What may be done here by this user in the plan's present state."""
        writes = self.may("can_write")
        is_turn = plan.turn in {level.value for level in present_actor().levels}
        return {
            "draft": writes and plan.state is PlanState.DRAFT,
            "work": writes and plan.state in (PlanState.DRAFT, PlanState.IN_FORCE),
            "force": writes and plan.state is PlanState.IN_FORCE,
            "check": self.may("can_check") and plan.state is PlanState.CHECKING and is_turn
            and plan.submitted_by_id != current_access().user_id,
            "tick": self.may("can_tick", "PlanLinePage") and plan.state in (*OPEN_STATES, PlanState.IN_FORCE),
            "send": self.may("can_send", "PlanItemPage") and plan.state is PlanState.IN_FORCE,
            "answer": self.may("can_answer", "DispatchPage"), "reopen": writes,
        }  # fmt: skip

    @expose("/household/<int:household_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def of_household(self, household_id: int) -> Any:
        """To the household's plan; to opening one where there is none."""
        household: Household = self.found(Household, household_id)
        plan = plan_of(household.id)
        if plan is not None and (plan.state is not PlanState.CLOSED or not self.may("can_write")):
            return redirect(url_for("PlanPage.index", plan_id=plan.id))
        if not self.may("can_write"):
            return self.render_template("measures/no_plan.html", household=cells.household_cell(household.id))
        return redirect(url_for("PlanPage.open", household_id=household.id))

    @expose("/open/<int:household_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def open(self, household_id: int) -> Any:
        household: Household = self.found(Household, household_id)
        case = self._case(household)
        rules = rules_for(household.node_id, today())
        form: Any = forms.OpenForm()
        form.templates.choices = [SelectChoice(one.code, one.title) for one in rules.plan_templates]
        if request.method == "GET":
            form.templates.data = list(plans.suggested(db.session, household, rules, case))

        def act() -> None:
            plans.open_plan(db.session, household, form.templates.data, user_id=current_access().user_id,
                            goal=form.goal.data or "", case=case)  # fmt: skip

        return self.form_page(
            form, act, url_for("PlanPage.of_household", household_id=household.id), errors=ERRORS,
            title=_("Open a plan"), button=_("Open the plan"),
            facts=[(_("Household"), cells.household_cell(household.id)), (_("Case"), case.number if case else "")],
            hint=_("The risks of this household are ticked already, as far as they are known."),
        )  # fmt: skip

    def _case(self, household: Household) -> Case | None:
        """The case of the link, as far as it is this household's."""
        key = whole_number(request.args.get("case", ""))
        case: Case | None = db.session.get(Case, key) if key is not None else None
        return case if case is not None and case.household_id == household.id else None

    @expose("/<int:plan_id>/line", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def line(self, plan_id: int) -> Any:
        """One more risk in a draft."""
        plan: HelpPlan = self.found(HelpPlan, plan_id)
        rules = rules_for(plan.node_id, today())
        known = {line.template_code for line in plan.lines}
        form: Any = forms.LineForm()
        form.template.choices = forms.blank_first(
            [SelectChoice(one.code, one.title) for one in rules.plan_templates if one.code not in known]
        )

        def act() -> None:
            template = template_of(rules, form.template.data) or abort(400)
            draft = plans.locked_draft(db.session, plan.id)
            plans.add_line(db.session, draft, template)
            plans.touch(draft)

        return self._form(form, act, plan, _l("Add a risk"), _l("Add"))

    @expose("/<int:plan_id>/submit", methods=["POST"])
    @has_access
    @permission_name("write")
    def submit(self, plan_id: int) -> Any:
        plan = self.found(HelpPlan, plan_id)
        self.do(lambda: plans.submit(db.session, plan.id, present_actor(), seen=self._seen()))
        return redirect(url_for("PlanPage.index", plan_id=plan_id))

    @expose("/<int:plan_id>/check", methods=["GET", "POST"])
    @has_access
    @permission_name("check")
    def check(self, plan_id: int) -> Any:
        plan: HelpPlan = self.found(HelpPlan, plan_id)
        if request.method == "GET" and not self._rights(plan)["check"]:
            flash(_("Nothing is to be checked in this plan."), "info")
            return redirect(url_for("PlanPage.index", plan_id=plan_id))
        form: Any = forms.CheckForm()

        def act() -> None:
            plans.check(db.session, plan.id, present_actor(), seen=self._seen(plan), reason=form.reason.data or "",
                        passed=form.passed.data == "yes")  # fmt: skip

        return self._form(form, act, plan, _l("Check the plan and its list of measures"), _l("Record the check"))

    @expose("/<int:plan_id>/version", methods=["POST"])
    @has_access
    @permission_name("write")
    def version(self, plan_id: int) -> Any:
        plan = self.found(HelpPlan, plan_id)
        made: list[HelpPlan] = []
        user_id = current_access().user_id
        self.do(lambda: made.append(plans.new_version(db.session, plan.id, user_id, seen=self._seen())))
        return redirect(url_for("PlanPage.index", plan_id=made[0].id if made else plan_id))

    @expose("/<int:plan_id>/close", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def close(self, plan_id: int) -> Any:
        plan: HelpPlan = self.found(HelpPlan, plan_id)
        form: Any = forms.ReasonForm()

        def act() -> None:
            plans.close(db.session, plan.id, present_actor(), seen=self._seen(plan), reason=form.reason.data or "")

        return self._form(form, act, plan, _l("Close the plan"), _l("Close the plan"))

    def _seen(self, plan: HelpPlan | None = None) -> int:
        """The count of changes the reader saw; a form page reads it when it is opened, and a page that is old by then
        is the one before it."""
        seen = seen_of_request()
        if seen is not None:
            return seen
        return plan.changes if plan is not None else -1

    def _form(self, form: Any, act: Any, plan: HelpPlan, title: Any, button: Any) -> Any:
        return self.form_page(form, act, url_for("PlanPage.index", plan_id=plan.id), errors=ERRORS, title=title,
                              button=button, facts=show.facts(plan))  # fmt: skip
