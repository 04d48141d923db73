"""One unit of work: a session of its own, one commit, all rows visible (HOUSE rule 8)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from app.extensions import db
from app.queries.scope import system_access

# SQLite has one writer. Threads of one process wait here, in order and awake at once, instead of inside SQLite, which
# lets them sleep and overtake one another (STACK B2c). PostgreSQL needs no such thing.
_one_writer = threading.Lock()


@contextmanager
def unit() -> Iterator[Session]:
    """Commit at the end, roll back at an exception. Needs an application context. Never open one round HTTP."""
    session: Session = db.session.session_factory()
    with system_access(), _turn(session), session, session.begin():
        yield session


@contextmanager
def worker_context(app: Flask) -> Iterator[None]:
    """What a thread of a worker needs round everything it does."""
    with app.app_context(), system_access():
        try:
            yield
        finally:
            db.session.remove()


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    with _one_writer:
        yield
