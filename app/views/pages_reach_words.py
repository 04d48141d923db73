"""Figures in words and tables: counts with their links, shares with their denominators, differences in points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.dispositions import rates
from app.domain.enums import Disposition
from app.domain.labels import label_of
from app.queries.reach import Counts, Unit
from app.queries.reach_calls import CallResult, Results

Link = Callable[..., str]
TONES = {
    Disposition.REACHED: "success", Disposition.ANSWERED: "info", Disposition.SILENT: "warning",
    Disposition.REFUSED: "warning", Disposition.WRONG_PERSON: "warning", Disposition.UNREACHABLE: "danger",
    Disposition.OPTED_OUT: "neutral", Disposition.NOT_DUE: "neutral", Disposition.PENDING: "neutral",
}  # fmt: skip
MEANINGS = {
    Disposition.REACHED: _l("Identity confirmed and at least one question answered, on any channel"),
    Disposition.ANSWERED: _l("Somebody answered, but the check-in was not completed"),
    Disposition.SILENT: _l("Picked up and heard nothing. Silent is not fine"),
    Disposition.REFUSED: _l("Hung up before saying who they are, or said no"),
    Disposition.WRONG_PERSON: _l("The number belongs to somebody else"),
    Disposition.UNREACHABLE: _l("Never picked up, or there is no usable number"),
    Disposition.OPTED_OUT: _l("Asked not to be called; to be visited instead"),
    Disposition.PENDING: _l("Still to be called, or between two attempts"),
    Disposition.NOT_DUE: _l("Not long absent, contacted already, or to be visited; not in the denominator"),
}
RESULTS = {
    CallResult.CHECKED_IN: _l("Check-in done"),
    CallResult.PICKED_UP: _l("Picked up, not done"),
    CallResult.NOT_PICKED_UP: _l("Not picked up"),
    CallResult.OUT_OF_SERVICE: _l("Number off or invalid"),
    CallResult.FAILED: _l("Carrier failed"),
    CallResult.DELIVERED: _l("Text delivered"),
    CallResult.NO_RESULT: _l("No result yet"),
}
RESULT_TONES = {
    CallResult.CHECKED_IN: "success", CallResult.PICKED_UP: "info", CallResult.NOT_PICKED_UP: "warning",
    CallResult.OUT_OF_SERVICE: "danger", CallResult.FAILED: "danger", CallResult.DELIVERED: "info",
    CallResult.NO_RESULT: "neutral",
}  # fmt: skip


def number(value: int) -> str:
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """'56.0%', or a dash when there is no denominator."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)


def sentence(counts: Counts) -> str:
    """'应联系 1,630 户，已联系 912 户，56.0%'."""
    figures = rates(counts)
    if not figures.due:
        return str(_("No household is due for a check-in here."))
    words = {"due": number(figures.due), "reached": number(figures.reached)}
    words["share"] = share(figures.reached, figures.due)
    return str(_("Due: %(due)s households; reached: %(reached)s, %(share)s.", **words))


def difference(now: Counts, before: Counts) -> str:
    """Against the quarter before, in percentage points; '' when either has no denominator."""
    new, old = rates(now).reach_rate, rates(before).reach_rate
    if new is None or old is None:
        return ""
    points = round(100 * new, 1) - round(100 * old, 1)
    words = {"share": f"{100 * old:.1f}%", "points": f"{abs(points):.1f}"}
    if abs(points) < 0.05:
        return str(_("Last quarter %(share)s: unchanged.", **words))
    if points > 0:
        return str(_("Last quarter %(share)s: %(points)s percentage points more now.", **words))
    return str(_("Last quarter %(share)s: %(points)s percentage points less now.", **words))


def disposition_rows(counts: Counts, link: Link) -> list[dict[str, Any]]:
    """Every disposition with count, share of those due and link: `link(disposition=…)` → address."""
    due = rates(counts).due
    return [
        {
            "label": _(label_of(one)),
            "meaning": MEANINGS[one],
            "tone": TONES[one],
            "value": counts[one],
            "href": link(disposition=one),
            "share": "—" if one is Disposition.NOT_DUE else share(counts[one], due),
        }
        for one in MEANINGS
    ]


def bar_parts(counts: Counts, link: Link) -> list[dict[str, Any]]:
    """The due households as parts of one bar; together they are all of them."""
    rows = zip(MEANINGS, disposition_rows(counts, link), strict=True)
    return [row for one, row in rows if one is not Disposition.NOT_DUE]


def unit_label(unit: Unit | None) -> str:
    return unit.name if unit is not None else str(_("Directly here, in no unit below"))


def result_cells(results: Results, link: Link) -> dict[str, Any]:
    """Cells of ui.stat_table for one line of a table of calls."""
    total = sum(results.values())
    cells: dict[str, Any] = {"calls": linked(total, link())}
    for result, count in results.items():
        cells[result.value] = linked(count, link(result=result))
    done = results[CallResult.CHECKED_IN]
    cells["rate"] = {"percent": 100 * done / total if total else None, "tone": "success"}
    return cells


def linked(value: int, href: str) -> dict[str, Any]:
    """A figure that opens its list; nothing lies behind a zero."""
    return {"value": number(value), "href": href} if value else {"value": "0"}
