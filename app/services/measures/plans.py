"""A household's plan: opened, written in versions, checked level by level, in force, closed (D4-24, D0-39, D0-48)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseState
from app.domain.measures.templates import PLANNED_FOR, template_of, templates_for
from app.domain.measures.words import OPEN_STATES, ItemState, LineState, PlanState
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import PlanTemplate, Rules
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Case, HelpPlan, Household, MonitoringRecord, PlanCheck, PlanEvidence, PlanLine
from app.queries.policy import rules_for
from app.queries.register import early_warnings
from app.services.casework.actors import Actor
from app.services.measures.problems import NotYourTurnError, PlanError
from app.services.measures.versions import carry_lines, going_on_items, hand_over

LONGEST = 2000


def civil_today() -> date:
    return clock.now().astimezone(CHINA).date()


def suggested(session: Session, household: Household, rules: Rules, case: Case | None = None) -> tuple[str, ...]:
    """Codes of the templates for what the household is at risk of: the case's risks, else those of the open record of
    monitoring; for an early warning its kinds (D4-07)."""
    query = select(MonitoringRecord).where(MonitoringRecord.household_id == household.id,
                                           MonitoringRecord.eliminated_on.is_(None))  # fmt: skip
    record = session.scalars(query).first()
    risks = case.risks if case is not None and case.risks else record.risks if record is not None else ()
    warnings = early_warnings.kinds_of([household.id], rules, civil_today())[household.id]
    return tuple(one.code for one in templates_for(rules, risks, warnings))


def open_plan(
    session: Session, household: Household, templates: Iterable[str], *, user_id: int | None, goal: str = "",
    case: Case | None = None,
) -> HelpPlan:  # fmt: skip
    """The first plan of a household, or the next one after the last was closed: a line and its list of evidence for
    each template. Raises PlanError for a household that is not helped, one that has a plan, or no template."""
    check_household(household)
    if case is not None and case.household_id != household.id:
        raise PlanError(N_("This case is about another household."))
    if find_plan(session, household.id, OPEN_STATES | {PlanState.IN_FORCE}) is not None:
        raise PlanError(N_("This household has a plan. Write a new version of that one."))
    rules = rules_for(household.node_id, civil_today())
    chosen = [one for code in dict.fromkeys(templates) if (one := template_of(rules, code)) is not None]
    if not chosen:
        raise PlanError(N_("Choose at least one risk that the plan is about."), "templates")
    plan = start_version(session, household, user_id, goal=goal, case=case)
    for template in chosen:
        add_line(session, plan, template)
    return plan


def check_household(household: Household) -> None:
    """Raises PlanError for a household that is gone or of a kind no plan is made for."""
    if household.gone_on is not None:
        raise PlanError(N_("This household is no longer here; no plan is made for it."))
    if household.category not in PLANNED_FOR:
        raise PlanError(N_("Plans are made for monitored and early-warning households."))


def find_plan(session: Session, household_id: int, states: Iterable[PlanState]) -> HelpPlan | None:
    """The household's plan in one of these states, of which each household has one at most."""
    query = select(HelpPlan).where(HelpPlan.household_id == household_id, HelpPlan.state.in_(list(states)))
    return session.scalars(query).first()


def start_version(
    session: Session, household: Household, user_id: int | None, *, goal: str, case: Case | None
) -> HelpPlan:
    """An empty draft with the next number."""
    query = select(func.coalesce(func.max(HelpPlan.version), 0)).where(HelpPlan.household_id == household.id)
    plan = HelpPlan(household_id=household.id, household=household, version=session.scalars(query).one() + 1,
                    state=PlanState.DRAFT, changes=0, turn="", goal=goal.strip()[:LONGEST] or None,
                    opened_on=civil_today(), opened_by_id=user_id, case_id=case.id if case else None,
                    is_demo=household.is_demo)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(plan)
    except IntegrityError as error:  # somebody opened one in the same moment
        raise PlanError(N_("This household has a plan. Write a new version of that one.")) from error
    return plan


def add_line(session: Session, plan: HelpPlan, template: PlanTemplate) -> PlanLine:
    """One more risk. Raises PlanError when the plan has this line already."""
    if any(line.template_code == template.code for line in plan.lines):
        raise PlanError(N_("The plan speaks of this risk already."), "template")
    source = template.source
    line = PlanLine(
        plan=plan, household_id=plan.household_id, household=plan.household, number=len(plan.lines) + 1,
        template_code=template.code, title=template.title[:200], title_en=template.title_en[:200],
        basis={"kind": source.kind.value, "document": source.document, "clause": source.clause, "note": source.note},
        what=template.how or None, reckon_every=template.reckon_every, judge_relief=template.judge_relief,
        reckoned_on=plan.opened_on, is_demo=plan.is_demo,
    )  # fmt: skip
    session.add(line)
    session.flush()
    for title in template.evidence:
        session.add(PlanEvidence(line=line, household_id=plan.household_id, household=plan.household,
                                 title=title[:200], is_demo=plan.is_demo))  # fmt: skip
    session.flush()
    return line


def new_version(session: Session, plan_id: int, user_id: int | None, *, seen: int) -> HelpPlan:
    """A draft that begins with the open lines of the plan in force. Raises PlanError when one is being written."""
    plan = locked(session, plan_id, seen)
    if plan.state is not PlanState.IN_FORCE:
        raise PlanError(N_("Only a plan in force gets a new version."))
    if find_plan(session, plan.household_id, OPEN_STATES) is not None:
        raise PlanError(N_("A new version is being written already."))
    check_household(plan.household)
    fresh = start_version(session, plan.household, user_id, goal=plan.goal or "", case=None)
    fresh.case_id = plan.case_id
    carry_lines(session, plan, fresh)
    touch(plan)
    session.flush()
    return fresh


def submit(session: Session, plan_id: int, actor: Actor, *, seen: int) -> HelpPlan:
    """Hand the draft in. Where no rule names a level to check it, it is in force at once. Raises PlanError for a line
    that says neither what is done nor names a measure."""
    plan = locked_draft(session, plan_id, seen)
    if not plan.lines:
        raise PlanError(N_("The plan has no lines yet."))
    going_on = going_on_items(session, plan)
    for line in plan.lines:
        if not (line.what or "").strip():
            raise PlanError(N_("Line %(number)s does not say what is done. Fill it in first."), number=line.number)
        listed = [*line.items, *going_on.get(line.template_code, ())]
        if all(item.state is ItemState.DROPPED for item in listed):
            raise PlanError(N_("Line %(number)s has no measure yet. Add one first."), number=line.number)
    plan.submitted_by_id = actor.user_id
    return _go_on(session, plan, None)


def check(session: Session, plan_id: int, actor: Actor, *, seen: int, passed: bool, reason: str = "") -> HelpPlan:
    """The level whose turn it is has looked at the plan and its list of measures. Raises NotYourTurnError for another
    level and for who handed it in; PlanError for sending it back without a reason."""
    plan = locked(session, plan_id, seen)
    if plan.state is not PlanState.CHECKING:
        raise PlanError(N_("Nothing is to be checked in this plan."))
    level = LevelKind(plan.turn)
    if level not in actor.levels:
        raise NotYourTurnError(N_("This plan is checked by another level."))
    if plan.submitted_by_id == actor.user_id:
        raise NotYourTurnError(N_("Who handed the plan in does not check it."))
    if not passed and not reason.strip():
        raise PlanError(N_("Say why it is sent back."), "reason")
    session.add(PlanCheck(plan=plan, household_id=plan.household_id, household=plan.household, level=level,
                          passed=passed, reason=reason.strip()[:LONGEST] or None, at=clock.now(),
                          user_id=actor.user_id, is_demo=plan.is_demo))  # fmt: skip
    if passed:
        return _go_on(session, plan, level)
    plan.state, plan.turn = PlanState.DRAFT, ""
    touch(plan)
    session.flush()
    return plan


def _go_on(session: Session, plan: HelpPlan, after: LevelKind | None) -> HelpPlan:
    """To the next level of the place's rules, or into force."""
    levels = rules_for(plan.node_id, civil_today()).plans.checked_by
    rest = levels[levels.index(after) + 1 :] if after in levels else levels if after is None else ()
    if rest:
        plan.state, plan.turn = PlanState.CHECKING, rest[0].value
    else:
        before = find_plan(session, plan.household_id, {PlanState.IN_FORCE})
        if before is not None:
            hand_over(session, before, plan)
        plan.state, plan.turn, plan.in_force_on = PlanState.IN_FORCE, "", civil_today()
    touch(plan)
    session.flush()
    return plan


def close(session: Session, plan_id: int, actor: Actor, *, seen: int, reason: str) -> HelpPlan:
    """The plan has done its work. Raises PlanError while a risk is open or a case of the household is under way."""
    plan = locked(session, plan_id, seen)
    if plan.state is not PlanState.IN_FORCE:
        raise PlanError(N_("Only a plan in force is closed."))
    if any(line.state is LineState.OPEN for line in plan.lines):
        raise PlanError(N_("Cross off every risk first, each with its evidence."))
    if not reason.strip():
        raise PlanError(N_("Say what was achieved."), "reason")
    query = select(Case).where(Case.household_id == plan.household_id, Case.state == CaseState.OPEN)
    if session.scalars(query).first() is not None:
        raise PlanError(N_("A case of this household is under way. Close that one first."))
    plan.state, plan.ended_on, plan.ending_note = PlanState.CLOSED, civil_today(), reason.strip()[:LONGEST]
    touch(plan)
    session.flush()
    return plan


def locked(session: Session, plan_id: int, seen: int | None = None) -> HelpPlan:
    """The plan, locked until the commit. `seen`: its count of changes as the reader saw it; PlanError when something
    was done since. LookupError for an unknown plan."""
    plan = session.get(HelpPlan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise LookupError(f"no plan {plan_id}")
    if seen is not None and plan.changes != seen:
        raise PlanError(N_("Something was done in this plan meanwhile. Look at it again before you go on."))
    return plan


def locked_draft(session: Session, plan_id: int, seen: int | None = None) -> HelpPlan:
    """As `locked`; PlanError for a plan that is not being written."""
    plan = locked(session, plan_id, seen)
    if plan.state is not PlanState.DRAFT:
        raise PlanError(N_("This plan is not being written. Make a new version to change it."))
    return plan


def touch(plan: HelpPlan) -> None:
    plan.changes += 1
