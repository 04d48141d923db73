"""立案: a case begins with the first step of the workflow that holds for the household's place on that day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseState, EntryKind
from app.domain.enums import ClueState
from app.domain.msgids import N_
from app.domain.policy.kinds import WorkflowKind
from app.domain.quarters import CHINA
from app.domain.transitions import can_move, is_terminal
from app.extensions import clock
from app.models import Case, Clue, Household
from app.queries.policy import rules_for
from app.services import clues
from app.services.casework import files
from app.services.casework.problems import CaseError

_STEPS_TO_CONFIRMED = (ClueState.VERIFYING, ClueState.CONFIRMED)


def open_case(
    session: Session,
    household: Household,
    kind: WorkflowKind,
    *,
    user_id: int | None,
    reason: str,
    clue: Clue | None = None,
    risks: Sequence[str] = (),
    previous: Case | None = None,
) -> Case:
    """Open a case and confirm the clue it follows from. `reason`: what is known so far, kept encrypted; `risks`: codes
    of the policy's risk list. Raises CaseError where no workflow holds, without a reason, for a household that is gone
    or has a case under way."""
    at = clock.now()
    if not reason.strip():
        raise CaseError(N_("Say what is known so far."), "reason")
    if household.gone_on is not None:
        raise CaseError(N_("This household is no longer here; no case is opened for it."))
    _refuse_second(session, household)
    today = at.astimezone(CHINA).date()
    template = files.template_of(session, rules_for(household.node_id, today), kind)
    case = Case(household_id=household.id, household=household, clue_id=clue.id if clue else None,
                previous_id=previous.id if previous else None, template=template, kind=kind, risks=list(risks),
                state=CaseState.OPEN, entries=0, opened_on=today, opened_by_id=user_id,
                is_demo=household.is_demo)  # fmt: skip
    files.enter_step(case, files.flow_of(case).steps[0].code, at, user_id)
    try:
        with session.begin_nested():
            session.add(case)
    except IntegrityError as error:  # somebody opened one in the same moment
        raise CaseError(N_("A case of this household is under way.")) from error
    case.number = f"{today.year}-{case.id:06d}"
    files.note(session, case, EntryKind.OPENED, user_id, at, reason=reason)
    if clue is not None:
        _confirm(session, clue, case, user_id)
    session.flush()
    return case


def _refuse_second(session: Session, household: Household) -> None:
    query = select(Case).where(Case.household_id == household.id, Case.state == CaseState.OPEN)
    under_way = session.scalars(query).first()
    if under_way is not None:
        raise CaseError(N_("Case %(number)s of this household is under way; go on with that one."),
                        number=under_way.number)  # fmt: skip


def _confirm(session: Session, clue: Clue, case: Case, user_id: int | None) -> None:
    if clue.household_id != case.household_id:
        raise CaseError(N_("This clue is about another household."))
    if is_terminal(clue.state):
        raise CaseError(N_("This clue has been settled already."))
    if clue.state is not ClueState.VERIFYING and not can_move(clue.state, ClueState.VERIFYING):
        raise CaseError(N_("This clue lies with a department. Take it up again on its page, then open the case."))
    for state in _STEPS_TO_CONFIRMED:
        if clue.state is not state:
            clues.move(session, clue.id, state, user_id=user_id, result=f"{case.number}")
