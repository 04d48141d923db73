"""政策宣传: policies and procedures were explained, to how many people; what they were in need of was heard, settled on
the spot, reported, or reported at once (D3-23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.domain.enums import ClueKind, ClueSource, Urgency
from app.domain.grid_care.words import NeedAnswer, PublicityChannel, PublicityKind, PublicityState
from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridNode, HeardNeed, Household, PublicityRecord
from app.queries.scope import current_access, today
from app.security import audit
from app.services import clues
from app.services.clues import limits
from app.services.grid_care.publicity import LONGEST, PublicityError, cleaned

MOST_PEOPLE = 100_000
OLDEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Talk:
    """`reached`: people present or visited, None where nobody counted; `photo`: a JPEG or PNG file's bytes."""

    what: str
    channels: Sequence[PublicityChannel]
    on: date
    place: str = ""
    reached: int | None = None
    photo: bytes = b""


@dataclass(frozen=True, slots=True)
class Need:
    """`words`: what was said and, where it was settled, what was done. `household` and `kind`: for the clue."""

    words: str
    answer: NeedAnswer
    household: Household | None = None
    kind: ClueKind | None = None


def record(session: Any, node: GridNode, talk: Talk) -> PublicityRecord:
    """It was explained on this day. Raises PublicityError naming the field."""
    _check(talk)
    photo, photo_type = cleaned(talk.photo) if talk.photo else (b"", "")
    user_id, at = current_access().user_id, clock.now()
    row = PublicityRecord(
        node_id=node.id, node=node, kind=PublicityKind.POLICY, state=PublicityState.SHOWN, what=talk.what.strip(),
        channels=sorted(channel.value for channel in talk.channels), from_on=talk.on, to_on=talk.on,
        place=talk.place.strip()[:120], reached=talk.reached, photo=photo or None, photo_type=photo_type,
        created_at=at, created_by_id=user_id, published_at=at, published_by_id=user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record("published", "publicity_record", row.id, node_id=node.id,
                 changes={"channels": [None, row.channels], "from_on": [None, talk.on.isoformat()]})  # fmt: skip
    return row


def _check(talk: Talk) -> None:
    if not talk.what.strip() or len(talk.what.strip()) > LONGEST:
        raise PublicityError(N_("Say in up to 400 characters what was explained."), "what")
    if not talk.channels:
        raise PublicityError(N_("Choose at least one channel."), "channels")
    if not today() - timedelta(days=OLDEST_DAYS) <= talk.on <= today():
        raise PublicityError(N_("The day lies in the future or more than a year ago."), "on")
    if talk.reached is not None and not 0 <= talk.reached <= MOST_PEOPLE:
        raise PublicityError(N_("Count the people from 0 upwards."), "reached")


def hear(session: Any, talk: PublicityRecord, need: Need) -> HeardNeed:
    """A need was heard. What could not be settled becomes a clue in the village's inbox; an emergency one of that
    urgency. Raises PublicityError naming the field."""
    if not need.words.strip():
        raise PublicityError(N_("Say what was said, and what was done."), "words")
    clue_id = None if need.answer is NeedAnswer.SETTLED else _report(session, need)
    row = HeardNeed(publicity=talk, node_id=talk.node_id, node=talk.node, words=need.words.strip(), answer=need.answer,
                    about_household=need.household, clue_id=clue_id, heard_at=clock.now(),
                    heard_by_id=current_access().user_id, is_demo=talk.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _report(session: Any, need: Need) -> int:
    if need.household is None:
        raise PublicityError(N_("Name the household: what is reported becomes a clue about it."), "household")
    if need.kind is None:
        raise PublicityError(N_("Choose what it is about."), "kind")
    urgency = Urgency.EMERGENCY if need.answer is NeedAnswer.EMERGENCY else None
    clue = clues.raise_clue(session, need.household, need.kind, ClueSource.WORKER, detail=need.words.strip(),
                            urgency=urgency, user_id=current_access().user_id)  # fmt: skip
    if urgency is not None and clue.urgency is not urgency:  # known already, and now it cannot wait
        clue.urgency = urgency
        limits.start_clock(session, clue, clock.now())
    session.flush()
    return clue.id
