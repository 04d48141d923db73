"""Workers named for checks and measures (D0-34), and rosters to be handed in (D4-21)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.labels import choices_of
from app.domain.msgids import N_
from app.domain.worker_files.words import ParticipationKind
from app.extensions import db
from app.models import GridNode, Household, Participation
from app.queries.scope import today
from app.queries.worker_files import people, staffing
from app.security.roles import EVERYBODY, READERS, STAFF, VILLAGE
from app.services.worker_files import filings
from app.services.worker_files.refusals import refuse
from app.views import cells
from app.views.base import GridInterface
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.relations import AjaxRelField
from app.views.worker_files.lists import columns
from app.views.worker_files.page import LOOKERS, Needed, WorkerPage, choice, day, options, page_of, words


class NameForm(FlaskForm):
    household = AjaxRelField(_l("Household"), [Needed()], datamodel=GridInterface(Household),
                             endpoint="HouseholdView.lookup",
                             description=_l("Type the name or the code."))  # fmt: skip
    kind = choice(_l("Kind"), [])
    what = words(_l("What is to be done"), needed=True)


class ReportForm(FlaskForm):
    done_on = day(_l("Done on"), needed=True)
    result = words(_l("What came of it"), needed=True)


class FileForm(FlaskForm):
    filed_on = day(_l("Handed in on"), needed=True)


class Participations(WorkerPage):
    """GET and POST /participations/name/<worker>, /participations/<id>."""

    route_base = "/participations"
    default_view = "report"
    permitted_roles: ClassVar = {"can_name": VILLAGE | STAFF, "can_report": EVERYBODY - READERS}

    @expose("/name/<int:worker_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("name")
    def name(self, worker_id: int) -> Any:
        worker = people.find_person(worker_id) or abort(404)
        form = NameForm()
        form.kind.choices = options([(value, _(label)) for value, label in choices_of(ParticipationKind)])

        def act() -> Any:
            household: Any = form.household.data
            if household is None:
                raise refuse("household", N_("Choose a household."))
            return filings.name_participant(db.session, household, worker, form.kind.data or "", form.what.data or "")

        return self.form_page(form, act, url_for("WorkerFilePage.show", worker_id=worker_id), button=_("Save"),
                              title=_("Name for a check or measure"), facts=[(_("Name"), worker.name)])  # fmt: skip

    @expose("/<int:participation_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("report")
    def report(self, participation_id: int) -> Any:
        row = db.session.get(Participation, participation_id) or abort(404)
        if people.find_person(row.worker_id) is None:
            abort(404)
        form = ReportForm(done_on=today())
        facts = [(_("Household"), cells.household_cell(row.household_id)), (_("What is to be done"), row.what)]
        return self.form_page(
            form, lambda: filings.report_participation(db.session, participation_id, form.done_on.data,
                                                       form.result.data or ""),
            url_for("WorkerFilePage.show", worker_id=row.worker_id), title=_("Report what was done"),
            button=_("Save"), facts=facts,
        )  # fmt: skip


class Rosters(WorkerPage):
    """GET /rosters/; POST /rosters/<unit>/<code>."""

    route_base = "/rosters"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": LOOKERS, "can_write": VILLAGE | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        found = staffing.list_filings(today())
        rows, number, pages = page_of(found)
        done = sum(row.filing is not None for row in found)
        sources = list(dict.fromkeys(row.rule.source for row in found))[:2]
        return self.render_template(
            "worker_files/list.html", title=_("Rosters to hand in"), page=number, pages=pages, total=len(found),
            figures=[{"label": _("Handed in"), "value": f"{done} / {len(found)}"}] if found else [], sources=sources,
            rows=[self._row(row) for row in rows], empty_title=_("The rules here ask for no roster."),
            columns=columns(("unit", _("Unit"), "main"), ("what", _("What"), ""), ("due", _("By"), "date"),
                            ("filed", _("Handed in on"), "date"), ("people", _("People"), "num"),
                            ("state", _("State"), "")),
        )  # fmt: skip

    def _row(self, row: staffing.FilingRow) -> dict[str, Any]:
        if row.filing is None:
            late = row.rule.due_on < today()
            state = badge_cell(_("Overdue") if late else _("Open"), "danger" if late else "info")
        else:
            state = badge_cell(_("Late") if row.is_late else _("In time"), "warning" if row.is_late else "success")
        href = url_for("Rosters.file", node_id=row.node.id, code=row.rule.code) if row.filing is None else ""
        return {"unit": row.place or row.node.name, "href": href if self.may("can_write") else "",
                "what": row.rule.title, "due": civil(row.rule.due_on), "state": state,
                "filed": civil(row.filing.filed_on) if row.filing else "",
                "people": row.filing.people if row.filing else None}  # fmt: skip

    @expose("/<int:node_id>/<code>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def file(self, node_id: int, code: str) -> Any:
        node = db.session.get(GridNode, node_id) or abort(404)
        form = FileForm(filed_on=today())
        roster = staffing.roster_of(node, today())
        facts = [(_("Unit"), cells.unit_cell(node)), (_("On the roster"), "、".join(post.name for post in roster))]
        return self.form_page(form, lambda: filings.file_roster(db.session, node, code, form.filed_on.data),
                              url_for("Rosters.index"), title=_("Hand in the roster"), button=_("Handed in"),
                              facts=facts)  # fmt: skip
