"""公示: what the people of a unit are told, through which channels, from when to when (D0-11, D3-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.grid_care.photos import PhotoError, clean
from app.domain.grid_care.words import PublicityChannel, PublicityKind, PublicityState
from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridChange, GridNode, PublicityRecord
from app.queries.scope import current_access
from app.security import audit

LONGEST = 400


class PublicityError(ValueError):
    """Why it cannot be published so. The message is an English msgid; `field` names the form's field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Publication:
    """`photo`: a JPEG or PNG file's bytes; what it says of place and time is taken out before it is kept."""

    channels: Sequence[PublicityChannel]
    from_on: date
    to_on: date | None = None
    place: str = ""
    photo: bytes = b""


def raise_due(
    session: Any, node: GridNode, kind: PublicityKind, what: str, change: GridChange | None = None
) -> PublicityRecord:
    """Something changed that the people of `node` must be told. Names of units and of workers at most, no household."""
    record = PublicityRecord(node_id=node.id, node=node, kind=kind, what=what[:LONGEST],
                             change_id=change.id if change else None, state=PublicityState.DUE,
                             created_at=clock.now(), created_by_id=current_access().user_id)  # fmt: skip
    session.add(record)
    session.flush()
    return record


def cleaned(photo: bytes) -> tuple[bytes, str]:
    """(the photo without what the camera wrote into it, its media type). Raises PublicityError for what is none."""
    try:
        return clean(photo)
    except PhotoError as error:
        raise PublicityError(str(error), "photo") from None


def publish(session: Any, record: PublicityRecord, how: Publication) -> None:
    """It has been shown. May be repeated to correct dates, channels or the photo. Raises PublicityError."""
    session.refresh(record, with_for_update=True)
    if record.state is PublicityState.DROPPED:
        raise PublicityError(N_("This publication was dropped."))
    if not how.channels:
        raise PublicityError(N_("Choose at least one channel."), "channels")
    if how.to_on is not None and how.to_on < how.from_on:
        raise PublicityError(N_("It cannot end before it begins."), "to_on")
    if how.photo:
        record.photo, record.photo_type = cleaned(how.photo)
    record.channels = sorted(channel.value for channel in how.channels)
    record.from_on, record.to_on, record.place = how.from_on, how.to_on, how.place.strip()[:120]
    record.state, record.published_at, record.published_by_id = (
        PublicityState.SHOWN, clock.now(), current_access().user_id,
    )  # fmt: skip
    session.flush()
    audit.record("published", "publicity_record", record.id, node_id=record.node_id,
                 changes={"channels": [None, record.channels], "from_on": [None, how.from_on.isoformat()]})  # fmt: skip


def drop(session: Any, record: PublicityRecord, reason: str) -> None:
    """Nobody needs to be told. Raises PublicityError for one that was shown, or without a reason."""
    session.refresh(record, with_for_update=True)
    if record.state is not PublicityState.DUE:
        raise PublicityError(N_("This is settled already."))
    if not reason.strip():
        raise PublicityError(N_("Say why: the reason goes into the audit trail."), "reason")
    record.state = PublicityState.DROPPED
    session.flush()
    audit.record("dropped", "publicity_record", record.id, node_id=record.node_id, reason=reason)
