"""公示 and 异议: the notice hangs for the template's days; an objection holds the case until answered (D0-38)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.domain.casework.words import EntryKind, ObjectionState
from app.domain.msgids import N_
from app.domain.policy import Step
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Case, CaseNotice, CaseObjection
from app.services.casework import files
from app.services.casework.actors import Actor
from app.services.casework.problems import CaseError, NotYoursError


def post_notice(session: Session, case_id: int, actor: Actor, *, number: int, from_on: date, place: str) -> CaseNotice:
    """Record that the notice of the present step hangs from `from_on` (today or earlier, not before the step began) for
    the template's days. Raises CaseError naming the field, NotYoursError for a step of another level."""
    at = clock.now()
    case = files.locked_open(session, case_id, number)
    step = files.flow_of(case).step(case.step)
    if step.actor not in actor.levels:
        raise NotYoursError(N_("This step is decided by another level."))
    if not step.needs_publicity_days:
        raise CaseError(N_("This step needs no notice."))
    began, today = case.step_from_at.astimezone(CHINA).date(), at.astimezone(CHINA).date()
    if not began <= from_on <= today:
        raise CaseError(N_("The notice hangs since a day between the beginning of this step and today."), "from_on")
    if not place.strip():
        raise CaseError(N_("Say where the notice hangs."), "place")
    notice = CaseNotice(case=case, household_id=case.household_id, household=case.household, step=case.step,
                        from_on=from_on, to_on=from_on + timedelta(days=step.needs_publicity_days - 1),
                        place=place.strip()[:200], posted_by_id=actor.user_id, posted_at=at,
                        is_demo=case.is_demo)  # fmt: skip
    session.add(notice)
    days = {"from_on": notice.from_on.isoformat(), "to_on": notice.to_on.isoformat()}
    files.note(session, case, EntryKind.NOTICE, actor.user_id, at, facts={**days, "place": notice.place})
    session.flush()
    return notice


def finished_notice(case: Case, step: Step, today: date) -> CaseNotice | None:
    """The notice of this visit to the step whose days are over: the last day has passed."""
    began = case.step_from_at.astimezone(CHINA).date()
    hung = (n for n in case.notices if n.step == step.code and n.from_on >= began)
    return next((notice for notice in hung if notice.to_on < today), None)


def object_to(session: Session, case_id: int, actor: Actor, *, number: int, words: str, said_by: str) -> CaseObjection:
    """Write down an objection; the step cannot pass before it is answered. Anybody who sees the case may record one.
    `said_by` may stay empty: objections may be anonymous."""
    at = clock.now()
    case = files.locked_open(session, case_id, number)
    if not words.strip():
        raise CaseError(N_("Write down what was objected."), "words")
    objection = CaseObjection(case=case, household_id=case.household_id, household=case.household, step=case.step,
                              words=words.strip(), said_by=said_by.strip() or None, raised_at=at,
                              is_demo=case.is_demo)  # fmt: skip
    session.add(objection)
    files.note(session, case, EntryKind.OBJECTION, actor.user_id, at, reason=words)
    session.flush()
    return objection


def answer_objection(
    session: Session, case_id: int, objection_id: int, actor: Actor, *, number: int, upheld: bool, answer: str
) -> CaseObjection:
    """Answer in writing. Upheld, the case cannot pass this step again before it was sent back. Raises CaseError when it
    was answered before or without words, LookupError for an objection of another case."""
    at = clock.now()
    case = files.locked_open(session, case_id, number)
    objection = next((o for o in case.objections if o.id == objection_id), None)
    if objection is None:
        raise LookupError(f"case {case_id} has no objection {objection_id}")
    step = files.flow_of(case).step(case.step)
    if step.actor not in actor.levels:
        raise NotYoursError(N_("This step is decided by another level."))
    if objection.state is not ObjectionState.OPEN:
        raise CaseError(N_("This objection has been answered already."))
    if not answer.strip():
        raise CaseError(N_("Write the answer to the objection."), "answer")
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    objection.answer, objection.answered_at, objection.answered_by_id = answer.strip(), at, actor.user_id
    files.note(session, case, EntryKind.ANSWERED, actor.user_id, at, reason=answer,
               facts={"upheld": upheld})  # fmt: skip
    session.flush()
    return objection
