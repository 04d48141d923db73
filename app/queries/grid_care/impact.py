"""What a merge, split or move would carry along: shown before it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.enums import CampaignState, WorkTaskState
from app.extensions import db
from app.models import Assignment, Campaign, Contact, GridNode, Household, Member, WorkTask
from app.queries.scope import today


@dataclass(frozen=True, slots=True)
class Impact:
    """Numbers of rows at some units and below. `gone`: households that left the register; they move all the same."""

    households: int
    gone: int
    members: int
    open_tasks: int
    assignments: int
    campaign_contacts: int
    units_below: int


def of(nodes: Sequence[GridNode]) -> Impact:
    """Counted in the current scope; `nodes` of one depth, none below another."""
    ids = [node.id for node in nodes]
    column = f"l{nodes[0].depth}_id"
    day = today()

    def count(model: type[Any], *conditions: Any) -> int:
        inside = getattr(model, column).in_(ids)
        return db.session.scalar(select(func.count()).select_from(model).where(inside, *conditions)) or 0

    below = select(GridNode.id).where(getattr(GridNode, column).in_(ids))
    serving = select(func.count(Assignment.id)).where(
        Assignment.node_id.in_(below), or_(Assignment.to_on.is_(None), Assignment.to_on >= day)
    )
    running = select(Campaign.id).where(Campaign.state != CampaignState.CLOSED)
    return Impact(
        households=count(Household, Household.gone_on.is_(None)),
        gone=count(Household, Household.gone_on.is_not(None)),
        members=count(Member),
        open_tasks=count(WorkTask, WorkTask.state == WorkTaskState.OPEN),
        assignments=db.session.scalar(serving) or 0,
        campaign_contacts=count(Contact, Contact.campaign_id.in_(running)),
        units_below=count(GridNode, GridNode.is_active, GridNode.id.not_in(ids)),
    )
