"""Forms 20 to 25: people and organisation of a unit (D0-10, D0-51, D0-57, D0-63, D2-42)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.domain.grid_care.words import LeadingPost
from app.domain.labels import label_of
from app.domain.masking import mask_id, mask_phone
from app.domain.papers import Facts, Grid, Sheet, Signs, Words
from app.domain.worker_files.words import Dimension
from app.extensions import db
from app.models import (
    Evaluation,
    GridNode,
    GridWorker,
    Handbook,
    HandbookReceipt,
    LeadingMember,
    SubsidyLine,
    SubsidyRun,
    TrainingAttendance,
    TrainingSession,
    WorkerProposal,
)
from app.queries.measures.plans import inside
from app.queries.scope import today
from app.views import dates
from app.views.papers.build import Entry, list_of, once, paper, seal, title, unit_words, yes_no
from app.views.register.codes import code_words

_POSTS = tuple(LeadingPost)


def _inside(model: Any, words: Callable[[Any], str]) -> Callable[[GridNode], list[Entry]]:
    def entries(node: GridNode) -> list[Entry]:
        return list_of(inside(select(model), model, node).order_by(model.id.desc()), words)

    return entries


@paper("appointment", _inside(WorkerProposal, lambda one: f"{one.name} {_(label_of(one.state))}"))
def appointment(key: int) -> Sheet | None:
    found = db.session.get(WorkerProposal, key)
    if found is None:
        return None
    identities = "、".join(code_words(code, "identities", node_id=found.node_id) for code in found.identities)
    facts = Facts((
        (_("Name"), found.name), (_("Kind"), _(label_of(found.kind))), (_("Unit"), unit_words(found.node_id)),
        (_("As"), _(label_of(found.duty))), (_("Date of birth"), dates.civil(found.born_on)),
        (_("ID number"), mask_id(found.id_number) if found.id_number else ""),
        (_("Phone number"), mask_phone(found.phone) if found.phone else ""), (_("Identities"), identities),
        (_("From"), dates.civil(found.from_on)), (_("Post"), found.post), (_("Why"), found.reason),
        (_("Duties"), found.duties),
    ))  # fmt: skip
    conditions = Grid(
        (_("Condition"), _("Fulfilled")),
        tuple((name, yes_no(met)) for name, met in found.checks.items()),
        title=_("Conditions"),
    )
    decided = f"{_(label_of(found.state))} {dates.moment(found.decided_at)}\n{found.decision_note}".strip()
    return Sheet(title("appointment"), (facts, conditions, Words(decided, _("Decision")),
                                        Signs((_("Village"), _("Township"), _("County")))),
                 number=f"{found.proposed_at.year}-{found.id:06d}",
                 seal=seal(unit_words(found.node_id), found.decided_at))  # fmt: skip


@paper("training", _inside(TrainingSession, lambda one: f"{dates.civil(one.held_on or one.planned_on)} {one.title}"))
def training(key: int) -> Sheet | None:
    found = db.session.get(TrainingSession, key)
    if found is None:
        return None
    query = select(GridWorker).join(TrainingAttendance, TrainingAttendance.worker_id == GridWorker.id)
    people = db.session.scalars(query.where(TrainingAttendance.session_id == found.id).order_by(GridWorker.name))
    rows = tuple((str(number), one.name, one.title, " ") for number, one in enumerate(people, start=1))
    facts = Facts((
        (_("Title"), found.title), (_("Kind"), found.kind), (_("Unit"), unit_words(found.node_id)),
        (_("Held on"), dates.civil(found.held_on or found.planned_on)), (_("Place"), found.place),
        (_("Trainer"), found.trainer), (_("Hours"), "" if found.hours is None else f"{found.hours.normalize():f}"),
        (_("Attended"), str(len(rows))),
    ))  # fmt: skip
    grid = Grid((_("No."), _("Name"), _("Title"), _("Signature")), rows, title=_("Attendance"),
                spare=0 if rows else 12)  # fmt: skip
    return Sheet(
        title("training"),
        (facts, grid, Words(found.note or "—", _("Note"))),
        number=f"{found.year}-{found.id:06d}",
        seal=seal(unit_words(found.node_id), found.held_on),
    )


@paper("evaluation", _inside(Evaluation, lambda one: f"{dates.period(one.period)} {one.worker.name}"))
def evaluation(key: int) -> Sheet | None:
    found = db.session.get(Evaluation, key)
    if found is None:
        return None
    rows = tuple((_(label_of(Dimension(name))), _number(done), _number(target), f"{found.scheme.weights.get(name, 0)}%")
                 for name, (done, target) in found.tallies.items())  # fmt: skip
    facts = Facts((
        (_("Name"), found.worker.name), (_("Period"), dates.period(found.period)),
        (_("Unit"), unit_words(found.node_id)),
        (_("State"), _(label_of(found.state))), (_("From"), dates.civil(found.from_on)),
        (_("Until"), dates.civil(found.to_on)), (_("Result"), "" if found.total is None else f"{found.total:f}"),
        (_("Grade"), found.grade),
    ))  # fmt: skip
    deductions = Grid(
        (_("Deducted"), _("Reason")),
        tuple((str(one.get("points", "")), str(one.get("reason", ""))) for one in found.deductions),
        title=_("Deductions"),
    )
    grid = Grid((_("Dimension"), _("Done"), _("Target"), _("Weight")), rows, title=_("Dimensions"))
    return Sheet(title("evaluation"), (facts, grid, deductions, Words(found.manual_reason or "—", _("Remark")),
                                       Signs((_("Evaluated by"), _("The worker has seen it"), _("Date")))),
                 number=f"{found.period}-{found.id:06d}", seal=seal(unit_words(found.node_id)))  # fmt: skip


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


@paper("payroll", _inside(SubsidyRun, lambda one: f"{dates.period(one.period)} {one.node.name}"))
def payroll(key: int) -> Sheet | None:
    """Accounts show their last four digits; the bank's file is made where the run is paid."""
    found = db.session.get(SubsidyRun, key)
    if found is None:
        return None
    query = select(SubsidyLine).where(SubsidyLine.run_id == found.id).order_by(SubsidyLine.id)
    rows = tuple((str(number), one.name, f"{one.days}/{one.of_days}", _yuan(one.base_fen), _yuan(one.performance_fen),
                  _yuan(one.amount_fen), f"****{one.account_tail}" if one.account_tail else "", " ")
                 for number, one in enumerate(db.session.scalars(query), start=1))  # fmt: skip
    facts = Facts((
        (_("Unit"), unit_words(found.node_id)), (_("Period"), dates.period(found.period)),
        (_("Paid on"), dates.civil(found.pay_on)),
        (_("State"), _(label_of(found.state))), (_("People"), str(found.people)),
        (_("In all (yuan)"), _yuan(found.total_fen)),
    ))  # fmt: skip
    heads = (_("No."), _("Name"), _("Days served"), _("Base"), _("Performance"), _("Amount (yuan)"), _("Account"),
             _("Signature"))  # fmt: skip
    return Sheet(
        title("payroll"),
        (facts, Grid(heads, rows), Signs((_("Made by"), _("Checked by"), _("Approved by")))),
        number=f"{found.period}-{found.id:06d}",
        seal=seal(unit_words(found.node_id), found.pay_on),
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}" if fen >= 0 else f"-{_yuan(-fen)}"


@paper("handbooks", _inside(Handbook, lambda one: f"{one.title} {one.version}"))
def handbooks(key: int) -> Sheet | None:
    found = db.session.get(Handbook, key)
    if found is None:
        return None
    query = select(HandbookReceipt).where(HandbookReceipt.handbook_id == found.id).order_by(HandbookReceipt.id)
    rows = tuple(
        (str(number), one.worker.name, dates.civil(one.handed_on), dates.moment(one.received_at), " ")
        for number, one in enumerate(db.session.scalars(query), start=1)
        if one.worker is not None
    )
    facts = Facts(((_("Title"), found.title), (_("Version"), found.version), (_("Unit"), unit_words(found.node_id)),
                   (_("Issued on"), dates.civil(found.issued_on))))  # fmt: skip
    grid = Grid(
        (_("No."), _("Name"), _("Handed over on"), _("Received"), _("Signature")), rows, spare=0 if rows else 12
    )
    return Sheet(title("handbooks"), (facts, grid), number=f"{found.issued_on.year}-{found.id:06d}",
                 seal=seal(unit_words(found.node_id)))  # fmt: skip


@paper("leading-group", once)
def leading_group(key: int) -> Sheet | None:
    """Those in office today."""
    node = db.session.get(GridNode, key)
    if node is None:
        return None
    query = select(LeadingMember).where(
        LeadingMember.node_id == node.id, LeadingMember.from_on <= today(),
        or_(LeadingMember.to_on.is_(None), LeadingMember.to_on >= today()),
    )  # fmt: skip
    members = sorted(db.session.scalars(query), key=lambda one: (_POSTS.index(one.post), one.position))
    rows = tuple((_(label_of(one.post)), one.name, one.title, dates.civil(one.from_on)) for one in members)
    grid = Grid((_("Post"), _("Name"), _("Office held elsewhere"), _("Since")), rows, spare=0 if rows else 6)
    return Sheet(title("leading-group"), (Facts(((_("Unit"), unit_words(node.id)),)), grid), number=node.code,
                 seal=seal(unit_words(node.id)))  # fmt: skip
