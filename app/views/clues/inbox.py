"""GET /clues/: the inbox by role: what is mine first, emergencies before the rest, overdue in red."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.clues.routing import inbox_depth
from app.domain.enums import Urgency
from app.domain.labels import LABELS, label_of
from app.extensions import clock, db
from app.models import Clue
from app.queries.clues.inbox import FILTERS, Box, Reader, Wanted, read_inbox
from app.queries.policy.chains import place_of
from app.queries.scope import current_access
from app.security.roles import EVERYBODY
from app.views import cells
from app.views.clues import words
from app.views.columns import CLUE_STATE, COLUMNS, URGENCY
from app.views.guards import whole_number
from app.views.register.codes import own_node_id
from app.views.steps import present_actor

BOXES = {
    Box.MINE: _l("For me"), Box.OVERDUE: _l("Overdue"), Box.OPEN: _l("All open"), Box.WATCH: _l("Under watch"),
    Box.ALL: _l("All"),
}  # fmt: skip
_LONGEST_PAGE = 6


def present_reader() -> Reader:
    """The user with the depths whose inbox they work: those of their units at which their roles act."""
    actor = present_actor()
    node_id = own_node_id()
    if node_id is None:
        return Reader(actor.user_id, frozenset(), 0)
    kinds = place_of(db.session, node_id).kinds
    grants = current_access().grants or ((1, node_id),)
    depths = {depth for depth, _node in grants if depth <= len(kinds) and kinds[depth - 1] in actor.levels}
    return Reader(actor.user_id, frozenset(depths), inbox_depth(kinds))


class ClueInbox(BaseView):
    """Readers see it too; what may be done is decided on the clue's page."""

    route_base = "/clues"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        wanted = _asked()
        found = read_inbox(db.session, present_reader(), wanted, clock.now())
        cells.load(found.rows, ["household"])
        chips = [{"label": label, "href": _link(wanted, box=box.value, page=""), "count": found.counts[box],
                  "active": box is wanted.box} for box, label in BOXES.items()]  # fmt: skip
        return self.render_template(
            "clues/inbox.html", rows=[_row(clue) for clue in found.rows], chips=chips, total=found.total,
            page=wanted.page, pages=found.pages, filters=_filters(wanted), box=wanted.box,
            is_chosen=bool(wanted.chosen) or wanted.away, away=wanted.away, register=url_for("ClueView.list"),
        )  # fmt: skip


def _asked() -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    box = next((box for box in Box if box.value == request.args.get("box")), Box.MINE)
    chosen = {}
    for name, kind in FILTERS.items():
        member = next((one for one in kind if one.value == request.args.get(name)), None)
        if member is not None:
            chosen[name] = member
    page = whole_number(request.args.get("page", ""), _LONGEST_PAGE, otherwise=1)
    return Wanted(box, chosen, page, away=request.args.get("away") == "1")


def _link(wanted: Wanted, **changes: str) -> str:
    chosen = {name: one.value for name, one in dict(wanted.chosen).items()}
    values: dict[str, Any] = {"box": wanted.box.value, "away": "1" if wanted.away else "", **chosen, **changes}
    return url_for("ClueInbox.index", **{name: value for name, value in values.items() if value})


def _filters(wanted: Wanted) -> list[dict[str, Any]]:
    chosen = dict(wanted.chosen)
    return [
        {"name": name, "label": COLUMNS[name],
         "options": [(one.value, _(LABELS[kind][one]), chosen.get(name) is one) for one in kind]}
        for name, kind in FILTERS.items()
    ]  # fmt: skip


def _row(clue: Clue) -> dict[str, Any]:
    state, tone = CLUE_STATE[clue.state]
    return {
        "href": url_for("CluePage.index", clue_id=clue.id), "kind": _(label_of(clue.kind)), "clue": clue,
        "household": cells.household_cell(clue.household_id), "state": (state, tone),
        "urgency": URGENCY[clue.urgency] if clue.urgency is not Urgency.NORMAL else None,
        "limit": words.limit_badge(clue), "source": words.source_words(clue),
        "who": clue.assignee.get_full_name() if clue.assignee is not None else "",
    }  # fmt: skip
