"""The dashboard: households, contacts, clues, cases, measures and response rates of the reader's area, place by place.

Every figure and every bar opens the rows behind it. Places stand in the order of the grid; nothing is ranked.
"""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.enums import ClueState, Disposition, HouseholdCategory
from app.domain.labels import label_of
from app.domain.policy.rules import MONITORED_CATEGORIES, Rules
from app.domain.quarters import Quarter
from app.extensions import clock, db
from app.queries import reach
from app.queries.dashboards import BLOCKS, BlockName, list_rows, tally
from app.queries.dashboards.blocks import PAGE, Tally
from app.queries.duties.units import count_area
from app.queries.grid_tree import place_of
from app.queries.household_file_places import names_of
from app.queries.ledgers import own_places
from app.queries.policy import rules_for
from app.queries.scope import today
from app.security.roles import READERS, STAFF, VILLAGE
from app.views import dates
from app.views.dashboards import charts
from app.views.duties import scope
from app.views.duties.lists import list_url
from app.views.guards import whole_number
from app.views.menu import FIGURES, add_page

C = HouseholdCategory
SHOWN = (BlockName.CLUES, BlockName.CASES, BlockName.MEASURES)
MAY_READ = VILLAGE | STAFF | READERS
# Column of the table by place → the household types it counts.
GROUPS: tuple[tuple[str, Any, tuple[C, ...]], ...] = (
    ("all", _l("Households"), ()),
    ("poor", _l("Out of poverty"), (C.OUT_OF_POVERTY,)),
    ("monitored", _l("Monitored households"), tuple(sorted(MONITORED_CATEGORIES))),
    ("warning", _l("Early warning"), (C.EARLY_WARNING,)),
    ("watch", _l("Watched"), (C.WATCH,)),
)


class Dashboard(BaseView):
    """GET /dashboard/ and /dashboard/rows. Rights: can_read."""

    route_base = "/dashboard"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": MAY_READ}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        on, depth = today(), scope.depth_below(None)
        names = scope.units_below(None)
        contacts = count_area(db.session, depth, now=clock.now())
        found = {name: tally(db.session, name, on) for name in SHOWN}
        homes = Tally(contacts.kinds, contacts.unit_kinds)  # as BlockName.CATEGORIES, from the one look at all of them
        places = _places(homes, contacts, names)
        total = contacts.total
        self.update_redirect()
        return self.render_template(
            "dashboards/index.html", day=dates.civil(on), places=places,
            chart=charts.by_place(names, homes, GROUPS[1:], rows_url) if len(names) > 1 else None,
            contacts={"overdue": total.overdue, "due": total.due + total.overdue, "households": total.households,
                      "in_time": total.households - total.overdue,
                      "overdue_href": list_url(None, overdue=1), "due_href": list_url(None)},
            blocks=[_block(name, found[name], _rules()) for name in SHOWN],
            reached=_reached(),
        )  # fmt: skip

    @expose("/rows", methods=["GET"])
    @has_access
    @permission_name("read")
    def rows(self) -> Any:
        """?block=…&key=… (several)&node=…&page=…: the rows behind a figure, as many as it says."""
        if request.args.get("block", "") not in set(BlockName):
            abort(404)
        name, node, page = BlockName(request.args["block"]), scope.unit_of_request(), _page_number()
        keys = _keys(name, tuple(request.args.getlist("key")))
        rows, total = list_rows(db.session, name, today(), keys, node, page)
        rules, titles = _rules(), names_of(row.node_id for row in rows)
        lines = [{"name": row.head_name, "code": row.code, "place": titles.get(row.node_id, ""),
                  "what": key_words(name, row.key, rules), "href": _address(name, row)} for row in rows]  # fmt: skip
        words = [key_words(name, key, rules) for key in keys]
        return self.render_template(
            "dashboards/rows.html", title=TITLES[name], lines=lines, total=total, page=page, words=words,
            pages=max(1, -(-total // PAGE)), place=place_of(node.id) if node else "",
        )  # fmt: skip


TITLES = {BlockName.CATEGORIES: _l("Households"), BlockName.CLUES: _l("Clues in work"),
          BlockName.CASES: _l("Cases in work"),
          BlockName.LATE_CASES: _l("Cases past their day"), BlockName.MEASURES: _l("Measures in force")}  # fmt: skip
HINTS = {BlockName.CLUES: _l("By state"), BlockName.CASES: _l("By the step they are at"),
         BlockName.MEASURES: _l("By class")}  # fmt: skip


def rows_url(name: BlockName, keys: tuple[Any, ...] = (), node_id: int | None = None) -> str:
    return url_for("Dashboard.rows", block=name.value, key=[str(key) for key in keys], node=node_id)


def key_words(name: BlockName, key: Any, rules: Rules | None) -> str:
    if name in (BlockName.CATEGORIES, BlockName.CLUES):
        return str(_(label_of(key)))
    if name is not BlockName.MEASURES or rules is None:
        return str(key)
    row = next((one for codes in ("measure_classes", "early_measures") for one in rules.codes.get(codes, ())
                if one.code == key), None)  # fmt: skip
    if row is None:
        return str(key)
    return row.label_en or row.label if _is_english() else row.label


def _is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _rules() -> Rules | None:
    served = own_places(db.session)
    return rules_for(served[0].id, today()) if served else None


def _keys(name: BlockName, typed: tuple[str, ...]) -> tuple[Any, ...]:
    """400 for words that no row can have."""
    column = BLOCKS[name].table.c[BLOCKS[name].key]
    members = getattr(column.type, "members", None)
    if members is None:
        return typed
    if not set(typed) <= set(members):
        abort(400)
    return tuple(members(word) for word in typed)


def _page_number() -> int:
    return whole_number(request.args.get("page", "1"), 6) or abort(400)


def _address(name: BlockName, row: Any) -> str:
    if name in (BlockName.CASES, BlockName.LATE_CASES):
        return url_for("CasePage.index", case_id=row.row_id)
    if name is BlockName.CLUES:
        return url_for("ClueView.show", pk=row.row_id)
    return url_for("HouseholdFile.index", household_id=row.household_id)


def _places(found: Tally, contacts: Any, names: dict[int, str]) -> dict[str, Any]:
    """The table by place: households by type and overdue contacts, each a way to its rows."""
    columns = [{"key": "unit", "label": _("Unit concerned")}]
    columns += [{"key": key, "label": label} for key, label, _kinds in GROUPS]
    columns.append({"key": "overdue", "label": _("Overdue contacts")})
    rows = []
    for node_id, name in names.items():
        counts, late = found.by_unit.get(node_id, {}), contacts.by_unit.get(node_id)
        row = _cells(counts, node_id) | {"unit": name}
        row["overdue"] = _linked(late.overdue if late else 0, url_for("DutyPages.list", node=node_id, overdue=1))
        rows.append(row)
    total = _cells(found.total, None) | {"unit": _("Total")}
    total["overdue"] = _linked(contacts.total.overdue, list_url(None, overdue=1))
    return {"columns": columns, "rows": rows, "total": total}


def _cells(counts: dict[Any, int], node_id: int | None) -> dict[str, Any]:
    return {key: _linked(count_of(counts, kinds), rows_url(BlockName.CATEGORIES, kinds, node_id))
            for key, _label, kinds in GROUPS}  # fmt: skip


def count_of(counts: dict[Any, int], kinds: tuple[C, ...]) -> int:
    return sum(counts.values()) if not kinds else sum(counts.get(kind, 0) for kind in kinds)


def _linked(value: int, href: str) -> dict[str, Any]:
    return {"value": f"{value:,}", "href": href if value else ""}


def _block(name: BlockName, found: Tally, rules: Rules | None) -> dict[str, Any]:
    order = list(ClueState) if name is BlockName.CLUES else sorted(found.total, key=str)
    rows = [{"label": key_words(name, key, rules), "value": found.total[key], "href": rows_url(name, (key,))}
            for key in order if found.total.get(key)]  # fmt: skip
    return {"title": TITLES[name], "hint": HINTS[name], "rows": rows, "total": found.all,
            "href": rows_url(name), "chart": charts.by_key(rows) if len(rows) > 1 else None}  # fmt: skip


def _reached() -> dict[str, Any] | None:
    """The quarter's check-ins: reached of those due; None while the quarter has no campaign."""
    quarter = Quarter.at(clock.now())
    campaigns = reach.list_campaign_ids(str(quarter))
    if not campaigns:
        return None
    counts = reach.unit_table(reach.ContactFilter(campaigns, None)).total
    due = sum(value for key, value in counts.items() if key is not Disposition.NOT_DUE)
    reached = counts[Disposition.REACHED]
    link: dict[str, Any] = {"quarter": str(quarter)}
    return {"quarter": dates.quarter(quarter), "due": due, "reached": reached, "open": due - reached,
            "percent": 100 * reached / due if due else None, "href": url_for("Reach.index", **link),
            "reached_href": url_for("Reach.households", disposition=Disposition.REACHED.value, **link)}  # fmt: skip


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Dashboard, FIGURES, _l("Dashboard"), "clipboard-data")
