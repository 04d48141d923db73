"""One case on one page: where it stands, what is to be done by whom until when, and everything that was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from app.domain.casework import ways
from app.domain.casework.words import CaseEffect, CaseState, ObjectionState
from app.domain.enums import HouseholdCategory
from app.domain.labels import label_of
from app.domain.policy import Step, Workflow
from app.domain.policy.kinds import LevelKind
from app.extensions import db
from app.models import Case
from app.queries import departments
from app.queries.casework.entered import find_entry
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import COUNTY, EVERYBODY, FIELD, STAFF
from app.services import casework
from app.services.casework import files
from app.services.casework.deciding import Review
from app.services.casework.photos import find_meeting_step
from app.services.casework.problems import CaseError, NotYoursError
from app.services.casework.turns import Turn, check_turn, turn_of
from app.views import cells
from app.views.casework import forms, words
from app.views.steps import present_actor, show

VOTES = ("held_on", "present", "in_favour", "against", "abstained", "names", "minutes")


class CasePage(BaseView):
    """GET /case/<id>; the POSTs below it change one thing each and lead back here."""

    route_base = "/case"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_read": EVERYBODY, "can_decide": FIELD | STAFF, "can_object": FIELD | STAFF, "can_roll_back": COUNTY,
    }  # fmt: skip

    @expose("/<int:case_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, case_id: int) -> Any:
        return self._page(self._case(case_id))

    @expose("/<int:case_id>/decide", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, case_id: int) -> Any:
        case = self._case(case_id)
        form = self._decision_form(case)

        def act() -> None:
            casework.decide(
                db.session, case.id, present_actor(), form.decision.data, number=form.seen,
                reason=form.reason.data or "", review=_review(form),
                category=HouseholdCategory(chosen) if (chosen := _given(form, "category")) else None,
                risks=_given(form, "risks"), took_part=_given(form, "took_part") or (),
            )  # fmt: skip

        return self._act(case, form, act, _("The decision is recorded."), "decision_form")

    @expose("/<int:case_id>/notice", methods=["POST"])
    @has_access
    @permission_name("decide")
    def notice(self, case_id: int) -> Any:
        case, form = self._case(case_id), forms.NoticeForm()

        def act() -> None:
            casework.post_notice(db.session, case.id, present_actor(), number=form.seen, from_on=form.from_on.data,
                                 place=form.place.data or "")  # fmt: skip

        return self._act(case, form, act, _("The notice is on record."), "notice_form")

    @expose("/<int:case_id>/objections", methods=["POST"])
    @has_access
    @permission_name("object")
    def object(self, case_id: int) -> Any:
        case, form = self._case(case_id), forms.ObjectionForm()

        def act() -> None:
            casework.object_to(db.session, case.id, present_actor(), number=form.seen, words=form.words.data or "",
                               said_by=form.said_by.data or "")  # fmt: skip

        return self._act(case, form, act, _("The objection is on record; it has to be answered."), "objection_form")

    @expose("/<int:case_id>/objections/<int:objection_id>/answer", methods=["POST"])
    @has_access
    @permission_name("decide")
    def answer(self, case_id: int, objection_id: int) -> Any:
        case, form = self._case(case_id), forms.AnswerForm()

        def act() -> None:
            casework.answer_objection(db.session, case.id, objection_id, present_actor(), number=form.seen,
                                      upheld=form.upheld.data == "yes", answer=form.answer.data or "")  # fmt: skip

        return self._act(case, form, act, _("The answer is on record."), "answer_form")

    @expose("/<int:case_id>/roll-back", methods=["POST"])
    @has_access
    @permission_name("roll_back")
    def roll_back(self, case_id: int) -> Any:
        case, form = self._case(case_id), forms.RollBackForm()

        def act() -> None:
            casework.roll_back(db.session, case.id, present_actor(), number=form.seen, reason=form.reason.data or "")

        return self._act(case, form, act, _("The outcome is taken back."), "roll_back_form")

    def _act(self, case: Case, form: Any, act: Callable[[], None], done: str, name: str) -> Any:
        """Do it and go back to the page; what is missing is shown at its field and keeps what was typed."""
        case_id = case.id
        if form.validate_on_submit():
            try:
                act()
            except NotYoursError:
                db.session.rollback()
                abort(403)
            except CaseError as error:
                db.session.rollback()
                show(form, error)
            except LookupError:
                db.session.rollback()
                abort(404)
            else:
                db.session.commit()
                flash(done, "success")
                return redirect(url_for("CasePage.index", case_id=case_id))
        return self._page(self._case(case_id), **{name: form}), 400

    def _page(self, case: Case, **given: Any) -> Any:
        flow = files.flow_of(case)
        step = flow.step(case.step) if case.state is CaseState.OPEN else None
        turn = turn_of(db.session, case, step) if step is not None else None
        is_turn = step is not None and self._may("can_decide") and _is_turn(case, step, turn)
        shown = {"number": str(case.entries)}
        context = {
            "decision_form": self._decision_form(case, formdata=None) if is_turn else None,
            "notice_form": forms.NoticeForm(formdata=None, data={**shown, "from_on": today()})
            if step is not None and self._may_put_up(step) and _wants_notice(case, step) else None,
            "objection_form": forms.ObjectionForm(formdata=None, data=shown)
            if step is not None and case.notices and self._may("can_object") else None,
            "answer_form": forms.AnswerForm(formdata=None, data=shown) if is_turn else None,
            "roll_back_form": forms.RollBackForm(formdata=None, data=shown) if self._may_roll_back(case) else None,
        }  # fmt: skip
        context |= {name: form for name, form in given.items() if context.get(name) is not None or is_turn}
        return self.render_template(
            "casework/case.html", case=case, flow=flow, step=step, is_turn=is_turn, crumbs=cells.crumbs_of(case),
            household=cells.household_cell(case.household_id), limit=words.limit_words(case),
            last_on=words.last_day(case),
            entries=words.entries(case, flow), steps=[one.title for one in flow.steps], way_words=words.way_words,
            position=_position(flow, case), ended=_ended(case), risks=_risk_words(case),
            outcome_tone=words.effect_tone(case.outcome),
            category=_(label_of(case.category)) if case.category else "", kind=_(label_of(case.kind)),
            actor=_(label_of(LevelKind(case.actor))) if case.actor else "", label_of=label_of,
            open_objections=[o for o in case.objections if o.state is ObjectionState.OPEN],
            turn=turn,
            stands_in=is_turn and step is not None and step.actor not in present_actor().levels,
            entered=words.entered_words(find_entry(db.session, case)),
            platform=url_for("PlatformSync.index", node=case.node_id)
            if self.appbuilder.sm.has_access("can_read", "PlatformSync") else "",
            may_add_photo=step is not None and self._may_see_to_photos(case), **context,
        )  # fmt: skip

    def _decision_form(self, case: Case, **kwargs: Any) -> Any:
        """With the ways out of the present step; the fields the step does not ask for are left out."""
        data = {"number": str(case.entries), "risks": case.risks, "category": case.category or ""}
        form: Any = forms.DecisionForm(data=data, **kwargs)
        flow = files.flow_of(case)
        step = flow.step(case.step) if case.state is CaseState.OPEN else None
        offered = ways(flow, case.step, files.travelled(case)) if step else ()
        form.offers = [(way.code, *words.way_words(way, flow)) for way in offered]
        form.decision.choices = [SelectChoice(code, button) for code, button, _where in form.offers]
        form.category.choices = [SelectChoice("", _("Please choose")), *forms.kinds_monitored()]
        codes = rules_for(case.node_id, case.opened_on).codes.get("risk_kinds", ())
        form.risks.choices = forms.code_choices(codes)
        if not any(CaseEffect.of(way.target) is CaseEffect.INCLUDED for way in offered if way.ends):
            del form.category, form.risks
        offices = departments.serving(case) if step is not None and step.actor is LevelKind.TOWNSHIP else []
        form.took_part.choices = [SelectChoice(one.name, one.name) for one in offices]
        if not offices:
            del form.took_part
        if step is None or not step.needs_meeting:
            for name in VOTES:
                del form[name]
        return form

    def _case(self, case_id: int) -> Case:
        case: Case = db.session.get(Case, case_id) or abort(404)
        return case

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, type(self).__name__))

    def _may_see_to_photos(self, case: Case) -> bool:
        may = self.appbuilder.sm.has_access("can_add", "CasePhotos")
        return bool(may and find_meeting_step(case, present_actor().levels))

    def _may_put_up(self, step: Step) -> bool:
        """The level whose step it is hangs the notice, also when somebody else has to decide."""
        return self._may("can_decide") and step.actor in present_actor().levels

    def _may_roll_back(self, case: Case) -> bool:
        closed = case.state is CaseState.CLOSED and case.rolled_back_at is None
        effect = CaseEffect.of(case.outcome) if closed else None
        final = (None, CaseEffect.REFUSED, CaseEffect.KEPT, CaseEffect.RESOLVED)
        return effect not in final and self._may("can_roll_back")


def _is_turn(case: Case, step: Step, turn: Turn | None) -> bool:
    try:
        check_turn(db.session, case, step, present_actor(), turn)
    except NotYoursError:
        return False
    return True


def _wants_notice(case: Case, step: Step | None) -> bool:
    if step is None or not step.needs_publicity_days:
        return False
    return not any(n.step == step.code and n.posted_at >= case.step_from_at for n in case.notices)


def _position(flow: Workflow, case: Case) -> int:
    """Which step it stands at, counted from 1; a closed case stands where it was decided last."""
    codes = [step.code for step in flow.steps]
    decided = words.last_decision(case)
    step = case.step or (decided.step if decided is not None else "")
    return codes.index(step) + 1 if step in codes else len(codes) + 1


def _ended(case: Case) -> str:
    """What became of the step a closed case stands at, as `ui.steps` has it; "" while the case is under way."""
    if case.state is CaseState.OPEN:
        return ""
    return "stopped" if CaseEffect.of(case.outcome) is CaseEffect.REFUSED else "done"


def _risk_words(case: Case) -> list[str]:
    rules = rules_for(case.node_id, case.opened_on)
    return [rules.code_label("risk_kinds", code) for code in case.risks]


def _given(form: Any, name: str) -> Any:
    """What was entered in a field, None when it is empty or the step does not ask for it."""
    return (form[name].data or None) if name in form else None


def _review(form: Any) -> Review | None:
    """None when the step asks for none, or nothing of it was filled in."""
    if "held_on" not in form or form.held_on.data is None:
        return None
    numbers = {name: getattr(form, name).data for name in VOTES[1:5]}
    return Review(held_on=form.held_on.data, minutes=form.minutes.data or "",
                  names=words.names_in(form.names.data or ""),
                  **{name: -1 if value is None else value for name, value in numbers.items()})  # fmt: skip
