"""走访记录: patterns that somebody should look at. Shown as places and visits, never as a table of persons (UX 4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.labels import label_of
from app.domain.supervision.patterns import Pattern
from app.domain.supervision.words import PatternKind
from app.extensions import db
from app.models import Visit
from app.queries.scope import today
from app.queries.supervision import patterns as reads
from app.security.roles import STAFF
from app.services.supervision import patterns as service
from app.views import cells
from app.views.dates import moment
from app.views.supervision.page import SupervisionPage
from app.views.worker_files.lists import columns
from app.views.worker_files.page import node_asked, page_of, words

WEEKS = (1, 4, 13)
_REASONS = {
    PatternKind.BURST: _l("Home visits to five or more households within a quarter of an hour."),
    PatternKind.SAME_TEXT: _l("The same note, word for word, for four or more households."),
    PatternKind.ODD_HOURS: _l("A home visit between ten in the evening and six in the morning."),
    PatternKind.NO_CHANGE: _l("Twenty or more visits in a row, and in none anything was found or noted."),
}


class LookForm(FlaskForm):
    reason = words(_l("Why there is nothing wrong"), needed=True, longest=300)


class VisitPatterns(SupervisionPage):
    """GET /visit-patterns/?weeks=4&kind=…&unit=…, /visit-patterns/<key>; POST there: looked at, with the reason."""

    route_base = "/visit-patterns"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": STAFF, "can_write": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        weeks, kind = _weeks(), next((one for one in PatternKind if one == request.args.get("kind")), None)
        found = reads.look_through(*_days(weeks), node_asked())
        counts = {one: sum(pattern.kind is one for pattern in found.patterns) for one in PatternKind}
        rows, number, pages = page_of([one for one in found.patterns if kind in (None, one.kind)])
        first = {one.id: one for one in db.session.query(Visit).filter(Visit.id.in_([r.visit_ids[0] for r in rows]))}
        cells.load(list(first.values()), ["household"])
        subtitle = _("%(count)s recorded visits looked through. A pattern proves nothing: look, then decide.",
                     count=f"{found.visits:,}")  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Visits to look at"), page=number, pages=pages,
            subtitle=f"{subtitle} {_('There are more: choose a unit or fewer weeks.')}" if found.capped else subtitle,
            tabs=[{"label": _("%(count)d weeks", count=one), "active": one == weeks,
                   "href": url_for("VisitPatterns.index", **_kept(weeks=one))} for one in WEEKS],
            chips=_chips(kind, counts),
            columns=_COLUMNS, rows=[_row(one, first.get(one.visit_ids[0])) for one in rows],
            empty_title=_("No pattern to look at."), empty_hint=_("Nothing in these weeks stands out."),
        )  # fmt: skip

    @expose("/<key>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def look(self, key: str) -> Any:
        pattern = reads.find_pattern(key[:64], *_days(_weeks()), node_asked()) or abort(404)
        visits = reads.visits_of(pattern)
        cells.load(visits, ["household"])
        form = LookForm()
        back = url_for("VisitPatterns.index", **_kept())
        if form.validate_on_submit():
            return self.form_page(form, lambda: service.dismiss(db.session, pattern, form.reason.data or ""), back,
                                  title=_(label_of(pattern.kind)), button=_("Nothing wrong"))  # fmt: skip
        return self.render_template(
            "supervision/pattern.html", pattern=pattern, title=_(label_of(pattern.kind)), form=form, back=back,
            why=_REASONS[pattern.kind], visits=[_visit_row(one) for one in visits], columns=_VISIT_COLUMNS,
            worker=visits[0].worker.name if visits and visits[0].worker else "", first=visits[0].id if visits else 0,
        )  # fmt: skip


_COLUMNS = columns(("kind", _l("What stands out"), "main"), ("place", _l("First household"), ""),
                   ("visits", _l("Visits"), "num"), ("from", _l("From"), "date"), ("to", _l("To"), "date"))  # fmt: skip
_VISIT_COLUMNS = columns(("at", _l("When"), "main"), ("household", _l("Household"), ""), ("channel", _l("Way"), ""),
                         ("note", _l("Note"), ""))  # fmt: skip


def _chips(kind: PatternKind | None, counts: dict[PatternKind, int]) -> list[dict[str, Any]]:
    whole = {"label": _("All"), "href": url_for("VisitPatterns.index", **_kept(kind="")), "active": kind is None}
    return [whole, *({"label": _(label_of(one)), "href": url_for("VisitPatterns.index", **_kept(kind=one.value)),
                      "active": kind is one, "count": counts[one]} for one in PatternKind)]  # fmt: skip


def _weeks() -> int:
    asked = request.args.get("weeks", "")
    return next((one for one in WEEKS if str(one) == asked), 4)


def _days(weeks: int) -> tuple[date, date]:
    return today() - timedelta(weeks=weeks) + timedelta(days=1), today()


def _kept(**changes: Any) -> dict[str, Any]:
    kept = {name: request.args.get(name) for name in ("weeks", "kind", "unit")} | changes
    return {name: value for name, value in kept.items() if value}


def _row(one: Pattern, visit: Visit | None) -> dict[str, Any]:
    return {"kind": _(label_of(one.kind)), "href": url_for("VisitPatterns.look", key=one.key, **_kept()),
            "place": cells.household_cell(visit.household_id) if visit is not None else "",
            "visits": len(one.visit_ids), "from": moment(one.first_at), "to": moment(one.last_at)}  # fmt: skip


def _visit_row(one: Visit) -> dict[str, Any]:
    return {"at": moment(one.happened_at), "href": url_for("VisitRecord.index", visit_id=one.id),
            "household": cells.household_cell(one.household_id), "channel": _(label_of(one.channel)),
            "note": one.note or ""}  # fmt: skip
