"""Receipt of visit records by the village archive (D4-26): who took in which record on which day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import VisitChannel
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.models import Visit, VisitReceipt
from app.security import audit
from app.services.measures.plans import civil_today
from app.services.measures.problems import PlanError


def receive(session: Session, visit_ids: Collection[int], *, user_id: int | None, on: date) -> int:
    """Take in the papers of these visits; those taken in before keep their day. Returns how many are new. Raises
    PlanError without a record, for a day out of bounds, or for a visit that cannot have a paper."""
    if not visit_ids:
        raise PlanError(N_("Choose at least one record."))
    if on > civil_today():
        raise PlanError(N_("The day lies in the future."), "on")
    query = select(Visit).where(Visit.id.in_(visit_ids)).with_for_update()
    visits = list(session.scalars(query))
    if len(visits) != len(set(visit_ids)):
        raise LookupError("a visit is unknown or lies outside the area")
    known = set(session.scalars(select(VisitReceipt.visit_id).where(VisitReceipt.visit_id.in_(visit_ids))))
    fresh = [one for one in visits if one.id not in known]
    for one in fresh:
        if one.channel is not VisitChannel.IN_PERSON or one.withdrawn_at is not None:
            raise PlanError(N_("Only records of home visits that count are taken in."))
        if on < one.happened_at.astimezone(CHINA).date():
            raise PlanError(N_("A record cannot be taken in before its visit."), "on")
        session.add(VisitReceipt(visit_id=one.id, household_id=one.household_id, received_on=on,
                                 received_by_id=user_id, is_demo=one.is_demo))  # fmt: skip
    session.flush()
    for node_id in sorted({one.node_id for one in fresh}):
        audit.record("archived", "visit", None, node_id=node_id,
                     changes={"records": [0, sum(one.node_id == node_id for one in fresh)]})  # fmt: skip
    return len(fresh)
