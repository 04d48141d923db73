"""What has served its time goes, and what a killed worker left behind goes on. Each may run at any time and twice."""

from __future__ import annotations

import logging

from app.extensions import db
from app.queries.scope import system_access
from app.services.duties import last_contacts
from app.services.retention import clearing
from app.services.roundtrip import applying
from tasks import roundtrip
from tasks.units import unit

log = logging.getLogger(__name__)
_AT_ONCE, _MOST = 2_000, 1_000_000  # differences of one look; households in one night


def forget_old() -> int:
    """What has served its time (`shouwang retention` says what). Number of rows that went."""
    return sum(clearing.clear(unit).values())


def mend_last_contacts() -> int:
    """Compare the tables of last contacts with the visits and write anew what differs. Number of households mended.

    None differ while every writer keeps its promise: that some did is an error in the log, the first by its id."""
    mended = 0
    while True:
        with unit() as session:
            households = sorted({key for key, _ in last_contacts.list_differences(session, _AT_ONCE)})
        if not households:
            return mended
        with unit() as session:
            last_contacts.rebuild(session, households)
        log.error("last contacts of %s households were not what their visits say, %s the first",
                  len(households), households[0])  # fmt: skip
        mended += len(households)
        if mended > _MOST:  # what is written anew differs again: a fault of ours, not of the data
            raise RuntimeError("last contacts do not come to agree with the visits")


def resume_imports() -> int:
    """Go on with national exports whose writer was killed. Number of batches written to their end."""
    with unit() as session:
        silent = applying.take_silent(session)
    for batch_id in silent:
        with system_access():
            roundtrip.write_national(batch_id)
        db.session.remove()
    return len(silent)
