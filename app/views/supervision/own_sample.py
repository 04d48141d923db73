"""What an inspector of a sample works with: the households, their files, one form each. Big, with few words."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.extensions import db
from app.models import SampleInspector, SampleItem
from app.queries.scope import current_access, today
from app.queries.supervision import samples as reads
from app.security.roles import INSPECTORS, STAFF
from app.services.supervision import checks as service
from app.views import cells
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.supervision.page import SupervisionPage, inspection_words, marks_form, marks_given, row_or_404
from app.views.worker_files.page import day, words


class OwnSample(SupervisionPage):
    """GET /my-sample/?sample=…&village=…; GET and POST /my-sample/<item>."""

    route_base = "/my-sample"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": INSPECTORS, "can_check": INSPECTORS | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        grants = reads.own_grants(current_access().user_id or 0, today())
        self.update_redirect()
        places = [(grant, village) for grant in grants for village in reads.by_village(grant.draw)]
        chosen = _chosen(places)
        return self.render_template(
            "supervision/own_sample.html", sample=_sample(*chosen) if chosen else None,
            done=sum(one.checked for _grant, one in places), all=sum(one.drawn for _grant, one in places),
            chips=[{"label": one.name, "count": f"{one.checked}/{one.drawn}", "active": (grant, one) == chosen,
                    "href": url_for("OwnSample.index", sample=grant.id, village=one.code)} for grant, one in places],
        )  # fmt: skip

    @expose("/<int:item_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("check")
    def check(self, item_id: int) -> Any:
        item: SampleItem = row_or_404(SampleItem, item_id)
        items = reads.household_items(item.draw)
        kind = marks_form(items, False, checked_on=day(_l("Day of the visit"), needed=True))
        kind.note = words(_l("What was found"), _l("Facts, without ID numbers or telephone numbers."), longest=1000)
        known = item.check
        given = {f"mark_{code}": value for code, value in known.marks.items()} if known is not None else {}
        form: Any = kind(checked_on=known.checked_on if known is not None else today(),
                         note=known.note if known is not None else "", **given)  # fmt: skip
        back = url_for("Samples.show", draw_id=item.draw_id)
        if current_access().samples:
            back = url_for("OwnSample.index", village=item.village_code)
        return self.form_page(
            form, lambda: service.record(db.session, item_id, marks_given(form, items), form.note.data or "",
                                         form.checked_on.data),
            back, title=_("Form of the household"), button=_("Save"),
            facts=[(_("Household"), cells.household_cell(item.household_id)),
                   (_("Household type"), _(label_of(item.stratum))), (_("Address"), item.household.address)],
        )  # fmt: skip


Place = tuple[SampleInspector, reads.Village]


def _chosen(places: list[Place]) -> Place | None:
    """The village asked for, else the first in which somebody is still to be visited, else the first."""
    asked = request.args.get("sample", ""), request.args.get("village", "")
    for grant, one in places:
        if one.code == asked[1] and asked[0] in ("", str(grant.id)):
            return grant, one
    left = [place for place in places if place[1].checked < place[1].drawn]
    return next(iter(left or places), None)


def _sample(grant: SampleInspector, village: reads.Village) -> dict[str, Any]:
    items = reads.list_items(grant.draw, village.code)
    cells.load(items, ["household"])
    rows = [{"household": cells.household_cell(one.household_id), "type": _(label_of(one.stratum)),
             "href": url_for("OwnSample.check", item_id=one.id), "done": one.check is not None,
             "state": badge_cell(_("Done"), "success") if one.check else badge_cell(_("To be visited"), "warning"),
             "score": one.check.score if one.check else None} for one in items]  # fmt: skip
    rows.sort(key=lambda row: row["done"])
    return {"title": inspection_words(grant.draw.inspection), "place": f"{village.town} {village.name}",
            "until": civil(grant.to_on), "done": village.checked, "all": village.drawn, "rows": rows}  # fmt: skip
