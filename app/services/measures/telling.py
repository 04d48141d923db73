"""村内公示 of measures: one notice a village for what has begun and stands on no notice yet (D3-20)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.grid_care.words import PublicityKind
from app.domain.msgids import N_
from app.models import GridNode, PublicityRecord
from app.queries.measures.notices import VILLAGE_DEPTH, unpublished
from app.services.grid_care import publicity
from app.services.measures.problems import PlanError


def draw_up(session: Session, village: GridNode) -> PublicityRecord:
    """Raise a publication that names every measure of the village that waits; channels, dates and photo follow where
    all publicity is recorded. Raises PlanError for a unit that is no village or has nothing to publish."""
    if village.depth != VILLAGE_DEPTH:
        raise PlanError(N_("Measures are published village by village. Choose a village."))
    measures = list(session.scalars(unpublished(village).with_for_update()))
    if not measures:
        raise PlanError(N_("No measure of this village waits to be published."))
    households = {one.household_id for one in measures}
    what = f"帮扶措施落实情况公示（{len(households)}户{len(measures)}项）"
    record = publicity.raise_due(session, village, PublicityKind.MEASURES, what)
    record.is_demo = all(one.is_demo for one in measures)
    for one in measures:
        one.publicity_id = record.id
    session.flush()
    return record
