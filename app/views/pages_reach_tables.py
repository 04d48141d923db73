"""Rows and cells of the response-rate pages: each figure with the link to its own rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.domain.dispositions import rates
from app.domain.enums import Disposition, VisitChannel
from app.domain.labels import label_of
from app.domain.quarters import Quarter
from app.queries.reach import ContactFilter, Counts, UnitRow, UnitTable
from app.queries.reach_calls import (
    UNKNOWN_HOUR,
    CallFilter,
    CallGroup,
    CallResult,
    Direction,
    Results,
    fold,
)
from app.queries.reach_lists import CallLine, ContactLine
from app.views import pages_reach_filters as filters
from app.views.columns import ATTEMPT_STATE, CONTACT_STATE, DISPOSITION
from app.views.dates import moment
from app.views.pages_reach_words import (
    RESULT_TONES,
    RESULTS,
    Link,
    linked,
    number,
    percent,
    result_cells,
    share,
    unit_label,
)

_SHOWN = (Disposition.PENDING, Disposition.ANSWERED, Disposition.SILENT, Disposition.REFUSED, Disposition.WRONG_PERSON,
          Disposition.UNREACHABLE, Disposition.OPTED_OUT)  # fmt: skip


def reach_kpis(counts: Counts, link: Link) -> list[dict[str, Any]]:
    figures = rates(counts)
    parts = (
        (_("Due for a check-in"), figures.due, {"is_due": True}, "people", "neutral",
         _("%(count)s more are not due", count=number(counts[Disposition.NOT_DUE]))),
        (_("Reached"), figures.reached, {"disposition": Disposition.REACHED}, "check-circle", "success",
         _("%(share)s of those due", share=share(figures.reached, figures.due))),
        (_("In progress"), counts[Disposition.PENDING], {"disposition": Disposition.PENDING}, "hourglass-split", "info",
         _("%(share)s of those due", share=share(counts[Disposition.PENDING], figures.due))),
        (_("Unreachable"), counts[Disposition.UNREACHABLE], {"disposition": Disposition.UNREACHABLE}, "telephone-x",
         "danger", _("%(share)s of those due", share=share(counts[Disposition.UNREACHABLE], figures.due))),
    )  # fmt: skip
    return [
        {"label": label, "value": number(value), "href": link(**changes), "icon": icon, "tone": tone, "note": note}
        for label, value, changes, icon, tone, note in parts
    ]


def unit_columns(*, with_earlier: bool = True) -> list[dict[str, Any]]:
    earlier = [{"key": "earlier", "label": _("Last quarter")}] if with_earlier else []
    return [
        {"key": "unit", "label": _("Unit")},
        {"key": "due", "label": _("Due")},
        {"key": "reached", "label": _("Reached")},
        {"key": "rate", "label": _("Reached of those due")},
        *earlier,
        *({"key": one.value, "label": _(label_of(one))} for one in _SHOWN),
    ]


def unit_rows(table: UnitTable, earlier: UnitTable, quarter: Quarter, chosen: ContactFilter) -> dict[str, Any]:
    """The table of units: drill-down in the first column, last quarter's rate beside this one's."""
    old = {row.unit: row.rates.reach_rate for row in earlier.rows}

    def cells(row: UnitRow, narrowed: dict[str, Any], before: float | None) -> dict[str, Any]:
        def link(**changes: Any) -> str:
            args = filters.contact_args(chosen, **narrowed, **changes)
            return url_for("Reach.households", quarter=str(quarter), **args)

        shown = {"value": "—" if before is None else f"{percent(before)}%"}
        return unit_cells(row.counts, link) | {"earlier": shown}

    rows = []
    for row in table.used:
        narrowed = narrowed_to(row)
        first: dict[str, Any] = {"value": unit_label(row.unit)}
        if row.unit is not None:
            first["href"] = url_for("Reach.index", quarter=str(quarter), node=row.unit.id)
        rows.append({"unit": first} | cells(row, narrowed, old.get(row.unit)))
    whole = UnitRow(None, table.total)
    total = {"unit": {"value": _("Total")}} | cells(whole, {}, rates(earlier.total).reach_rate)
    return {"columns": unit_columns(), "rows": rows, "total": total, "unused": unused_words(table)}


def narrowed_to(row: UnitRow) -> dict[str, Any]:
    """What narrows the filter of a whole table to one of its lines."""
    return {"unit": row.unit} if row.unit is not None else {"is_direct": True}


def unused_words(table: UnitTable) -> str:
    """Units without a single household are counted in a line of their own, not listed."""
    unused = len(table.rows) - len(table.used)
    return str(_("%(count)s further units have no households in this check-in.", count=unused)) if unused else ""


def unit_cells(counts: Counts, link: Link) -> dict[str, Any]:
    figures = rates(counts)
    cells: dict[str, Any] = {
        "due": linked(figures.due, link(is_due=True)),
        "reached": linked(figures.reached, link(disposition=Disposition.REACHED)),
        "rate": {"percent": percent(figures.reach_rate), "tone": "success"},
    }
    return cells | {one.value: linked(counts[one], link(disposition=one)) for one in _SHOWN}


def channel_rows(counts: dict[str, int], link: Link) -> list[dict[str, Any]]:
    """How the reached households were reached; sums to all reached."""
    total = sum(counts.values())
    return [
        {"channel": channel_label(channel), "count": linked(count, link(through=channel)), "share": share(count, total)}
        for channel, count in counts.items()
    ]


def channel_label(channel: str) -> str:
    return str(_(label_of(VisitChannel(channel))) if channel else _("Not noted"))


# ---------------------------------------------------------------- tables of calls


def _call_columns(first: str, groups: list[CallGroup]) -> list[dict[str, Any]]:
    """A result that occurs nowhere gets no column, apart from those every reader looks for."""
    always = {CallResult.CHECKED_IN, CallResult.PICKED_UP, CallResult.NOT_PICKED_UP}
    seen = {group.result for group in groups} | always
    return [
        {"key": "first", "label": first},
        {"key": "calls", "label": _("Calls")},
        {"key": CallResult.CHECKED_IN.value, "label": RESULTS[CallResult.CHECKED_IN]},
        {"key": "rate", "label": _("Done of those made")},
        *({"key": one.value, "label": RESULTS[one]} for one in CallResult if one in seen - {CallResult.CHECKED_IN}),
    ]


def _table(first: str, groups: list[CallGroup], lines: list[tuple[str, Results, Link]], whole: Link) -> dict[str, Any]:
    total = fold(groups, lambda group: 0).get(0, dict.fromkeys(CallResult, 0))
    return {
        "columns": _call_columns(first, groups),
        "rows": [{"first": label, **result_cells(results, link)} for label, results, link in lines],
        "total": {"first": _("Total"), **result_cells(total, whole)},
        "figures": [(label, results) for label, results, _link in lines],
    }


def _narrowed(link: Link, **fixed: Any) -> Link:
    return lambda **changes: link(**fixed, **changes)


def by_attempt(groups: list[CallGroup], link: Link) -> dict[str, Any]:
    own = [group for group in groups if group.is_checkin_call]
    calls = {"channel": "voice", "direction": Direction.OUT}
    lines = [
        (_("Call %(number)s", number=key), results, _narrowed(link, number=key, **calls))
        for key, results in fold(own, lambda group: group.number).items()
    ]
    return _table(_("Attempt"), own, lines, _narrowed(link, **calls))


def by_hour(groups: list[CallGroup], link: Link) -> dict[str, Any]:
    own = [group for group in groups if group.is_checkin_call]
    calls = {"channel": "voice", "direction": Direction.OUT}
    lines = [
        (hour_label(key), results, _narrowed(link, hour=key, **calls))
        for key, results in fold(own, lambda group: group.hour).items()
    ]
    return _table(_("Hour of day"), own, lines, _narrowed(link, **calls))


def by_line(groups: list[CallGroup], link: Link) -> dict[str, Any]:
    lines = [
        (line_label(*key), results, _narrowed(link, carrier=key[0], channel=key[1], direction=key[2]))
        for key, results in fold(groups, lambda group: (group.carrier, group.channel, group.direction)).items()
    ]
    return _table(_("Line"), groups, lines, link)


CALL_TABLES: dict[str, Callable[[list[CallGroup], Link], dict[str, Any]]] = {
    "attempt": by_attempt, "hour": by_hour, "line": by_line,
}  # fmt: skip


def hour_label(hour: int) -> str:
    return str(_("Not noted")) if hour == UNKNOWN_HOUR else f"{hour:02d}:00–{hour:02d}:59"


def carrier_label(carrier: str) -> str:
    known = {"simulator": _("Simulator"), "twilio": "Twilio", "human": _("Dialled by the grid worker")}
    return str(known.get(carrier, carrier))


def line_label(carrier: str, channel: str, direction: Direction) -> str:
    kinds = {
        ("voice", Direction.OUT): _("calls"), ("voice", Direction.IN): _("calls received"),
        ("sms", Direction.OUT): _("texts"), ("sms", Direction.IN): _("texts received"),
    }  # fmt: skip
    return f"{carrier_label(carrier)} · {kinds[channel, direction]}"


# ---------------------------------------------------------------- lists


def contact_line(line: ContactLine) -> dict[str, Any]:
    return {
        "name": line.name, "code": line.code, "place": line.place, "attempts": line.attempts,
        "href": url_for("HouseholdFile.index", household_id=line.household_id),
        "disposition": DISPOSITION[line.disposition], "state": CONTACT_STATE[line.state],
        "exclusion": _(label_of(line.exclusion)) if line.exclusion else "",
        "through": channel_label(line.through) if line.through else "",
        "next_at": moment(line.next_at),
        "closed_at": moment(line.closed_at),
    }  # fmt: skip


def call_line(line: CallLine) -> dict[str, Any]:
    attempt = line.attempt
    direction = Direction.IN if attempt.is_inbound else Direction.OUT
    outcome = _(label_of(attempt.outcome)) if attempt.outcome else ""
    return {
        "name": line.household, "place": line.place, "href": url_for("Campaigns.call", attempt_id=attempt.id),
        "at": moment(attempt.submitted_at or attempt.claimed_at), "number": attempt.number,
        "line": line_label(attempt.carrier, attempt.channel, direction),
        "result": (outcome, RESULT_TONES[line.result]) if outcome else ATTEMPT_STATE[attempt.state],
        "seconds": attempt.duration_s if attempt.ended_at else None,
    }  # fmt: skip


def contact_conditions(chosen: ContactFilter) -> list[str]:
    """The filter in words, for the heading of a list."""
    found = [
        unit_label(chosen.unit) if chosen.unit else "",
        _("Directly here, in no unit below") if chosen.is_direct else "",
        _("Due for a check-in") if chosen.is_due else "",
        _("Will be called") if chosen.is_called else "",
        _(label_of(chosen.disposition)) if chosen.disposition else "",
        _(label_of(chosen.state)) if chosen.state else "",
        _(label_of(chosen.exclusion)) if chosen.exclusion else "",
        "" if chosen.through is None else _("Reached through: %(channel)s", channel=channel_label(chosen.through)),
        _("Due by %(time)s", time=moment(chosen.due_by)) if chosen.due_by else "",
        _("Waiting for an attempt") if chosen.is_waiting else "",
    ]
    return [one for one in found if one]


def call_conditions(chosen: CallFilter) -> list[str]:
    channels = {"voice": _("Calls"), "sms": _("Text messages")}
    directions = {Direction.OUT: _("Made by us"), Direction.IN: _("Household called in")}
    found = [
        unit_label(chosen.unit) if chosen.unit else "",
        carrier_label(chosen.carrier) if chosen.carrier else "",
        channels[chosen.channel] if chosen.channel else "",
        directions[chosen.direction] if chosen.direction else "",
        "" if chosen.number is None else _("Call %(number)s", number=chosen.number),
        "" if chosen.hour is None else hour_label(chosen.hour),
        str(RESULTS[chosen.result]) if chosen.result else "",
        _(label_of(chosen.state)) if chosen.state else "",
        _("Under way now") if chosen.is_live else "",
        _("After %(time)s", time=moment(chosen.since)) if chosen.since else "",
        _("Until %(time)s", time=moment(chosen.until)) if chosen.until else "",
    ]
    return [one for one in found if one]
