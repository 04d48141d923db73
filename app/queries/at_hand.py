"""The session whose transaction is being written: reads that belong to it must not ask through another one.

A background unit holds SQLite's write lock in a session of its own; whoever then read through the request's session
would open a second transaction beside it, and any write there would wait for a lock its own thread holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy.orm import Session

from app.extensions import db

_session: ContextVar[Session | None] = ContextVar("session_at_hand", default=None)


def session_at_hand() -> Any:
    """That of the unit of work under way; outside of one, the request's."""
    return _session.get() or db.session


@contextmanager
def working_in(session: Session) -> Iterator[Session]:
    token = _session.set(session)
    try:
        yield session
    finally:
        _session.reset(token)
