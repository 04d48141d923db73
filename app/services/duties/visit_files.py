"""Photos and voice notes of visits: never required (D0-26)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.duties.media import LARGEST, MOST_FILES, UnusableFile, media_type_of, without_place
from app.domain.duties.words import FileKind
from app.domain.msgids import N_
from app.models import Visit, VisitFile
from app.services import kept_files


class FileRefused(ValueError):
    """The file is not kept. `what`, `remedy`: English msgids; `limit`: megabytes for the first, if it names any."""

    def __init__(self, what: str, remedy: str, **values: object) -> None:
        super().__init__(what)
        self.what, self.remedy, self.values = what, remedy, values


def find_for(session: Session, client_id: str) -> VisitFile | None:
    return session.scalars(select(VisitFile).where(VisitFile.client_id == client_id)).first()


def keep(
    session: Session, home: Path, visit: Visit, content: bytes, *, client_id: str, user_id: int | None
) -> VisitFile:
    """Store one file of a visit below `home`. `client_id`: made by the phone; sent twice, kept once.

    Raises FileRefused for what is too large, too many, or neither photo nor sound.
    """
    known = find_for(session, client_id)
    if known is not None:
        return known
    kind, media_type, content = _checked(content)
    if _count(session, visit) >= MOST_FILES:
        raise FileRefused(N_("This visit has %(count)s files already."), N_("Keep the most telling ones."),
                          count=MOST_FILES)  # fmt: skip
    name = kept_files.write(home, content)
    file = VisitFile(household_id=visit.household_id, household=visit.household, visit_id=visit.id, visit=visit,
                     client_id=client_id, kind=kind, media_type=media_type, size=len(content), stored_as=name,
                     stored_by_id=user_id, is_demo=visit.is_demo)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(file)
    except IntegrityError:  # the outbox sent it twice at once: the other one's file stays
        kept_files.remove(home, name)
        known = find_for(session, client_id)
        if known is None:
            raise
        return known
    return file


def _checked(content: bytes) -> tuple[FileKind, str, bytes]:
    if not content:
        raise FileRefused(N_("The file is empty."), N_("Take the photo or record the note again."))
    if len(content) > max(LARGEST.values()):
        raise _too_large(max(LARGEST.values()))
    try:
        kind, media_type = media_type_of(content)
        if kind is FileKind.PHOTO:
            content = without_place(content)
    except UnusableFile as error:
        raise FileRefused(N_("This is neither a photo (JPEG, PNG) nor a voice recording."),
                          N_("Choose another file.")) from error  # fmt: skip
    if len(content) > LARGEST[kind]:
        raise _too_large(LARGEST[kind])
    return kind, media_type, content


def _too_large(limit: int) -> FileRefused:
    return FileRefused(N_("The file is larger than %(limit)s MB."),
                       N_("Choose a smaller one; photos taken on this page are made smaller."),
                       limit=limit // 1024**2)  # fmt: skip


def _count(session: Session, visit: Visit) -> int:
    return session.scalar(select(func.count(VisitFile.id)).where(VisitFile.visit_id == visit.id)) or 0
