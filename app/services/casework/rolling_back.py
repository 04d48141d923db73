"""回退: an outcome proves wrong. The register goes back to before it, and both stand in the history (DOMAIN 4.7)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseEffect, CaseState, EntryKind
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.domain.register.words import EliminationKind
from app.extensions import clock
from app.models import Case, HouseholdCategoryChange, MonitoringRecord
from app.services.casework import files
from app.services.casework.actors import Actor
from app.services.casework.effects import change_category
from app.services.casework.problems import CaseError, NotYoursError
from app.services.register import syncing

_CAN_GO_BACK = frozenset({CaseEffect.INCLUDED, CaseEffect.ELIMINATED, CaseEffect.WATCH, CaseEffect.EARLY_WARNING})


def roll_back(session: Session, case_id: int, actor: Actor, *, number: int, reason: str) -> Case:
    """Undo what the outcome of a closed case did to the register. County only, with a reason, once, and only while
    nothing newer changed the household's category. Raises CaseError, NotYoursError, LookupError."""
    at = clock.now()
    case = files.locked(session, case_id, number)
    if LevelKind.COUNTY not in actor.levels:
        raise NotYoursError(N_("Only the county takes back an outcome."))
    if case.state is not CaseState.CLOSED or CaseEffect.of(case.outcome) not in _CAN_GO_BACK:
        raise CaseError(N_("This case has no outcome that could be taken back."))
    if case.rolled_back_at is not None:
        raise CaseError(N_("This outcome has been taken back already."))
    if not reason.strip():
        raise CaseError(N_("Say why the outcome is taken back."), "reason")
    _restore_category(session, case, actor.user_id, reason)
    _restore_record(session, case)
    syncing.note(session, case.household)
    case.rolled_back_at = at
    files.note(session, case, EntryKind.ROLLED_BACK, actor.user_id, at, reason=reason)
    session.flush()
    return case


def _restore_category(session: Session, case: Case, user_id: int, reason: str) -> None:
    change = HouseholdCategoryChange
    query = select(change).where(change.household_id == case.household_id).order_by(change.id.desc())
    latest = session.scalars(query).first()
    if latest is None or latest.case_id != case.id:
        if CaseEffect.of(case.outcome) is CaseEffect.INCLUDED and latest is None:
            return  # the household had this category before the case
        raise CaseError(N_("The household was classed anew after this case; take back the newer change first."))
    today = clock.now().astimezone(CHINA).date()
    change_category(session, case, latest.from_category, today, user_id, reason)


def _restore_record(session: Session, case: Case) -> None:
    record = session.scalars(
        select(MonitoringRecord)
        .where(MonitoringRecord.household_id == case.household_id)
        .order_by(MonitoringRecord.id.desc())
    ).first()
    if record is None:
        return
    if CaseEffect.of(case.outcome) is CaseEffect.ELIMINATED and record.eliminated_on is not None:
        record.eliminated_on = record.elimination_kind = None
    elif CaseEffect.of(case.outcome) is CaseEffect.INCLUDED and record.case_id == case.id:
        record.eliminated_on = clock.now().astimezone(CHINA).date()
        record.elimination_kind = EliminationKind.ROLLED_BACK
