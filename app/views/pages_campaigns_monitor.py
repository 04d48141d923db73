"""What the campaign pages show: the plan's reasons, the state of this moment, figures and how it is conducted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.dispositions import rates
from app.domain.enums import AttemptState, CampaignState, Disposition, ExclusionReason
from app.domain.labels import label_of
from app.domain.quarters import Quarter
from app.extensions import clock, db
from app.models import Campaign
from app.queries import campaigns as figures
from app.queries import reach, reach_live
from app.queries.reach import ContactFilter, UnitTable
from app.queries.reach_calls import CallFilter
from app.queries.reach_lists import page_of_calls
from app.queries.reach_live import Pulse, list_lines
from app.services.policies import policy_of
from app.views import dates
from app.views import pages_reach_filters as filters
from app.views import pages_reach_words as words
from app.views.columns import CAMPAIGN_STATE
from app.views.pages_campaigns_explain import explain, windows_words
from app.views.pages_reach_tables import (
    call_line,
    carrier_label,
    narrowed_to,
    unit_cells,
    unit_columns,
    unused_words,
)

__all__ = ["acts_of", "conduct", "crumbs", "elsewhere", "line_rows", "list_lines", "live", "preview", "status",
           "summary", "tabs"]  # fmt: skip
_LIVE_SHOWN = 10
_LIVE_STATES = (AttemptState.INTENT, AttemptState.DISPATCHED, AttemptState.RINGING, AttemptState.IN_DIALOGUE,
                AttemptState.UNKNOWN)  # fmt: skip
REASONS = {
    ExclusionReason.ALREADY_CONTACTED: _l("Somebody has spoken with them this quarter; the duty is done."),
    ExclusionReason.OPTED_OUT: _l("All their numbers asked not to be called. Their grid worker visits."),
    ExclusionReason.NO_NUMBER: _l("No number that works. Their grid worker is asked to find one."),
    ExclusionReason.NOT_ABSENT: _l("Nobody of the household is long absent: visited as usual."),
    ExclusionReason.VISIT_ONLY: _l("Marked “visit, do not call” in the register. Their grid worker visits."),
    ExclusionReason.DECEASED_OR_MOVED: _l("No longer in the register of this unit."),
    ExclusionReason.IN_OTHER_CAMPAIGN: _l("Another campaign of the same quarter has them."),
}
_STATE = CampaignState
# act → states it is offered in; label, icon, kind of button, question
_ACTS: dict[str, tuple[tuple[CampaignState, ...], Any, str, str, Any]] = {
    "launch": ((_STATE.PLANNED,), _l("Launch"), "play-circle", "primary",
               _l("Launch the campaign? From now on households are called within the calling hours.")),
    "pause": ((_STATE.RUNNING,), _l("Pause"), "pause-circle", "primary",
              _l("Pause the campaign? Nobody new is called until you resume; calls under way end by themselves.")),
    "resume": ((_STATE.PAUSED,), _l("Resume"), "play-circle", "primary", _l("Resume the campaign? Calls go on.")),
    "close": ((_STATE.RUNNING, _STATE.PAUSED), _l("End the campaign"), "stop-circle", "outline-danger",
              _l("Close the campaign for good? Nobody is called any more, and households that were not reached go on "
                 "the grid workers' task lists. This cannot be undone.")),
    "discard": ((_STATE.PLANNED,), _l("Back to draft"), "arrow-counterclockwise", "outline-secondary",
                _l("Set the plan aside? The campaign becomes a draft again.")),
}  # fmt: skip


def acts_of(campaign: Campaign) -> list[dict[str, Any]]:
    """The buttons that make sense in the campaign's state."""
    return [
        {"act": act, "label": label, "icon": icon, "kind": kind, "confirm": question,
         "tone": "danger" if "danger" in kind else "",
         "href": url_for("Campaigns.act", campaign_id=campaign.id, act=act)}
        for act, (states, label, icon, kind, question) in _ACTS.items() if campaign.state in states
    ]  # fmt: skip


def crumbs(campaign: Campaign) -> list[dict[str, Any]]:
    return [{"label": _("Campaigns"), "href": url_for("Campaigns.index")},
            {"label": campaign.name, "href": url_for("Campaigns.monitor", campaign_id=campaign.id)}]  # fmt: skip


def tabs(campaign: Campaign, endpoint: str) -> list[dict[str, Any]]:
    pages = (("Campaigns.monitor", _("Monitor")), ("Campaigns.plan", _("Plan")))
    return [
        {"label": label, "href": url_for(page, campaign_id=campaign.id), "active": page == endpoint}
        for page, label in pages
        if campaign.planned_at is not None or page == "Campaigns.plan"
    ]


def summary(campaign: Campaign) -> dict[str, Any]:
    """One line of the list of campaigns."""
    counts = reach.unit_table(ContactFilter((campaign.id,))).total
    share = rates(counts)
    return {
        "name": campaign.name, "href": url_for("Campaigns.monitor", campaign_id=campaign.id),
        "quarter": dates.quarter(campaign.quarter), "area": reach.unit_of_campaign(campaign).name,
        "state": CAMPAIGN_STATE[campaign.state], "due": words.number(share.due), "reached": words.number(share.reached),
        "rate": words.percent(share.reach_rate),
        "launched_at": dates.moment(campaign.launched_at),
    }  # fmt: skip


# ---------------------------------------------------------------- the plan


def elsewhere(campaign: Campaign) -> ContactFilter:
    """Contacts of this quarter in the campaign's area that belong to other campaigns."""
    others = tuple(one for one in reach.list_campaign_ids(campaign.quarter) if one != campaign.id)
    return ContactFilter(others, reach.unit_of_campaign(campaign))


def preview(campaign: Campaign) -> dict[str, Any]:
    """Who will be called, and every reason why others are not; together all households of the area."""
    chosen = ContactFilter((campaign.id,))
    link = _link(chosen, campaign)
    reasons = reach.count_exclusions(chosen)
    called = reasons.pop(None, 0)
    others = elsewhere(campaign)
    in_others = reach.count_contacts(others) if others.campaign_ids else 0
    lines = [
        {"label": _(label_of(reason)), "why": REASONS[reason], "count": words.linked(reasons[reason],
                                                                                   link(exclusion=reason))}
        for reason in ExclusionReason if reasons.get(reason)
    ]  # fmt: skip
    if in_others:
        href = url_for("Campaigns.elsewhere", campaign_id=campaign.id)
        reason = ExclusionReason.IN_OTHER_CAMPAIGN
        count = words.linked(in_others, href)
        lines.append({"label": _(label_of(reason)), "why": REASONS[reason], "count": count})
    not_called = sum(reasons[key] for key in reasons if key is not None) + in_others
    return {
        "called": words.linked(called, link(is_called=True)), "reasons": lines, "not_called": words.number(not_called),
        "total": words.number(called + not_called), "share": words.share(called, called + not_called),
        "is_present": Quarter.parse(campaign.quarter) == Quarter.at(clock.now()),
        "units": _called_by_unit(campaign, chosen) if campaign.planned_at is not None else None,
        "planned_at": dates.moment(campaign.planned_at),
    }  # fmt: skip


def _called_by_unit(campaign: Campaign, chosen: ContactFilter) -> dict[str, Any]:
    narrowed = ContactFilter(chosen.campaign_ids, _visible_unit(campaign), is_called=True)
    table = reach.unit_table(narrowed)
    link = _link(narrowed, campaign)
    rows = []
    for row in table.used:
        called = words.linked(sum(row.counts.values()), link(**narrowed_to(row)))
        rows.append({"unit": words.unit_label(row.unit), "called": called})
    total = {"unit": _("Total"), "called": words.linked(sum(table.total.values()), link())}
    columns = [{"key": "unit", "label": _("Unit")}, {"key": "called", "label": _("Will be called")}]
    return {"columns": columns, "rows": rows, "total": total}


# ---------------------------------------------------------------- this moment


def live(campaign: Campaign) -> dict[str, Any]:
    """Everything that moves. Dispositions, units and their total come from one statement, so they always add up."""
    now = clock.now()
    chosen = ContactFilter((campaign.id,), _visible_unit(campaign))
    table = reach.unit_table(chosen)
    pulse = reach_live.pulse(campaign.id, now)
    link = _link(ContactFilter((campaign.id,)), campaign)
    total = table.total
    return {
        "explanation": explain(campaign, pulse, list_lines()),
        "sentence": words.sentence(total),
        "bar": words.bar_parts(total, link),
        "dispositions": words.disposition_rows(total, link),
        "total": words.linked(sum(total.values()), link()),
        "due": words.linked(rates(total).due, link(is_due=True)),
        "kpis": _kpis(campaign, pulse, link),
        "now_calling": _now_calling(campaign, pulse),
        "units": _units(campaign, chosen, table),
        "spend": _spend(campaign),
        "as_of": dates.moment(now),
    }


def status(campaign: Campaign) -> dict[str, Any]:
    counts = reach.unit_table(ContactFilter((campaign.id,), _visible_unit(campaign))).total
    pulse = reach_live.pulse(campaign.id, clock.now())
    return {
        "state": campaign.state.value, "quarter": campaign.quarter, "total": sum(counts.values()),
        "counts": {disposition.value: counts[disposition] for disposition in Disposition},
        "live": pulse.live_total, "due": pulse.due,
        "next_at": pulse.next_at.isoformat() if pulse.next_at else None, "at": pulse.at.isoformat(),
    }  # fmt: skip


def _kpis(campaign: Campaign, pulse: Pulse, link: words.Link) -> list[dict[str, Any]]:
    lately = reach_live.calls_lately(campaign.id, pulse.at)
    calls = url_for("Campaigns.calls", campaign_id=campaign.id, **filters.call_args(lately))
    live_now = url_for("Campaigns.calls", campaign_id=campaign.id, live=1)
    soon = _("none planned") if pulse.next_at is None else _("next: %(time)s", time=dates.weekday_moment(pulse.next_at))
    return [
        {"label": _("Calls under way"), "value": words.number(pulse.live_total), "icon": "telephone-outbound",
         "href": live_now if pulse.live_total else "", "note": _live_note(pulse)},
        {"label": _("Calls in 5 minutes"), "value": words.number(pulse.lately), "icon": "clock-history",
         "href": calls if pulse.lately else "",
         "note": _("%(count)s a minute", count=f"{pulse.per_minute:.1f}")},
        {"label": _("Due now"), "value": words.number(pulse.due), "icon": "hourglass-split",
         "href": link(due_by=pulse.at) if pulse.due else "", "note": soon},
        {"label": _("Waiting for an attempt"), "value": words.number(pulse.waiting), "icon": "calendar-event",
         "href": link(is_waiting=True) if pulse.waiting else "",
         "note": _("those due now included")},
    ]  # fmt: skip


def _live_note(pulse: Pulse) -> str:
    parts = [f"{_(label_of(state))} {pulse.live[state]}" for state in _LIVE_STATES if pulse.live.get(state)]
    return str(_(" · ").join(parts))


def _now_calling(campaign: Campaign, pulse: Pulse) -> list[dict[str, Any]]:
    if not pulse.live_total:
        return []
    page = page_of_calls(CallFilter((campaign.id,), is_live=True), 1)
    return [call_line(line) for line in page.lines[:_LIVE_SHOWN]]


def _units(campaign: Campaign, chosen: ContactFilter, table: UnitTable) -> dict[str, Any] | None:
    if not table.has_units:
        return None
    link = _link(chosen, campaign)
    rows = []
    for row in table.used:
        cells = unit_cells(row.counts, _fixed(link, narrowed_to(row)))
        rows.append({"unit": words.unit_label(row.unit)} | cells)
    total = {"unit": _("Total")} | unit_cells(table.total, link)
    return {"columns": unit_columns(with_earlier=False), "rows": rows, "total": total,
            "unused": unused_words(table)}  # fmt: skip


def _fixed(link: words.Link, narrowed: dict[str, Any]) -> words.Link:
    return lambda **changes: link(**narrowed, **changes)


def _spend(campaign: Campaign) -> list[tuple[str, str]]:
    found = figures.spend(db.session, campaign.id)
    known = _("price known for %(count)s of them", count=words.number(found.priced))
    calls = {"calls": words.number(found.calls), "rung": words.number(found.rung)}
    each = "—" if found.per_reached is None else f"{found.per_reached:.3f}"
    return [
        (_("Calls made"), _("%(calls)s, rung: %(rung)s", **calls)),
        (_("Billed minutes"), words.number(found.minutes)),
        (_("Texts sent"), _("%(texts)s in %(segments)s parts", texts=words.number(found.texts),
                            segments=words.number(found.segments))),
        (_("Money, in the account's currency"), f"{found.price:,.2f} ({known})"),
        (_("Money per household reached"), each),
    ]  # fmt: skip


# ---------------------------------------------------------------- how it is conducted


def conduct(campaign: Campaign) -> dict[str, Any]:
    """Calling hours and rules, as they were fixed for this campaign."""
    policy = policy_of(campaign)
    retry = policy.retry
    yes_no = {True: _("Yes"), False: _("No")}
    return {
        "windows": windows_words(policy),
        "rules": [
            (_("Most calls that ring, per household"), retry.max_attempts),
            (_("Least time between two calls"), _("%(count)s minutes", count=retry.min_spacing_minutes)),
            (_("Text before the first call"), yes_no[policy.notice]),
            (_("Text with reply codes"), yes_no[policy.fallback]),
            (_("Dialogue"), f"{campaign.script_code} v{campaign.script_version}"),
        ],
    }


def line_rows() -> list[dict[str, Any]]:
    """The lines' limits and how many calls are on each."""
    return [{"label": carrier_label(line.carrier), "line": line} for line in list_lines()]


def _visible_unit(campaign: Campaign) -> reach.Unit | None:
    """The campaign's area when the reader serves all of it; None: the reader's own units inside it."""
    return reach.find_unit(campaign.node_id)


def _link(chosen: ContactFilter, campaign: Campaign) -> Callable[..., str]:
    def link(**changes: Any) -> str:
        return url_for("Campaigns.contacts", campaign_id=campaign.id, **filters.contact_args(chosen, **changes))

    return link
