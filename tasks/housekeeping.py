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
# Households compared at once: their visits lie all over the table, so few stretches are quicker than many; those
# written anew in one transaction; differences of one look; how often a stretch is looked at before that is a fault.
_STRETCH, _WRITTEN, _DIFFERENCES, _TRIES = 20_000, 500, 200_000, 3


def forget_old() -> int:
    """What has served its time (`shouwang retention` says what). Number of rows that went."""
    return sum(clearing.clear(unit).values())


def mend_last_contacts() -> int:
    """Compare the tables of last contacts with the visits and write anew what differs. Number of households mended.

    None differ while every writer keeps its promise: that some did is an error in the log, the first by its id. A
    county is gone through in stretches, each compared and mended in transactions of their own."""
    mended, after = 0, 0
    while True:
        with unit() as session:
            stretch = last_contacts.find_stretch(session, after, _STRETCH)
        if stretch is None:
            return mended
        mended += _mend(stretch)
        after = stretch.upto


def _mend(stretch: last_contacts.Stretch) -> int:
    mended: set[int] = set()
    for _ in range(_TRIES):
        with unit() as session:
            households = sorted({key for key, _ in last_contacts.list_differences(session, _DIFFERENCES, stretch)})
        if not households:
            return len(mended)
        for start in range(0, len(households), _WRITTEN):
            with unit() as session:
                last_contacts.rebuild(session, households[start : start + _WRITTEN])
        log.error("last contacts of %s households were not what their visits say, %s the first",
                  len(households), households[0])  # fmt: skip
        mended.update(households)
    raise RuntimeError("last contacts do not come to agree with the visits")  # a fault of ours, not of the data


def resume_imports() -> int:
    """Go on with national exports whose writer was killed. Number of batches written to their end."""
    with unit() as session:
        silent = applying.take_silent(session)
    for batch_id in silent:
        with system_access():
            roundtrip.write_national(batch_id)
        db.session.remove()
    return len(silent)
