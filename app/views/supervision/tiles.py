"""What supervision has to say on the page "Today"."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app.domain.supervision.words import IssueState
from app.queries.supervision.issues import OVERDUE, Filter, count_by_state


def supervision_tiles() -> list[tuple[Any, ...]]:
    """(label, count, address of its list, note, tone, icon), for those who may open the list."""
    manager: Any = current_app.extensions["appbuilder"].sm
    if not manager.has_access("can_list", "Issues"):
        return []
    counts = count_by_state(Filter())
    tiles: list[tuple[Any, ...]] = [(_("Issues past their deadline"), counts[OVERDUE],
                                     url_for("Issues.index", state=OVERDUE), "", "danger",
                                     "exclamation-diamond")]  # fmt: skip
    if manager.has_access("can_recheck", "Issues"):
        waiting = IssueState.RECTIFIED.value
        tiles.append((_("Issues to be checked again"), counts.get(waiting, 0), url_for("Issues.index", state=waiting),
                      "", "info", "search"))  # fmt: skip
    return tiles
