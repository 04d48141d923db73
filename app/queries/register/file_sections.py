"""What the household's file shows of the fuller record, read in one query a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import ChangeRequestState
from app.extensions import db
from app.models import (
    Appeal,
    Application,
    ChangeRequest,
    FocusTag,
    Helper,
    HouseholdCategoryChange,
    HouseholdQr,
    LivingConditions,
    Measure,
    MonitoringRecord,
)
from app.queries.scope import today

_MOST = 20


@dataclass(frozen=True, slots=True)
class Sections:
    """Each list the newest first. `living`: the newest; `code`: the door code in force."""

    history: list[HouseholdCategoryChange]
    tags: list[FocusTag]
    monitoring: list[MonitoringRecord]
    living: LivingConditions | None
    helpers: list[Helper]
    measures: list[Measure]
    pending: list[ChangeRequest]
    applications: list[Application]
    appeals: list[Appeal]
    code: HouseholdQr | None


def sections_of(household_id: int) -> Sections:
    """For a household inside the current access; empty sections for one outside."""
    day = today()
    tags = or_(FocusTag.to_on.is_(None), FocusTag.to_on >= day)
    helpers = or_(Helper.to_on.is_(None), Helper.to_on >= day)
    waiting = ChangeRequest.state == ChangeRequestState.PENDING
    living = _rows(LivingConditions, household_id, LivingConditions.as_of_on.desc(), most=1)
    codes = _rows(HouseholdQr, household_id, HouseholdQr.id, HouseholdQr.revoked_at.is_(None))
    sent = select(Application).where(Application.matched_household_id == household_id)
    return Sections(
        history=_rows(HouseholdCategoryChange, household_id, HouseholdCategoryChange.changed_on.desc()),
        tags=_rows(FocusTag, household_id, FocusTag.from_on.desc(), tags),
        monitoring=_rows(MonitoringRecord, household_id, MonitoringRecord.identified_on.desc()),
        living=living[0] if living else None,
        helpers=_rows(Helper, household_id, Helper.from_on.desc(), helpers),
        measures=_rows(Measure, household_id, Measure.started_on.desc()),
        pending=_rows(ChangeRequest, household_id, ChangeRequest.created_at, waiting),
        applications=list(db.session.scalars(sent.order_by(Application.id.desc()).limit(_MOST))),
        appeals=_rows(Appeal, household_id, Appeal.received_on.desc()),
        code=codes[0] if codes else None,
    )


def _rows(model: Any, household_id: int, order: Any, *conditions: Any, most: int = _MOST) -> list[Any]:
    query = select(model).where(model.household_id == household_id, *conditions).order_by(order, model.id.desc())
    return list(db.session.scalars(query.limit(most)))
