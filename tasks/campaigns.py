"""Planning in the background: a county is planned in chunks, so that calls under way are never kept waiting."""

from __future__ import annotations

from celery import Celery
from flask import Flask

from app.services import campaigns, planning
from tasks.sending import send
from tasks.units import unit, worker_context

PLAN = "shouwang.plan_campaign"


def plan_campaign(campaign_id: int) -> int:
    """Plan a campaign, one transaction a chunk. May run twice, also at once. Number of chunks."""
    with unit() as session:
        chunks = planning.list_chunks(session, campaigns.get_campaign(session, campaign_id))
    for chunk in chunks:
        with unit() as session:
            planning.plan_chunk(session, campaigns.get_campaign(session, campaign_id), chunk)
    with unit() as session:
        planning.finish_plan(session, campaigns.get_campaign(session, campaign_id))
    return len(chunks)


def enqueue_plan(campaign_id: int) -> None:
    """Ask a worker to plan it; call it after the commit that made the campaign."""
    send(PLAN, campaign_id)


def register(celery: Celery, app: Flask) -> None:
    @celery.task(name=PLAN, shared=False)  # type: ignore[untyped-decorator]
    def run(campaign_id: int) -> None:
        with worker_context(app):
            plan_campaign(campaign_id)
