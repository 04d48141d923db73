"""Photos of a meeting or of the signed sheet: encrypted below the installation's own folder, as those of visits are."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.grid_care.photos import PhotoError, clean
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Meeting, MeetingFile
from app.models.types import cipher
from app.services.duties.visit_files import FOLDER
from app.services.meetings.problems import MeetingError

MOST_FILES = 12


def keep(session: Session, home: Path, meeting: Meeting, content: bytes, user_id: int | None) -> MeetingFile:
    """Store one photo without what the camera wrote of place and time. Raises MeetingError for what is no photo, too
    large or too many."""
    if len(meeting.files) >= MOST_FILES:
        raise MeetingError(N_("%(count)d photos are kept already; keep the most telling ones."), "photo",
                           count=MOST_FILES)  # fmt: skip
    try:
        content, media_type = clean(content)
    except PhotoError as error:
        raise MeetingError(str(error), "photo") from error
    name = f"{clock.now().astimezone(CHINA):%Y-%m}/{secrets.token_hex(16)}.bin"
    path = home / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_bytes(cipher.encrypt(b64encode(content).decode()))
    part.chmod(0o600)
    part.replace(path)
    file = MeetingFile(meeting=meeting, node=meeting.node, node_id=meeting.node_id, media_type=media_type,
                       size=len(content), stored_as=name, stored_by_id=user_id, is_demo=meeting.is_demo)  # fmt: skip
    session.add(file)
    session.flush()
    return file


def content_of(home: Path, file: MeetingFile) -> bytes:
    """The photo as it is kept. Raises FileNotFoundError when it is not there."""
    return b64decode(cipher.decrypt((home / FOLDER / file.stored_as).read_bytes()))
