"""One decision at one step: by the level whose turn it is, once, along a way the template has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.casework import PASS, RETURN, FlowError, Way, find_way
from app.domain.casework.words import CaseEffect, CaseState, EntryKind, ObjectionState
from app.domain.enums import HouseholdCategory
from app.domain.msgids import N_
from app.domain.policy import Step, Workflow
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Case
from app.services.casework import files
from app.services.casework.actors import Actor
from app.services.casework.effects import apply_outcome
from app.services.casework.problems import CaseError
from app.services.casework.publicity import finished_notice
from app.services.casework.turns import check_turn

MAX_PRESENT = 2000


@dataclass(frozen=True, slots=True)
class Review:
    """民主评议, a council's discussion: who met and how they voted (D0-37). `names` of those present and `minutes` are
    kept encrypted; `names` may stay out where the signed sheet has them."""

    held_on: date
    present: int
    in_favour: int
    against: int
    abstained: int
    minutes: str
    names: tuple[str, ...] = ()

    def check(self, today: date, opened_on: date) -> None:
        """Raises CaseError naming the field."""
        if not opened_on <= self.held_on <= today:
            raise CaseError(N_("The meeting lies between the opening of the case and today."), "held_on")
        votes = (self.in_favour, self.against, self.abstained)
        if not 1 <= self.present <= MAX_PRESENT or min(votes) < 0:
            raise CaseError(N_("Count the people present, and the votes, from 0 upwards."), "present")
        if sum(votes) != self.present:
            raise CaseError(N_("%(votes)s votes were counted, but %(present)s people were present: for, against and "
                               "abstained together make the number present."), "in_favour",
                            votes=sum(votes), present=self.present)  # fmt: skip
        if len(self.names) > self.present:
            raise CaseError(N_("%(names)d names are given, but only %(present)d people were present."), "names",
                            names=len(self.names), present=self.present)  # fmt: skip
        if not self.minutes.strip():
            raise CaseError(N_("Say what was discussed."), "minutes")

    def facts(self) -> dict[str, Any]:
        return asdict(self) | {"held_on": self.held_on.isoformat()}


def decide(
    session: Session,
    case_id: int,
    actor: Actor,
    decision: str,
    *,
    number: int,
    reason: str = "",
    review: Review | None = None,
    category: HouseholdCategory | None = None,
    risks: Sequence[str] | None = None,
    took_part: Sequence[str] = (),
) -> Case:
    """Take the way `decision` out of the present step. `number`: of the last entry the actor saw. `category`: the
    monitored kind, needed where passing includes the household. `took_part`: names of the offices of a joint
    check (D2-20). Raises NotYoursError for a step of another level or of one's own submission, CaseError for what is
    missing, LookupError for an unknown case."""
    at = clock.now()
    case = files.locked_open(session, case_id, number)
    flow = files.flow_of(case)
    step = flow.step(case.step)
    stands_in = check_turn(session, case, step, actor)
    way = _way(flow, case, decision)
    if stands_in:
        _check_stand_in(step, decision, reason, review)
    if way.needs_reason and not reason.strip():
        raise CaseError(N_("Give the reason; the household and the level below have a right to it."), "reason")
    if decision == PASS:
        _check_ready(case, step, review, at)
    _take_over(case, category, risks)
    if way.ends:
        _check_category(case, way)
    kind = EntryKind.RETURNED if decision == RETURN else EntryKind.DECIDED
    facts = _facts(case, review) | ({"took_part": list(dict.fromkeys(took_part))} if took_part else {})
    facts |= {"in_place_of": step.actor.value} if stands_in else {}
    files.note(session, case, kind, actor.user_id, at, reason=reason, facts=facts, decision=decision,
               target=way.target, target_title=_title(flow, way), form=step.form)  # fmt: skip
    if way.ends:
        _close(session, case, way.target, flow.outcomes[way.target], at, actor.user_id, reason)
    else:
        submitted_by = actor.user_id if flow.step(way.target).actor is not step.actor else case.submitted_by_id
        files.enter_step(case, way.target, at, submitted_by)
    session.flush()
    return case


def _check_stand_in(step: Step, decision: str, reason: str, review: Review | None) -> None:
    if not reason.strip():
        raise CaseError(N_("Say why you decide in place of the level whose step it is."), "reason")
    if decision == PASS and step.needs_meeting and (review is None or not review.names):
        raise CaseError(N_("Name those who were present: the meeting decides, not whoever records it."), "names")


def _way(flow: Workflow, case: Case, decision: str) -> Way:
    try:
        return find_way(flow, case.step, decision, files.travelled(case))
    except FlowError as error:
        raise CaseError(N_("This step does not offer that decision. Reload the page and choose again.")) from error


def _check_ready(case: Case, step: Step, review: Review | None, at: datetime) -> None:
    today = at.astimezone(CHINA).date()
    if any(o.state is ObjectionState.OPEN for o in case.objections):
        raise CaseError(N_("An objection has not been answered yet."))
    if any(o.state is ObjectionState.UPHELD and o.step == step.code and o.raised_at >= case.step_from_at
           for o in case.objections):  # fmt: skip
        raise CaseError(N_("An objection was upheld: this step cannot pass; send the case back or end it."))
    if step.needs_meeting:
        if review is None:
            raise CaseError(N_("This step needs the record of a meeting: %(meeting)s."), "held_on",
                            meeting=step.needs_meeting)  # fmt: skip
        review.check(today, case.opened_on)
    if step.needs_publicity_days and finished_notice(case, step, today) is None:
        raise CaseError(N_("The notice must hang for %(days)s days before this step can pass."),
                        days=step.needs_publicity_days)  # fmt: skip


def _take_over(case: Case, category: HouseholdCategory | None, risks: Sequence[str] | None) -> None:
    if category is not None:
        case.category = category
    if risks is not None:
        case.risks = list(dict.fromkeys(risks))


def _check_category(case: Case, way: Way) -> None:
    if CaseEffect.of(way.target) is not CaseEffect.INCLUDED:
        return
    if case.category not in MONITORED_CATEGORIES:
        raise CaseError(N_("Choose which of the monitored kinds the household belongs to."), "category")
    if not case.risks:
        raise CaseError(N_("Choose at least one risk."), "risks")


def _facts(case: Case, review: Review | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"category": case.category.value if case.category else "", "risks": case.risks}
    return facts | ({"review": review.facts()} if review else {})


def _title(flow: Workflow, way: Way) -> str:
    return flow.outcomes[way.target] if way.ends else flow.step(way.target).title


def _close(session: Session, case: Case, outcome: str, title: str, at: datetime, user_id: int, reason: str) -> None:
    case.state, case.closed_at = CaseState.CLOSED, at
    case.outcome, case.outcome_title = outcome, title
    case.step, case.step_title, case.actor, case.step_due_at = "", "", "", None
    apply_outcome(session, case, at, user_id, reason)
