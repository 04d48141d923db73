"""A record is begun from the rule it meets and written as a draft, saved whole as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.domain.meetings.owed import meetings_of
from app.domain.meetings.words import MeetingState
from app.domain.msgids import N_
from app.domain.policy.rules import Meeting as Rule
from app.models import Department, GridNode, Meeting, MeetingAttendee, MeetingItem, Resolution
from app.queries.meetings.units import is_demo, unit_of
from app.queries.scope import today
from app.services.casework.actors import Actor
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError
from app.services.meetings.template import MOST, seats_for

LONGEST = {"name": 40, "post": 40, "title": 200, "text": 500, "responsible": 40, "place": 80, "chair": 40,
           "recorder": 40, "minutes": 20_000}  # fmt: skip
MOST_TOPICS, MOST_RESOLUTIONS = 40, 30
BACK = timedelta(days=400)  # how far back a meeting may still be entered
TOO_LONG = N_("Row %(row)d is longer than %(limit)d characters. Shorten it.")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    post: str
    present: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """`kind`: case, clue, household or "" with the row's `id`; `about`: it in words."""

    title: str
    kind: str = ""
    id: int = 0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Resolve:
    text: str
    node_id: int
    department_id: int | None
    responsible: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole record as its writer sees it."""

    held_on: date
    place: str
    chair: str
    recorder: str
    minutes: str
    people: Sequence[Person]
    topics: Sequence[Topic]
    resolved: Sequence[Resolve]


def begin(
    session: Session, node: GridNode, kind: str, actor: Actor, held_on: date, words: Callable[[str], str] = str
) -> Meeting:
    """A draft of a meeting the rules here know, with those who are asked to come. `words` translates the label of a
    duty. Raises NotYoursError for another level's meeting, MeetingError for an unknown kind or an impossible day."""
    unit = unit_of(session, node, held_on)
    rule = find_rule(meetings_of(unit.rules, unit.level), kind)
    if rule is None:
        raise MeetingError(N_("The rules here know no such meeting. Choose one of the list."), "kind")
    if unit.level not in actor.levels:
        raise NotYoursError(N_("Each level writes the records of its own meetings."))
    _check_day(held_on)
    meeting = Meeting(node=node, node_id=node.id, kind=rule.code, title=rule.title[:80], unit_name=node.name,
                      level=unit.level, held_on=held_on, year=held_on.year, minutes="", revision=0,
                      created_by_id=actor.user_id or None, is_demo=is_demo(session, node))  # fmt: skip
    for position, seat in enumerate(seats_for(session, node, rule)):
        post = words(seat.post) if seat.is_label else seat.post
        meeting.attendees.append(MeetingAttendee(node=node, node_id=node.id, position=position, name=seat.name,
                                                 post=post[:40], is_demo=meeting.is_demo))  # fmt: skip
    session.add(meeting)
    session.flush()
    return meeting


def find_rule(rules: Sequence[Rule], kind: str) -> Rule | None:
    return next((rule for rule in rules if rule.code == kind), None)


def locked_draft(session: Session, meeting_id: int, actor: Actor, revision: int) -> Meeting:
    """The draft, locked until the commit. Raises LookupError, NotYoursError, StaleError for an old page."""
    meeting = session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    if meeting is None:
        raise LookupError(f"no meeting {meeting_id}")
    if meeting.level not in actor.levels:
        raise NotYoursError(N_("Each level writes the records of its own meetings."))
    if meeting.state is not MeetingState.DRAFT:
        raise StaleError(N_("This record is locked. What has to be put right goes into an addendum."))
    if meeting.revision != revision:
        raise StaleError(N_("This record was saved elsewhere meanwhile. Copy what you typed, then open it anew."))
    return meeting


def save(session: Session, meeting_id: int, actor: Actor, revision: int, draft: Draft) -> Meeting:
    """Replace the draft by what its writer sees. Incomplete rows are kept: completeness is asked at the locking.

    Raises as `locked_draft`; MeetingError for what cannot be kept, naming field and row.
    """
    meeting = locked_draft(session, meeting_id, actor, revision)
    _check(draft)
    meeting.held_on, meeting.year = draft.held_on, draft.held_on.year
    meeting.place, meeting.chair = draft.place, draft.chair
    meeting.recorder, meeting.minutes = draft.recorder, _plain(draft.minutes)
    node = meeting.node
    own: dict[str, Any] = {"node": node, "node_id": node.id, "is_demo": meeting.is_demo}
    meeting.attendees[:] = [
        MeetingAttendee(position=at, name=one.name, post=one.post, is_present=one.present, **own)
        for at, one in enumerate(draft.people)
    ]
    meeting.items[:] = [_item(at, topic, own) for at, topic in enumerate(draft.topics)]
    meeting.resolutions[:] = [_resolution(session, meeting, at, one) for at, one in enumerate(draft.resolved)]
    meeting.revision += 1
    session.flush()
    return meeting


def discard(session: Session, meeting_id: int, actor: Actor, revision: int) -> None:
    """Throw a draft away that was begun by mistake. Raises as `locked_draft`; MeetingError once it has photos."""
    meeting = locked_draft(session, meeting_id, actor, revision)
    if meeting.files:
        raise MeetingError(N_("Photos belong to this record; it is no longer thrown away."))
    session.delete(meeting)
    session.flush()


def _item(position: int, topic: Topic, own: dict[str, Any]) -> MeetingItem:
    link = {f"about_{topic.kind}_id": topic.id} if topic.kind else {}
    return MeetingItem(position=position, title=topic.title, about=topic.about, **link, **own)


def _resolution(session: Session, meeting: Meeting, position: int, one: Resolve) -> Resolution:
    node = session.get(GridNode, one.node_id)
    if node is None or not (node.id == meeting.node_id or node.parent_id == meeting.node_id):
        raise MeetingError(N_("Row %(row)d: choose this unit or one right below it."), "resolved", row=position + 1)
    department = session.get(Department, one.department_id) if one.department_id else None
    if one.department_id and department is None:
        raise MeetingError(N_("Row %(row)d: choose a department of the list."), "resolved", row=position + 1)
    return Resolution(
        position=position, text=one.text, node=node, node_id=node.id, unit_name=node.name, department=department,
        department_id=one.department_id, department_name=department.name if department else "",
        responsible=one.responsible, due_on=one.due_on, meeting_title=meeting.title, meeting_on=meeting.held_on,
        is_demo=meeting.is_demo,
    )  # fmt: skip


def _check(draft: Draft) -> None:
    _check_day(draft.held_on)
    for name in ("place", "chair", "recorder", "minutes"):
        if len(getattr(draft, name)) > LONGEST[name]:
            raise MeetingError(N_("Write at most %(limit)d characters here."), name, limit=LONGEST[name])
    _check_rows(draft.people, "people", MOST, ("name", "post"))
    _check_rows(draft.topics, "topics", MOST_TOPICS, ("title",))
    _check_rows(draft.resolved, "resolved", MOST_RESOLUTIONS, ("text", "responsible"))


def _check_rows(rows: Sequence[Any], field: str, most: int, names: Sequence[str]) -> None:
    if len(rows) > most:
        raise MeetingError(N_("At most %(most)d rows fit here."), field, most=most)
    for number, row in enumerate(rows, start=1):
        for name in names:
            if len(getattr(row, name)) > LONGEST[name]:
                raise MeetingError(TOO_LONG, field, row=number, limit=LONGEST[name])


def _check_day(held_on: date) -> None:
    if not today() - BACK <= held_on <= today():
        raise MeetingError(N_("A meeting is recorded on its day or afterwards, at most a year later."), "held_on")


def _plain(text: str) -> str:
    """Line ends as the seal counts them, whatever the browser sent."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
