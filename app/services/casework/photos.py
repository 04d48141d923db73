"""Photos of the review meeting or of its signed sheet, kept with the case (D0-37)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sqlalchemy.orm import Session

from app.domain.grid_care.photos import PhotoError
from app.domain.msgids import N_
from app.domain.policy import Step
from app.domain.policy.kinds import LevelKind
from app.models import Case, CasePhoto
from app.services import photo_store
from app.services.casework import files
from app.services.casework.actors import Actor
from app.services.casework.problems import CaseError, NotYoursError

MOST_PHOTOS = 6  # of one step


def find_meeting_step(case: Case, levels: Collection[LevelKind]) -> Step | None:
    """The latest step the case has come to that asks one of these levels for a meeting."""
    flow = files.flow_of(case)
    reached = [flow.step(code) for code in (*files.travelled(case), case.step) if code]
    return next((step for step in reversed(reached) if step.needs_meeting and step.actor in levels), None)


def keep(session: Session, home: Path, case_id: int, actor: Actor, content: bytes) -> CasePhoto:
    """Store one photo of the latest meeting. It decides nothing: whoever acts for the level may add it, as long as the
    case is open. Raises NotYoursError, CaseError for what is no photo, too large or too many, LookupError."""
    case = files.locked_open(session, case_id)
    step = find_meeting_step(case, actor.levels)
    if step is None:
        raise NotYoursError(N_("This step is decided by another level."))
    if sum(photo.step == step.code for photo in case.photos) >= MOST_PHOTOS:
        raise CaseError(N_("%(count)d photos are kept already; keep the most telling ones."), "photo",
                        count=MOST_PHOTOS)  # fmt: skip
    try:
        stored = photo_store.store(home, content)
    except PhotoError as error:
        raise CaseError(str(error), "photo") from error
    photo = CasePhoto(case=case, household_id=case.household_id, household=case.household, step=step.code,
                      stored_by_id=actor.user_id, is_demo=case.is_demo, **stored._asdict())  # fmt: skip
    session.add(photo)
    session.flush()
    return photo
