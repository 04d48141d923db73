"""One unit of work: a session of its own, one commit, all rows visible (HOUSE rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from app.extensions import db, writers_turn
from app.queries.at_hand import working_in
from app.queries.scope import system_access


@contextmanager
def unit() -> Iterator[Session]:
    """Commit at the end, roll back at an exception. Needs an application context. Never open one round HTTP."""
    session: Session = db.session.session_factory()
    with system_access(), writers_turn(session), session, session.begin(), working_in(session):
        yield session


@contextmanager
def worker_context(app: Flask) -> Iterator[None]:
    """What a thread of a worker needs round everything it does."""
    with app.app_context(), system_access():
        try:
            yield
        finally:
            db.session.remove()
