"""The national export in the background, on behalf of the person who uploaded it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import Celery
from flask import Flask, current_app

from app.extensions import db
from app.models import NationalBatch
from app.queries.scope import acting_as, system_access
from app.services.roundtrip import applying, comparing
from app.sheets.imports import national_staging
from tasks.queues import SLOW
from tasks.units import worker_context

READ = "shouwang.read_national"
WRITE = "shouwang.write_national"
UNDO = "shouwang.undo_national"


def read_national(batch_id: int) -> None:
    """Stage and compare an upload. May run twice; goes on after a crash."""
    with _as_uploader(batch_id) as batch:
        if batch.stage == "reading":
            with national_staging.kept(db.session, batch_id) as file:
                national_staging.stage(db.session, batch_id, file, db.session.commit)
        comparing.compare(db.session, batch_id, db.session.commit)


def write_national(batch_id: int) -> None:
    """Write what was decided. May run twice, also at once; goes on after a crash."""
    with _as_uploader(batch_id):
        applying.apply(db.session, batch_id, db.session.commit)


def undo_national(batch_id: int) -> None:
    """Take a batch back. The second run finds it undone and does nothing."""
    with _as_uploader(batch_id) as batch:
        if applying.can_undo(batch):
            applying.undo(db.session, batch_id, db.session.commit)


@contextmanager
def _as_uploader(batch_id: int) -> Iterator[NationalBatch]:
    """Acts as the uploader on today's assignments; batches of the command line act as the system."""
    with system_access():
        user_id = comparing.get_batch(db.session, batch_id).created_by_id
        db.session.commit()
    try:
        with system_access() if user_id is None else acting_as(user_id):
            yield comparing.get_batch(db.session, batch_id)
    except BaseException:
        db.session.rollback()
        raise


def enqueue(task: str, batch_id: int) -> None:
    """Ask a worker; call it after the commit that made the batch ready. `task`: READ, WRITE or UNDO."""
    from tasks.celery_app import connect

    connect(current_app._get_current_object()).send_task(task, args=[batch_id], queue=SLOW)  # type: ignore[attr-defined]


def register(celery: Celery, app: Flask) -> None:
    for name, work in WORK.items():
        _register(celery, app, name, work)


def _register(celery: Celery, app: Flask, name: str, work: Callable[[int], None]) -> None:
    @celery.task(name=name, shared=False)  # type: ignore[untyped-decorator]
    def run(batch_id: int) -> None:
        with worker_context(app):
            work(batch_id)


WORK: dict[str, Callable[[int], None]] = {READ: read_national, WRITE: write_national, UNDO: undo_national}
