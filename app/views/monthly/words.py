"""What a month owes in words, with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.monthly import chain
from app.domain.monthly.words import DueKind
from app.queries.monthly.calendar import Due
from app.queries.monthly.figures import Figures
from app.queries.scope import today
from app.views import dates
from app.views.meetings.words import standing_words

ICONS = {DueKind.REPORT: "send", DueKind.MEETING: "chat-dots", DueKind.BULLETIN: "megaphone",
         DueKind.CLOSING: "lock", DueKind.RESOLUTION: "check2-square", DueKind.SWEEP: "clipboard-data"}  # fmt: skip


def month_of_request(default: date | None = None) -> date:
    """First day of `?month=2026-11`; 400 for what is none, or lies outside 2000–2099."""
    return month_of(request.args.get("month", ""), 400) or (default or today()).replace(day=1)


def month_of(text: str, status: int) -> date | None:
    """None for ""; aborts with `status` for what is no month."""
    if not text:
        return None
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(status)
    if not 2000 <= month.year <= 2099:
        abort(status)
    return month


def title_of(due: Due) -> str:
    """A report and a bulletin say of which month they tell."""
    title = due.title or str(_(label_of(due.kind)))
    return f"{title} · {dates.month(due.month)}" if due.month else title


def href_of(due: Due) -> str:
    """Where it is done, or seen once it is."""
    if due.kind is DueKind.MEETING:
        if due.done_id is not None:
            return url_for("MeetingRecord.index", meeting_id=due.done_id)
        return url_for("MeetingPages.index", node=due.unit.id)
    if due.kind is DueKind.RESOLUTION:
        return url_for("ResolutionPages.show", resolution_id=int(due.key))
    if due.kind is DueKind.SWEEP:
        return url_for("SweepPages.show", sweep_id=int(due.key))
    month = f"{due.month:%Y-%m}"
    if due.kind is DueKind.BULLETIN:
        return url_for("BulletinPages.index", node=due.unit.id, month=month)
    return report_url(due.unit.id, due.month)


def report_url(node_id: int, month: date | None) -> str:
    return url_for("ReportPages.show", node_id=node_id, month=f"{month:%Y-%m}")


def lines_of(found: Iterable[Due]) -> list[dict[str, Any]]:
    """For the lists of the calendar."""
    return [_line(due) for due in found]


def _line(due: Due) -> dict[str, Any]:
    words, tone = standing_words(due.standing)
    days = dates.civil(due.last_on)
    if due.first_on != due.last_on and due.kind is not DueKind.RESOLUTION:
        days = f"{dates.civil(due.first_on)} – {days}"
    return {"title": title_of(due), "unit": due.unit.name, "days": days, "words": words, "tone": tone,
            "href": href_of(due), "icon": ICONS[due.kind], "kind": _(label_of(due.kind)), "source": due.source,
            "last_on": due.last_on}  # fmt: skip


def around(month: date) -> tuple[str, str]:
    """(the month before, the month after) as `?month=` takes them."""
    return f"{chain.month_before(month):%Y-%m}", f"{chain.month_after(month):%Y-%m}"


def figure_rows(figures: Figures) -> list[tuple[str, str, str]]:
    """(name of the figure, its words, its value) in the order of the printed table."""
    words = figure_words()
    return [(name, words[name], f"{getattr(figures, name):,}") for name in words]


def figure_words() -> dict[str, str]:
    return {
        "households": str(_("Households")), "contacted": str(_("of these contacted")),
        "uncovered": str(_("not contacted")), "monitored": str(_("Monitored households")),
        "monitored_contacted": str(_("of the monitored contacted")), "visits": str(_("Visits and calls")),
        "clues": str(_("Clues")), "changes": str(_("Changes told")), "cases_opened": str(_("Cases opened")),
        "cases_closed": str(_("Cases closed")), "meetings": str(_("Meetings held")),
        "open_clues": str(_("Clues open today")), "open_cases": str(_("Cases open today")),
        "open_resolutions": str(_("Resolutions open today")), "overdue_resolutions": str(_("of these overdue")),
    }  # fmt: skip
