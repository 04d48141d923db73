"""The check-up in the background: every night over every county, and for the unit somebody asked about."""

from __future__ import annotations

from celery import Celery
from flask import Flask
from sqlalchemy import select

from app.models import CheckupRun, GridNode
from app.services.checkup import runs
from tasks.sending import send
from tasks.units import unit, worker_context

CHECK_UP = "shouwang.check_up"


def check_up_all() -> int:
    """Look at every tree of the grid, one after the other; a run that broke off is gone on with. Number of runs."""
    with unit() as session:
        roots = session.scalars(select(GridNode).where(GridNode.depth == 1, GridNode.is_active).order_by(GridNode.id))
        broken_off = session.scalars(select(CheckupRun.id).where(CheckupRun.finished_at.is_(None))).all()
        run_ids = list(dict.fromkeys([*broken_off, *(runs.begin(session, root).id for root in roots)]))
    for run_id in run_ids:
        runs.carry_out(unit, run_id)
    return len(run_ids)


def enqueue_run(run_id: int) -> None:
    """Ask a worker to carry a run out; call it after the commit that made it."""
    send(CHECK_UP, run_id)


def register(celery: Celery, app: Flask) -> None:
    @celery.task(name=CHECK_UP, shared=False)  # type: ignore[untyped-decorator]
    def run(run_id: int) -> None:
        with worker_context(app):
            runs.carry_out(unit, run_id)
