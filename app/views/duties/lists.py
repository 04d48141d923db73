"""Who is to be contacted: counts by unit, and the names behind every count."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

from flask import Response, abort, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.duties.words import RuleWord
from app.domain.enums import HouseholdCategory
from app.domain.labels import label_of
from app.extensions import db
from app.models import GridNode
from app.queries.duties import DueFilter, DueRow, count_area, count_due, duties_due
from app.queries.household_file_places import place_words
from app.queries.scope import today
from app.security import audit
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.sheets.writer import OutColumn, write_table
from app.views import dates
from app.views.columns import CATEGORY
from app.views.duties import scope, words
from app.views.menu import WORK, add_page

MOST_EXPORTED = 20_000  # households; more is a matter for the unit below


class DutyPages(BaseView):
    """GET /duties/ (counts), /duties/list (names), /duties/list.xlsx."""

    route_base = "/duties"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_export": FIELD | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = scope.unit_of_request()
        names = scope.units_below(node)
        counts = count_area(db.session, scope.depth_below(node), DueFilter(node=node))
        self.update_redirect()
        return self.render_template(
            "duties/units.html", node=node, counts=counts, rows=[_line(key, name, counts.by_unit.get(key), node)
                                                                 for key, name in names.items()],
            words=[(word, _(label_of(word)), row, list_url(node, word=word)) for word, row in counts.by_word.items()],
            crumbs=scope.crumbs_of(node, lambda key: url_for("DutyPages.index", node=key)),
            overdue_url=list_url(node, overdue=1), all_url=list_url(node), due_url=list_url(node),
        )  # fmt: skip

    @expose("/list", methods=["GET"])
    @has_access
    @permission_name("read")
    def list(self) -> Any:
        chosen = chosen_filter()
        try:
            page = duties_due(db.session, chosen, after=request.args.get("after") or None)
        except ValueError:
            abort(400)
        total = page.total
        args: dict[str, Any] = {key: value for key, value in request.args.items() if key != "after"}
        self.update_redirect()
        return self.render_template(
            "duties/list.html", rows=table_rows(page.rows), total=total, chosen=chosen,
            is_later="after" in request.args,
            next_url=url_for("DutyPages.list", **{**args, "after": page.next_after}) if page.next_after else "",
            first_url=url_for("DutyPages.list", **args), chips=_chips(chosen), title=_title(chosen),
            crumbs=scope.crumbs_of(chosen.node, lambda key: list_url(None, **{**args, "node": key})),
            export=url_for("DutyPages.export", **args) if self._may_export() and total <= MOST_EXPORTED else "",
        )  # fmt: skip

    @expose("/list.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export(self) -> Response:
        """The same rows as the list, all of them. Leaves a line in the audit trail."""
        chosen = chosen_filter()
        if count_due(db.session, chosen, most=MOST_EXPORTED) > MOST_EXPORTED:
            abort(400)
        target = io.BytesIO()
        columns = [OutColumn(_("Household code"), 18), OutColumn(_("Head of household"), 14), OutColumn(_("Unit"), 24),
                   OutColumn(_("Household type"), 16), OutColumn(_("Why"), 34), OutColumn(_("Time"), 16),
                   OutColumn(_("Last contact"), 18), OutColumn(_("Basis"), 40)]  # fmt: skip
        count = write_table(target, _("Contacts due"), columns, _cells(chosen))
        target.seek(0)
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "duties", changes={"rows": [0, count]})
        db.session.commit()
        return send_file(target, as_attachment=True, download_name=f"{_('Contacts due')}-{today():%Y%m%d}.xlsx")

    def _may_export(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_export", "DutyPages"))


def chosen_filter() -> DueFilter:
    """From the query string; unknown words and kinds are 400, unknown units 404."""
    word, category = request.args.get("word", ""), request.args.get("category", "")
    if (word and word not in set(RuleWord)) or (category and category not in set(HouseholdCategory)):
        abort(400)
    return DueFilter(
        node=scope.unit_of_request(),
        word=RuleWord(word) if word else None,
        overdue=request.args.get("overdue") == "1",
        category=HouseholdCategory(category) if category else None,
    )


def list_url(unit: GridNode | None, /, **args: Any) -> str:
    """The names behind a count."""
    given: dict[str, Any] = {"node": unit.id} if unit is not None else {}
    return url_for("DutyPages.list", **given, **{key: value for key, value in args.items() if value})


def table_rows(rows: tuple[DueRow, ...]) -> list[dict[str, Any]]:
    on, places = today(), place_words(row.node_id for row in rows)
    return [
        {
            "name": row.head_name,
            "href": url_for("HouseholdFile.index", household_id=row.household_id),
            "code": row.code,
            "unit": places.get(row.node_id, ""),
            "category": CATEGORY[row.category],
            "why": words.title_of(row.lead),
            "others": [words.title_of(one) for one in row.duties[1:] if one.is_open],
            "time": words.time_words(row.lead, on),
            "late": row.lead.standing == "overdue",
            "last": dates.civil(words.last_day(row.lead)),
            "basis": words.basis_words(row.lead.source),
        }
        for row in rows
    ]


def _cells(chosen: DueFilter) -> Iterator[list[Any]]:
    after = None
    while True:
        page = duties_due(db.session, chosen, after=after, limit=200)
        for row in table_rows(page.rows):
            why = "; ".join([row["why"], *row["others"]])
            yield [row["code"], row["name"], row["unit"], str(row["category"][0]), why, row["time"], row["last"],
                   row["basis"]]  # fmt: skip
        after = page.next_after
        if after is None:
            return


def _line(key: int, name: str, row: Any, node: GridNode | None) -> dict[str, Any]:
    overdue, due, households = (row.overdue, row.due, row.households) if row is not None else (0, 0, 0)
    return {
        "unit": {"value": name, "href": url_for("DutyPages.index", node=key)},
        "households": households,
        "overdue": {"value": overdue, "href": list_url(None, node=key, overdue=1)} if overdue else 0,
        "due": {"value": due + overdue, "href": list_url(None, node=key)} if due + overdue else 0,
    }


def _chips(chosen: DueFilter) -> list[dict[str, Any]]:
    args = {key: value for key, value in request.args.items() if key not in ("after", "word", "overdue")}
    every = [("", "", _("All due")), ("", "1", _("Overdue"))]
    every += [(word.value, "1" if chosen.overdue else "", _(label_of(word))) for word in RuleWord]
    return [
        {"label": label, "href": list_url(None, **{**args, "word": word, "overdue": overdue}),
         "active": (word, overdue) == (chosen.word or "", "1" if chosen.overdue else "")}
        for word, overdue, label in every
    ]  # fmt: skip


def _title(chosen: DueFilter) -> str:
    return str(_("Overdue contacts") if chosen.overdue else _("Contacts due"))


def register(appbuilder: Any) -> None:
    add_page(appbuilder, DutyPages, WORK, _l("Contacts due"), "calendar-check")
