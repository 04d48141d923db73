"""What lies with departments: waiting, overdue, answered, returned; and their answers (D0-48, D3-18)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.domain.labels import label_of
from app.domain.measures.words import Answer, DispatchState, PlanState
from app.extensions import db
from app.models import Department, MeasureDispatch
from app.queries.measures import plans as query
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, STAFF
from app.services.measures import dispatching
from app.views import cells, dates
from app.views.duties import scope
from app.views.grid_care.page import chosen, page_of
from app.views.guards import whole_number
from app.views.measures import forms
from app.views.measures.page import ERRORS, MeasurePage, class_words

TONES = {DispatchState.WAITING: "info", DispatchState.ANSWERED: "success", DispatchState.RETURNED: "warning",
         DispatchState.WITHDRAWN: "neutral"}  # fmt: skip


class DispatchPage(MeasurePage):
    """GET /dispatches/?node=&state=&department=&overdue=1; forms below /dispatches/<id>."""

    route_base = "/dispatches"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_answer": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, state = scope.unit_of_request(), chosen(DispatchState, "state")
        late = request.args.get("overdue") == "1"
        department = self._department()
        picked: dict[str, Any] = {"department_id": department.id if department else None}
        rows, page, pages, total = page_of(
            query.dispatches(node, state=state, overdue_on=today() if late else None, **picked)
        )
        cells.load(rows, ["household"])
        args: dict[str, Any] = {"node": node.id if node else None, "department": department.id if department else None}
        count = query.count(query.dispatches(node, overdue_on=today(), **picked))
        chips = [
            {"label": _("All"), "href": url_for("DispatchPage.index", **args), "active": state is None and not late},
            {
                "label": _("Overdue"),
                "href": url_for("DispatchPage.index", overdue=1, **args),
                "count": count,
                "active": late,
            },
        ]
        chips += [{"label": _(label_of(one)), "href": url_for("DispatchPage.index", state=one.value, **args),
                   "active": state is one and not late} for one in DispatchState]  # fmt: skip
        return self.render_template(
            "measures/dispatches.html", chips=chips, rows=[_row(one) for one in rows], page=page, pages=pages,
            total=total, department=department, may_answer=self.may("can_answer"),
            crumbs=scope.crumbs_of(node, lambda key: url_for("DispatchPage.index", node=key)),
        )  # fmt: skip

    def _department(self) -> Department | None:
        key = whole_number(request.args.get("department", ""))
        if key is None:
            return None
        found: Department | None = db.session.scalars(select(Department).where(Department.id == key)).first()
        return found

    @expose("/<int:dispatch_id>/answer", methods=["GET", "POST"])
    @has_access
    @permission_name("answer")
    def answer(self, dispatch_id: int) -> Any:
        found: MeasureDispatch = self.found(MeasureDispatch, dispatch_id)
        form: Any = forms.AnswerForm()

        def act() -> None:
            dispatching.answer(db.session, found.id, user_id=current_access().user_id, said=Answer(form.said.data),
                               words=form.words.data or "", on=form.on.data)  # fmt: skip

        return self._form(form, act, found, _l("Record the department's answer"))

    @expose("/<int:dispatch_id>/return", methods=["GET", "POST"])
    @has_access
    @permission_name("answer")
    def send_back(self, dispatch_id: int) -> Any:
        found: MeasureDispatch = self.found(MeasureDispatch, dispatch_id)
        form: Any = forms.BackForm()
        user_id = current_access().user_id

        def act() -> None:
            dispatching.send_back(db.session, found.id, user_id=user_id, reason=form.words.data or "")

        return self._form(form, act, found, _l("Returned by the department"))

    @expose("/<int:dispatch_id>/withdraw", methods=["GET", "POST"])
    @has_access
    @permission_name("answer")
    def withdraw(self, dispatch_id: int) -> Any:
        found: MeasureDispatch = self.found(MeasureDispatch, dispatch_id)
        form: Any = forms.BackForm()
        user_id = current_access().user_id

        def act() -> None:
            dispatching.withdraw(db.session, found.id, user_id=user_id, reason=form.words.data or "")

        return self._form(form, act, found, _l("Take it back from the department"))

    def _form(self, form: Any, act: Any, found: MeasureDispatch, title: Any) -> Any:
        facts = [(_("Household"), cells.household_cell(found.household_id)), (_("Department"), found.department.name),
                 (_("Measure"), _measure(found)), (_("Answer by"), dates.civil(found.due_on)),
                 (_("What the department is asked"), found.words)]  # fmt: skip
        return self.form_page(form, act, url_for("DispatchPage.index"), errors=ERRORS, title=title, button=_("Save"),
                              facts=facts)  # fmt: skip


def _measure(found: MeasureDispatch) -> str:
    return f"{class_words(found.item.class_code, found.node_id)} {found.item.what}".strip()


def _row(found: MeasureDispatch) -> dict[str, Any]:
    waits = found.state is DispatchState.WAITING
    late = (today() - found.due_on).days if waits else 0
    return {
        "id": found.id, "household": cells.household_cell(found.household_id), "what": _measure(found),
        "kind": _(label_of(found.item.kind)), "department": found.department.name, "sent": dates.civil(found.sent_on),
        "due": dates.civil(found.due_on), "late": max(late, 0), "waits": waits,
        "plan": url_for("PlanPage.index", plan_id=found.item.line.plan_id),
        "is_old": found.item.line.plan.state is PlanState.REPLACED,
        "state": (_(label_of(found.state)), "danger" if late > 0 else TONES[found.state]),
        "answer": _(label_of(found.answer)) if found.answer else "", "words": found.answer_words or "",
        "answered": dates.civil(found.answered_on),
    }  # fmt: skip
