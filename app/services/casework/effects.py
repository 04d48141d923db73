"""What an outcome does to the register (D2-22…24, DOMAIN 4.7). Records are opened and ended, never rewritten."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseEffect
from app.domain.enums import HouseholdCategory
from app.domain.policy.kinds import WorkflowKind
from app.domain.quarters import CHINA
from app.domain.register.words import ChangeSource, EliminationKind
from app.models import Case, Measure, MonitoringRecord
from app.services.register import categories, syncing

_C = HouseholdCategory
_NEW_CATEGORY = {CaseEffect.WATCH: _C.WATCH, CaseEffect.EARLY_WARNING: _C.EARLY_WARNING}
_FORMERLY_POOR = frozenset({_C.OUT_OF_POVERTY, _C.UNSTABLE})


def apply_outcome(session: Session, case: Case, at: datetime, user_id: int | None, reason: str) -> None:
    """Write the outcome of a case that was just closed into the register, and put the household on the queue for the
    provincial platform. Other outcomes write nothing."""
    effect, today = CaseEffect.of(case.outcome), at.astimezone(CHINA).date()
    if effect is CaseEffect.INCLUDED:
        assert case.category is not None  # decide() has asked for it
        change_category(session, case, case.category, today, user_id, reason)
        _open_record(session, case, today)
    elif effect is CaseEffect.ELIMINATED:
        record = _open_record_of(session, case)
        if record is not None:
            record.eliminated_on, record.elimination_kind = today, _how_it_ended(session, record)
        change_category(session, case, _after_monitoring(case.household.category), today, user_id, reason)
    elif effect in _NEW_CATEGORY and case.kind is WorkflowKind.RECOGNITION:
        change_category(session, case, _NEW_CATEGORY[effect], today, user_id, reason)
    else:
        return
    syncing.note(session, case.household)  # entered in the platform, also where the category stays (D4-04)


def change_category(
    session: Session, case: Case, category: HouseholdCategory, on: date, user_id: int | None, reason: str
) -> None:
    """The household's category from `on`, with its line in the history; nothing when it is the same."""
    if case.household.category is not category:
        words = (reason.strip() or case.outcome_title)[: categories.LONGEST_REASON]
        categories.change(session, case.household, category, on=on, reason=words, source=ChangeSource.CASE,
                          case_id=case.id, user_id=user_id)  # fmt: skip


def _open_record(session: Session, case: Case, today: date) -> None:
    record = _open_record_of(session, case)
    if record is None:
        record = MonitoringRecord(household_id=case.household_id, household=case.household, identified_on=today,
                                  is_demo=case.is_demo)  # fmt: skip
        session.add(record)
    assert case.category is not None
    record.kind, record.risks, record.case_id = case.category, list(case.risks), case.id


def _open_record_of(session: Session, case: Case) -> MonitoringRecord | None:
    query = select(MonitoringRecord).where(MonitoringRecord.household_id == case.household_id,
                                           MonitoringRecord.eliminated_on.is_(None))  # fmt: skip
    return session.scalars(query).first()


def _how_it_ended(session: Session, record: MonitoringRecord) -> EliminationKind:
    """By help when any measure was taken since the identification, of itself otherwise."""
    query = select(Measure.id).where(Measure.household_id == record.household_id,
                                     Measure.started_on >= record.identified_on)  # fmt: skip
    return EliminationKind.NATURAL if session.scalars(query.limit(1)).first() is None else EliminationKind.HELPED


def _after_monitoring(category: HouseholdCategory) -> HouseholdCategory:
    """Who was poor once stays on the list of those out of poverty; everybody else is a household like others."""
    return _C.OUT_OF_POVERTY if category in _FORMERLY_POOR else _C.GENERAL
