"""回访核实: rounds of call-backs about recorded visits, with what each household said; each answer opens its visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import Optional

from app.domain.enums import CampaignState
from app.domain.labels import label_of
from app.domain.supervision.rounds import LARGEST
from app.domain.supervision.words import CallbackResult
from app.extensions import db
from app.models import Campaign
from app.queries.access import serves_whole
from app.queries.scope import today
from app.queries.supervision import visit_checks as reads
from app.security.roles import READERS, STAFF
from app.services.supervision import visit_checks as service
from app.views import cells
from app.views.dates import moment, quarter
from app.views.display import badge_cell
from app.views.supervision.issues import issue_link
from app.views.supervision.page import SupervisionPage, own_node, place_words
from app.views.worker_files.lists import columns
from app.views.worker_files.page import Needed, day, node_asked, page_of, text

TONES = {CallbackResult.WAITING: "info", CallbackResult.CONFIRMED: "success", CallbackResult.NOT_CONFIRMED: "danger",
         CallbackResult.UNSURE: "neutral", CallbackResult.NOT_REACHED: "warning"}  # fmt: skip
_USUAL = 30


class RoundForm(FlaskForm):
    from_on = day(_l("Visits from"), needed=True)
    to_on = day(_l("Visits until"), needed=True)
    size = IntegerField(_l("Households to ask"), [Needed(), Optional()], render_kw={"inputmode": "numeric"},
                        description=_l("One visit a household, drawn by lot."))  # fmt: skip
    seed = text(_l("Seed"), _l("Empty: one is made. The same seed draws the same visits."), longest=32)


class VisitChecks(SupervisionPage):
    """GET /visit-checks/, /visit-checks/<id>?result=…; a form to begin a round; POST …/close."""

    route_base = "/visit-checks"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": STAFF | READERS, "can_start": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        found, number, pages = page_of(reads.list_rounds())
        cells.load(found, ["node"])
        button = {"label": _("Ask about visits"), "href": url_for("VisitChecks.new"), "icon": "telephone-outbound",
                  "kind": "primary"}  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Call-backs about visits"), page=number, pages=pages,
            subtitle=_("Two questions to households about a recorded visit. It closes no duty and judges nobody."),
            rows=[_round_row(one) for one in found], buttons=[button] if self.may("can_start") else [],
            columns=_ROUNDS, empty_title=_("No visit has been asked about."),
        )  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("start")
    def new(self) -> Any:
        node, on = own_node(node_asked()), today()
        form = RoundForm(from_on=on - timedelta(days=30), to_on=on, size=_USUAL)
        made: list[Campaign] = []

        def act() -> None:
            wish = service.Wish(form.from_on.data, form.to_on.data, form.size.data, form.seed.data or "")
            made.append(service.start(db.session, node, wish))

        return self.form_page(
            form, act, lambda: url_for("VisitChecks.show", campaign_id=made[0].id), title=_("Ask about visits"),
            button=_("Draw and begin to call"), facts=[(_("Area"), cells.unit_cell(node))],
            note=_("Only home visits are asked about, at most %(most)s households. Calling hours and those who want no "
                   "calls are respected.", most=LARGEST),
        )  # fmt: skip

    @expose("/<int:campaign_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, campaign_id: int) -> Any:
        row = reads.find_round(campaign_id) or abort(404)
        wanted = next((one for one in CallbackResult if one == request.args.get("result")), None)
        asked = reads.list_asked(row)
        counts = reads.count_results(asked)
        shown, number, pages = page_of([one for one in asked if wanted in (None, one.result)])
        cells.load([one.check for one in shown], ["household"])
        chips = [{"label": _("All"), "href": url_for("VisitChecks.show", campaign_id=row.id), "active": wanted is None,
                  "count": len(asked)}]  # fmt: skip
        chips += [{"label": _(label_of(one)), "count": counts[one], "active": wanted is one,
                   "href": url_for("VisitChecks.show", campaign_id=row.id, result=one.value)}
                  for one in CallbackResult]  # fmt: skip
        return self.render_template(
            "supervision/visit_checks.html", row=row, title=quarter(row.quarter), place=place_words(row),
            chips=chips, rows=[_asked_row(one) for one in shown], columns=_ASKED, page=number, pages=pages,
            state=_(label_of(row.state)),
            may_close=self.may("can_start") and row.state is CampaignState.RUNNING and serves_whole(row),
        )  # fmt: skip

    @expose("/<int:campaign_id>/close", methods=["POST"])
    @has_access
    @permission_name("start")
    def close(self, campaign_id: int) -> Any:
        row = reads.find_round(campaign_id) or abort(404)
        if not serves_whole(row):
            abort(403)
        return self.act(lambda: service.close(db.session, campaign_id),
                        url_for("VisitChecks.show", campaign_id=campaign_id))  # fmt: skip


_ROUNDS = columns(("title", _l("Round"), "main"), ("unit", _l("Area"), ""), ("begun", _l("Calls begun"), "date"),
                  ("confirmed", _l("Visit confirmed"), "num"), ("not_confirmed", _l("Visit not confirmed"), "num"),
                  ("all", _l("Households asked"), "num"), ("state", _l("State"), ""))  # fmt: skip
_ASKED = columns(("visit", _l("Recorded visit"), "main"), ("household", _l("Household"), ""),
                 ("result", _l("What the household says"), ""), ("issue", _l("To look at"), ""))  # fmt: skip


def _round_row(one: Campaign) -> dict[str, Any]:
    asked = reads.list_asked(one)
    counts = reads.count_results(asked)
    return {"title": quarter(one.quarter), "href": url_for("VisitChecks.show", campaign_id=one.id),
            "unit": place_words(one), "begun": moment(one.launched_at), "all": len(asked),
            "confirmed": counts[CallbackResult.CONFIRMED], "not_confirmed": counts[CallbackResult.NOT_CONFIRMED],
            "state": badge_cell(_(label_of(one.state)), "success" if one.state is CampaignState.CLOSED else "info"),
            }  # fmt: skip


def _asked_row(one: reads.Asked) -> dict[str, Any]:
    check = one.check
    return {"visit": moment(check.visit.happened_at), "href": url_for("VisitRecord.index", visit_id=check.visit_id),
            "household": cells.household_cell(check.household_id),
            "result": badge_cell(_(label_of(one.result)), TONES[one.result]),
            "issue": issue_link(check.issue) if check.issue is not None else ""}  # fmt: skip
