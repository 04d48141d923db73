"""Search from every page: `/search?q=` (the `/` key focuses its box). Finds within the user's own area only."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.domain.quarters import Quarter
from app.extensions import clock
from app.queries.search import Hit, normalise, search
from app.security.roles import VIEWERS
from app.views.columns import CATEGORY, CONTACT_STATE
from app.views.guards import whole_number

_MOST_DIGITS = 4


class Search(BaseView):
    """GET /search?q=&page=. Permission: can_read on Search."""

    route_base = "/search"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": VIEWERS}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        text = normalise(request.args.get("q", ""))
        result = search(text, str(Quarter.at(clock.now())), _page_number()) if text else None
        return self.render_template(
            "search/results.html", q=text, result=result, hits=[_shown(hit) for hit in result.hits] if result else []
        )


def _page_number() -> int:
    text = request.args.get("page", "")
    return whole_number(text, _MOST_DIGITS, otherwise=1)


def _shown(hit: Hit) -> dict[str, Any]:
    household, contact = hit.household, hit.contact
    absence = next((one for one in household.absences if one.ended_on is None), None)
    category, tone = CATEGORY[household.category]
    return {
        "id": household.id,
        "name": household.head_name,
        "code": household.code,
        "place": hit.place,
        "category": category,
        "category_tone": tone,
        "members": len(household.members),
        "tails": [phone.tail for phone in household.phones],
        "absence": absence,
        "is_gone": household.gone_on is not None,
        "state": CONTACT_STATE[contact.state] if contact else None,
    }


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(Search)
