"""交叉检查: draw, prove, replace, let inspectors in, and what their forms come to (D4-18, D3-17)."""

from __future__ import annotations

import io
from datetime import timedelta
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
from app.domain.supervision.words import Frame, InspectionState, Mark, ReplaceReason
from app.extensions import db
from app.models import Household, Inspection, SampleDraw, SampleInspector, SampleItem, SampleReplacement
from app.queries.scope import today
from app.queries.supervision import samples as reads
from app.queries.supervision.inspections import rule_of
from app.security import audit
from app.security.roles import READERS, STAFF
from app.services.supervision import samples as service
from app.sheets.supervision.tables import write_rows
from app.views import cells
from app.views.dates import civil, moment
from app.views.display import badge_cell
from app.views.downloads import as_workbook
from app.views.supervision.page import (
    SupervisionPage,
    as_refusal,
    enum_choices,
    in_language,
    inspection_words,
    place_words,
    row_or_404,
)
from app.views.worker_files.lists import columns
from app.views.worker_files.page import choice, day, options, page_of, run, text, words


def _count(label: Any, hint: Any = "") -> Any:
    return IntegerField(label, [Optional()], description=hint, render_kw={"inputmode": "numeric"})


class DrawForm(FlaskForm):
    frame = choice(_l("Draw from"), [])
    villages = _count(_l("Villages for each township"))
    households = _count(_l("Households for each village"), _l("A village with fewer gives all."))
    seed = text(_l("Seed"), _l("Drawn in public, such as the numbers of a lottery. Empty: one is made."), longest=64)


class ReplaceForm(FlaskForm):
    reason = choice(_l("Why it cannot be looked at"), [])
    note = words(_l("What happened"), needed=True, longest=300)


class InspectorForm(FlaskForm):
    username = text(_l("Username"), _l("New for a new inspector; the same as before lets a known one in again."),
                    needed=True, longest=64)  # fmt: skip
    name = text(_l("Name"), needed=True, longest=40)
    from_on = day(_l("First day"), needed=True)
    to_on = day(_l("Last day"), needed=True)


class Samples(SupervisionPage):
    """GET /samples/, /samples/<id>, /samples/<id>.xlsx; forms to draw, replace, let inspectors in; POST …/withdraw."""

    route_base = "/samples"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": STAFF | READERS, "can_draw": STAFF, "can_export": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        found, number, pages = page_of(reads.list_draws())
        cells.load(found, ["node"])
        return self.render_template(
            "worker_files/list.html", title=_("Cross-check samples"), page=number, pages=pages,
            rows=[{"title": inspection_words(one.inspection), "href": url_for("Samples.show", draw_id=one.id),
                   "unit": place_words(one), "frame": _(label_of(one.frame)), "drawn": moment(one.drawn_at),
                   "population": f"{one.population:,}"} for one in found],
            columns=columns(("title", _l("The inspection"), "main"), ("unit", _l("Unit inspected"), ""),
                            ("frame", _l("Draw from"), ""), ("population", _l("Households there were"), "num"),
                            ("drawn", _l("Drawn"), "date")),
            empty_title=_("No sample has been drawn."),
            empty_hint=_("Plan an inspection, then draw its sample there."),
        )  # fmt: skip

    @expose("/draw/<int:inspection_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("draw")
    def draw(self, inspection_id: int) -> Any:
        row: Inspection = row_or_404(Inspection, inspection_id)
        villages, households = service.minimum(row)
        form = DrawForm(villages=villages, households=households)
        form.frame.choices = options(enum_choices(Frame), blank=False)
        rule = rule_of(row)
        made: list[SampleDraw] = []

        def act() -> None:
            wish = service.Wish(form.frame.data or "", form.seed.data or "", form.villages.data, form.households.data)
            made.append(service.draw(db.session, inspection_id, wish))

        return self.form_page(
            form, act, lambda: url_for("Samples.show", draw_id=made[0].id), title=_("Draw the sample"),
            button=_("Draw once and for all"), source=rule.source if rule else None,
            facts=[(_("The inspection"), inspection_words(row)), (_("Area"), place_words(row))],
            note=_("The draw is kept as it falls and cannot be repeated. A household that cannot be looked at is "
                   "replaced by the next one drawn."),
        )  # fmt: skip

    @expose("/<int:draw_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, draw_id: int) -> Any:
        row: SampleDraw = row_or_404(SampleDraw, draw_id)
        asked = request.args.get("village", "")[:16]
        items = [one for one in reads.list_items(row, asked) if _wanted(one, request.args.get("item", "")[:40])]
        found, number, pages = page_of(items)
        cells.load(found, ["household"])
        may_draw = self.may("can_draw") and row.inspection.state is not InspectionState.CLOSED
        names = {one["code"]: in_language(one["label"], one["label_en"]) for one in reads.household_items(row)}
        villages = reads.by_village(row)
        return self.render_template(
            "supervision/sample.html", row=row, title=inspection_words(row.inspection), place=place_words(row),
            frame=_(label_of(row.frame)),
            villages=[_village_row(row, one) for one in villages], chosen=asked, names=names,
            items=[_item_row(one, may_draw) for one in found], item_columns=_ITEM_COLUMNS, page=number, pages=pages,
            failed=_failed(row, villages, names), drawn=sum(one.drawn for one in villages),
            checked=sum(one.checked for one in villages), total=len(items),
            replacements=[_replacement_row(one) for one in reads.list_replacements(row)],
            inspectors=[_inspector(one) for one in reads.list_inspectors(row)], may_draw=may_draw,
            proof=service.prove(db.session, row) if request.args.get("prove") and self.may("can_draw") else None,
            may_prove=self.may("can_draw"), may_export=self.may("can_export"),
        )  # fmt: skip

    @expose("/<int:draw_id>.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export(self, draw_id: int) -> Any:
        """交叉检查报告: each household of the sample with its marks. Leaves a line in the audit trail."""
        row: SampleDraw = row_or_404(SampleDraw, draw_id)
        items = reads.household_items(row)
        headings = [_("Village"), _("Household code"), _("Head of household"), _("Household type"), _("Checked on"),
                    _("Score"), *(in_language(one["label"], one["label_en"]) for one in items),
                    _("Remark")]  # fmt: skip
        names = {one.code: f"{one.town} {one.name}" for one in reads.by_village(row)}
        rows = [_cells(one, names, [item["code"] for item in items]) for one in reads.list_items(row)]
        target = io.BytesIO()
        count = write_rows(target, _("Cross-check report"), headings, rows)
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "sample_draw", draw_id, changes={"rows": [0, count]})
        db.session.commit()
        return as_workbook(target.getvalue(), f"{_('Cross-check report')}-{today():%Y%m%d}.xlsx")

    @expose("/items/<int:item_id>/replace", methods=["GET", "POST"])
    @has_access
    @permission_name("draw")
    def replace(self, item_id: int) -> Any:
        item: SampleItem = row_or_404(SampleItem, item_id)
        form = ReplaceForm()
        form.reason.choices = options(enum_choices(ReplaceReason))
        return self.form_page(
            form, lambda: service.replace(db.session, item_id, form.reason.data or "", form.note.data or ""),
            url_for("Samples.show", draw_id=item.draw_id, village=item.village_code), title=_("Replace a household"),
            button=_("Replace"), hint=_("The next household drawn of the same type and village steps in."),
            facts=[(_("Household"), cells.household_cell(item.household_id))],
        )  # fmt: skip

    @expose("/<int:draw_id>/inspectors", methods=["GET", "POST"])
    @has_access
    @permission_name("draw")
    def let_in(self, draw_id: int) -> Any:
        row: SampleDraw = row_or_404(SampleDraw, draw_id)
        form = InspectorForm(from_on=today(), to_on=today() + timedelta(days=6))
        secrets: list[str | None] = []

        def act() -> None:
            _grant, secret = as_refusal(lambda: service.let_in(
                db.session, draw_id, form.username.data or "", form.name.data or "", form.from_on.data,
                form.to_on.data), "username")  # fmt: skip
            secrets.append(secret)

        if form.validate_on_submit() and run(act, form) and secrets[0]:
            return self.render_template("security/user_secret.html", username=form.username.data, secret=secrets[0])
        if secrets:
            return self.act_done(draw_id)
        return self.render_template(
            "supervision/form.html", form=form, title=_("Let an inspector in"), button=_("Let in"), tone="primary",
            hint=_("They see the households of this sample and nothing else, and change nothing but their form."),
            facts=[(_("The inspection"), inspection_words(row.inspection))],
            back=url_for("Samples.show", draw_id=draw_id),
        )  # fmt: skip

    def act_done(self, draw_id: int) -> Any:
        return self.act(lambda: None, url_for("Samples.show", draw_id=draw_id))

    @expose("/inspectors/<int:grant_id>/withdraw", methods=["POST"])
    @has_access
    @permission_name("draw")
    def withdraw(self, grant_id: int) -> Any:
        grant: SampleInspector = db.session.get(SampleInspector, grant_id) or abort(404)
        return self.act(lambda: service.withdraw(db.session, grant_id),
                        url_for("Samples.show", draw_id=grant.draw_id))  # fmt: skip


_ITEM_COLUMNS = columns(
    ("household", _l("Household"), "main"), ("position", _l("Drawn as no."), "num"), ("type", _l("Household type"), ""),
    ("on", _l("Checked on"), "date"), ("score", _l("Score"), "num"), ("found", _l("What was found"), ""),
    ("acts", "", "actions"),
)  # fmt: skip


def _wanted(item: SampleItem, code: str) -> bool:
    return not code or (item.check is not None and code in reads.failed_items(item.check))


def _village_row(row: SampleDraw, one: reads.Village) -> dict[str, Any]:
    return {"village": {"value": f"{one.town} {one.name}", "href": url_for("Samples.show", draw_id=row.id,
                                                                           village=one.code)},
            "drawn": one.drawn, "checked": one.checked, "score": one.score if one.score is not None else "—",
            "failed": sum(one.failed.values())}  # fmt: skip


def _failed(row: SampleDraw, villages: list[reads.Village], names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"item": {"value": name}, "count": {
        "value": sum(one.failed[code] for one in villages), "href": url_for("Samples.show", draw_id=row.id, item=code)}}
        for code, name in names.items()]  # fmt: skip


def _item_row(item: SampleItem, may_draw: bool) -> dict[str, Any]:
    check = item.check
    marks = [Mark(value) for value in check.marks.values()] if check is not None else []
    poor = sum(mark in (Mark.NOT_MET, Mark.PARTLY) for mark in marks)
    return {
        "household": cells.household_cell(item.household_id), "position": item.position,
        "type": _(label_of(item.stratum)), "on": civil(check.checked_on) if check is not None else "",
        "score": check.score if check is not None and check.score is not None else "",
        "found": badge_cell(_("%(count)d items not met", count=poor), "warning") if poor else
        badge_cell(_("All met"), "success") if check is not None else badge_cell(_("Not looked at yet"), "neutral"),
        "acts": "", "form": url_for("OwnSample.check", item_id=item.id),
        "replace": url_for("Samples.replace", item_id=item.id) if may_draw and check is None else "",
    }  # fmt: skip


def _replacement_row(one: SampleReplacement) -> dict[str, Any]:
    successor = cells.household_cell(one.successor.household_id) if one.successor is not None else _("nobody left")
    return {"household": cells.household_cell(one.household_id), "reason": _(label_of(one.reason)), "note": one.note,
            "successor": successor, "at": moment(one.at)}  # fmt: skip


def _inspector(one: SampleInspector) -> dict[str, Any]:
    on = today()
    state, tone = (_("Withdrawn"), "neutral") if one.withdrawn_at else (_("Over"), "neutral") if one.to_on < on else (
        _("Not yet"), "info") if one.from_on > on else (_("May look now"), "success")  # fmt: skip
    return {"id": one.id, "name": one.user.first_name if one.user else "—",
            "username": one.user.username if one.user else "", "days": f"{civil(one.from_on)} – {civil(one.to_on)}",
            "state": badge_cell(state, tone), "is_in": one.withdrawn_at is None and one.to_on >= on}  # fmt: skip


def _cells(item: SampleItem, names: dict[str, str], codes: list[str]) -> list[Any]:
    check, household = item.check, item.household
    assert isinstance(household, Household)
    marks = check.marks if check is not None else {}
    return [names.get(item.village_code, item.village_code), household.code, household.head_name,
            _(label_of(item.stratum)), civil(check.checked_on) if check is not None else "",
            str(check.score) if check is not None and check.score is not None else "",
            *(_(label_of(Mark(marks[code]))) if code in marks else "" for code in codes),
            (check.note or "") if check is not None else ""]  # fmt: skip
