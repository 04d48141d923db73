"""Plans and risks by what is to be done about them; every tab's number is the length of its list (D4-24, D4-11)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import current_app, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.domain.measures.dates import reckoning_due
from app.domain.policy.rules import Rules
from app.models import HelpPlan, Household, PlanLine
from app.queries.measures import plans as query
from app.queries.measures.plans import PlanList
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import cells, dates
from app.views.columns import CATEGORY
from app.views.duties import scope
from app.views.grid_care.page import chosen, page_of
from app.views.measures.page import MeasurePage, line_title
from app.views.measures.show import state_of
from app.views.register.codes import own_node_id

TABS: tuple[tuple[PlanList, Any], ...] = (
    (PlanList.WITHOUT, _l("Without a plan")), (PlanList.DRAFTS, _l("Being written")),
    (PlanList.CHECKING, _l("To be checked")), (PlanList.RECKONING, _l("Income to be reckoned")),
    (PlanList.IN_FORCE, _l("In force")), (PlanList.ALL, _l("All")),
)  # fmt: skip
EMPTY = {
    PlanList.WITHOUT: _l("Every monitored and early-warning household has its plan."),
    PlanList.CHECKING: _l("Nothing waits for a check."),
    PlanList.RECKONING: _l("No reckoning is overdue."),
}


class PlansPage(MeasurePage):
    """GET /plans/?node=&tab="""

    route_base = "/plans"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, tab = scope.unit_of_request(), chosen(PlanList, "tab")
        if tab not in dict(TABS):
            tab = PlanList.WITHOUT
        key, day = (node.id if node else None), today()
        rows, page, pages, total = page_of(query.selection(tab, node, day))
        cells.load(_homes(rows), ["household"])
        tabs = [{"label": label, "href": url_for("PlansPage.index", tab=one.value, node=key), "active": one is tab,
                 "count": query.count(query.selection(one, node, day))} for one, label in TABS]  # fmt: skip
        return self.render_template(
            "measures/plans.html", tabs=tabs, tab=tab.value, rows=[_row(one, self.may("can_write", "PlanPage"))
                                                                  for one in rows],
            page=page, pages=pages, total=total, empty=EMPTY.get(tab, _("Nothing here.")),
            crumbs=scope.crumbs_of(node, lambda one: url_for("PlansPage.index", node=one, tab=tab.value)),
        )  # fmt: skip


class _Home:
    """What `cells.load` wants of a row."""

    def __init__(self, household_id: int) -> None:
        self.household_id = household_id


def _homes(rows: list[Any]) -> list[_Home]:
    return [_Home(row.id if isinstance(row, Household) else row.household_id) for row in rows]


def _row(one: Any, may_write: bool) -> dict[str, Any]:
    if isinstance(one, Household):
        act = ("PlanPage.open", _("Open a plan")) if may_write else None
        return {"household": cells.household_cell(one.id), "category": CATEGORY[one.category], "what": "",
                "state": (_("No plan"), "warning"), "when": "",
                "href": url_for(act[0], household_id=one.id) if act else "", "act": act[1] if act else ""}  # fmt: skip
    if isinstance(one, PlanLine):
        due = reckoning_due(one.reckoned_on, one.reckon_every) if one.reckon_every else None
        late = (today() - due).days if due else 0
        words = _("%(days)s days overdue", days=late) if late > 0 else _("Open")
        return {
            "household": cells.household_cell(one.household_id),
            "category": CATEGORY[one.household.category],
            "what": line_title(one),
            "state": (words, "danger" if late > 0 else "info"),
            "when": dates.civil(due),
            "href": url_for("PlanPage.index", plan_id=one.plan_id) + f"#line-{one.id}",
            "act": _("Plan of a household"),
        }
    assert isinstance(one, HelpPlan)
    return {"household": cells.household_cell(one.household_id), "category": CATEGORY[one.household.category],
            "what": _("Version %(number)s", number=one.version), "state": state_of(one),
            "when": dates.civil(one.in_force_on or one.opened_on),
            "href": url_for("PlanPage.index", plan_id=one.id), "act": _("Plan of a household")}  # fmt: skip


class CrossOffPage(MeasurePage):
    """GET /cross-off/: 清单台账 and 对标销号: risks that are open, risks crossed off with their evidence, and what the
    rules' “five ones” are, each with where it is done."""

    route_base = "/cross-off"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, done = scope.unit_of_request(), request.args.get("done") == "1"
        key = node.id if node else None
        wanted = query.lines_crossed_off(node) if done else query.lines_open(node)
        rows, page, pages, total = page_of(wanted)
        cells.load(rows, ["household"])
        counts = query.evidence_counts([one.id for one in rows])
        tabs = [{"label": _("Open"), "href": url_for("CrossOffPage.index", node=key), "active": not done,
                 "count": query.count(query.lines_open(node))},
                {"label": _("Crossed off"), "href": url_for("CrossOffPage.index", node=key, done=1), "active": done,
                 "count": query.count(query.lines_crossed_off(node))}]  # fmt: skip
        own = key or own_node_id()
        rules = rules_for(own, today()) if own is not None else Rules()
        return self.render_template(
            "measures/cross_off.html", tabs=tabs, done=done, page=page, pages=pages, total=total,
            rows=[{"household": cells.household_cell(one.household_id), "title": line_title(one),
                   "evidence": counts.get(one.id, (0, 0)), "since": dates.civil(one.plan.opened_on),
                   "days": (today() - one.plan.opened_on).days, "off": dates.civil(one.crossed_off_on),
                   "note": one.crossing_note or "",
                   "href": url_for("PlanPage.index", plan_id=one.plan_id) + f"#line-{one.id}"} for one in rows],
            phrases=_phrases(rules), crumbs=scope.crumbs_of(node, lambda one: url_for("CrossOffPage.index", node=one)),
        )  # fmt: skip


def _phrases(rules: Rules) -> list[dict[str, Any]]:
    """The rules' phrases that stand for several duties, with each of these duties: how often, where it is done."""
    found = []
    for phrase in rules.wording:
        parts = [part for code in phrase.rules if (part := _part(rules, code)) is not None]
        if parts:
            found.append({"text": phrase.text, "source": phrase.source, "parts": parts})
    return found


def _part(rules: Rules, code: str) -> dict[str, Any] | None:
    """A contact rule, a meeting or an inspection of that code."""
    places = ((rules.contact_rules, "DutyPages.index"), (rules.meetings, "MeetingPages.index"),
              (rules.inspections, "Inspections.index"))  # fmt: skip
    for rows, endpoint in places:
        for row in rows:
            if row.code == code:
                href = url_for(endpoint) if endpoint in current_app.view_functions else ""
                return {"title": row.title or code, "every": _(label_of(row.every)), "href": href, "source": row.source}
    return None
