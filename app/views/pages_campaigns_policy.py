"""A campaign's calling hours and retry rules: looked at by all who read it, changed while nothing is dialled."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.campaign_kinds import CHECKIN
from app.domain.enums import AttemptOutcome
from app.domain.labels import label_of
from app.domain.retry_policy import PolicyError
from app.extensions import db
from app.models import Campaign
from app.queries.access import serves_whole
from app.queries.campaigns import find_campaign
from app.security.roles import STAFF
from app.services import campaign_policies, campaigns
from app.services.policies import policy_of
from app.views import pages_campaigns_monitor as monitoring
from app.views.columns import CAMPAIGN_STATE
from app.views.pages_campaigns_policy_form import policy_form, rule_rows


class CampaignPolicy(BaseView):
    """Permissions on CampaignPolicy: can_edit."""

    route_base = "/campaigns"
    permitted_roles: ClassVar = {"can_edit": STAFF}

    @expose("/<int:campaign_id>/rules", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def rules(self, campaign_id: int) -> Any:
        campaign = self._campaign(campaign_id)
        form = policy_form(policy_of(campaign))
        if campaign.state not in campaign_policies.CHANGEABLE:
            now = CAMPAIGN_STATE[campaign.state][0]
            flash(_("The campaign is “%(now)s”. Its rules can be changed while it is planned or paused.", now=now),
                  "warning")  # fmt: skip
            db.session.rollback()
            return redirect(url_for("Campaigns.monitor", campaign_id=campaign_id))
        if form.validate_on_submit():
            try:
                changed = campaign_policies.change_policy(db.session, campaign, form.changes())
            except PolicyError as error:
                form.blame(error)
            else:
                db.session.commit()
                flash(_("The new rules hold for every call that was not made yet.") if changed
                      else _("Nothing was changed."), "success" if changed else "info")  # fmt: skip
                return redirect(url_for("Campaigns.plan", campaign_id=campaign_id))
        labels = {outcome: _(label_of(outcome)) for outcome in AttemptOutcome}
        return self.render_template("campaigns/rules.html", form=form, campaign=campaign, rows=rule_rows(form, labels),
                                    crumbs=monitoring.crumbs(campaign))  # fmt: skip

    def _campaign(self, campaign_id: int) -> Campaign:
        """The row, locked, for those who serve its whole area."""
        if find_campaign(db.session, campaign_id, CHECKIN) is None:
            abort(404)
        campaign = campaigns.get_campaign(db.session, campaign_id)
        if not serves_whole(campaign):
            abort(403)
        return campaign


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(CampaignPolicy)
