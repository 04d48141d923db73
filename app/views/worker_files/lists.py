"""Who needs attention: over age, conditions to be confirmed, untrained, without the handbook, units without people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.queries.scope import today
from app.queries.worker_files import ages, people, staffing, training
from app.queries.worker_files.evaluations import list_adjustments
from app.views.dates import civil, period
from app.views.display import badge_cell
from app.views.worker_files.file import AGE_TONES
from app.views.worker_files.page import LOOKERS, WorkerPage, node_asked, page_of

Listing = dict[str, Any]
NAMES = {
    "roster": _l("Everybody"), "ages": _l("Age"), "soon": _l("Changes within 90 days"), "month": _l("Within 30 days"),
    "exceptions": _l("Exceptions to decide"), "checks": _l("Conditions to confirm"), "staffing": _l("Too few people"),
    "adjust": _l("Suggested for adjustment"),
}  # fmt: skip
_PERSON = ("person", _l("Name"), "main")
_UNIT = ("unit", _l("Unit"), "")


def columns(*given: tuple[str, Any, str]) -> list[dict[str, Any]]:
    return [{"key": key, "label": label, "kind": kind} for key, label, kind in given]


def file_link(worker_id: int) -> str:
    return url_for("WorkerFilePage.show", worker_id=worker_id)


class WorkerLists(WorkerPage):
    """GET /worker-files/?list=…&unit=…: in the order of the units, never in one of persons."""

    route_base = "/worker-files"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": LOOKERS}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        wanted = request.args.get("list", "ages")
        wanted = wanted if wanted in NAMES else "ages"
        node = node_asked()
        found = _LISTS[wanted](node)
        rows, number, pages = page_of(found.pop("all"))
        make = found.pop("make")
        chips = [{"label": label, "href": url_for("WorkerLists.index", list=name, unit=node.id if node else None),
                  "active": name == wanted} for name, label in NAMES.items()]  # fmt: skip
        subtitle = _("As of %(day)s", day=civil(today()))
        return self.render_template(
            "worker_files/list.html", title=_("Grid workers: who needs attention"), chips=chips, heading=NAMES[wanted],
            subtitle=f"{node.name} · {subtitle}" if node else subtitle, rows=[make(row) for row in rows], page=number,
            pages=pages, **found,
        )  # fmt: skip


def _listing(
    rows: list[Any], make: Callable[[Any], dict[str, Any]], *given: tuple[str, Any, str], **more: Any
) -> Listing:
    return {"all": rows, "make": make, "columns": columns(*given), "total": len(rows), **more}


def _roster(node: Any) -> Listing:
    return _listing(people.list_posts(today(), node), lambda post: {
        "person": post.name, "href": file_link(post.worker_id), "unit": post.place, "duty": _(label_of(post.duty)),
        "since": civil(post.from_on)}, _PERSON, _UNIT, ("duty", _l("Duty"), ""),
        ("since", _l("Since"), "date"))  # fmt: skip


def _age_row(row: ages.AgeRow) -> dict[str, Any]:
    finding = row.finding
    return {"person": row.post.name, "href": file_link(row.post.worker_id), "unit": row.post.place, "age": finding.age,
            "state": badge_cell(_(label_of(finding.state)), AGE_TONES[finding.state]),
            "on": civil(finding.limit_on), "days": finding.days}  # fmt: skip


def _ages(node: Any, within: int | None = None) -> Listing:
    found = ages.list_ages(today(), node, within=within)
    sources = list(dict.fromkeys(row.source for row in found))[:2]
    return _listing(found, _age_row, _PERSON, _UNIT, ("age", _l("Age"), "num"), ("state", _l("State"), ""),
                    ("on", _l("Next change on"), "date"), ("days", _l("Days left"), "num"), sources=sources,
                    empty_title=_("Nobody's age needs a look."))  # fmt: skip


def _exceptions(_node: Any) -> Listing:
    return _listing(ages.list_waiting_exceptions(), lambda row: {
        "person": row.worker.name, "href": url_for("WorkerFileForms.decide_exception", exception_id=row.id),
        "days": f"{civil(row.from_on)} – {civil(row.expires_on)}", "reason": row.reason},
        _PERSON, ("days", _l("Days"), ""), ("reason", _l("Reason"), ""),
        empty_title=_("No exception waits for a decision."))  # fmt: skip


def _checks(node: Any) -> Listing:
    found = staffing.list_checks_due(today(), node)
    sources = list(dict.fromkeys(row.source for row in found))[:2]
    return _listing(found, lambda row: {
        "person": row.post.name, "href": url_for("WorkerFileForms.checks", worker_id=row.post.worker_id),
        "unit": row.post.place, "never": "、".join(row.never), "due": "、".join(row.due),
        "unmet": "、".join(row.unmet)}, _PERSON, _UNIT, ("never", _l("Never checked"), ""),
        ("due", _l("A year ago"), ""), ("unmet", _l("Not met"), ""), sources=sources,
        empty_title=_("All conditions are confirmed."))  # fmt: skip


def _staffing(node: Any) -> Listing:
    found = staffing.list_understaffed(today(), node)
    sources = list(dict.fromkeys(row.source for row in found))[:2]
    return _listing(found, lambda row: {
        "unit": row.place, "href": url_for("Appointments.new", unit=row.node.id), "title": row.title,
        "present": row.present, "needed": row.needed}, ("unit", _l("Unit"), "main"), ("title", _l("Title"), ""),
        ("present", _l("People now"), "num"), ("needed", _l("People needed"), "num"), sources=sources,
        empty_title=_("Every unit has the people the rules ask for."))  # fmt: skip


def _adjust(_node: Any) -> Listing:
    """Who they are, not what they scored: the sheet says it, one by one."""
    return _listing(list_adjustments(), lambda row: {
        "unit": row.node.name, "person": row.worker.name, "href": url_for("Evaluations.show", evaluation_id=row.id),
        "period": period(row.period)}, _PERSON, _UNIT, ("period", _l("Period"), ""),
        empty_title=_("No final evaluation suggests an adjustment."))  # fmt: skip


_LISTS: dict[str, Callable[[Any], Listing]] = {
    "roster": _roster, "ages": _ages, "soon": lambda node: _ages(node, 90), "month": lambda node: _ages(node, 30),
    "exceptions": _exceptions, "checks": _checks, "staffing": _staffing, "adjust": _adjust,
}  # fmt: skip


def untrained_rows(found: training.Coverage) -> list[dict[str, Any]]:
    return [{"person": row.post.name, "href": file_link(row.post.worker_id), "unit": row.post.place,
             "rounds": row.rounds, "needed": row.needed} for row in found.untrained]  # fmt: skip
