"""How often something anonymous may be tried, counted in the database: the same for one web process and for ten.

Windows of days gone by are let go of with what else has served its time (app.services.retention).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.extensions import clock
from app.models import RateWindow
from app.models.types import cipher


def take(session: Session, subject: str, key: str, *, most: int, within: timedelta) -> bool:
    """Count one try of `key` and say whether it is among the `most` allowed in this window. The caller commits, also
    when the answer is no. `key` (an address, a number) is stored as a keyed hash. `within`: up to a day."""
    table, at = RateWindow.__table__, _window(clock.now(), within)
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(subject=subject, key_hash=cipher.blind(key), window_at=at, count=1)
    statement = statement.on_conflict_do_update(
        index_elements=["subject", "key_hash", "window_at"], set_={"count": table.c.count + 1}
    ).returning(table.c.count)
    return int(session.execute(statement).scalar_one()) <= most


def _window(now: datetime, within: timedelta) -> datetime:
    seconds = int(within.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
