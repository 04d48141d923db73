"""误工补贴 on the screen: schemes, payrolls with everybody's reason, approval, corrections, the sheet (form 23)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup

from app.domain.labels import choices_of, label_of
from app.domain.policy.kinds import SubsidyScope
from app.domain.worker_files.money import percent, yuan
from app.domain.worker_files.subsidy import FUNDS
from app.domain.worker_files.words import PayMode, PayPeriod, RunState
from app.extensions import db
from app.models import SubsidyRun, SubsidyScheme
from app.queries.access import serves_whole
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files import pay
from app.security import audit
from app.security.roles import READERS, STAFF
from app.services.worker_files import schemes
from app.services.worker_files import subsidies as service
from app.services.worker_files.refusals import refuse
from app.sheets.worker_files.payroll import payroll
from app.views import cells
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.worker_files.lists import columns
from app.views.worker_files.page import (
    WorkerPage,
    choice,
    day,
    node_asked,
    options,
    own_units,
    page_of,
    show_refusal,
    text,
    words,
)

TONES = {RunState.DRAFT: "info", RunState.APPROVED: "success", RunState.CANCELLED: "neutral"}
LEVEL_NAMES = {SubsidyScope.CITY: _l("The whole city"), SubsidyScope.COUNTY: _l("The whole county"),
               SubsidyScope.TOWNSHIP: _l("This township")}  # fmt: skip
FUND_NAMES = {"county": _l("County"), "town": _l("Township"), "village": _l("Village")}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SchemeForm(FlaskForm):
    name = text(_l("Name"), needed=True, longest=80)
    uniform_for = choice(_l("One standard for"), [])
    mode = choice(_l("How it is reckoned"), [])
    period = choice(_l("Paid"), [])
    base = text(_l("Base or fixed amount (yuan)"), needed=True, longest=14, inputmode="decimal")
    performance = text(_l("Performance part at coefficient 1 (yuan)"), longest=14, inputmode="decimal")
    share_county = text(_l("Share of the county in percent"), longest=8, inputmode="decimal")
    share_town = text(_l("Share of the township in percent"), longest=8, inputmode="decimal")
    share_village = text(_l("Share of the village in percent"), longest=8, inputmode="decimal")
    valid_from = day(_l("Valid from"), needed=True)
    valid_to = day(_l("Valid to"), _l("Empty = until further notice."))
    source = text(_l("Basis"), _l("The document and clause it rests on."), longest=200)


class EndForm(FlaskForm):
    valid_to = day(_l("Last day"), needed=True)


class RunForm(FlaskForm):
    scheme = choice(_l("Scheme"), [])
    period = text(_l("Period"), _l("A month 2026-11 or a year 2026."), needed=True, longest=7)
    pay_on = day(_l("Pay day"), _l("Identities of this day decide who is excluded."), needed=True)


class NoteForm(FlaskForm):
    note = words(_l("Why"), needed=True)


class CorrectForm(FlaskForm):
    pay_on = day(_l("Pay day"), needed=True)
    note = words(_l("What is corrected and why"), needed=True)


class Subsidies(WorkerPage):
    """GET /subsidies/, /subsidies/<id> and its sheet; POST what is decided."""

    route_base = "/subsidies"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": STAFF | READERS, "can_write": STAFF, "can_export_accounts": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        runs, number, pages = page_of(pay.list_runs())
        cells.load(runs, ["node"])
        schemes = {"title": _("Schemes"), "empty": _("No scheme yet."), "columns": columns(
            ("name", _("Scheme"), "main"), ("unit", _("Unit"), ""), ("scope", _("One standard for"), ""),
            ("sum", _("Amounts"), ""),
            ("shares", _("Shares"), ""), ("valid", _("Valid"), ""), ("source", _("Basis"), "")),
            "rows": [_scheme_row(one, self._may_end(one)) for one in pay.list_schemes()]}  # fmt: skip
        buttons = [{"label": _("New scheme"), "href": url_for("Subsidies.new_scheme"), "icon": "sliders"},
                   {"label": _("Draw up a payroll"), "href": url_for("Subsidies.new"), "icon": "plus-lg",
                    "kind": "primary"}] if self.may("can_write") else []  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Subsidy"), heading=_("Payrolls"), rows=[_run_row(one) for one in runs],
            page=number, pages=pages, buttons=buttons, sections=[schemes], empty_title=_("No payroll yet."),
            columns=columns(("period", _("Period"), "main"), ("unit", _("Unit"), ""), ("on", _("Pay day"), "date"),
                            ("people", _("People"), "num"), ("total", _("Sum (yuan)"), "num"),
                            ("state", _("State"), "")),
        )  # fmt: skip

    @expose("/schemes/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new_scheme(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        rule = rules_for(node.id, today()).subsidy
        form = SchemeForm(valid_from=today())
        scopes = schemes.scopes_of(node, today())
        form.uniform_for.choices = options([(one.value, LEVEL_NAMES[one]) for one in scopes], blank=False)
        form.mode.choices = _allowed(PayMode, rule.modes)
        form.period.choices = _allowed(PayPeriod, rule.periods)

        def act() -> Any:
            shares = {fund: form[f"share_{fund}"].data or "" for fund in FUNDS}
            given = schemes.SchemeForm(form.name.data or "", form.mode.data or "", form.period.data or "",
                                       form.base.data or "", form.performance.data or "", shares, form.valid_from.data,
                                       form.valid_to.data, form.source.data or "",
                                       form.uniform_for.data or "")  # fmt: skip
            return schemes.make_scheme(db.session, node, given)

        return self.form_page(form, act, url_for("Subsidies.index"), title=_("New scheme"), button=_("Save"),
                              facts=[(_("For the workers of"), cells.unit_cell(node))],
                              source=rule.source_of("modes"))  # fmt: skip

    @expose("/schemes/<int:scheme_id>/end", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def end_scheme(self, scheme_id: int) -> Any:
        """A uniform standard ends before the townships set their own, and before another follows (D0-56)."""
        scheme: SubsidyScheme = db.session.get(SubsidyScheme, scheme_id) or abort(404)
        if not serves_whole(scheme):  # read from below, ended where it was set
            abort(404)
        form = EndForm(valid_to=today())
        return self.form_page(
            form, lambda: schemes.end_scheme(db.session, scheme, form.valid_to.data), url_for("Subsidies.index"),
            title=_("End the standard"), button=_("Save"),
            facts=[(_("Scheme"), scheme.name), (_("For the workers of"), cells.unit_cell(scheme.node)),
                   (_("Valid from"), civil(scheme.valid_from))],
        )  # fmt: skip

    def _may_end(self, scheme: SubsidyScheme) -> bool:
        is_open = scheme.valid_to is None or scheme.valid_to >= today()
        return is_open and serves_whole(scheme) and self.may("can_write")

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        schemes = {str(one.id): one for one in pay.list_schemes()
                   if service.reaches(one, node)}  # fmt: skip
        form = RunForm(pay_on=today())
        form.scheme.choices = options([(key, one.name) for key, one in schemes.items()])
        made: list[SubsidyRun] = []

        def act() -> Any:
            scheme = schemes.get(form.scheme.data or "")
            if scheme is None:
                raise refuse("scheme", service.CHOOSE)
            made.append(service.draw_up(db.session, scheme, node, form.period.data or "", form.pay_on.data))

        return self.form_page(form, act, lambda: url_for("Subsidies.show", run_id=made[-1].id),
                              title=_("Draw up a payroll"), button=_("Draw up"),
                              facts=[(_("For the workers of"), cells.unit_cell(node))],
                              source=rules_for(node.id, today()).subsidy.source_of("excluded"))  # fmt: skip

    @expose("/<int:run_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, run_id: int) -> Any:
        run = _run(run_id)
        found = pay.list_lines(run_id)
        lines, number, pages = page_of(found)
        sums = {fund: sum(line.split_fen.get(fund, 0) for line, _node in found) for fund in FUNDS}
        is_draft = run.state is RunState.DRAFT
        may_write = self.may("can_write")
        return self.render_template(
            "worker_files/payroll.html", run=run, place=cells.unit_cell(run.node), lines=lines, page=number,
            pages=pages, total=len(found), sums=[(FUND_NAMES[fund], yuan(amount)) for fund, amount in sums.items()],
            state=badge_cell(_(label_of(run.state)), TONES[run.state]), yuan=yuan, label_of=label_of,
            may_approve=is_draft and may_write and run.created_by_id != current_access().user_id,
            may_cancel=is_draft and may_write, unit_cell=cells.unit_cell,
            may_correct=may_write and run.state is RunState.APPROVED and run.corrects_id is None,
            may_export=self.may("can_export_accounts") and run.state is RunState.APPROVED,
            excluded=rules_for(run.node_id, run.pay_on).subsidy.source_of("excluded"),
        )  # fmt: skip

    @expose("/<int:run_id>/approve", methods=["POST"])
    @has_access
    @permission_name("write")
    def approve(self, run_id: int) -> Any:
        back = url_for("Subsidies.show", run_id=run_id)
        try:
            service.look_again(db.session, run_id)
        except service.Changed as changed:
            db.session.commit()  # the new figures are to be looked at
            show_refusal(None, changed)
            return redirect(back)
        except LookupError:
            abort(404)
        return self.act(lambda: service.approve(db.session, run_id), back)

    @expose("/<int:run_id>/cancel", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def cancel(self, run_id: int) -> Any:
        form = NoteForm()
        return self._form(run_id, form, _("Cancel the payroll"), lambda: service.cancel(
            db.session, run_id, form.note.data or ""), tone="danger")  # fmt: skip

    @expose("/<int:run_id>/correct", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def correct(self, run_id: int) -> Any:
        form = CorrectForm(pay_on=today())
        return self._form(run_id, form, _("Correct by a later payroll"), lambda: service.correct(
            db.session, run_id, form.pay_on.data, form.note.data or ""))  # fmt: skip

    @expose("/<int:run_id>/sheet", methods=["GET"])
    @has_access
    @permission_name("list")
    def sheet(self, run_id: int) -> Response:
        """Account numbers masked."""
        run = _run(run_id)
        return _download(run, payroll(db.session, run))

    @expose("/<int:run_id>/accounts", methods=["GET", "POST"])
    @has_access
    @permission_name("export_accounts")
    def accounts(self, run_id: int) -> Any:
        """For the bank, with account numbers in full: only with a reason, which is recorded."""
        run = _run(run_id)
        if run.state is not RunState.APPROVED:
            abort(404)
        form = NoteForm()
        reason = (form.note.data or "").strip()
        if form.validate_on_submit() and reason:
            audit.record("export", "subsidy_run", run_id, node_id=run.node_id, reason=reason,
                         changes={"field": "account"})  # fmt: skip
            db.session.commit()
            return _download(run, payroll(db.session, run, full_accounts=True))
        if form.is_submitted():
            flash(_("Say why."), "warning")
        return self.render_template(
            "worker_files/form.html", form=form, title=_("Payroll with account numbers"), button=_("Download"),
            back=url_for("Subsidies.show", run_id=run_id), facts=[(_("Period"), run.period)],
            hint=_("Your name, the time and the reason are recorded."),
        )  # fmt: skip

    def _form(self, run_id: int, form: Any, title: str, act: Any, **more: Any) -> Any:
        run = _run(run_id)
        return self.form_page(form, act, url_for("Subsidies.index"), title=title, button=_("Save"),
                              facts=[(_("Unit"), cells.unit_cell(run.node)), (_("Period"), run.period)],
                              **more)  # fmt: skip


def _run(run_id: int) -> SubsidyRun:
    """A payroll of one's own units."""
    run: SubsidyRun = db.session.get(SubsidyRun, run_id) or abort(404)
    return run if run.node is not None else abort(404)


def _allowed(kind: Any, allowed: tuple[Any, ...]) -> Any:
    """What the rules of the place let choose; everything where they are silent."""
    values = {one.value for one in allowed}
    return options([(value, _(label)) for value, label in choices_of(kind) if not values or value in values])


def _scheme_row(one: SubsidyScheme, may_end: bool) -> dict[str, Any]:
    amounts = yuan(one.base_fen) + (f" + {yuan(one.performance_fen)}" if one.performance_fen else "")
    shares = " / ".join(f"{FUND_NAMES[fund]} {percent(one.shares.get(fund, 0))}%" for fund in FUNDS)
    valid = f"{civil(one.valid_from)} – {civil(one.valid_to)}"
    if may_end:
        end = Markup(' <a href="{}">{}</a>').format(url_for("Subsidies.end_scheme", scheme_id=one.id), _("End it"))
        valid = Markup("{}{}").format(valid, end)
    return {"name": one.name, "unit": cells.unit_cell(one.node), "shares": shares, "source": one.source,
            "sum": f"{_(label_of(one.period))} {amounts}",
            "scope": LEVEL_NAMES[one.uniform_for] if one.uniform_for else "—", "valid": valid}  # fmt: skip


def _run_row(run: SubsidyRun) -> dict[str, Any]:
    words = _("%(period)s (correction)", period=run.period) if run.corrects_id else run.period
    return {"period": words, "href": url_for("Subsidies.show", run_id=run.id), "unit": cells.unit_cell(run.node),
            "on": civil(run.pay_on), "people": run.people, "total": yuan(run.total_fen),
            "state": badge_cell(_(label_of(run.state)), TONES[run.state])}  # fmt: skip


def _download(run: SubsidyRun, content: bytes) -> Response:
    name = f"subsidy-{run.period}-{run.id}.xlsx"
    return Response(content, mimetype=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
