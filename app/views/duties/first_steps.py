"""What to do first where no household is registered yet: shown above a page that would hold nothing but zeros."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.models import GridNode, GridWorker
from app.queries.scope import current_access

# (title, what it is for, endpoint, permission, view)
_STEPS: tuple[tuple[Any, Any, str, str, str], ...] = (
    (_l("Load the units"), _l("Townships, villages and groups; whoever runs the machine loads them by command."),
     "GridTreeView.index", "can_index", "GridTreeView"),
    (_l("Give people accounts"), _l("At least one person in each township, who sees to the rest."),
     "UsersView.index", "can_manage", "UsersView"),
    (_l("Import the roster of households"),
     _l("Download the template, fill it in and upload it; you see what will change before it is written."),
     "Imports.index", "can_write", "Imports"),
    (_l("Give each unit a grid worker"), _l("The list shows the units nobody serves yet."),
     "TodayPage.vacancies", "can_read", "TodayPage"),
    (_l("Plan the first campaign"), _l("Nobody is called before you launch it."),
     "Campaigns.index", "can_run", "Campaigns"),
)  # fmt: skip


def list_first_steps(vacancies: int) -> list[dict[str, Any]]:
    """[{title, words, href, is_done}] in their order; [] for those who may not import: they wait for their township.
    `vacancies`: units without a grid worker."""
    may = current_app.appbuilder.sm.has_access  # type: ignore[attr-defined]
    if not may("can_write", "Imports") or not may("can_run", "Campaigns"):
        return []
    has_units = _has(select(GridNode.id))
    done = (has_units, _has(select(GridWorker.id).where(GridWorker.user_id != current_access().user_id)), False,
            has_units and not vacancies, False)  # fmt: skip
    return [
        {"title": title, "words": words, "href": url_for(endpoint) if may(right, view) else "", "is_done": is_done}
        for (title, words, endpoint, right, view), is_done in zip(_STEPS, done, strict=True)
    ]


def greeting_of_nothing(steps: list[dict[str, Any]]) -> str:
    """Instead of "no household waits", which is true of an empty register and says the wrong thing."""
    if steps:
        return str(_("No household is registered yet."))
    return str(_("No household is registered in your area yet; the township or the county imports the roster."))


def _has(query: Any) -> bool:
    return db.session.scalar(query.limit(1)) is not None
