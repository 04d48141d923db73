"""GET /measure-figures/: how soon, how fitting and how effective help is, by unit; each number opens its households."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.measures.dates import limit_day
from app.queries.measures import indicators as query
from app.queries.measures.indicators import FIRST, FIRST_DEVELOPMENT, Figure, Limits, Seen, UnitFigures
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import cells, dates
from app.views.columns import CATEGORY
from app.views.duties import scope
from app.views.grid_care.page import page_of
from app.views.measures.page import MeasurePage
from app.views.register.codes import own_node_id

WORDS: dict[Figure, Any] = {
    Figure.RECOGNISED: _l("Recognised households"), Figure.IN_TIME: _l("First measure in time"),
    Figure.LATE: _l("First measure late or missing"), Figure.WAITING: _l("No measure yet, time still runs"),
    Figure.NO_MEASURE: _l("No measure at all"),
    Figure.NO_DEVELOPMENT: _l("Can work, no measure that helps to earn in time"),
    Figure.NOT_TOLD: _l("Not told of a measure"), Figure.EFFECTIVE: _l("An effective measure"),
    Figure.PARTLY: _l("A partly effective measure"), Figure.NO_EFFECT: _l("A measure without effect"),
    Figure.NOT_ASSESSED: _l("Effect not assessed"),
}  # fmt: skip
TONES = {Figure.LATE: "danger", Figure.NO_MEASURE: "warning", Figure.NO_DEVELOPMENT: "warning",
         Figure.NOT_TOLD: "warning", Figure.NOT_ASSESSED: "warning", Figure.NO_EFFECT: "danger"}  # fmt: skip


class MeasureFigures(MeasurePage):
    route_base = "/measure-figures"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, limits = scope.unit_of_request(), self._limits()
        rows = query.read(node, scope.depth_below(node), limits, today())
        units = scope.units_below(node)
        *below, whole = query.by_unit(rows, limits, today())
        key = node.id if node else None
        return self.render_template(
            "measures/figures.html",
            whole={"name": _("Total"), **_cells(whole, key)},
            time=whole.time,
            deadlines=_deadlines(limits),
            tiles=[_tile(figure, whole, key) for figure in Figure],
            units=[
                {
                    "name": {"value": units[one.unit], "href": url_for("MeasureFigures.index", node=one.unit)},
                    **_cells(one, one.unit),
                }
                for one in below
                if one.unit in units
            ],
            columns=[
                {"key": "name", "label": _("Unit")},
                *({"key": one.value, "label": WORDS[one]} for one in _COLUMNS),
                {"key": "median", "label": _("Days (median)")},
            ],
            crumbs=scope.crumbs_of(node, lambda one: url_for("MeasureFigures.index", node=one)),
        )

    @expose("/<word>", methods=["GET"])
    @has_access
    @permission_name("read")
    def households(self, word: str) -> Any:
        """The households behind one figure."""
        if word not in set(Figure):
            abort(404)
        figure, node, limits = Figure(word), scope.unit_of_request(), self._limits()
        seen = {one.id: one for one in query.read(node, scope.depth_below(node), limits, today())
                if query.belongs(one, figure, limits, today())}  # fmt: skip
        rows, page, pages, total = page_of(query.households_of(list(seen)))
        return self.render_template(
            "measures/figure_list.html", title=WORDS[figure], page=page, pages=pages, total=total, node=node,
            rows=[{"name": cells.household_cell(one.id), "category": CATEGORY[one.category],
                   **_words(seen[one.id], limits)} for one in rows],
            crumbs=scope.crumbs_of(node, lambda one: url_for("MeasureFigures.households", word=word, node=one)),
        )  # fmt: skip

    def _limits(self) -> Limits:
        """The reader's own rules: figures of a county are judged by the county's."""
        own = own_node_id()
        return Limits(rules_for(own, today())) if own is not None else abort(404)


_COLUMNS = (Figure.RECOGNISED, Figure.LATE, Figure.NO_MEASURE, Figure.NO_DEVELOPMENT, Figure.NOT_TOLD,
            Figure.NOT_ASSESSED)  # fmt: skip


def _cells(one: UnitFigures, node_id: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for figure in _COLUMNS:
        count = one.counts[figure]
        href = url_for("MeasureFigures.households", word=figure.value, node=node_id) if count else ""
        found[figure.value] = {"value": f"{count:,}", "href": href}
    found["median"] = "—" if one.time.median_days is None else f"{one.time.median_days:g}"
    return found


def _tile(figure: Figure, one: UnitFigures, node_id: int | None) -> dict[str, Any]:
    count = one.counts[figure]
    return {"label": WORDS[figure], "value": f"{count:,}", "tone": TONES.get(figure, "info") if count else "success",
            "href": url_for("MeasureFigures.households", word=figure.value, node=node_id) if count else ""}  # fmt: skip


def _deadlines(limits: Limits) -> list[tuple[str, Any]]:
    """The time limits the figures go by, each with its source."""
    return [(limit.title, limit) for code in (FIRST, FIRST_DEVELOPMENT)
            if (limit := limits.rules.deadline(code)) is not None]  # fmt: skip


def _words(one: Seen, limits: Limits) -> dict[str, Any]:
    limit = limits.rules.deadline(FIRST)
    due = limit_day(one.recognised_on, limit) if limit else None
    took = "" if one.first_on is None else _("%(days)s days", days=(one.first_on - one.recognised_on).days)
    return {"recognised": dates.civil(one.recognised_on), "first": dates.civil(one.first_on), "took": took,
            "due": dates.civil(due), "development": dates.civil(one.development_on),
            "plan": url_for("PlanPage.of_household", household_id=one.id)}  # fmt: skip
