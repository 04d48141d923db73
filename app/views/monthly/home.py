"""What the page of the day says of the month: what one's own units owe, and what was resolved."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.extensions import db
from app.queries.meetings.resolutions import Shelf, count_resolutions
from app.queries.meetings.units import own_units
from app.queries.monthly.calendar import list_open
from app.queries.scope import today

Tile = tuple[Any, int, str, Any, str, str]  # label, value, href, note, tone, icon


def month_tiles() -> list[Tile]:
    """Each number with the list of as many lines behind it."""
    day = today()
    due = len(list_open(db.session, own_units(db.session, day), day))
    counts = count_resolutions(db.session, day)
    return [
        (_("Reports and meetings due"), due, url_for("MonthPages.due"), _("of your own units"), "warning",
         "calendar-event"),
        (_("Resolutions overdue"), counts.overdue, url_for("ResolutionPages.index", shelf=Shelf.OVERDUE.value),
         _("of %(count)s to be done", count=f"{counts.to_do:,}"), "danger", "check2-square"),
        (_("Resolutions to be checked"), counts.to_check,
         url_for("ResolutionPages.index", shelf=Shelf.TO_CHECK.value), _("answered, not struck off yet"), "info",
         "clipboard-check"),
    ]  # fmt: skip
