"""Who is called this quarter, and why the others are not: one contact a household, by set-based SQL.

Planning dials nobody and may be repeated: a household that has a contact this quarter keeps it, and contacts that were
not begun are judged anew. On SQLite an area is planned in chunks, each its own transaction, since a writer blocks the
callbacks of calls under way for as long as it writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.enums import CampaignState
from app.domain.transitions import InvalidTransition, require_move
from app.extensions import clock
from app.models import Campaign, Contact, Household
from app.queries.scope import vouched
from app.services import campaign_kinds, planning_sql
from app.services.policies import policy_of

CHUNK = {"sqlite": 5_000, "postgresql": 100_000}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Households with `after` < id ≤ `until`."""

    after: int
    until: int


def plan(session: Session, campaign: Campaign) -> None:
    """Plan the whole area inside the caller's transaction. Large areas on SQLite: `list_chunks` and `plan_chunk`."""
    for chunk in list_chunks(session, campaign):
        plan_chunk(session, campaign, chunk)
    finish_plan(session, campaign)


def list_chunks(session: Session, campaign: Campaign, size: int | None = None) -> list[Chunk]:
    """The area's households cut by id. Raises InvalidTransition for a closed campaign."""
    if campaign.state is CampaignState.CLOSED:
        raise InvalidTransition(campaign.state, CampaignState.PLANNED)
    size = size or CHUNK[session.get_bind().dialect.name]
    inside = planning_sql.in_area(campaign, Household.__table__)
    ids = select(Household.id).where(inside).order_by(Household.id)
    chunks: list[Chunk] = []
    after = 0
    while True:
        beyond = ids.where(Household.id > after).limit(size).subquery()
        until = session.scalar(select(beyond.c.id).order_by(beyond.c.id.desc()).limit(1))
        if until is None:
            return chunks
        chunks.append(Chunk(after, until))
        after = until


def plan_chunk(session: Session, campaign: Campaign, chunk: Chunk) -> None:
    """Make the missing contacts of one chunk and judge anew those that were not begun."""
    if session.get_bind().dialect.name == "postgresql":
        # Compiling the statement to machine code costs a second a chunk and saves none; the sort fits into memory.
        session.connection().exec_driver_sql("SET LOCAL jit = off")
        session.connection().exec_driver_sql("SET LOCAL work_mem = '64MB'")
    start_at = _start_at(campaign)
    kind = "notice" if campaign_kinds.of(campaign).sends_texts and policy_of(campaign).notice else "call"
    if _was_planned(session, campaign, chunk):  # judging costs as much as inserting: not for nothing
        session.execute(vouched(planning_sql.refresh(campaign, chunk.after, chunk.until, start_at, kind)))
    insert = planning_sql.insert(session.get_bind().dialect.name, campaign, chunk.after, chunk.until, start_at, kind)
    session.execute(vouched(insert))
    session.expire_all()


def _was_planned(session: Session, campaign: Campaign, chunk: Chunk) -> bool:
    inside = (Contact.household_id > chunk.after, Contact.household_id <= chunk.until)
    found = select(Contact.id).where(*inside, Contact.campaign_id == campaign.id).limit(1)
    return session.scalar(found) is not None


def finish_plan(session: Session, campaign: Campaign) -> None:
    """The plan is complete; a campaign that runs already goes on running."""
    campaign.planned_at = clock.now()
    if campaign.state is CampaignState.DRAFT:
        require_move(campaign.state, CampaignState.PLANNED)
        campaign.state = CampaignState.PLANNED
    session.flush()


def discard_plan(session: Session, campaign: Campaign) -> None:
    """Back to draft, so that area or policy can be changed. Raises InvalidTransition once it was launched."""
    require_move(campaign.state, CampaignState.DRAFT)
    campaign.state, campaign.planned_at = CampaignState.DRAFT, None
    session.flush()


def _start_at(campaign: Campaign) -> datetime:
    return max(clock.now(), planning_sql.quarter_bounds(campaign)[0])


def open_tasks(session: Session, campaign: Campaign) -> int:
    """What the campaign leaves to the grid workers from the start (opted out, visit only, no number), one statement.

    Number of tasks opened. Households that have such a task already keep theirs.
    """
    dialect = session.get_bind().dialect.name
    made = session.execute(vouched(planning_sql.insert_tasks(dialect, campaign, clock.now())))
    return int(made.rowcount)  # type: ignore[attr-defined]
