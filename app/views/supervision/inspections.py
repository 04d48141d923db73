"""督查: which are owed, each with its units, what was found there and the issues handed out (D4-17, D4-18)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from app.domain.labels import label_of
from app.domain.policy.rules import Inspection as Rule
from app.domain.supervision import periods
from app.domain.supervision.words import InspectionState, Mark
from app.extensions import db
from app.models import GridNode, Inspection, InspectionUnit
from app.queries.access import serves_whole
from app.queries.policy import rules_for
from app.queries.scope import today
from app.queries.supervision import inspections as reads
from app.queries.supervision.issues import Filter, count_by_state, list_issues
from app.queries.supervision.samples import find_draw
from app.security.roles import STAFF
from app.services.supervision import inspections as service
from app.views import cells
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.supervision.issues import ISSUE_COLUMNS, issue_row
from app.views.supervision.page import (
    INSPECTION_TONES,
    LOOKERS,
    MARK_TONES,
    SupervisionPage,
    in_language,
    inspection_words,
    marks_form,
    marks_given,
    own_node,
    period_words,
    place_words,
    row_or_404,
)
from app.views.worker_files.lists import columns
from app.views.worker_files.page import Ticks, choice, day, node_asked, options, page_of, text, words


class PlanForm(FlaskForm):
    code = choice(_l("Fulfils"), [], needed=False)
    title = text(_l("Title"), needed=True, longest=80)
    period = choice(_l("Period"), [], _l("What the inspection is owed for: a half-year, a year, a quarter or a month."))
    lead = text(_l("Led by"), longest=80)
    team = text(_l("Team"), _l("Names or offices of those who go."), longest=300)
    from_on = day(_l("First day"), needed=True)
    to_on = day(_l("Last day"), needed=True)


class UnitsForm(FlaskForm):
    units = Ticks(_l("Units to look at"), coerce=int, validate_choice=False)


class CloseForm(FlaskForm):
    summary = words(_l("Result in short"), _l("What was good, what was found, what happens now."), needed=True,
                    longest=1000, rows=5)  # fmt: skip


class Inspections(SupervisionPage):
    """GET /inspections/, /inspections/<id>; forms to plan, to choose units, to record one and to close."""

    route_base = "/inspections"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": LOOKERS, "can_write": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        found, number, pages = page_of(reads.list_inspections())
        cells.load(found, ["node"])
        counts = reads.count_units([one.id for one in found])
        sampled = reads.count_sampled([one.id for one in found])
        return self.render_template(
            "supervision/inspections.html", page=number, pages=pages, columns=_COLUMNS,
            rows=[_row(one, counts.get(one.id), sampled.get(one.id)) for one in found], owed=self._groups(),
            may_write=self.may("can_write"),
            overdue=count_by_state(Filter())["overdue"],
        )  # fmt: skip

    def _groups(self) -> list[dict[str, Any]]:
        """What is owed, by rule and period: a county has one line for its townships, which opens to them."""
        groups: dict[tuple[str, str], list[reads.Owed]] = {}
        for one in reads.list_owed(today()):
            groups.setdefault((one.rule.code, str(one.period)), []).append(one)
        return [
            {"title": rows[0].rule.title, "period": period_words(period), "rows": [self._owed(one) for one in rows],
             "units": len(rows), "planned": sum(one.found is not None and not one.is_done for one in rows),
             "done": sum(one.is_done for one in rows), "missed": sum(one.is_overdue for one in rows),
             "open": sum(one.found is None for one in rows), "until": civil(rows[0].period.last_on)}
            for (_code, period), rows in groups.items()
        ]  # fmt: skip

    def _owed(self, one: reads.Owed) -> dict[str, Any]:
        state, tone = _("Not planned yet"), "warning"
        if one.found is not None:
            state, tone = _(label_of(one.found.state)), INSPECTION_TONES[one.found.state]
        if one.is_overdue:
            state, tone = _("Missed: %(state)s", state=state), "danger"
        new = url_for("Inspections.new", code=one.rule.code, period=str(one.period), unit=one.node.id)
        href = url_for("Inspections.show", inspection_id=one.found.id) if one.found is not None else ""
        return {"title": one.rule.title, "unit": one.node.name, "period": period_words(str(one.period)),
                "until": civil(one.period.last_on), "state": badge_cell(state, tone), "lead": one.rule.lead,
                "source": one.rule.source, "href": href, "new": new}  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        node = own_node(node_asked())
        rules = rules_for(node.id, today()).inspections
        rule = next((one for one in rules if one.code == request.args.get("code")), None)
        form = PlanForm(**_start(rule))
        kinds = [("", _("None: an inspection nobody owes")), *((one.code, one.title) for one in rules)]
        form.code.choices = options(kinds, blank=False)
        form.period.choices = options(_periods(form.period.data or ""))
        made: list[Inspection] = []

        def act() -> None:
            given = service.Plan(form.code.data or "", form.title.data or "", form.period.data or "",
                                 form.lead.data or "", form.team.data or "", form.from_on.data,
                                 form.to_on.data)  # fmt: skip
            made.append(service.plan(db.session, node, given))

        return self.form_page(form, act, lambda: url_for("Inspections.show", inspection_id=made[0].id),
                              title=_("Plan an inspection"), button=_("Plan it"), source=rule.source if rule else None,
                              facts=[(_("Area"), cells.unit_cell(node))])  # fmt: skip

    @expose("/<int:inspection_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, inspection_id: int) -> Any:
        row: Inspection = row_or_404(Inspection, inspection_id)
        query = select(InspectionUnit).join(GridNode, GridNode.id == InspectionUnit.node_id)
        query = query.where(InspectionUnit.inspection_id == row.id).order_by(GridNode.code)
        units = list(db.session.scalars(query))
        cells.load(units, ["node"])
        wanted = Filter(inspection_id=row.id)
        issues, number, pages = page_of(list_issues(wanted))
        cells.load(issues, ["node", "household"])
        rule, sampled = reads.rule_of(row), reads.count_sampled([row.id]).get(row.id)
        may_write = self.may("can_write") and serves_whole(row) and row.state is not InspectionState.CLOSED
        items = {one["code"]: in_language(one["label"], one["label_en"]) for one in row.checklist}
        return self.render_template(
            "supervision/inspection.html", row=row, place=place_words(row), rule=rule, sampled=sampled,
            may_write=may_write,
            state=badge_cell(_(label_of(row.state)), INSPECTION_TONES[row.state]), period=period_words(row.period),
            units=[_unit_row(one, items, may_write) for one in units], unit_columns=_UNIT_COLUMNS,
            issues=[issue_row(one) for one in issues], issue_columns=ISSUE_COLUMNS, page=number, pages=pages,
            counts=count_by_state(wanted), draw=find_draw(row.id), may_draw=self.may("can_draw", "Samples"),
            is_own=serves_whole(row), may_open=self.may("can_list", "Samples"),
            may_raise=self.may("can_raise", "Issues"),
        )  # fmt: skip

    @expose("/<int:inspection_id>/units", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def units(self, inspection_id: int) -> Any:
        row: Inspection = row_or_404(Inspection, inspection_id)
        known = {unit.node_id for unit in row.units}
        below = db.session.scalars(select(GridNode).where(GridNode.parent_id == row.node_id, GridNode.is_active)
                                   .order_by(GridNode.code))  # fmt: skip
        form = UnitsForm(units=sorted(known))
        form.units.choices = [SelectChoice(one.id, one.name) for one in (row.node, *below)]
        return self.form_page(form, lambda: service.add_units(db.session, inspection_id, form.units.data or []),
                              url_for("Inspections.show", inspection_id=inspection_id), title=_("Units to look at"),
                              button=_("Put on the list"), hint=_("A unit that is on the list stays on it."),
                              facts=[(_("The inspection"), inspection_words(row))])  # fmt: skip

    @expose("/units/<int:unit_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def unit(self, unit_id: int) -> Any:
        unit: InspectionUnit = row_or_404(InspectionUnit, unit_id)
        items = [one for one in unit.inspection.checklist if one["about"] == "unit"]
        kind = marks_form(items, True, inspected_on=day(_l("Day of the inspection"), needed=True))
        given = {f"mark_{code}": value for code, value in unit.marks.items()}
        given |= {f"remark_{code}": value for code, value in unit.remarks.items()}
        form: Any = kind(inspected_on=unit.inspected_on or today(), **given)
        return self.form_page(
            form, lambda: service.record_unit(db.session, unit_id, form.inspected_on.data, marks_given(form, items),
                                              marks_given(form, items, "remark")),
            url_for("Inspections.show", inspection_id=unit.inspection_id), button=_("Save"),
            title=_("Findings of the inspection"),
            facts=[(_("Unit"), cells.unit_cell(unit.node)), (_("The inspection"), inspection_words(unit.inspection))],
        )  # fmt: skip

    @expose("/<int:inspection_id>/close", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def close(self, inspection_id: int) -> Any:
        row: Inspection = row_or_404(Inspection, inspection_id)
        form = CloseForm(summary=row.summary)
        return self.form_page(form, lambda: service.close(db.session, inspection_id, form.summary.data or ""),
                              url_for("Inspections.show", inspection_id=inspection_id), title=_("Close the inspection"),
                              button=_("Close"), hint=_("Issues live on until they are struck off."),
                              facts=[(_("The inspection"), inspection_words(row))])  # fmt: skip


_COLUMNS = columns(
    ("title", _l("Title"), "main"), ("unit", _l("Unit inspected"), ""), ("period", _l("Period"), ""),
    ("days", _l("Days"), ""), ("done", _l("Progress of the inspection"), ""), ("state", _l("State"), ""),
)  # fmt: skip
_UNIT_COLUMNS = columns(("unit", _l("Unit inspected"), "main"), ("on", _l("Day"), "date"),
                        ("found", _l("Findings of the inspection"), ""))  # fmt: skip


def _start(rule: Rule | None) -> dict[str, Any]:
    on = today()
    period = request.args.get("period", "")[:8]
    if rule is None:
        return {"period": period or str(on.year), "from_on": on}
    return {"code": rule.code, "title": rule.title, "lead": rule.lead, "from_on": on,
            "period": period or str(periods.period_of(rule.every, on) or on.year)}  # fmt: skip


def _periods(chosen: str) -> list[tuple[str, str]]:
    """What is offered: the periods around today, and the one chosen, as a rule or an address may name an older one."""
    codes = [str(one) for one in periods.around(today())]
    return [(code, period_words(code)) for code in ([chosen] if chosen and chosen not in codes else []) + codes]


def _progress(one: Inspection, units: tuple[int, int] | None, sampled: tuple[int, int] | None) -> str:
    """Of the units and the households of the sample, as far as there are any."""
    said = []
    if units:
        said.append(_("%(done)d of %(all)d units looked at", done=units[0], all=units[1]))
    if sampled:
        said.append(_("%(done)d of %(all)d households looked at", done=sampled[0], all=sampled[1]))
    if not said and not serves_whole(one):
        return str(_("Run by the level above"))
    return "；".join(said) or _("Not begun: no unit and no sample has been chosen")


def _row(one: Inspection, units: tuple[int, int] | None, sampled: tuple[int, int] | None) -> dict[str, Any]:
    return {"title": one.title, "href": url_for("Inspections.show", inspection_id=one.id),
            "unit": place_words(one), "period": period_words(one.period),
            "days": f"{civil(one.from_on)} – {civil(one.to_on)}", "done": _progress(one, units, sampled),
            "state": badge_cell(_(label_of(one.state)), INSPECTION_TONES[one.state])}  # fmt: skip


def _unit_row(unit: InspectionUnit, items: dict[str, str], may_write: bool) -> dict[str, Any]:
    poor = [(code, Mark(value)) for code, value in unit.marks.items() if value in (Mark.NOT_MET, Mark.PARTLY)]
    found = "；".join(f"{items.get(code, code)}：{_(label_of(value))}" for code, value in poor)
    remarks = "；".join(unit.remarks.values())
    whole = badge_cell(_("All met"), MARK_TONES[Mark.MET]) if unit.inspected_on and not poor else ""
    return {"unit": cells.unit_cell(unit.node), "on": civil(unit.inspected_on),
            "href": url_for("Inspections.unit", unit_id=unit.id) if may_write else "",
            "found": cells.two_lines(found or whole, remarks) if unit.inspected_on else _("Not looked at yet"),
            }  # fmt: skip
