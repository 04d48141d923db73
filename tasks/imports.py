"""Rosters in the background, on behalf of the person who uploaded them: what they may not touch stays bad rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import Celery
from flask import Flask

from app.extensions import db
from app.queries.scope import acting_as, system_access
from app.sheets.imports import batches
from tasks.sending import send
from tasks.units import worker_context

PREVIEW = "shouwang.preview_import"
APPLY = "shouwang.apply_import"
UNDO = "shouwang.undo_import"


def preview_import(batch_id: int) -> None:
    """Parse and compare an uploaded batch. May run twice."""
    with _as_uploader(batch_id):
        batches.preview(db.session, batch_id, db.session.commit)


def apply_import(batch_id: int) -> None:
    """Apply a previewed batch to its end. May run twice, also at once; goes on after a crash."""
    with _as_uploader(batch_id):
        batches.apply(db.session, batch_id, db.session.commit)


def undo_import(batch_id: int) -> None:
    """Take an applied batch back. The second run finds it undone and does nothing."""
    with _as_uploader(batch_id):
        batch = batches.get_batch(db.session, batch_id)
        if batches.can_undo(batch):
            batches.undo(db.session, batch_id, db.session.commit)


@contextmanager
def _as_uploader(batch_id: int) -> Iterator[None]:
    """Acts as the uploader on today's assignments; batches of the command line act as the system."""
    with system_access():
        user_id = batches.get_batch(db.session, batch_id).created_by_id
        db.session.commit()
    try:
        with system_access() if user_id is None else acting_as(user_id):
            yield
    except BaseException:
        db.session.rollback()
        raise


def enqueue(task: str, batch_id: int) -> None:
    """Ask a worker; call it after the commit that made the batch ready. `task`: PREVIEW, APPLY or UNDO."""
    send(task, batch_id)


def register(celery: Celery, app: Flask) -> None:
    for name, work in WORK.items():
        _register(celery, app, name, work)


def _register(celery: Celery, app: Flask, name: str, work: Callable[[int], None]) -> None:
    @celery.task(name=name, shared=False)  # type: ignore[untyped-decorator]
    def run(batch_id: int) -> None:
        with worker_context(app):
            work(batch_id)


WORK: dict[str, Callable[[int], None]] = {PREVIEW: preview_import, APPLY: apply_import, UNDO: undo_import}
