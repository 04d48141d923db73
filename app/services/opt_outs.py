"""The one ledger of numbers that asked not to be contacted, obeyed on every channel at dial time (TELEPHONY 1.11).

Keyed by the number's blind hash, so that a shared phone is one entry and the ledger itself holds no number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.extensions import clock
from app.models import OptOut
from app.queries.scope import vouched


def is_opted_out(session: Session, e164_hash: str) -> bool:
    """True while an entry that was not revoked stands for this number."""
    query = select(OptOut.id).where(OptOut.e164_hash == e164_hash, OptOut.revoked_at.is_(None))
    return session.execute(query).first() is not None


def list_opted_out(session: Session, hashes: Iterable[str]) -> set[str]:
    """Which of `hashes` may not be contacted."""
    query = select(OptOut.e164_hash).where(OptOut.e164_hash.in_(list(hashes)), OptOut.revoked_at.is_(None))
    return set(session.scalars(query))


def record(
    session: Session, e164_hash: str, *, tail: str, source: str, at: datetime | None = None, is_demo: bool = False
) -> bool:
    """Enter a number. `source`: call | sms | carrier | worker. False when it stood there already.

    The partial unique index decides between two requests at once, so neither fails.
    """
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = pg_insert if postgres else sqlite_insert
    values = {"e164_hash": e164_hash, "tail": tail, "source": source, "at": at or clock.now(), "is_demo": is_demo}
    statement = (
        insert(OptOut)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["e164_hash"], index_where=OptOut.revoked_at.is_(None))
        .returning(OptOut.id)
    )
    # The ledger is one for all areas: whoever may enter a household may enter its number.
    return session.execute(vouched(statement)).first() is not None


def revoke(session: Session, e164_hash: str, *, at: datetime | None = None) -> bool:
    """The person asked to be contacted again. The old entry stays as history. False when there was none."""
    query = select(OptOut).where(OptOut.e164_hash == e164_hash, OptOut.revoked_at.is_(None)).with_for_update()
    entry = session.scalars(query).first()
    if entry is None:
        return False
    entry.revoked_at = at or clock.now()
    session.flush()
    return True
