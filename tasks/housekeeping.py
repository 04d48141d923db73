"""What has served its time goes, and what a killed worker left behind goes on. Each may run at any time and twice."""

from __future__ import annotations

from app.extensions import db
from app.queries.scope import system_access
from app.services.register import rate_limits
from app.services.roundtrip import applying
from tasks import roundtrip
from tasks.units import unit


def forget_old() -> int:
    """Counters of anonymous tries that count no more. Number of rows deleted."""
    with unit() as session:
        return rate_limits.forget_old(session)


def resume_imports() -> int:
    """Go on with national exports whose writer was killed. Number of batches written to their end."""
    with unit() as session:
        silent = applying.take_silent(session)
    for batch_id in silent:
        with system_access():
            roundtrip.write_national(batch_id)
        db.session.remove()
    return len(silent)
