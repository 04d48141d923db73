"""A quarter's check-in from plan to end: who will be called and who not, start and stop, and what happens now."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import select

from app.domain.campaign_kinds import CHECKIN
from app.domain.enums import CampaignState
from app.domain.quarters import Quarter
from app.domain.transitions import InvalidTransition
from app.extensions import clock, db
from app.models import Attempt, Campaign, GridNode
from app.queries import reach
from app.queries.access import serves_whole
from app.queries.campaigns import find_campaign, of_kind
from app.queries.reach import ContactFilter
from app.queries.reach_lists import page_of_calls, page_of_contacts
from app.security.roles import COUNTY, READERS, STAFF
from app.services import campaign_policies, campaigns, pacing, planning
from app.views import dates, pages_campaigns_policy
from app.views import pages_campaigns_call as call_words
from app.views import pages_campaigns_monitor as monitoring
from app.views import pages_reach_filters as filters
from app.views import pages_reach_tables as tables
from app.views.columns import ATTEMPT_STATE, CAMPAIGN_STATE
from app.views.menu import CALLS, add_page
from app.views.pages_campaigns_forms import NewCampaignForm, PacingForm

# A large campaign is closed at once and settled by the workers: calls under way are not kept waiting for it.
_ACTS: dict[str, Any] = {"launch": campaigns.launch, "pause": campaigns.pause, "resume": campaigns.resume,
         "close": partial(campaigns.close, most=1), "discard": planning.discard_plan}  # fmt: skip
_DONE = {
    "launch": _l("Launched. Calls begin within the calling hours."),
    "pause": _l("Paused. Nobody new is called."),
    "resume": _l("Resumed. Calls go on."),
    "close": _l("Closed. Households that were not reached are on the grid workers' lists."),
    "discard": _l("The plan is set aside; the campaign is a draft again."),
}


class Campaigns(BaseView):
    """Permissions on Campaigns: can_read, can_run (make, plan, launch … close), can_pace (the lines' limits)."""

    route_base = "/campaigns"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_run": STAFF, "can_pace": COUNTY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        query = select(Campaign).where(of_kind(CHECKIN))
        rows = db.session.scalars(query.order_by(Campaign.quarter.desc(), Campaign.id.desc())).all()
        return self.render_template(
            "campaigns/index.html", rows=[monitoring.summary(row) for row in rows], may_run=self._may("can_run")
        )

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("run")
    def new(self) -> Any:
        form = NewCampaignForm()
        if not form.validate_on_submit():
            return self.render_template("campaigns/new.html", form=form)
        node = db.session.get(GridNode, form.node_id.data) or abort(404)
        try:
            campaign = campaigns.create_campaign(
                db.session, Quarter.parse(form.quarter.data), node, policy=form.policy(), user_id=current_user.id
            )
        except campaigns.CampaignError:
            db.session.rollback()
            form.node_id.errors = [_("This unit has a campaign for the quarter already.")]
            return self.render_template("campaigns/new.html", form=form)
        return self._plan(campaign)

    @expose("/<int:campaign_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def monitor(self, campaign_id: int) -> Any:
        campaign = self._campaign(campaign_id)
        if campaign.planned_at is None:
            return redirect(url_for("Campaigns.plan", campaign_id=campaign_id))
        may_pace = self._may("can_pace")
        return self.render_template(
            "campaigns/monitor.html", **self._frame(campaign), **monitoring.live(campaign),
            **monitoring.conduct(campaign), lines=monitoring.line_rows(), may_pace=may_pace,
        )  # fmt: skip

    @expose("/<int:campaign_id>/live", methods=["GET"])
    @has_access
    @permission_name("read")
    def live(self, campaign_id: int) -> Any:
        """The moving part of the monitor, fetched every few seconds."""
        campaign = self._campaign(campaign_id)
        page = self.render_template("campaigns/_live.html", campaign=campaign, **monitoring.live(campaign))
        stop = {"X-Refresh": "stop"} if campaign.state is CampaignState.CLOSED else {}
        return page, 200, stop

    @expose("/<int:campaign_id>/status.json", methods=["GET"])
    @has_access
    @permission_name("read")
    def status(self, campaign_id: int) -> Any:
        """The same counts for scripts: {state, total, counts: {disposition: n}, live, due}."""
        campaign = self._campaign(campaign_id)
        return jsonify(monitoring.status(campaign))

    @expose("/<int:campaign_id>/plan", methods=["GET"])
    @has_access
    @permission_name("read")
    def plan(self, campaign_id: int) -> Any:
        campaign = self._campaign(campaign_id)
        return self.render_template(
            "campaigns/plan.html", **self._frame(campaign), **monitoring.preview(campaign),
            **monitoring.conduct(campaign),
        )  # fmt: skip

    @expose("/<int:campaign_id>/plan", methods=["POST"])
    @has_access
    @permission_name("run")
    def replan(self, campaign_id: int) -> Any:
        campaign = self._own(campaign_id)
        try:
            return self._plan(campaign)
        except InvalidTransition as error:
            return self._refused(campaign_id, error)

    @expose("/<int:campaign_id>/<any(launch,pause,resume,close,discard):act>", methods=["POST"])
    @has_access
    @permission_name("run")
    def act(self, campaign_id: int, act: str) -> Any:
        campaign = self._own(campaign_id)
        try:
            _ACTS[act](db.session, campaign)
        except InvalidTransition as error:
            return self._refused(campaign_id, error)
        except campaigns.CampaignError:
            quarter = Quarter.parse(campaign.quarter)
            db.session.rollback()
            flash(_("A campaign can be launched only within its quarter: from %(first)s to %(last)s.",
                    first=dates.civil(quarter.first_on), last=dates.civil(quarter.last_on)), "warning")  # fmt: skip
            return redirect(url_for("Campaigns.plan", campaign_id=campaign_id))
        db.session.commit()
        flash(_DONE[act], "success")
        target = "Campaigns.plan" if act == "discard" else "Campaigns.monitor"
        return redirect(url_for(target, campaign_id=campaign_id))

    @expose("/<int:campaign_id>/pacing", methods=["POST"])
    @has_access
    @permission_name("pace")
    def pace(self, campaign_id: int) -> Any:
        """The limits of a line. They belong to the line, not to the campaign, and hold from the next call on."""
        self._campaign(campaign_id)
        form = PacingForm()
        known = {line.carrier for line in monitoring.list_lines()}
        if not form.validate_on_submit() or form.carrier.data not in known:
            flash(_("Calls per second: 0.01 to 100; calls at once: 1 to 2,000. Nothing was changed."), "warning")
            return redirect(url_for("Campaigns.monitor", campaign_id=campaign_id) + "#lines")
        pacing.set_limits(
            db.session, form.carrier.data, calls_per_second=form.calls_per_second.data,
            concurrent_calls=form.concurrent_calls.data, messages_per_second=form.messages_per_second.data,
        )  # fmt: skip
        db.session.commit()
        flash(_("The new limits hold from the next call on."), "success")
        return redirect(url_for("Campaigns.monitor", campaign_id=campaign_id) + "#lines")

    @expose("/<int:campaign_id>/contacts", methods=["GET"])
    @has_access
    @permission_name("read")
    def contacts(self, campaign_id: int) -> Any:
        campaign = self._campaign(campaign_id)
        chosen = filters.read_contact_filter((campaign.id,), filters.read_unit())
        return self._list(campaign, chosen)

    @expose("/<int:campaign_id>/elsewhere", methods=["GET"])
    @has_access
    @permission_name("read")
    def elsewhere(self, campaign_id: int) -> Any:
        """Households of the area that another campaign of the quarter has."""
        campaign = self._campaign(campaign_id)
        return self._list(campaign, monitoring.elsewhere(campaign))

    @expose("/<int:campaign_id>/calls", methods=["GET"])
    @has_access
    @permission_name("read")
    def calls(self, campaign_id: int) -> Any:
        campaign = self._campaign(campaign_id)
        chosen = filters.read_call_filter((campaign.id,), filters.read_unit())
        page = page_of_calls(chosen, filters.read_page())
        return self.render_template(
            "reach/calls.html", page=page, lines=[tables.call_line(line) for line in page.lines], may_open=True,
            conditions=tables.call_conditions(chosen), crumbs=monitoring.crumbs(campaign),
            back=url_for("Campaigns.monitor", campaign_id=campaign_id), subtitle=campaign.name,
        )  # fmt: skip

    @expose("/call/<int:attempt_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def call(self, attempt_id: int) -> Any:
        attempt = db.session.scalar(select(Attempt).where(Attempt.id == attempt_id)) or abort(404)
        return self.render_template(
            "campaigns/call.html", attempt=attempt, household=attempt.household, state=ATTEMPT_STATE[attempt.state],
            outcome=call_words.outcome(attempt), transcript=call_words.transcript(attempt),
            ending=call_words.ending(attempt), course=call_words.course(attempt), crumbs=call_words.crumbs(attempt),
            callbacks=call_words.callbacks(attempt), facts=call_words.facts(attempt),
            line=tables.carrier_label(attempt.carrier), at=dates.moment(attempt.claimed_at),
        )  # fmt: skip

    # --- shared ---

    def _campaign(self, campaign_id: int) -> Campaign:
        return find_campaign(db.session, campaign_id, CHECKIN) or abort(404)

    def _own(self, campaign_id: int) -> Campaign:
        """The row, locked, for those who serve its whole area."""
        self._campaign(campaign_id)
        campaign = campaigns.get_campaign(db.session, campaign_id)
        if not serves_whole(campaign):
            abort(403)
        return campaign

    def _plan(self, campaign: Campaign) -> Response:
        """Plan at once, or ask a worker where that would keep the calls under way waiting."""
        if len(planning.list_chunks(db.session, campaign)) <= 1:
            planning.plan(db.session, campaign)
            db.session.commit()
            flash(_("Planned. Nobody has been called."), "success")
        else:
            db.session.commit()
            self._plan_in_background(campaign.id)
        return redirect(url_for("Campaigns.plan", campaign_id=campaign.id))  # type: ignore[return-value]

    def _plan_in_background(self, campaign_id: int) -> None:
        from tasks.campaigns import enqueue_plan

        try:
            enqueue_plan(campaign_id)
        except BrokerError:
            flash(_("The background worker cannot be asked just now. Please plan again in a minute."), "danger")
        else:
            flash(_("Being planned in the background. Reload this page in a moment."), "info")

    def _refused(self, campaign_id: int, error: InvalidTransition) -> Any:
        db.session.rollback()
        state = CAMPAIGN_STATE[CampaignState(error.old)][0]
        flash(_("This is not possible now: the campaign is “%(state)s”.", state=state), "warning")
        return redirect(url_for("Campaigns.monitor", campaign_id=campaign_id))

    def _list(self, campaign: Campaign, chosen: ContactFilter) -> Any:
        page = page_of_contacts(chosen, filters.read_page())
        return self.render_template(
            "reach/households.html", page=page, lines=[tables.contact_line(line) for line in page.lines],
            conditions=tables.contact_conditions(chosen), crumbs=monitoring.crumbs(campaign), export="",
            back=url_for("Campaigns.monitor", campaign_id=campaign.id), subtitle=campaign.name,
        )  # fmt: skip

    def _frame(self, campaign: Campaign) -> dict[str, Any]:
        is_mine = self._may("can_run") and serves_whole(campaign)
        acts = monitoring.acts_of(campaign) if is_mine else []
        changeable = is_mine and campaign.state in campaign_policies.CHANGEABLE
        return {
            "rules_href": url_for("CampaignPolicy.rules", campaign_id=campaign.id) if changeable else "",
            "campaign": campaign, "state": CAMPAIGN_STATE[campaign.state], "crumbs": monitoring.crumbs(campaign),
            "acts": acts, "area": reach.unit_of_campaign(campaign).name, "quarter": dates.quarter(campaign.quarter),
            "tabs": monitoring.tabs(campaign, request.endpoint or ""), "is_part": not serves_whole(campaign),
            "now": dates.moment(clock.now()),
        }  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "Campaigns"))


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Campaigns, CALLS, _l("Campaigns"), "megaphone")
    pages_campaigns_policy.register(appbuilder)
