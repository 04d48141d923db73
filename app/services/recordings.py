"""Spoken messages: noted when the carrier reports them, fetched later, kept encrypted, listened to by the worker."""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
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
_LONGEST_WAIT = timedelta(hours=2)
GIVE_UP_AFTER = 12  # fetches: with the waits below, about nine hours after the message was spoken
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


def list_due(session: Session, at: datetime | None = None, limit: int = 50) -> list[int]:
    """Ids of recordings whose audio is to be fetched now, oldest first."""
    query = (
        select(Recording.id)
        .where(Recording.next_fetch_at <= (at or clock.now()), Recording.audio.is_(None))
        .order_by(Recording.next_fetch_at)
        .limit(limit)
    )
    return list(session.scalars(query))


def fetch_due_recordings(session: Session, at: datetime | None = None, limit: int = 50) -> int:
    """Fetch what is due and return how many arrived. Commits around every request: none is made inside a transaction.

    Two workers at once do no harm: the first pushes `next_fetch_at` into the future before it asks.
    """
    return sum(fetch(session, recording_id, at) for recording_id in list_due(session, at, limit))


def fetch(session: Session, recording_id: int, at: datetime | None = None) -> bool:
    """One fetch of one recording: claim, commit, ask the carrier, store, commit. True when the audio arrived."""
    at = at or clock.now()
    claimed = _claim(session, recording_id, at)
    session.commit()
    if claimed is None:
        return False
    carrier_name, carrier_id = claimed
    final = False
    try:
        found = carriers.get(carrier_name).fetch_recording(carrier_id)
    except CarrierError as error:
        log.warning("recording %s was not fetched: %s", recording_id, error.code)
        found, final = None, error.verdict is Verdict.PERMANENT
    except KeyError:
        log.error("recording %s belongs to carrier %s, which is not configured", recording_id, carrier_name)
        found = None
    arrived = _store(session, recording_id, found, at, final=final)
    session.commit()
    return arrived


def _claim(session: Session, recording_id: int, at: datetime) -> tuple[str, str] | None:
    recording = session.get(Recording, recording_id, with_for_update=True, populate_existing=True)
    if recording is None or recording.audio is not None or recording.next_fetch_at is None:
        return None
    if recording.next_fetch_at > at:
        return None
    recording.next_fetch_at = at + _LEASE
    recording.fetches += 1
    return recording.carrier, recording.carrier_id


def _store(
    session: Session, recording_id: int, found: tuple[bytes, str] | None, at: datetime, *, final: bool
) -> bool:
    recording = session.get(Recording, recording_id, with_for_update=True, populate_existing=True)
    if recording is None or recording.audio is not None:
        return False
    if found is not None:
        audio, media_type = found
        recording.audio, recording.media_type = cipher.encrypt(b64encode(audio).decode()), media_type[:40]
        recording.next_fetch_at = None
        return True
    if final or recording.fetches >= GIVE_UP_AFTER:
        _give_up(session, recording)
    else:
        recording.next_fetch_at = at + min(_LONGEST_WAIT, _FIRST_WAIT * 2**recording.fetches)
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
