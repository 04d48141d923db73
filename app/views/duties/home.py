"""What must I do today? One page by role; every number opens the list of names behind it, with the same count.

It shows households and matters, never how any person scores.
"""

from __future__ import annotations

from typing import Any, ClassVar

from flask import url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select

from app.domain.duties.words import RuleWord, SweepState
from app.domain.enums import ChangeRequestState, ClueState, RoleName, Urgency, WorkTaskKind, WorkTaskState
from app.domain.labels import label_of
from app.extensions import clock, db
from app.models import GridNode, Sweep
from app.queries.duties.today import Today, figures, groups_without_worker
from app.queries.duties.units import coverage_of
from app.queries.household_file_places import names_of
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY
from app.services.duties import sweeps
from app.views import dates
from app.views.duties import scope
from app.views.duties.first_steps import greeting_of_nothing, list_first_steps
from app.views.duties.lists import list_url
from app.views.menu import WORK, add_page
from app.views.monthly.home import month_tiles
from app.views.pages_worklist_cards import CHIPS, ICONS
from app.views.supervision.tiles import supervision_tiles

_K = WorkTaskKind
_FIELD = {RoleName.GRID_WORKER, RoleName.GRID_LEAD, RoleName.VILLAGE_CADRE, RoleName.VILLAGE_OFFICER}
_PROMISES = (_K.CALL_BACK, _K.WANTS_TO_APPLY, _K.LISTEN_MESSAGE)  # asked for by the household itself
_MOST_SWEEPS = 3
_MYRIAD = 10_000


class TodayPage(BaseView):
    """GET /today/, /today/vacancies."""

    route_base = "/today"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        depth = None if self._is_worker() else scope.depth_below(None)
        found = figures(db.session, clock.now(), depth)
        field, is_empty = self._is_field(), not any(found.contacts.kinds.values())
        steps = list_first_steps(found.groups_without_worker) if is_empty else []
        self.update_redirect()
        return self.render_template(
            "duties/today.html", day=dates.civil(today()), tiles=_tiles(found, field), steps=steps,
            greeting=greeting_of_nothing(steps) if is_empty else _greeting(found),
            reasons=_reasons(found), sweeps=_sweeps(), units=_units(found) if depth is not None else [],
            more=_more(found, field), is_auditor=RoleName.AUDITOR in self._roles(),
        )  # fmt: skip

    @expose("/vacancies", methods=["GET"])
    @has_access
    @permission_name("read")
    def vacancies(self) -> Any:
        """Units of the lowest level that nobody serves (D0-05), `?node=`: those of one town."""
        town = scope.unit_of_request()
        nodes = [node for node in groups_without_worker(db.session) if town is None or node.l2_id == town.id]
        return self.render_template("duties/vacancies.html", nodes=nodes, towns=_by_place(nodes))

    def _roles(self) -> set[str]:
        return {role.name for role in current_user.roles}

    def _is_field(self) -> bool:
        return bool(self._roles() & _FIELD)

    def _is_worker(self) -> bool:
        return RoleName.GRID_WORKER in self._roles()


def tile(label: Any, value: int, href: str, note: Any = "", tone: str = "info", icon: str = "") -> dict[str, Any]:
    """A number nobody has to do anything about leads nowhere and is green."""
    return {"label": label, "value": f"{value:,}", "words": in_words(value), "note": note, "icon": icon,
            "href": href if value else "", "tone": tone if value else "success", "count": value}  # fmt: skip


def in_words(value: int) -> str:
    """'1.2万' for 12,345; '12 thousand' in English; '' for what one takes in at a glance."""
    if value < _MYRIAD:
        return ""
    locale = get_locale()
    if locale is None or locale.language == "zh":
        return f"约{value / _MYRIAD:.1f}万"
    return str(_("about %(count)s thousand", count=f"{value / 1000:.0f}"))


def _greeting(found: Today) -> str:
    total = found.contacts.total
    if not total.overdue and not total.due:
        return str(_("No household waits for a contact."))
    if not total.overdue:
        return str(_("%(count)s households are to be contacted, none is late.", count=f"{total.due:,}"))
    return str(_("%(late)s households are overdue, %(count)s are to be contacted in all.", late=f"{total.overdue:,}",
                 count=f"{total.overdue + total.due:,}"))  # fmt: skip


def _tiles(found: Today, field: bool) -> list[dict[str, Any]]:
    total = found.contacts.total
    grave = found.contacts.by_word.get(RuleWord.EVENT)
    tiles = [
        tile(_("Overdue contacts"), total.overdue, list_url(None, overdue=1), _("households"), "danger",
             "exclamation-octagon"),
        tile(_("To be contacted in all"), total.overdue + total.due, list_url(None), _("overdue ones included"),
             "info", "calendar-check"),
    ]  # fmt: skip
    if grave is not None:
        tiles.append(tile(_("Visit at once"), grave.overdue + grave.due, list_url(None, word=RuleWord.EVENT.value),
                          _("after an illness, an accident or another emergency"), "danger", "bell"))  # fmt: skip
    tiles.append(tile(_("Clues to be taken up"), found.pending_clues, _clues_url(), _("nobody has begun with them"),
                      "warning", "flag"))  # fmt: skip
    if field:
        tiles += [
            tile(CHIPS[kind], found.tasks.get(kind, 0), _tasks_url(kind), _("asked for by the household"), "warning",
                 ICONS[kind])
            for kind in _PROMISES
        ]  # fmt: skip
    changes = url_for("ChangeRequestView.list", _flt_0_state=ChangeRequestState.PENDING.value)
    told = _("what households told of themselves")
    tiles.append(tile(_("Changes to be decided"), found.changes, changes, told, "info", "pencil"))
    return tiles


def _clues_url() -> str:
    return url_for("ClueView.list", _flt_0_state=ClueState.PENDING.value)


def _tasks_url(kind: WorkTaskKind) -> str:
    return url_for("WorkTaskView.list", _flt_0_kind=kind.value, _flt_0_state=WorkTaskState.OPEN.value)


def _reasons(found: Today) -> list[dict[str, Any]]:
    return [
        {"label": _(label_of(word)), "overdue": row.overdue, "all": row.overdue + row.due,
         "overdue_href": list_url(None, word=word.value, overdue=1), "all_href": list_url(None, word=word.value)}
        for word, row in found.contacts.by_word.items() if row.overdue + row.due
    ]  # fmt: skip


def _sweeps() -> list[dict[str, Any]]:
    query = select(Sweep).where(Sweep.state == SweepState.OPEN).order_by(Sweep.to_on, Sweep.id).limit(_MOST_SWEEPS)
    shown = []
    for sweep in db.session.scalars(query):
        [whole] = coverage_of(db.session, sweeps.span_of(sweep))
        shown.append({"name": sweep.name, "href": url_for("SweepPages.show", sweep_id=sweep.id), "whole": whole,
                      "left_href": url_for("SweepPages.uncovered", sweep_id=sweep.id),
                      "until": dates.civil(sweep.to_on)})  # fmt: skip
    return shown


def _units(found: Today) -> list[dict[str, Any]]:
    """Where most households wait, by unit (places, not people): the units below the reader's own."""
    names = scope.units_below(None)
    rows = [row for row in found.contacts.by_unit.values() if row.overdue and row.node_id in names]
    rows.sort(key=lambda row: -row.overdue)
    return [
        {"unit": {"value": names[row.node_id or 0], "href": url_for("DutyPages.index", node=row.node_id)},
         "households": f"{row.households:,}",
         "overdue": {"value": f"{row.overdue:,}", "href": list_url(None, node=row.node_id, overdue=1)}}
        for row in rows[:10]
    ]  # fmt: skip


def _more(found: Today, field: bool) -> list[dict[str, Any]]:
    more = [tile(_("Units without a grid worker"), found.groups_without_worker, url_for("TodayPage.vacancies"), "",
                 "warning", "person-x")]  # fmt: skip
    if not field:
        grave = url_for("ClueView.list", _flt_0_state=ClueState.PENDING.value, _flt_0_urgency=Urgency.EMERGENCY.value)
        more.insert(0, tile(_("Emergencies nobody has begun with"), found.emergencies, grave, "", "danger", "bell"))
    more += [tile(*one) for one in (*month_tiles(), *supervision_tiles())]
    return more if current_access().grants or current_access().everything else []


def register(appbuilder: Any) -> None:
    add_page(appbuilder, TodayPage, WORK, _l("Today"), "house-heart")


def _by_place(nodes: list[GridNode]) -> list[tuple[int | None, str, list[tuple[str, list[GridNode]]]]]:
    """Town → village → units: "group 5" is the name of hundreds, and a county has thousands of them."""
    towns: dict[int | None, dict[int | None, list[GridNode]]] = {}
    for node in nodes:
        towns.setdefault(node.l2_id, {}).setdefault(node.parent_id, []).append(node)
    names = names_of(key for town, villages in towns.items() for key in (town, *villages) if key is not None)
    return [
        (town, names.get(town or 0, "—"), [(names.get(key or 0, "—"), units) for key, units in villages.items()])
        for town, villages in towns.items()
    ]
