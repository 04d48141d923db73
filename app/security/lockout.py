"""Guessing stops after five wrong passwords in a quarter of an hour.

Attempts are counted in the audit trail under a keyed hash of the name that was typed, known or not: an unknown name
locks in the same way, so the message does not tell who has an account. A success or a reset by an administrator ends
the lock; so does time. No name is stored or logged.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from app.extensions import clock, db
from app.models import AuditEntry
from app.models.types import cipher
from app.queries.scope import vouched
from app.security import audit

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
FAILED = "login_failed"
ENTITY = "login"


def is_locked(username: str) -> bool:
    key, table = _key(username), AuditEntry.__table__
    recent = (table.c.entity == ENTITY, table.c.reason == key, table.c.at > clock.now() - WINDOW)
    latest_success = select(func.max(table.c.id)).where(*recent, table.c.action != FAILED).scalar_subquery()
    failures = select(func.count()).select_from(table).where(
        *recent, table.c.action == FAILED, table.c.id > func.coalesce(latest_success, 0)
    )  # fmt: skip
    return (db.session.scalar(vouched(failures)) or 0) >= MAX_FAILURES


def note_failure(username: str, user_id: int | None) -> None:
    audit.record(FAILED, ENTITY, user_id, reason=_key(username), user_id=user_id)


def note_success(username: str, user_id: int) -> None:
    audit.record("login", ENTITY, user_id, reason=_key(username), user_id=user_id)


def lift(username: str) -> None:
    """An administrator has given a new password: the next attempt is the first again."""
    audit.record("login_unlocked", ENTITY, reason=_key(username))


def _key(username: str) -> str:
    return cipher.blind(f"login:{username.casefold()}")
