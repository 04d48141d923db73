"""月调度: what lies open, to be handed on; from here the dispatch meeting is begun (D3-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.domain.meetings.owed import meetings_of
from app.domain.policy.kinds import CalendarKind, LevelKind
from app.extensions import clock, db
from app.models import Case, Clue, GridNode, Resolution
from app.queries.meetings.units import own_units, unit_of
from app.queries.monthly.ageing import BANDS, Asked, Matter, Row, list_aged, list_ages, since_of
from app.queries.monthly.dispatch import list_late_cases, list_open_clues, list_open_items
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import cells, dates
from app.views.casework.words import limit_badge
from app.views.duties import scope
from app.views.guards import whole_number
from app.views.meetings.resolutions import due_words
from app.views.menu import FOLLOWUP, add_page
from app.views.steps import present_actor

PAGE = 50
MATTERS = {Matter.CLUE: _l("Clues"), Matter.CASE: _l("Cases"), Matter.RESOLUTION: _l("Resolutions"),
           Matter.ISSUE: _l("Issues")}  # fmt: skip
_WHOLE: dict[str, Any] = {Matter.CLUE: _l("Clues not settled"), Matter.CASE: _l("Cases past their time limit")}


class DispatchPages(BaseView):
    """GET /dispatch/?node=, /dispatch/aged?matter=&level=&band=&node=, /dispatch/whole?matter=&node=."""

    route_base = "/dispatch"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = scope.unit_of_request()
        found = list_open_items(db.session, node, clock.now(), today())
        self.update_redirect()
        return self.render_template(
            "monthly/dispatch.html", node=node, found=found, begin=_begin_url(node),
            clues=[(cells.household_cell(one.household_id), _(label_of(one.kind)), dates.moment(one.raised_at),
                    url_for("ClueView.show", pk=one.id)) for one in found.clues],
            cases=[(cells.household_cell(one.household_id), one, limit_badge(one)) for one in found.cases],
            resolutions=[(one, *due_words(one)) for one in found.resolutions],
            crumbs=scope.crumbs_of(node, lambda key: url_for("DispatchPages.index", node=key)),
            units=list(scope.units_below(node).items()), bands=[band_words(band) for band in range(len(BANDS))],
            ages=_age_rows(list_ages(db.session, node, today()), node),
        )  # fmt: skip

    @expose("/aged", methods=["GET"])
    @has_access
    @permission_name("read")
    def aged(self) -> Any:
        """The list behind one number of the ages: of one kind, at one level, of one band or of any."""
        asked, node = _asked(), scope.unit_of_request()
        number = max(1, whole_number(request.args.get("page", "1"), 6, otherwise=1))
        rows, total = list_aged(db.session, asked, node, today(), after=(number - 1) * PAGE, limit=PAGE)
        if asked.matter is not Matter.RESOLUTION:
            cells.load(rows, ["household"])
        return self.render_template(
            "monthly/aged.html", rows=[_aged_row(row) for row in rows], total=total, page=number,
            pages=max(1, -(-total // PAGE)), node=node, back=url_for("DispatchPages.index", node=node and node.id),
            heading=_("%(what)s, %(level)s", what=MATTERS[asked.matter], level=_(label_of(asked.level))),
            band=band_words(asked.band) if asked.band is not None else "",
        )  # fmt: skip

    @expose("/whole", methods=["GET"])
    @has_access
    @permission_name("read")
    def whole(self) -> Any:
        """The list behind a number at the top, from its first row to its last: clues not settled, or late cases."""
        matter, node = request.args.get("matter", ""), scope.unit_of_request()
        if matter not in _WHOLE:
            abort(404)
        number = max(1, whole_number(request.args.get("page", "1"), 6, otherwise=1))
        after = (number - 1) * PAGE
        rows, total = (list_open_clues(db.session, node, after=after, limit=PAGE) if matter == Matter.CLUE
                       else list_late_cases(db.session, node, clock.now(), after=after, limit=PAGE))  # fmt: skip
        cells.load(rows, ["household"])
        return self.render_template(
            "monthly/aged.html", rows=[_aged_row(row) for row in rows], total=total, page=number, band="",
            pages=max(1, -(-total // PAGE)), node=node, back=url_for("DispatchPages.index", node=node and node.id),
            heading=_WHOLE[matter], late=matter == Matter.CASE,
        )  # fmt: skip


def _asked() -> Asked:
    """404 for what the address cannot mean."""
    matter = next((one for one in Matter if one.value == request.args.get("matter")), None)
    level = next((one for one in LevelKind if one.value == request.args.get("level")), None)
    text = request.args.get("band", "")
    band = whole_number(text, 1) if text else None
    if matter is None or level is None or (text and (band is None or band >= len(BANDS))):
        abort(404)
    return Asked(matter, level, band)


def band_words(band: int) -> str:
    least, most = BANDS[band]
    if most is None:
        return str(_("%(days)d days and more", days=least))
    return str(_("%(least)d to %(most)d days", least=least, most=most))


def _age_rows(rows: Sequence[Row], node: GridNode | None) -> list[dict[str, Any]]:
    """Each number with the address of its list, and its share of the largest for a bar."""
    largest = max((count for row in rows for count in row.counts), default=0)

    def link(row: Row, band: int | None) -> str:
        return url_for("DispatchPages.aged", matter=row.matter.value, level=row.level.value, band=band,
                       node=node and node.id)  # fmt: skip

    return [{
        "what": MATTERS[row.matter], "level": _(label_of(row.level)), "total": (row.total, link(row, None)),
        "counts": [(count, link(row, band), round(100 * count / largest)) for band, count in enumerate(row.counts)],
    } for row in rows]  # fmt: skip


def _aged_row(row: Any) -> dict[str, Any]:
    since = since_of(row)
    found = {"since": since, "days": (today() - since).days, "who": "", "words": "", "href": ""}
    if isinstance(row, Resolution):
        return found | {"who": row.unit_name, "words": row.text,
                        "href": url_for("ResolutionPages.show", resolution_id=row.id)}  # fmt: skip
    found["who"] = cells.household_cell(row.household_id) if row.household_id else cells.unit_cell(row.node)
    if isinstance(row, Clue):
        return found | {"words": _(label_of(row.kind)), "href": url_for("CluePage.index", clue_id=row.id)}
    if isinstance(row, Case):
        return found | {"words": f"{row.number} {row.step_title}", "limit": limit_badge(row),
                        "href": url_for("CasePage.index", case_id=row.id)}  # fmt: skip
    return found | {"words": row.number, "href": url_for("Issues.show", issue_id=row.id)}


def _begin_url(node: GridNode | None) -> str:
    """Where the dispatch meeting is begun: the rule the calendar calls so, at a unit of the reader's own level."""
    units = [unit_of(db.session, node, today())] if node else own_units(db.session, today())
    for unit in units:
        if unit.level not in present_actor().levels:
            continue
        named = {rule.code for rule in unit.rules.calendar if rule.kind is CalendarKind.DISPATCH}
        rule = next((one for one in meetings_of(unit.rules, unit.level) if one.code in named), None)
        if rule is not None:
            return url_for("MeetingPages.new", node=unit.id, kind=rule.code)
    return ""


def register(appbuilder: Any) -> None:
    add_page(appbuilder, DispatchPages, FOLLOWUP, _l("Monthly dispatch"), "signpost-split")
