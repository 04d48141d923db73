"""Why somebody, or nobody, is being called just now: one plain sentence and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.domain.enums import CampaignState
from app.domain.quarters import CHINA, Quarter
from app.domain.retries import CalleeTimes
from app.models import Campaign
from app.queries import reach_live
from app.queries.reach_live import Line, Pulse
from app.services import carriers, pacing, routes
from app.services.policies import Policy, policy_of
from app.views import dates

_SILENCE = timedelta(seconds=60)  # wall time without a sign of life from the scheduler


@dataclass(frozen=True, slots=True)
class Explanation:
    """`tone` as in macros/ui.html. `is_calling`: calls are under way or about to be."""

    title: str
    text: str
    tone: str = "info"
    is_calling: bool = False


def explain(campaign: Campaign, pulse: Pulse, lines: list[Line]) -> Explanation:
    """The first reason that applies, from the campaign's state down to the lines."""
    if campaign.state is not CampaignState.RUNNING:
        return _not_running(campaign)
    if pulse.live_total:
        return _calling(pulse, lines)
    if not pulse.waiting:
        return Explanation(_("Nobody is waiting for a call any more."),
                           _("Every household has its result. The campaign can be closed."), "success")  # fmt: skip
    return _no_line() or _closed_window(policy_of(campaign), pulse.at) or _nothing_due(pulse) or _nobody_works(pulse)


def _not_running(campaign: Campaign) -> Explanation:
    quarter = Quarter.parse(campaign.quarter)
    first, last = dates.civil(quarter.first_on), dates.civil(quarter.last_on)
    said = {
        CampaignState.DRAFT: (_("Not planned yet."), _("Plan it to see who would be called and who would not.")),
        CampaignState.PLANNED: (
            _("Planned, not launched: nobody is called."),
            _("It can be launched from %(first)s to %(last)s.", first=first, last=last),
        ),
        CampaignState.PAUSED: (
            _("Paused: nobody new is called."),
            _("Calls that were already with the carrier end by themselves. Resume to go on."),
        ),
        CampaignState.CLOSED: (
            _("Closed: nobody is called."),
            _("Households that were not reached are on the grid workers' task lists."),
        ),
    }
    title, text = said[campaign.state]
    return Explanation(title, text, "warning" if campaign.state is CampaignState.PAUSED else "neutral")


def _calling(pulse: Pulse, lines: list[Line]) -> Explanation:
    full = [line for line in lines if line.live >= line.concurrent_calls]
    title = _("%(count)s calls are under way.", count=pulse.live_total)
    text = _("All lines are taken; the next call begins when one ends.") if full else ""
    return Explanation(title, text, "success", is_calling=True)


def _no_line() -> Explanation | None:
    given = reach_live.list_voice_carriers() & set(carriers.names())
    if not given:
        todo = _("Add one under “Lines”, or give the calls to the grid workers there.")
        return Explanation(_("No line is set up for calls."), todo, "danger")
    if given <= {routes.HUMAN}:
        return Explanation(_("All numbers are dialled by the grid workers."),
                           _("The households are on their task lists; nothing is called automatically."))  # fmt: skip
    return None


def _closed_window(policy: Policy, now: datetime) -> Explanation | None:
    times = CalleeTimes(CHINA, policy.windows)
    if policy.closing_of(times, now) is not None:
        return None
    opens_at = policy.opening_for(times, now)
    if opens_at is None:
        return Explanation(_("No calling hours in the next 30 days."),
                           _("Check the calling hours and the blocked days of this campaign."), "danger")  # fmt: skip
    return Explanation(
        _("Outside calling hours until %(time)s.", time=dates.weekday_moment(opens_at)),
        _("Households with hours of their own, or abroad, may be called at other times."),
    )


def _nothing_due(pulse: Pulse) -> Explanation | None:
    if pulse.due or pulse.next_at is None:
        return None
    return Explanation(
        _("Nobody is due before %(time)s.", time=dates.weekday_moment(pulse.next_at)),
        _("%(count)s households wait for their next attempt, on another day or at another time of day.",
          count=f"{pulse.waiting:,}"),
    )  # fmt: skip


def _nobody_works(pulse: Pulse) -> Explanation:
    seen = reach_live.find_last_dispatch()
    if seen is None or pulse.at - seen > pacing.clock_rate() * _SILENCE:
        return Explanation(
            _("%(count)s households are due, but the background worker gives no sign of life.",
              count=f"{pulse.due:,}"),
            _("Ask the person who runs the server: the worker or the scheduler has stopped."), "danger",
        )  # fmt: skip
    return Explanation(_("%(count)s households are due and about to be called.", count=f"{pulse.due:,}"),
                       _("Calls begin within seconds, as the lines allow."), "success", is_calling=True)  # fmt: skip


def windows_words(policy: Policy) -> list[tuple[str, str]]:
    """The calling hours as label and text."""
    windows = policy.windows

    def spans(many: Any) -> str:
        return ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in many) or str(_("no calls"))

    days = [
        (_("Working days"), spans(windows.workday)),
        (_("Weekends"), spans(windows.rest_day)),
        (_("Public holidays"), spans(windows.rest_day) if windows.holiday_calls else _("no calls")),
    ]
    if windows.festivals_blocked:
        days.append((_("Spring Festival and Qingming"), _("no calls")))
    if windows.blocked:
        days.append((_("Blocked days"), ", ".join(dates.civil(day) for day in sorted(windows.blocked))))
    return days
