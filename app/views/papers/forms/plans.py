"""Forms 15 and 16: the plan of a household, a measure sent to a department, a measure told of (D3-20, D4-24)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.labels import label_of
from app.domain.measures.dates import reckoning_due
from app.domain.papers import Block, Facts, Grid, Sheet, Signs, Words
from app.extensions import db
from app.models import HelpPlan, Household, IncomeSheet, Measure, MeasureDispatch, PlanItem, PlanLine
from app.views import dates
from app.views.measures.page import basis_words, class_words, line_title
from app.views.measures.show import state_of
from app.views.papers.build import (
    Entry,
    head_facts,
    list_of,
    of_household,
    paper,
    seal,
    title,
    unit_words,
    village_words,
)


def _plans(household: Household) -> list[Entry]:
    query = of_household(HelpPlan, HelpPlan.version.desc())(household)
    return list_of(query, lambda one: f"{_('Version %(number)s', number=one.version)} {state_of(one)[0]}")


@paper("plan", _plans)
def plan(key: int) -> Sheet | None:
    found = db.session.get(HelpPlan, key)
    if found is None:
        return None
    head = head_facts(
        found.household,
        (_("Version"), str(found.version)),
        (_("State"), state_of(found)[0]),
        (_("Plan drawn up on"), dates.civil(found.opened_on)),
        (_("In force since"), dates.civil(found.in_force_on)),
        (_("Aim"), found.goal or ""),
    )
    blocks: list[Block] = [head]
    for line in found.lines:
        blocks += _line(line)
    checks = tuple((_(label_of(one.level)), _("In order") if one.passed else _("Sent back to be mended"),
                    one.reason or "", dates.moment(one.at)) for one in found.checks)  # fmt: skip
    blocks += [
        Grid((_("Level"), _("Decision"), _("Remark"), _("Time")), checks, title=_("Checks"), spare=0 if checks else 2),
        Signs((_("Head of household"), _("Helper"), _("Village"), _("Township"))),
    ]
    return Sheet(title("plan"), tuple(blocks), number=f"{found.household.code}-{found.version}",
                 seal=seal(village_words(found), found.in_force_on or found.opened_on))  # fmt: skip


def _line(line: PlanLine) -> list[Block]:
    due = dates.civil(reckoning_due(line.reckoned_on, line.reckon_every)) if line.reckon_every else ""
    every = _(label_of(line.reckon_every)) if line.reckon_every else ""
    facts = Facts((
        (_("What is done"), line.what or ""), (_("Income reckoned anew"), every), (_("Next by"), due),
        (_("State"), _(label_of(line.state))), (_("Crossed off on"), dates.civil(line.crossed_off_on)),
        (_("Basis"), basis_words(line.basis)),
    ), f"{line.number}. {line_title(line)}")  # fmt: skip
    measures = Grid((_("Class of measure"), _("What is done"), _("To begin by"), _("State")),
                    tuple((class_words(one.class_code, one.node_id), one.what, dates.civil(one.due_on),
                           _(label_of(one.state))) for one in line.items), title=_("List of measures"))  # fmt: skip
    proof = Grid((_("What proves it"), _("There since"), _("Where it is kept")),
                 tuple((one.title, dates.civil(one.ticked_on), one.note or "") for one in line.evidence))  # fmt: skip
    return [facts, measures, proof]


def _dispatches(household: Household) -> list[Entry]:
    query = of_household(MeasureDispatch, MeasureDispatch.id.desc())(household)
    return list_of(query, lambda one: f"{dates.civil(one.sent_on)} {one.department.name}")


@paper("dispatch", _dispatches)
def dispatch(key: int) -> Sheet | None:
    found = db.session.get(MeasureDispatch, key)
    if found is None:
        return None
    item = found.item
    facts = Facts((
        (_("Department"), found.department.name), (_("Kind"), _(label_of(item.kind))),
        (_("Class of measure"), class_words(item.class_code, item.node_id)), (_("What is done"), item.what),
        (_("Planned amount (yuan)"), "" if item.amount is None else f"{item.amount:,.2f}"),
        (_("Sent on"), dates.civil(found.sent_on)), (_("Answer by"), dates.civil(found.due_on)),
        (_("State"), _(label_of(found.state))),
    ))  # fmt: skip
    said = _(label_of(found.answer)) if found.answer else ""
    answer = Facts(
        (
            (_("Answered on"), dates.civil(found.answered_on)),
            (_("Answer"), said),
            (_("In the department's words"), found.answer_words or ""),
        ),
        _("Answer of the department"),
    )
    return Sheet(
        title("dispatch"),
        (
            head_facts(found.household),
            facts,
            Words(found.words or "—", _("What the department is asked")),
            answer,
            Signs((_("Sent by"), _("Received by the department"), _("Head of the department"))),
        ),
        number=f"{found.sent_on.year}-{found.id:06d}",
        seal=seal(unit_words(found.l1_id or found.node_id), found.sent_on),
    )


def _measures(household: Household) -> list[Entry]:
    query = of_household(Measure, Measure.started_on.desc(), Measure.id.desc())(household)
    return list_of(
        query, lambda one: f"{dates.civil(one.started_on)} {class_words(one.class_code, one.node_id)} {one.kind}"
    )


@paper("measure", _measures)
def measure(key: int) -> Sheet | None:
    """措施落实单 and, below it, 告知书 with the place to sign (D3-20)."""
    found = db.session.get(Measure, key)
    if found is None:
        return None
    item = db.session.get(PlanItem, found.plan_item_id) if found.plan_item_id else None
    told = _(label_of(found.informed_way)) if found.informed_way else ""
    facts = Facts((
        (_("Class of measure"), class_words(found.class_code, found.node_id)), (_("What is done"), found.kind),
        (_("For"), found.member.name if found.member else _("The whole household")),
        (_("Amount (yuan)"), "" if found.amount is None else f"{found.amount:,.2f}"),
        (_("Began on"), dates.civil(found.started_on)), (_("Ended on"), dates.civil(found.ended_on)),
        (_("Of the plan"), line_title(item.line) if item else ""),
        (_("Told on"), dates.civil(found.informed_on)), (_("How the household was told"), told),
    ))  # fmt: skip
    effect = Facts(
        (
            (_("Effect"), _(label_of(found.effect)) if found.effect else ""),
            (_("Assessed on"), dates.civil(found.effect_on)),
            (_("Income sheet before"), _sheet_day(found.income_before_id)),
            (_("Income sheet after"), _sheet_day(found.income_after_id)),
            (_("What can be seen"), found.effect_note or ""),
        ),
        _("What the measure brought about"),
    )
    letter = _("To %(name)s: the measure above has been decided for your household. Ask your grid worker or the "
               "village whatever you want to know about it.", name=found.household.head_name)  # fmt: skip
    return Sheet(
        title("measure"),
        (
            head_facts(found.household),
            facts,
            Words(letter, _("Notification")),
            Signs((_("Received (signature or fingerprint)"), _("Date"))),
            effect,
            Signs((_("Helper"), _("Village"))),
        ),
        number=f"{found.started_on.year}-{found.id:06d}",
        seal=seal(village_words(found), found.started_on),
    )


def _sheet_day(key: int | None) -> str:
    """The day alone: its figures are shown for a reason only."""
    if key is None:
        return ""
    day = db.session.scalars(select(IncomeSheet.judged_on).where(IncomeSheet.id == key)).first()
    return dates.civil(day)
