"""Evaluations on the screen, one person at a time: what was counted and judged, objected and answered.

Lists go by unit and show no result: there is no table in which persons could be compared (UX 4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import Optional

from app.domain.labels import label_of
from app.domain.worker_files.periods import Period, parse_period
from app.domain.worker_files.words import Dimension, EvaluationState
from app.extensions import db
from app.models import Evaluation, EvaluationObjection
from app.queries.policy import rules_for
from app.queries.scope import today
from app.queries.worker_files import evaluations as reads
from app.queries.worker_files.deeds import list_deeds
from app.queries.worker_files.people import leads_place, own_worker_id
from app.security.roles import EVERYBODY, READERS, STAFF, VILLAGE
from app.services.worker_files import evaluations as service
from app.services.worker_files.refusals import refuse
from app.views import cells
from app.views.dates import civil, shown
from app.views.dates import period as period_words
from app.views.display import badge_cell
from app.views.worker_files.file import EVALUATION_TONES
from app.views.worker_files.lists import columns
from app.views.worker_files.page import LOOKERS, WorkerPage, day, node_asked, own_units, page_of, text, tick, words

_PERIOD = _l("A year 2026, a quarter 2026Q4 or a month 2026-11.")


def _weight(label: Any) -> Any:
    return IntegerField(label, [Optional()], render_kw={"inputmode": "numeric"})


class SchemeForm(FlaskForm):
    name = text(_l("Name of the scheme"), needed=True, longest=80)
    valid_from = day(_l("Valid from"), needed=True)
    contacts = _weight(_l("Weight: daily visits and contacts"))
    reports = _weight(_l("Weight: reporting problems and changes"))
    applications = _weight(_l("Weight: help with self-application"))
    measures = _weight(_l("Weight: checks and measures"))
    manual_weight = _weight(_l("Weight: judged by people"))
    objection_days = IntegerField(_l("Days for objections"), [Optional()], render_kw={"inputmode": "numeric"})
    bands = words(_l("Grades"), _l("One a line: points, grade, coefficient. Such as: 90 A 1.0"), needed=True, rows=4)
    adjust_below = text(_l("Suggest adjustment below (points)"), longest=6, inputmode="decimal")
    source = text(_l("Basis"), _l("The document and clause it rests on."), longest=200)


class DrawUpForm(FlaskForm):
    period = text(_l("Period"), _PERIOD, needed=True, longest=7)


class ManualForm(FlaskForm):
    manual_score = text(_l("Points (0–100)"), longest=6, inputmode="decimal")
    manual_reason = words(_l("What the score rests on"))


class DeductionForm(FlaskForm):
    points = text(_l("Points taken off"), needed=True, longest=6, inputmode="decimal")
    deduction_reason = words(_l("What the inspection found"), needed=True)
    on = day(_l("Day of the inspection"), needed=True)


class VetoForm(FlaskForm):
    veto = tick(_l("One serious failure decides"))
    veto_reason = words(_l("Which failure"))


class WordsForm(FlaskForm):
    words = words(_l("Your objection"), needed=True, longest=1000)


class AnswerForm(FlaskForm):
    answer = words(_l("Answer"), needed=True, longest=1000)


class Evaluations(WorkerPage):
    """GET /evaluations/?period=…, /evaluations/<id>; forms and steps below it."""

    route_base = "/evaluations"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_read": EVERYBODY, "can_list": LOOKERS, "can_write": VILLAGE | STAFF, "can_publish": STAFF,
        "can_object": EVERYBODY - READERS,
    }  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        periods = reads.list_periods()
        period = request.args.get("period", periods[0] if periods else str(today().year))[:7]
        state = next((one for one in EvaluationState if one == request.args.get("state")), None)
        found, number, pages = page_of(reads.list_evaluations(period, node_asked(), state))
        cells.load(found, ["node"])
        counts = reads.count_by_state(period)
        chips = [{"label": _("All"), "href": url_for("Evaluations.index", period=period), "active": state is None}]
        chips += [{"label": _(label_of(one)), "href": url_for("Evaluations.index", period=period, state=one.value),
                   "active": one is state, "count": counts.get(one, 0)} for one in EvaluationState]  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Evaluations"), subtitle=period_words(period), chips=chips,
            tabs=[{"label": period_words(one), "href": url_for("Evaluations.index", period=one),
                   "active": one == period} for one in periods],
            buttons=self._buttons(), rows=[_row(one) for one in found], page=number, pages=pages,
            empty_title=_("No evaluation of this period."),
            columns=columns(("person", _("Name"), "main"), ("unit", _("Unit"), ""), ("days", _("Days"), ""),
                            ("state", _("State"), "")),
        )  # fmt: skip

    def _buttons(self) -> list[dict[str, Any]]:
        if not self.may("can_publish"):
            return []
        return [{"label": _("Schemes"), "href": url_for("Evaluations.schemes"), "icon": "sliders"},
                {"label": _("Draw up a period"), "href": url_for("Evaluations.draw_up"), "icon": "plus-lg",
                 "kind": "primary"}]  # fmt: skip

    @expose("/schemes", methods=["GET"])
    @has_access
    @permission_name("publish")
    def schemes(self) -> Any:
        rows = [{"name": one.name, "unit": cells.unit_cell(one.node), "from": civil(one.valid_from),
                 "weights": " + ".join(str(weight) for weight in [*reads.weights_of(one).values(), one.manual_weight]),
                 "days": one.objection_days, "source": one.source} for one in reads.list_schemes()]  # fmt: skip
        button = {"label": _("New scheme"), "href": url_for("Evaluations.new_scheme"), "icon": "plus-lg"}
        return self.render_template(
            "worker_files/list.html", title=_("How workers are evaluated"), rows=rows, buttons=[button],
            subtitle=_("A scheme is never changed: a new one takes its place on its day."),
            empty_title=_("No scheme yet."), columns=columns(
                ("name", _("Name of the scheme"), "main"), ("unit", _("Unit"), ""), ("from", _("Valid from"), "date"),
                ("weights", _("Weights"), ""), ("days", _("Days for objections"), "num"), ("source", _("Basis"), "")),
        )  # fmt: skip

    @expose("/schemes/new", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def new_scheme(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        form = SchemeForm(valid_from=today())

        def act() -> Any:
            weights = {one: form[one.value].data for one in Dimension}
            given = service.SchemeForm(form.name.data or "", form.valid_from.data, weights,
                                       form.manual_weight.data or 0, form.objection_days.data, form.bands.data or "",
                                       form.adjust_below.data or "", form.source.data or "")  # fmt: skip
            return service.make_scheme(db.session, node, given)

        rule = rules_for(node.id, today()).assessment
        return self.form_page(form, act, url_for("Evaluations.schemes"), title=_("New scheme"), button=_("Save"),
                              facts=[(_("For the workers of"), cells.unit_cell(node)),
                                     (_("Dimensions in the rules"), "、".join(rule.dimensions))],
                              source=rule.source_of("dimensions"))  # fmt: skip

    @expose("/draw-up", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def draw_up(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        form = DrawUpForm(period=str(today().year))
        return self.form_page(form, lambda: service.draw_up(db.session, node, _period(form.period.data or "")),
                              lambda: url_for("Evaluations.index", period=(form.period.data or "").strip()),
                              title=_("Draw up a period"), button=_("Draw up"),
                              facts=[(_("For the workers of"), cells.unit_cell(node))],
                              hint=_("Everybody who served in it gets a draft, counted from the records."))  # fmt: skip

    @expose("/<int:evaluation_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, evaluation_id: int) -> Any:
        row = db.session.get(Evaluation, evaluation_id) or abort(404)
        chosen = next((one for one in Dimension if one == request.args.get("dimension")), None)
        is_own = row.worker_id == own_worker_id()
        leads = leads_place(row.node) and not is_own
        result = reads.result_as_it_stands(row)
        is_draft, is_published = row.state is EvaluationState.DRAFT, row.state is EvaluationState.PUBLISHED
        last = row.objections_until or today()
        return self.render_template(
            "worker_files/evaluation.html", row=row, place=cells.unit_cell(row.node), dimensions=_dimensions(row),
            result=result, chosen=chosen, deeds=_deeds(row, chosen) if chosen else [], is_own=is_own,
            state=badge_cell(_(label_of(row.state)), EVALUATION_TONES[row.state]), label_of=label_of,
            may_write=leads and self.may("can_write") and (is_draft or (bool(row.objections) and row.final_at is None)),
            may_publish=leads and self.may("can_publish") and is_draft, may_veto=bool(
                rules_for(row.node_id, row.to_on).assessment.veto),
            may_answer=leads and self.may("can_publish"),
            may_finish=leads and self.may("can_publish") and is_published,
            may_object=is_own and is_published and last >= today(),
        )  # fmt: skip

    @expose("/<int:evaluation_id>/manual", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def manual(self, evaluation_id: int) -> Any:
        row = self._row(evaluation_id)
        form = ManualForm(manual_score=str(row.manual_score or ""), manual_reason=row.manual_reason)
        return self._form(row, form, _("Judged by people"), lambda: service.set_manual(
            db.session, evaluation_id, form.manual_score.data or "", form.manual_reason.data or ""))  # fmt: skip

    @expose("/<int:evaluation_id>/deduct", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def deduct(self, evaluation_id: int) -> Any:
        row, form = self._row(evaluation_id), DeductionForm()
        return self._form(row, form, _("Take points off after an inspection"), lambda: service.deduct(
            db.session, evaluation_id, form.points.data or "", form.deduction_reason.data or "",
            form.on.data))  # fmt: skip

    @expose("/<int:evaluation_id>/deductions/<int:position>/drop", methods=["POST"])
    @has_access
    @permission_name("write")
    def drop(self, evaluation_id: int, position: int) -> Any:
        return self._step(evaluation_id, lambda: service.drop_deduction(db.session, evaluation_id, position))

    @expose("/<int:evaluation_id>/veto", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def veto(self, evaluation_id: int) -> Any:
        row = self._row(evaluation_id)
        form = VetoForm(veto=row.veto, veto_reason=row.veto_reason)
        source = rules_for(row.node_id, row.to_on).assessment.source_of("veto")
        return self._form(row, form, _("Veto"), lambda: service.set_veto(
            db.session, evaluation_id, bool(form.veto.data), form.veto_reason.data or ""), source=source)  # fmt: skip

    @expose("/<int:evaluation_id>/publish", methods=["POST"])
    @has_access
    @permission_name("publish")
    def publish(self, evaluation_id: int) -> Any:
        return self._step(evaluation_id, lambda: service.publish(db.session, evaluation_id))

    @expose("/<int:evaluation_id>/finish", methods=["POST"])
    @has_access
    @permission_name("publish")
    def finish(self, evaluation_id: int) -> Any:
        return self._step(evaluation_id, lambda: service.finish(db.session, evaluation_id))

    @expose("/<int:evaluation_id>/object", methods=["GET", "POST"])
    @has_access
    @permission_name("object")
    def object_to(self, evaluation_id: int) -> Any:
        row, form = self._row(evaluation_id), WordsForm()
        if row.worker_id != own_worker_id():
            abort(404)
        return self._form(row, form, _("Object"), lambda: service.object_to(
            db.session, evaluation_id, form.words.data or ""))  # fmt: skip

    @expose("/objections/<int:objection_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("publish")
    def answer(self, objection_id: int) -> Any:
        objection = db.session.get(EvaluationObjection, objection_id) or abort(404)
        row, form = self._row(objection.evaluation_id), AnswerForm()
        return self._form(row, form, _("Answer the objection"), lambda: service.answer(
            db.session, objection_id, form.answer.data or ""), extra=(_("Objection"), objection.words))  # fmt: skip

    def _row(self, evaluation_id: int) -> Evaluation:
        row: Evaluation = db.session.get(Evaluation, evaluation_id) or abort(404)
        return row

    def _form(self, row: Evaluation, form: Any, title: str, act: Callable[[], Any], *, source: Any = None,
              extra: tuple[Any, Any] = ("", "")) -> Any:  # fmt: skip
        facts = [(_("Name"), row.worker.name), (_("Period"), period_words(row.period)), extra]
        return self.form_page(form, act, url_for("Evaluations.show", evaluation_id=row.id), title=title,
                              button=_("Save"), facts=facts, source=source)  # fmt: skip

    def _step(self, evaluation_id: int, act: Callable[[], Any]) -> Any:
        return self.act(act, url_for("Evaluations.show", evaluation_id=evaluation_id))


def _period(typed: str) -> Period:
    try:
        return parse_period(typed)
    except ValueError as error:
        raise refuse("period", str(_PERIOD)) from error


def _row(one: Evaluation) -> dict[str, Any]:
    return {"person": one.worker.name, "href": url_for("Evaluations.show", evaluation_id=one.id),
            "unit": cells.unit_cell(one.node), "days": f"{civil(one.from_on)} – {civil(one.to_on)}",
            "state": badge_cell(_(label_of(one.state)), EVALUATION_TONES[one.state])}  # fmt: skip


def _dimensions(row: Evaluation) -> list[dict[str, Any]]:
    weights, tallies = reads.weights_of(row.scheme), reads.tallies_of(row)
    return [{"label": _(label_of(one)), "weight": weights[one], "tally": tallies.get(one),
             "href": url_for("Evaluations.show", evaluation_id=row.id, dimension=one.value)}
            for one in Dimension]  # fmt: skip


def _deeds(row: Evaluation, dimension: Dimension) -> list[dict[str, Any]]:
    deeds = list_deeds(reads.served_of(row), dimension)
    return [{"household": cells.household_cell(deed.household_id), "on": shown(deed.on), "what": _(deed.what),
             "counts": _("Yes") if deed.counts else _("No")} for deed in deeds[:200]]  # fmt: skip
