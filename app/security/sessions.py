"""Sessions that end: each user has an epoch; cookies and tokens of an earlier epoch are void."""

from __future__ import annotations

from sqlalchemy import select, update

from app.extensions import db
from app.models import LoginState

EPOCH = "epoch"  # key in the session cookie and in API tokens
CHOSEN_LANGUAGE = "chosen_language"  # key in the session cookie of somebody who has not signed in yet


def current_epoch(user_id: int) -> int:
    """How often this user's sessions have been ended."""
    return db.session.scalar(select(LoginState.epoch).where(LoginState.user_id == user_id)) or 0


def end_sessions(user_id: int) -> None:
    """Every cookie and token of this user is void from now on. The caller commits."""
    table = LoginState.__table__
    done = db.session.execute(update(table).where(table.c.user_id == user_id).values(epoch=table.c.epoch + 1))
    if done.rowcount == 0:
        db.session.add(LoginState(user_id=user_id, epoch=1))
    db.session.flush()
