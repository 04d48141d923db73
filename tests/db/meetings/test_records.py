"""A record is begun from its rule, saved whole, locked once, and put right by addenda alone (D4-14…D4-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import models as m
from app.domain.meetings.words import MeetingState, ResolutionState
from app.domain.policy.kinds import LevelKind
from app.queries.meetings.book import list_book
from app.queries.scope import today
from app.services.meetings import drafting, locking
from app.services.meetings.drafting import Person, Topic
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError
from tests.db.meetings.conftest import Scene
from tests.factories.casework import make_case
from tests.factories.meetings import actor, draft_on, make_locked
from tests.factories.world import make_household, make_worker


def begin(scene: Scene, kind: str = "study") -> m.Meeting:
    return drafting.begin(scene.session, scene.village, kind, actor(scene.users[0]), today())


def save(scene: Scene, meeting: m.Meeting, **changes: Any) -> m.Meeting:
    draft = draft_on(today(), scene.village.id, **changes)
    return drafting.save(scene.session, meeting.id, actor(scene.users[0]), meeting.revision, draft)


def test_the_template_names_posts_and_people(scene: Scene) -> None:
    make_worker(scene.session, scene.tree.groups[0], name="周试组")
    make_worker(scene.session, scene.tree.groups[4], name="吴试远")

    meeting = begin(scene)

    seats = [(one.name, one.post) for one in meeting.attendees]
    assert seats[:3] == [("", "党支部书记"), ("", "村四职干部"), ("", "村民小组长")]
    assert ("周试组", "网格员") in seats
    assert "吴试远" not in dict(seats)


def test_who_came_last_time_is_asked_again(scene: Scene) -> None:
    make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=30))

    assert [one.name for one in begin(scene).attendees] == ["赵试", "孙试"]


def test_another_levels_meeting_is_not_begun(scene: Scene) -> None:
    with pytest.raises(NotYoursError):
        drafting.begin(scene.session, scene.village, "study", actor(1, LevelKind.TOWNSHIP), today())


@pytest.mark.parametrize(("kind", "days"), [("unknown", 0), ("joint", 0), ("study", 1), ("study", -500)])
def test_what_the_rules_do_not_know_is_not_begun(scene: Scene, kind: str, days: int) -> None:
    with pytest.raises(MeetingError):
        drafting.begin(scene.session, scene.village, kind, actor(scene.users[0]), today() + timedelta(days=days))


def test_an_incomplete_draft_is_kept(scene: Scene) -> None:
    meeting = save(scene, begin(scene), minutes="", people=[], resolved=[])

    assert (meeting.revision, meeting.state, meeting.place) == (1, MeetingState.DRAFT, "村部")
    assert [item.title for item in meeting.items] == ["研判监测对象"]


def test_an_old_page_overwrites_nothing(scene: Scene) -> None:
    meeting = begin(scene)
    save(scene, meeting, minutes="第一稿")

    with pytest.raises(StaleError):
        drafting.save(scene.session, meeting.id, actor(scene.users[0]), 0, draft_on(today(), scene.village.id))

    assert meeting.minutes == "第一稿"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": "长" * 20_001}, "minutes"),
        ({"recorder": "长" * 41}, "recorder"),
        ({"people": [Person("甲", "", True)] * 61}, "people"),
        ({"people": [Person("长" * 41, "", True)]}, "people"),
        ({"topics": [Topic("长" * 201)]}, "topics"),
    ],
)
def test_what_does_not_fit_names_its_field(scene: Scene, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MeetingError) as refused:
        save(scene, begin(scene), **changes)

    assert refused.value.field == field


def test_a_resolution_goes_to_the_unit_or_one_right_below(scene: Scene) -> None:
    own, below = scene.village.id, scene.tree.groups[0].id
    foreign = draft_on(today(), scene.tree.villages[1].id).resolved
    meeting = save(scene, begin(scene), resolved=[*draft_on(today(), own).resolved, *draft_on(today(), below).resolved])

    assert [one.node_id for one in meeting.resolutions] == [own, below]
    with pytest.raises(MeetingError, match="right below"):
        save(scene, meeting, resolved=foreign)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recorder": ""}, "recorder"), ({"chair": ""}, "chair"), ({"minutes": "  "}, "minutes"),
        ({"people": [Person("赵试", "书记", False)]}, "people"), ({"people": [Person("", "书记", True)]}, "people"),
        ({"topics": [Topic("")]}, "topics"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_at_the_locking(scene: Scene, changes: dict[str, Any], field: str) -> None:
    meeting = save(scene, begin(scene), **changes)

    with pytest.raises(MeetingError) as refused:
        locking.lock(scene.session, meeting.id, actor(scene.users[0]), meeting.revision)

    assert (refused.value.field, meeting.state) == (field, MeetingState.DRAFT)


def test_locking_brings_the_resolutions_into_force(scene: Scene) -> None:
    meeting = make_locked(scene.session, scene.village, scene.users[0])

    assert (meeting.state, meeting.number, len(meeting.seal)) == (MeetingState.LOCKED, 1, 64)
    assert [one.state for one in meeting.resolutions] == [ResolutionState.OPEN]


def test_a_locked_record_is_neither_saved_nor_locked_again(scene: Scene) -> None:
    meeting = make_locked(scene.session, scene.village, scene.users[0])

    with pytest.raises(StaleError):
        save(scene, meeting)
    with pytest.raises(StaleError):
        locking.lock(scene.session, meeting.id, actor(scene.users[0]), meeting.revision)


def book_of(scene: Scene) -> list[m.Meeting]:
    scene.session.flush()
    scene.session.expire_all()
    return list_book(scene.session, scene.village.id, today().year)


def test_records_of_a_book_are_numbered_and_follow_one_another(scene: Scene) -> None:
    for days in (40, 20, 0):
        make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=days))

    book = book_of(scene)

    assert [one.number for one in book] == [1, 2, 3]
    assert [one.previous_seal for one in book] == ["", book[0].seal, book[1].seal]
    assert locking.verify(book).holds


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (m.Meeting, {"minutes": "改过的记录"}), (m.Meeting, {"place": "镇政府"}),
        (m.MeetingAttendee, {"is_present": True}), (m.Resolution, {"text": "改了决议"}),
    ],
)  # fmt: skip
def test_tampering_is_found(scene: Scene, model: type[Any], values: dict[str, Any]) -> None:
    for days in (20, 0):
        make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=days))
    assert locking.verify(book_of(scene)).holds

    first = list_book(scene.session, scene.village.id, today().year)[0]
    key = model.id if model is m.Meeting else model.meeting_id
    scene.session.execute(update(model).where(key == first.id).values(**values))

    assert locking.verify(book_of(scene)).broken == 1


def test_a_record_that_was_taken_out_is_missed(scene: Scene) -> None:
    for days in (20, 0):
        make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=days), resolved=[])
    scene.session.execute(update(m.Meeting).where(m.Meeting.number == 1).values(number=9))

    assert not locking.verify(book_of(scene)).holds


def test_an_addendum_has_a_seal_of_its_own(scene: Scene) -> None:
    meeting = make_locked(scene.session, scene.village, scene.users[0])
    seal = meeting.seal

    one = locking.add_addendum(scene.session, meeting.id, actor(scene.users[0]), "人数应为九人", after=0)
    with pytest.raises(StaleError):
        locking.add_addendum(scene.session, meeting.id, actor(scene.users[0]), "人数应为九人", after=0)

    [kept] = book_of(scene)
    assert (kept.seal, one.previous_seal, [a.text for a in kept.addenda]) == (seal, seal, ["人数应为九人"])
    assert locking.verify([kept]).holds
    scene.session.execute(update(m.MeetingAddendum).values(text="人数应为八人"))
    assert locking.verify(book_of(scene)).addendum == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 20_001])
def test_an_empty_addendum_is_refused(scene: Scene, text: str) -> None:
    meeting = make_locked(scene.session, scene.village, scene.users[0])

    with pytest.raises(MeetingError, match="put right"):
        locking.add_addendum(scene.session, meeting.id, actor(scene.users[0]), text, after=0)


def test_an_agenda_may_be_about_a_case(scene: Scene) -> None:
    household = make_household(scene.session, scene.tree.groups[0], name="郑案一")
    case = make_case(scene.session, household)
    meeting = save(scene, begin(scene), topics=[Topic("研判", "case", case.id, f"案件 {case.number}")])

    assert meeting.items[0].about_case is case


def test_a_draft_begun_by_mistake_is_thrown_away(scene: Scene) -> None:
    meeting = save(scene, begin(scene))

    drafting.discard(scene.session, meeting.id, actor(scene.users[0]), meeting.revision)

    assert scene.session.get(m.Meeting, meeting.id) is None
