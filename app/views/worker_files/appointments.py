"""Form 20 on the screen: propose, look, decide, print; and the hand-over that follows a replacement."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select

from app.domain.enums import Duty, RoleName
from app.domain.id_numbers import mask_id
from app.domain.labels import label_of
from app.domain.worker_files.ages import judge_age
from app.domain.worker_files.identities import choices, identity_label
from app.domain.worker_files.words import ProposalState
from app.extensions import db
from app.models import Assignment, GridNode, WorkerHandover, WorkerProposal
from app.queries.household_file_timeline import names_of_users
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files import people as reads
from app.queries.worker_files.open_work import open_work
from app.queries.worker_files.rules import limits_of
from app.queries.worker_files.staffing import open_assignments
from app.security.roles import EVERYBODY, READERS, STAFF
from app.services.worker_files import appointments, handovers, proposals
from app.services.worker_files.proposals import Candidate
from app.views import cells
from app.views.dates import civil, moment
from app.views.display import badge_cell
from app.views.worker_files.lists import columns
from app.views.worker_files.page import (
    LOOKERS,
    Ticks,
    WorkerPage,
    approved,
    choice,
    day,
    node_asked,
    options,
    page_of,
    text,
    words,
)
from app.views.worker_files.units import UnitForm, goes_to

TONES = {ProposalState.PROPOSED: "info", ProposalState.APPROVED: "success", ProposalState.REFUSED: "warning",
         ProposalState.WITHDRAWN: "neutral"}  # fmt: skip
ITEMS = {"tasks": _l("Open tasks"), "contacts": _l("Households still to be reached"), "clues": _l("Open clues"),
         "participations": _l("Checks and measures named for")}  # fmt: skip


class ProposalForm(FlaskForm):
    name = text(_l("Name"), needed=True, longest=40)
    id_number = text(_l("ID number"), _l("18 digits. Age and sex follow from it."), needed=True)
    phone = text(_l("Phone number"), longest=40, inputmode="tel")
    duty = choice(_l("Duty"), [])
    from_on = day(_l("From which day on"), needed=True)
    identities = Ticks(_l("Identities"), choices=[], validate_choice=False)
    checks = Ticks(_l("Conditions that are met"), choices=[], validate_choice=False)
    post = text(_l("Post"), longest=60)
    duties = words(_l("Duties"))
    reason = words(_l("Why this person"), needed=True)
    exception_reason = words(_l("Special circumstances, if over age"))
    exception_until = day(_l("Last day of the exception"))


class DecisionForm(FlaskForm):
    decision = choice(_l("Decision"), [])
    note = words(_l("Reason"), _l("Needed for a refusal."))


class WithdrawForm(FlaskForm):
    note = words(_l("Reason"))


class Appointments(WorkerPage):
    """GET /appointments/, GET and POST /appointments/new, /appointments/<id>/decide, POST …/withdraw and hand-overs."""

    route_base = "/appointments"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_list": LOOKERS, "can_write": LOOKERS - READERS - {RoleName.GRID_LEAD}, "can_decide": STAFF,
        "can_accept": EVERYBODY - READERS,
    }  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        state = next((one for one in ProposalState if one == request.args.get("state")), ProposalState.PROPOSED)
        query = select(WorkerProposal).where(WorkerProposal.state == state).order_by(WorkerProposal.proposed_at.desc())
        rows, number, pages = page_of(list(db.session.scalars(query)))
        cells.load(rows, ["node"])
        chips = [{"label": _(label_of(one)), "href": url_for("Appointments.index", state=one.value),
                  "active": one is state} for one in ProposalState]  # fmt: skip
        made = [{"person": row.name, "href": url_for("Appointments.show", proposal_id=row.id),
                 "unit": cells.unit_cell(row.node), "kind": _(label_of(row.kind)), "from_on": civil(row.from_on)}
                for row in rows]  # fmt: skip
        buttons = [{"label": _("Propose somebody"), "href": url_for("Appointments.new"), "icon": "person-plus",
                    "kind": "primary"}] if self.may("can_write") else []  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Appointments and replacements"), chips=chips, rows=made, page=number,
            pages=pages, total=len(made), buttons=buttons, empty_title=_("No proposal here."),
            columns=columns(("person", _("Name"), "main"), ("unit", _("Unit"), ""), ("kind", _("Kind"), ""),
                            ("from_on", _("From"), "date")),
        )  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        """Form 20 for `?unit=`; without one, which unit is asked first. `?replaces=`: the assignment that ends."""
        node = node_asked()
        if node is None:
            return self._which_unit()
        replaces = _replaced(node)
        rules = rules_for(node.id, today())
        form = ProposalForm(from_on=today())
        codes = rules.codes.get("identities", ())
        words = {one.code: identity_label(codes, one.code) for one in choices(codes)}
        preferred = {code: _("%(label)s (preferred)", label=label) for code, label in words.items()
                     if code in rules.worker.preferred}  # fmt: skip
        form.identities.choices = [*preferred.items(), *(pair for pair in words.items() if pair[0] not in preferred)]
        form.checks.choices = [(one, one) for one in rules.worker.checks]
        form.duty.choices = options([(one.value, _(label_of(one))) for one in reads.FIELD_DUTIES], blank=False)
        facts = [(_("Unit"), cells.unit_cell(node)), (_("Replaces"), replaces.worker.name if replaces else ""),
                 (_("To be handed over"), _counts(node, replaces) if replaces else "")]  # fmt: skip
        return self.form_page(
            form, lambda: proposals.propose(db.session, node, _candidate(form, rules.worker.checks), replaces),
            url_for("Appointments.index"), title=_("Propose a successor") if replaces else _("Propose a grid worker"),
            button=_("Hand in for approval"), facts=facts, source=rules.worker.source_of("max_age"),
        )  # fmt: skip

    @expose("/<int:proposal_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, proposal_id: int) -> Any:
        row = db.session.get(WorkerProposal, proposal_id) or abort(404)
        rules = rules_for(row.node_id, row.from_on)
        on = max(today(), row.from_on) if row.state is ProposalState.PROPOSED else row.from_on
        finding = judge_age(row.born_on, on, limits_of(rules), row.exception_until)
        handover = handovers.find_handover(db.session, proposal_id)
        is_open = row.state is ProposalState.PROPOSED
        people = names_of_users({row.proposed_by_id, row.decided_by_id})
        return self.render_template(
            "worker_files/proposal.html", row=row, rules=rules, place=cells.unit_cell(row.node), finding=finding,
            masked=mask_id(row.id_number or ""), state=badge_cell(_(label_of(row.state)), TONES[row.state]),
            identities="、".join(identity_label(rules.codes.get("identities", ()), code) for code in row.identities),
            label_of=label_of,
            proposer=people.get(row.proposed_by_id, ""), decider=people.get(row.decided_by_id, ""), handover=handover,
            may_decide=is_open and self.may("can_decide") and row.proposed_by_id != current_access().user_id,
            may_withdraw=is_open and self.may("can_write") and row.proposed_by_id == current_access().user_id,
            item_names=ITEMS, accepted=moment(handover.accepted_at) if handover else "",
            source=rules.worker.source_of("max_age"),
        )  # fmt: skip

    @expose("/<int:proposal_id>/decide", methods=["GET", "POST"])
    @has_access
    @permission_name("decide")
    def decide(self, proposal_id: int) -> Any:
        row = db.session.get(WorkerProposal, proposal_id) or abort(404)
        form = DecisionForm()
        form.decision.choices = options([("approve", _("Approve")), ("refuse", _("Refuse it"))])

        def act() -> Any:
            note = form.note.data or ""
            if approved(form, "approve", "refuse"):
                return appointments.approve(db.session, proposal_id, note)
            return appointments.refuse_proposal(db.session, proposal_id, note)

        facts = [(_("Name"), row.name), (_("Unit"), cells.unit_cell(row.node)), (_("From"), civil(row.from_on))]
        return self.form_page(form, act, url_for("Appointments.show", proposal_id=proposal_id),
                              title=_("Decide about the proposal"), button=_("Decide"), facts=facts)  # fmt: skip

    @expose("/<int:proposal_id>/withdraw", methods=["POST"])
    @has_access
    @permission_name("write")
    def withdraw(self, proposal_id: int) -> Any:
        return self.act(lambda: appointments.withdraw(db.session, proposal_id),
                        url_for("Appointments.show", proposal_id=proposal_id))  # fmt: skip

    @expose("/handovers/<int:handover_id>", methods=["GET"])
    @has_access
    @permission_name("accept")
    def handover(self, handover_id: int) -> Any:
        """What the successor takes over; printed and signed, or accepted here."""
        row = db.session.get(WorkerHandover, handover_id) or abort(404)
        now = open_work(db.session, row.node, row.to_worker_id)
        left = {kind: len(set(ids) & set(now.items[kind])) for kind, ids in row.items.items()}
        return self.render_template("worker_files/handover.html", row=row, place=cells.unit_cell(row.node), left=left,
                                    item_names=ITEMS, at=moment(row.at), accepted=moment(row.accepted_at))  # fmt: skip

    @expose("/handovers/<int:handover_id>", methods=["POST"])
    @has_access
    @permission_name("accept")
    def accept(self, handover_id: int) -> Any:
        return self.act(lambda: handovers.accept(db.session, handover_id),
                        url_for("Appointments.handover", handover_id=handover_id))  # fmt: skip

    def _which_unit(self) -> Any:
        return goes_to(self, UnitForm(), "Appointments.new", _("Propose a grid worker"))


def _replaced(node: GridNode) -> Assignment | None:
    asked = request.args.get("replaces", "")
    if not asked:
        return None
    return next((one for one in open_assignments(node, today()) if str(one.id) == asked), None) or abort(404)


def _counts(node: GridNode, replaces: Assignment) -> str:
    found = open_work(db.session, node, replaces.worker_id)
    parts = [f"{ITEMS[kind]} {count}" for kind, count in found.counts().items()]
    return "、".join([*parts, _("%(count)d households", count=found.households)])


def _candidate(form: Any, conditions: tuple[str, ...]) -> Candidate:
    def said(name: str) -> str:
        return str(form[name].data or "")

    ticked = set(form.checks.data or [])
    duty = next((one for one in reads.FIELD_DUTIES if one == form.duty.data), Duty.AUDITOR)
    return Candidate(
        name=said("name"), id_number=said("id_number"), phone=said("phone"), identities=form.identities.data or [],
        checks={one: one in ticked for one in conditions}, reason=said("reason"), from_on=form.from_on.data,
        duty=duty, post=said("post"), duties=said("duties"), exception_reason=said("exception_reason"),
        exception_until=form.exception_until.data,
    )  # fmt: skip
