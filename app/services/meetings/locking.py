"""The record is locked: from here on it stands, and what is put right follows it (D4-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.meetings import sealing
from app.domain.meetings.words import MeetingState, ResolutionState
from app.domain.msgids import N_
from app.extensions import clock
from app.models import Meeting, MeetingAddendum
from app.queries.meetings.book import last_of_book
from app.services.casework.actors import Actor
from app.services.meetings.drafting import LONGEST, locked_draft
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError


def lock(session: Session, meeting_id: int, actor: Actor, revision: int) -> Meeting:
    """Give the record its number in the unit's book and its seal; what was resolved comes into force.

    Raises LookupError, NotYoursError, StaleError, and MeetingError naming what is still missing.
    """
    meeting = locked_draft(session, meeting_id, actor, revision)
    _check_complete(meeting)
    last = last_of_book(session, meeting.node_id, meeting.year)
    meeting.number = 1 if last is None or last.number is None else last.number + 1
    meeting.previous_seal = last.seal if last is not None else ""
    meeting.seal = sealing.seal_of(record_of(meeting))
    meeting.state, meeting.locked_at, meeting.locked_by_id = MeetingState.LOCKED, clock.now(), actor.user_id or None
    meeting.revision += 1
    for resolution in meeting.resolutions:
        resolution.state, resolution.meeting_on = ResolutionState.OPEN, meeting.held_on
    try:
        session.flush()
    except IntegrityError as error:  # two records of one book in the same moment: one number, one of them waits
        raise StaleError(N_("Another record of this unit was locked in the same moment. Lock this one again.")
                         ) from error  # fmt: skip
    return meeting


def record_of(meeting: Meeting) -> sealing.Record:
    """What the seal of a record covers, from the rows as they stand now."""
    return sealing.Record(
        unit=meeting.unit_name, year=meeting.year, number=meeting.number or 0, kind=meeting.kind, title=meeting.title,
        held_on=meeting.held_on, place=meeting.place, chair=meeting.chair, recorder=meeting.recorder,
        minutes=meeting.minutes,
        attendance=tuple(sealing.Attendance(a.name, a.post, a.is_present) for a in meeting.attendees),
        topics=tuple(sealing.Topic(item.title, item.about) for item in meeting.items),
        resolved=tuple(
            sealing.Resolved(r.text, r.unit_name, r.department_name, r.responsible, r.due_on or meeting.held_on)
            for r in meeting.resolutions
        ),
        previous=meeting.previous_seal,
    )  # fmt: skip


def add_addendum(session: Session, meeting_id: int, actor: Actor, text: str, *, after: int) -> MeetingAddendum:
    """Put a locked record right. `after`: how many addenda the writer saw, so that a second click adds nothing.

    Raises LookupError, NotYoursError, StaleError, MeetingError.
    """
    meeting = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    if meeting is None:
        raise LookupError(f"no meeting {meeting_id}")
    if meeting.level not in actor.levels:
        raise NotYoursError(N_("Each level writes the records of its own meetings."))
    if meeting.state is not MeetingState.LOCKED:
        raise MeetingError(N_("This record is not locked yet: write into the record itself."), "text")
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST["minutes"]:
        raise MeetingError(N_("Say what has to be put right, in at most %(limit)d characters."), "text",
                           limit=LONGEST["minutes"])  # fmt: skip
    if len(meeting.addenda) != after:
        raise StaleError(N_("An addendum was added meanwhile. Read it before you add another."))
    previous = meeting.addenda[-1].seal if meeting.addenda else meeting.seal
    addendum = MeetingAddendum(
        meeting=meeting, node=meeting.node, node_id=meeting.node_id, number=after + 1, text=text,
        previous_seal=previous, seal=sealing.seal_of_addendum(text, after + 1, previous), at=clock.now(),
        user_id=actor.user_id or None, is_demo=meeting.is_demo,
    )  # fmt: skip
    session.add(addendum)
    try:
        session.flush()
    except IntegrityError as error:
        raise StaleError(N_("An addendum was added meanwhile. Read it before you add another.")) from error
    return addendum


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken`: number of the first record whose seal or place in the book fails; `addendum`: of the first whose
    addenda fail. Both None: the book is as it was locked."""

    broken: int | None
    addendum: int | None

    @property
    def holds(self) -> bool:
        return self.broken is None and self.addendum is None


def verify(book: Sequence[Meeting]) -> Verdict:
    """Reckon every seal of a unit's book anew; `book` in order of number, from the first on."""
    links = [sealing.Link(m.number or 0, m.seal, m.previous_seal, sealing.seal_of(record_of(m))) for m in book]
    torn = (m.number for m in book if not sealing.addenda_hold(
        m.seal, [(a.number, a.text, a.previous_seal, a.seal) for a in m.addenda]))  # fmt: skip
    return Verdict(sealing.first_broken(links), next(torn, None))


def _check_complete(meeting: Meeting) -> None:
    if not meeting.recorder:
        raise MeetingError(N_("Say who keeps the record."), "recorder")
    if not meeting.chair:
        raise MeetingError(N_("Say who chairs the meeting."), "chair")
    if not any(one.is_present and one.name for one in meeting.attendees):
        raise MeetingError(N_("Tick who was there."), "people")
    for number, one in enumerate(meeting.attendees, start=1):
        if one.is_present and not one.name:
            raise MeetingError(N_("Row %(row)d: somebody was there, but the name is missing."), "people", row=number)
    if not meeting.minutes:
        raise MeetingError(N_("Write down what was said."), "minutes")
    for number, item in enumerate(meeting.items, start=1):
        if not item.title:
            raise MeetingError(N_("Row %(row)d: say what it is about."), "topics", row=number)
    for number, one_resolution in enumerate(meeting.resolutions, start=1):
        _check_resolution(number, one_resolution, meeting)


def _check_resolution(number: int, one: object, meeting: Meeting) -> None:
    """整改部门、责任人、期限: none of the three may be missing (D4-15); the unit stands for the department."""
    text, responsible, due_on = (getattr(one, name) for name in ("text", "responsible", "due_on"))
    if not text:
        raise MeetingError(N_("Row %(row)d: say what is to be done."), "resolved", row=number)
    if not responsible:
        raise MeetingError(N_("Row %(row)d: say who is responsible."), "resolved", row=number)
    if due_on is None or due_on < meeting.held_on:
        raise MeetingError(N_("Row %(row)d: give the last day; it does not lie before the meeting."), "resolved",
                           row=number)  # fmt: skip
