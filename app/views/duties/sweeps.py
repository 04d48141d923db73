"""Sweeps and the month's list: how far an area is covered, and who has not been reached yet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.domain.duties.words import RuleWord, SweepKind, SweepState
from app.domain.enums import VisitChannel
from app.domain.labels import label_of
from app.domain.policy.kinds import Target
from app.extensions import db
from app.models import GridNode, Household, Sweep
from app.queries.duties.months import list_month, month_of
from app.queries.duties.units import Coverage, coverage_of, list_uncovered
from app.queries.household_file_places import place_words
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.duties import sweeps
from app.services.duties.sweeps import SweepError
from app.sheets.writer import OutColumn, write_table
from app.views import dates
from app.views.columns import CATEGORY
from app.views.duties import scope
from app.views.menu import WORK, add_page
from app.views.pages_campaigns_forms import areas

PAGE = 50
_TARGETS = (Target.EVERYONE, Target.MONITORED, Target.LONG_ABSENT, Target.OUT_OF_POVERTY, Target.EARLY_WARNING,
            Target.WATCH, Target.GENERAL)  # fmt: skip
_ANY, _VISITS = "any", "visits"


def target_label(target: Target) -> str:
    return str(_(label_of(RuleWord(target.value))))


class SweepForm(FlaskForm):
    name = StringField(_l("Name of the sweep"), [InputRequired(), Length(max=80)])
    kind = SelectField(_l("Kind"), choices=lambda: [(kind.value, _(label_of(kind))) for kind in SweepKind])
    node_id = SelectField(_l("Area"), coerce=int, choices=areas)
    target = SelectField(_l("Whom"), choices=lambda: [(one.value, target_label(one)) for one in _TARGETS])
    counts = SelectField(_l("What counts"), choices=[(_ANY, _l("Any contact")), (_VISITS, _l("Home visits only"))])
    from_on = DateField(_l("First day"), [InputRequired()])
    to_on = DateField(_l("Last day"), [InputRequired()])


class SweepPages(BaseView):
    """GET /sweeps/, /sweeps/month, /sweeps/<id>, its /uncovered and .xlsx; GET and POST /sweeps/new; POST …/close."""

    route_base = "/sweeps"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_manage": STAFF | VILLAGE, "can_export": FIELD | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        found = db.session.scalars(select(Sweep).order_by(Sweep.state.desc(), Sweep.to_on.desc()).limit(100)).all()
        self.update_redirect()
        return self.render_template("duties/sweeps.html", sweeps=[_summary(one) for one in found],
                                    may_manage=self._may("can_manage"))  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("manage")
    def new(self) -> Any:
        form = SweepForm()
        if form.validate_on_submit():
            node: GridNode = db.session.get(GridNode, form.node_id.data) or abort(404)
            channels = frozenset({VisitChannel.IN_PERSON}) if form.counts.data == _VISITS else frozenset()
            try:
                sweep = sweeps.create(
                    db.session, node, name=form.name.data or "", kind=SweepKind(form.kind.data),
                    from_on=form.from_on.data, to_on=form.to_on.data, target=Target(form.target.data),
                    channels=channels, user_id=current_access().user_id,
                )  # fmt: skip
            except SweepError as error:
                db.session.rollback()
                flash(" ".join(f"{_(what)} {_(remedy)}" for what, remedy in error.problems.values()), "danger")
            else:
                db.session.commit()
                return redirect(url_for("SweepPages.show", sweep_id=sweep.id))
        elif request.method == "GET":
            _prefill(form)
        return self.render_template("duties/sweep_new.html", form=form)

    @expose("/<int:sweep_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, sweep_id: int) -> Any:
        sweep, node = _sweep(sweep_id), scope.unit_of_request()
        place = node or _own_place(sweep)
        span = sweeps.span_of(sweep, place)
        [whole] = coverage_of(db.session, span)
        units = {one.node_id: one for one in coverage_of(db.session, span, scope.depth_below(place))}
        rows = [_line(sweep, key, name, units.get(key)) for key, name in scope.units_below(place).items()]
        manages = self._may("can_manage") and sweeps.may_manage(sweep) and sweep.state is SweepState.OPEN
        self.update_redirect()
        return self.render_template(
            "duties/sweep.html", sweep=sweep, whole=whole, rows=rows, node=node, may_close=manages,
            facts=_facts(sweep), crumbs=scope.crumbs_of(place, lambda key: _show_url(sweep, key)),
            uncovered_url=url_for("SweepPages.uncovered", sweep_id=sweep.id, **_node_arg(node)),
            export=url_for("SweepPages.export", sweep_id=sweep.id, **_node_arg(node)),
            may_export=self._may("can_export"),
        )  # fmt: skip

    @expose("/<int:sweep_id>/uncovered", methods=["GET"])
    @has_access
    @permission_name("read")
    def uncovered(self, sweep_id: int) -> Any:
        sweep, node = _sweep(sweep_id), scope.unit_of_request()
        span = sweeps.span_of(sweep, node or _own_place(sweep))
        after = request.args.get("after", 0, int)
        [whole] = coverage_of(db.session, span)
        found = list_uncovered(db.session, span, after, PAGE + 1)
        page = found[:PAGE]
        places = place_words(one.node_id for one in page)
        following = url_for("SweepPages.uncovered", sweep_id=sweep.id, after=page[-1].id, **_node_arg(node)) if len(
            found) > PAGE else ""  # fmt: skip
        return self.render_template("duties/uncovered.html", sweep=sweep, rows=page, places=places, whole=whole,
                                    category=CATEGORY, next_url=following, node=node)  # fmt: skip

    @expose("/<int:sweep_id>.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export(self, sweep_id: int) -> Response:
        """The names of the uncovered. Leaves a line in the audit trail."""
        sweep, node = _sweep(sweep_id), scope.unit_of_request()
        target, columns = io.BytesIO(), [OutColumn(_("Household code"), 18), OutColumn(_("Head of household"), 14),
                                         OutColumn(_("Unit"), 24), OutColumn(_("Household type"), 16),
                                         OutColumn(_("Address"), 30)]  # fmt: skip
        count = write_table(target, _("Not contacted yet"), columns, _cells(sweep, node or _own_place(sweep)))
        target.seek(0)
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "sweep", sweep_id, changes={"rows": [0, count]})
        db.session.commit()
        return send_file(target, as_attachment=True, download_name=f"{_('Not contacted yet')}-{today():%Y%m%d}.xlsx")

    @expose("/<int:sweep_id>/close", methods=["POST"])
    @has_access
    @permission_name("manage")
    def close(self, sweep_id: int) -> Any:
        sweep = _sweep(sweep_id)
        if not sweeps.may_manage(sweep):
            abort(403)
        try:
            sweeps.close(db.session, sweep_id, note=request.form.get("note", ""), user_id=current_access().user_id)
        except SweepError as error:
            db.session.rollback()
            flash(" ".join(f"{_(what)} {_(remedy)}" for what, remedy in error.problems.values()), "warning")
        else:
            db.session.commit()
            flash(_("Closed. The figures are kept as they stand."), "success")
        return redirect(url_for("SweepPages.show", sweep_id=sweep_id))

    @expose("/month", methods=["GET"])
    @has_access
    @permission_name("read")
    def month(self) -> Any:
        """月监测 (D3-12, D4-13): the month of `?month=2026-11`, by unit."""
        node, on = scope.unit_of_request(), _month()
        names = scope.units_below(node)
        depth = scope.depth_below(node) if names else scope.own_depth(node)
        names = names or scope.units_at(depth, node)  # a group has nothing below it: its own line
        found = list_month(db.session, on, depth, node)
        first, last = month_of(on)
        self.update_redirect()
        return self.render_template(
            "duties/month.html", node=node, month=dates.month(first), first=first, last=last,
            rows=[(name, found.get(key), url_for("SweepPages.month", node=key, month=f"{first:%Y-%m}"))
                  for key, name in names.items()],
            crumbs=scope.crumbs_of(node, lambda key: url_for("SweepPages.month", node=key, month=f"{first:%Y-%m}")),
            earlier=url_for("SweepPages.month", month=f"{_before(first):%Y-%m}", **_node_arg(node)),
        )  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "SweepPages"))


def _prefill(form: SweepForm) -> None:
    """The year's sweep of the reader's own area, with the days the place's rules give."""
    choices = areas()
    node = db.session.get(GridNode, choices[0][0]) if choices else None
    if node is None:
        return
    kind = SweepKind(request.args["kind"]) if request.args.get("kind") in set(SweepKind) else SweepKind.YEAR
    form.kind.data, form.node_id.data = kind.value, node.id
    form.from_on.data, form.to_on.data = sweeps.usual_period(node, kind, today())
    form.name.data = f"{node.name} {_(label_of(kind))} {form.from_on.data.year}"


def _sweep(sweep_id: int) -> Sweep:
    sweep: Sweep | None = db.session.get(Sweep, sweep_id)
    return sweep or abort(404)


def _own_place(sweep: Sweep) -> GridNode | None:
    """The sweep's unit where it lies in the reader's area; else all of the reader's own area counts."""
    own: GridNode | None = db.session.get(GridNode, sweep.node_id)
    return own


def _node_arg(node: GridNode | None) -> dict[str, Any]:
    return {} if node is None else {"node": node.id}


def _show_url(sweep: Sweep, node_id: int) -> str:
    return url_for("SweepPages.show", sweep_id=sweep.id, node=node_id)


def _line(sweep: Sweep, key: int, name: str, found: Coverage | None) -> dict[str, Any]:
    found = found or Coverage(0, 0)
    left: Any = found.uncovered
    if found.uncovered:
        left = {"value": found.uncovered, "href": url_for("SweepPages.uncovered", sweep_id=sweep.id, node=key)}
    return {"unit": {"value": name, "href": _show_url(sweep, key)}, "households": found.households,
            "contacted": found.contacted, "left": left,
            "percent": {"percent": found.percent, "tone": "success" if not found.uncovered else "info"}}  # fmt: skip


def _summary(sweep: Sweep) -> dict[str, Any]:
    if sweep.state is SweepState.CLOSED:
        whole = Coverage(int(sweep.summary.get("households", 0)), int(sweep.summary.get("contacted", 0)))
    else:
        [whole] = coverage_of(db.session, sweeps.span_of(sweep, _own_place(sweep)))
    return {"sweep": sweep, "whole": whole, "href": url_for("SweepPages.show", sweep_id=sweep.id),
            "kind": _(label_of(sweep.kind)), "state": _(label_of(sweep.state)),
            "target": target_label(Target(sweep.target)),
            "days": f"{dates.civil(sweep.from_on)} – {dates.civil(sweep.to_on)}"}  # fmt: skip


def _facts(sweep: Sweep) -> list[tuple[str, Any]]:
    counts = ", ".join(_(label_of(VisitChannel(one))) for one in sweep.channels) or _("Any contact")
    facts = [(_("Kind"), _(label_of(sweep.kind))), (_("Whom"), target_label(Target(sweep.target))),
             (_("What counts"), counts),
             (_("Period"), f"{dates.civil(sweep.from_on)} – {dates.civil(sweep.to_on)}"),
             (_("State"), _(label_of(sweep.state)))]  # fmt: skip
    if sweep.state is SweepState.CLOSED:
        kept = sweep.summary
        words = _("%(contacted)s of %(households)s households contacted", contacted=kept.get("contacted", 0),
                  households=kept.get("households", 0))  # fmt: skip
        facts += [(_("Closed at"), dates.moment(sweep.closed_at)), (_("Summary"), sweep.closing_note),
                  (_("At the closing"), words)]  # fmt: skip
    return facts


def _cells(sweep: Sweep, node: GridNode | None) -> Iterator[list[Any]]:
    after, span = 0, sweeps.span_of(sweep, node)
    while True:
        page: list[Household] = list_uncovered(db.session, span, after, 500)
        places = place_words(one.node_id for one in page)
        for one in page:
            yield [one.code, one.head_name, places.get(one.node_id, ""), str(CATEGORY[one.category][0]), one.address]
        if len(page) < 500:
            return
        after = page[-1].id


def _month() -> date:
    text = request.args.get("month") or f"{today():%Y-%m}"
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(400)


def _before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def register(appbuilder: Any) -> None:
    add_page(appbuilder, SweepPages, WORK, _l("Sweeps"), "clipboard-data")
