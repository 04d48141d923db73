"""Photos of a meeting or of the signed sheet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.grid_care.photos import PhotoError
from app.domain.msgids import N_
from app.models import Meeting, MeetingFile
from app.services import photo_store
from app.services.meetings.problems import MeetingError

MOST_FILES = 12


def keep(session: Session, home: Path, meeting: Meeting, content: bytes, user_id: int | None) -> MeetingFile:
    """Store one photo. Raises MeetingError for what is no photo, too large or too many."""
    if len(meeting.files) >= MOST_FILES:
        raise MeetingError(N_("%(count)d photos are kept already; keep the most telling ones."), "photo",
                           count=MOST_FILES)  # fmt: skip
    try:
        stored = photo_store.store(home, content)
    except PhotoError as error:
        raise MeetingError(str(error), "photo") from error
    file = MeetingFile(meeting=meeting, node=meeting.node, node_id=meeting.node_id, stored_by_id=user_id,
                       is_demo=meeting.is_demo, **stored._asdict())  # fmt: skip
    session.add(file)
    session.flush()
    return file
