"""Spoken messages: noted when the carrier reports them, fetched later, kept encrypted, listened to by the worker."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.enums import WorkTaskKind, WorkTaskState
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Attempt, Recording, WorkTask
from app.models.types import cipher
from app.services import carriers, worklist
from telephony.errors import CarrierError, Verdict

log = logging.getLogger("shouwang.recordings")

_FIRST_WAIT = timedelta(seconds=20)
_LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = 22  # fetches: with the waits below, three days after the message was spoken (carriers take up to one)
_LEASE = timedelta(minutes=2)
UNAVAILABLE = "audio_unavailable"


def note(
    session: Session, attempt: Attempt, carrier_id: str, seconds: int, at: datetime | None = None
) -> Recording | None:
    """A message was spoken in this call: remember to fetch it and put it on the worker's list.

    Idempotent per carrier id (I11). None when the id belongs to another call: it is not this household's message.
    """
    known = _find(session, carrier_id)
    if known is not None:
        return known if known.attempt_id == attempt.id else None
    at = at or clock.now()
    recording = Recording(attempt_id=attempt.id, household_id=attempt.household_id, carrier=attempt.carrier,
                          carrier_id=carrier_id, seconds=seconds, recorded_at=at,
                          next_fetch_at=at + _FIRST_WAIT)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(recording)
    except IntegrityError:  # reported twice at once
        return _find(session, carrier_id)
    worklist.open_task(session, attempt.household, WorkTaskKind.LISTEN_MESSAGE, ReasonCode.MESSAGE, attempt.contact,
                       recording=recording)  # fmt: skip
    return recording


def _find(session: Session, carrier_id: str) -> Recording | None:
    return session.scalars(select(Recording).where(Recording.carrier_id == carrier_id)).first()


@dataclass(frozen=True, slots=True)
class Due:
    """A recording that this worker is to ask its carrier for."""

    recording_id: int
    carrier: str
    carrier_id: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the carrier said. `audio` None: it has none yet, or (`final`) never will."""

    audio: bytes | None = None
    media_type: str = ""
    final: bool = False


def fetch_due_recordings(
    unit: Callable[[], AbstractContextManager[Session]], at: datetime | None = None, limit: int = 50
) -> int:
    """Fetch what is due and return how many arrived. `unit()` opens one transaction and commits it: the carrier is
    asked between two of them, with none open (HOUSE rule 4)."""
    with unit() as session:
        taken = take_due(session, at, limit)
    arrived = 0
    for due in taken:
        fetched = ask(due)
        with unit() as session:
            arrived += keep(session, due, fetched, at)
    return arrived


def take_due(session: Session, at: datetime | None = None, limit: int = 50) -> list[Due]:
    """Claim recordings whose audio is to be fetched now, oldest first. Two workers share them: what one has taken is
    not due again for a while, and comes back if it dies."""
    at = at or clock.now()
    query = (
        select(Recording)
        .where(Recording.next_fetch_at <= at, Recording.audio.is_(None))
        .order_by(Recording.next_fetch_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for recording in session.scalars(query):
        recording.next_fetch_at = at + _LEASE
        recording.fetches += 1
        taken.append(Due(recording.id, recording.carrier, recording.carrier_id))
    return taken


def ask(due: Due) -> Fetched:
    """Ask the carrier, with no transaction open. Failures are noted and come back as "not yet"."""
    try:
        found = carriers.get(due.carrier).fetch_recording(due.carrier_id)
    except CarrierError as error:
        log.warning("recording %s was not fetched: %s", due.recording_id, error.code)
        return Fetched(final=error.verdict is Verdict.PERMANENT)
    except KeyError:
        log.error("recording %s belongs to carrier %s, which is not configured", due.recording_id, due.carrier)
        return Fetched()
    return Fetched() if found is None else Fetched(*found)


def keep(session: Session, due: Due, fetched: Fetched, at: datetime | None = None) -> bool:
    """Store the audio, or decide when to ask again. True when it is in the house by this call."""
    recording = session.get(Recording, due.recording_id, with_for_update=True, populate_existing=True)
    if recording is None or recording.audio is not None:
        return False
    if fetched.audio is not None:
        recording.audio = cipher.encrypt(b64encode(fetched.audio).decode())
        recording.media_type, recording.next_fetch_at = fetched.media_type[:40], None
        return True
    if fetched.final or recording.fetches >= GIVE_UP_AFTER:
        _give_up(session, recording)
    else:
        recording.next_fetch_at = (at or clock.now()) + min(_LONGEST_WAIT, _FIRST_WAIT * 2**recording.fetches)
    return False


def _give_up(session: Session, recording: Recording) -> None:
    """The worker has to know that somebody spoke and that it cannot be heard: calling back is what is left."""
    recording.next_fetch_at = None
    log.error("recording %s: given up after %s fetches", recording.id, recording.fetches)
    query = select(WorkTask).where(WorkTask.recording_id == recording.id, WorkTask.state == WorkTaskState.OPEN)
    for task in session.scalars(query):
        task.reason_detail = {**task.reason_detail, UNAVAILABLE: True}


def audio_of(recording: Recording) -> bytes | None:
    """The message as the carrier delivered it; None while (or because) it is not in the house."""
    return None if recording.audio is None else b64decode(cipher.decrypt(bytes(recording.audio)))
