"""The list of measures: planned, sent to a department, begun, told to the household, assessed (D0-39, D0-44, D0-48)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from app.domain.measures.templates import classes_for, template_of
from app.domain.measures.words import Effect, InformWay, ItemKind
from app.extensions import db
from app.models import IncomeSheet, Measure, PlanItem, PlanLine
from app.queries import departments
from app.queries.household_file_places import places_of
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.security.roles import FIELD, STAFF, VILLAGE
from app.services.measures import dispatching, items
from app.views import dates
from app.views.measures import forms
from app.views.measures.page import ERRORS, MeasurePage, class_words, line_title, seen_of_request, yuan_of
from app.views.register.codes import words_of


class PlanItemPage(MeasurePage):
    """Forms below /plan/item/<id> and /plan/measure/<id>; each leads back to where it came from."""

    route_base = "/plan"
    default_view = "add"
    permitted_roles: ClassVar = {"can_add": VILLAGE | STAFF, "can_send": STAFF, "can_inform": FIELD | STAFF}

    @expose("/line/<int:line_id>/item", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, line_id: int) -> Any:
        line: PlanLine = self.found(PlanLine, line_id)
        rules = rules_for(line.node_id, today())
        offered = classes_for(rules, line.household.category, template_of(rules, line.template_code))
        form: Any = forms.ItemForm()
        form.class_code.choices = forms.blank_first([SelectChoice(one.code, words_of(one)) for one in offered])
        people = [SelectChoice(str(one.id), one.name) for one in line.household.members if one.left_on is None]
        form.member.choices = [SelectChoice("", _("The whole household")), *people]

        def act() -> None:
            items.add_item(db.session, line.id, kind=ItemKind(form.kind.data), class_code=form.class_code.data,
                           what=form.what.data or "", due_on=form.due_on.data, amount=yuan_of(form.amount),
                           member_id=forms.whole(form.member), seen=seen_of_request())  # fmt: skip

        return self._form(form, act, line, _l("One more measure"))

    @expose("/item/<int:item_id>/drop", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def drop(self, item_id: int) -> Any:
        item: PlanItem = self.found(PlanItem, item_id)
        form: Any = forms.ReasonForm()
        return self._form(form, lambda: items.drop(db.session, item.id, form.reason.data or ""), item.line,
                          _l("This will not be done"), item)  # fmt: skip

    @expose("/item/<int:item_id>/begin", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def begin(self, item_id: int) -> Any:
        item: PlanItem = self.found(PlanItem, item_id)
        form: Any = forms.BeginForm()

        def act() -> None:
            items.begin(db.session, item.id, on=form.on.data, amount=yuan_of(form.amount), note=form.note.data or "")

        return self._form(form, act, item.line, _l("The measure has begun"), item)

    @expose("/item/<int:item_id>/send", methods=["GET", "POST"])
    @has_access
    @permission_name("send")
    def send(self, item_id: int) -> Any:
        item: PlanItem = self.found(PlanItem, item_id)
        form: Any = forms.SendForm(data={"due_on": dispatching.answer_due(item)})
        form.department.choices = forms.blank_first(_departments(item))

        def act() -> None:
            dispatching.send(db.session, item.id, forms.whole(form.department) or 0, words=form.words.data or "",
                             user_id=current_access().user_id, due_on=form.due_on.data)  # fmt: skip

        return self._form(form, act, item.line, _l("Send to a department"), item)

    @expose("/measure/<int:measure_id>/inform", methods=["GET", "POST"])
    @has_access
    @permission_name("inform")
    def inform(self, measure_id: int) -> Any:
        measure: Measure = self.found(Measure, measure_id)
        form: Any = forms.InformForm()

        def act() -> None:
            items.inform(db.session, measure.id, on=form.on.data, way=InformWay(form.way.data))

        return self._measure_form(form, act, measure, _l("The household was told"))

    @expose("/measure/<int:measure_id>/effect", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def effect(self, measure_id: int) -> Any:
        measure: Measure = self.found(Measure, measure_id)
        form: Any = forms.EffectForm()
        query = select(IncomeSheet).where(IncomeSheet.household_id == measure.household_id)
        sheets = list(db.session.scalars(query.order_by(IncomeSheet.judged_on.desc()).limit(20)))
        choices = [SelectChoice(str(one.id), dates.civil(one.judged_on)) for one in sheets]
        form.before.choices = form.after.choices = forms.blank_first(choices)

        def act() -> None:
            items.assess(
                db.session,
                measure.id,
                effect=Effect(form.effect.data),
                note=form.note.data or "",
                on=form.on.data,
                before_id=forms.whole(form.before),
                after_id=forms.whole(form.after),
            )

        return self._measure_form(form, act, measure, _l("What the measure brought about"))

    def _measure_form(self, form: Any, act: Any, measure: Measure, title: Any) -> Any:
        facts = [(_("Household"), measure.household.head_name),
                 (_("Measure"), f"{class_words(measure.class_code, measure.node_id)} {measure.kind}"),
                 (_("Began on"), dates.civil(measure.started_on))]  # fmt: skip
        return self.form_page(form, act, url_for("PlanPage.of_household", household_id=measure.household_id),
                              errors=ERRORS, title=title, button=_("Save"), facts=facts)  # fmt: skip

    def _form(self, form: Any, act: Any, line: PlanLine, title: Any, item: PlanItem | None = None) -> Any:
        facts = [(_("Household"), line.household.head_name), (_("Risk"), line_title(line))]
        if item is not None:
            facts.append((_("Measure"), f"{class_words(item.class_code, item.node_id)} {item.what}"))
        return self.form_page(form, act, url_for("PlanPage.index", plan_id=line.plan_id) + f"#line-{line.id}",
                              errors=ERRORS, title=title, button=_("Save"), facts=facts)  # fmt: skip


def _departments(item: PlanItem) -> list[Any]:
    """Departments of the household's place that still work; those that own this class of measure stand first."""
    found = departments.serving(item)
    places = places_of(found)
    found.sort(key=lambda one: item.class_code not in one.measure_classes)
    return [SelectChoice(str(one.id), f"{one.name} {places.get(one.node_id, '')}".strip()) for one in found]
