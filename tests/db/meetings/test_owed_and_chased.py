"""What a unit owes is computed from the rules; what was resolved is chased until somebody else strikes it off."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app import models as m
from app.domain.meetings.words import ResolutionState, Standing
from app.queries.meetings.owed import list_owed
from app.queries.meetings.resolutions import Shelf, count_resolutions, list_resolutions
from app.queries.meetings.units import unit_of
from app.queries.scope import today
from app.services.meetings import chasing
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError
from tests.db.meetings.conftest import Scene
from tests.factories.meetings import make_locked


def owed(scene: Scene, node: m.GridNode, on: date | None = None) -> dict[str, Standing]:
    on = on or today()
    return {one.rule.code: one.standing for one in list_owed(scene.session, [unit_of(scene.session, node, on)], on, on)}


def test_each_level_owes_its_own_meetings(scene: Scene) -> None:
    """23 November 2026: the days of the committee, 10–15, are over."""
    assert owed(scene, scene.tree.county)["consult"] is Standing.DUE
    assert owed(scene, scene.town).keys() >= {"joint", "dispatch"}
    assert owed(scene, scene.village) == {"study": Standing.DUE, "committee": Standing.LATE}
    assert owed(scene, scene.tree.groups[0]) == {}


def test_a_meeting_that_was_held_is_owed_no_more(scene: Scene) -> None:
    make_locked(scene.session, scene.village, scene.users[0])
    make_locked(scene.session, scene.village, scene.users[0], kind="committee", held_on=today() - timedelta(days=1))

    assert owed(scene, scene.village) == {"study": Standing.DONE, "committee": Standing.OUTSIDE}
    assert owed(scene, scene.tree.villages[1])["study"] is Standing.DUE


def resolution_of(scene: Scene) -> m.Resolution:
    return make_locked(scene.session, scene.village, scene.users[0]).resolutions[0]


def test_a_resolution_is_answered_checked_and_struck_off(scene: Scene) -> None:
    one = resolution_of(scene)
    chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)
    chasing.check(scene.session, one.id, scene.users[0], good=False, words="缺照片", seen=1)
    assert one.state is ResolutionState.RETURNED
    chasing.answer(scene.session, one.id, scene.users[1], "照片已补", seen=2)

    chasing.check(scene.session, one.id, scene.users[0], good=True, words="", seen=3)

    assert (one.state, one.closed_at is not None) == (ResolutionState.CLOSED, True)
    scene.session.expire(one)
    assert [entry.step.value for entry in one.history] == ["answered", "returned", "answered", "closed"]


def test_nobody_checks_their_own_answer(scene: Scene) -> None:
    one = resolution_of(scene)
    chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)

    with pytest.raises(NotYoursError):
        chasing.check(scene.session, one.id, scene.users[1], good=True, words="", seen=1)


def test_a_double_click_answers_once(scene: Scene) -> None:
    one = resolution_of(scene)
    chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)

    with pytest.raises(StaleError):
        chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)
    assert one.steps == 1


@pytest.mark.parametrize("words", ["", "   ", "长" * 1001])
def test_an_answer_says_something(scene: Scene, words: str) -> None:
    with pytest.raises(MeetingError) as refused:
        chasing.answer(scene.session, resolution_of(scene).id, scene.users[1], words, seen=0)

    assert refused.value.field == "words"


def test_sending_back_needs_a_reason(scene: Scene) -> None:
    one = resolution_of(scene)
    chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)

    with pytest.raises(MeetingError, match="missing"):
        chasing.check(scene.session, one.id, scene.users[0], good=False, words=" ", seen=1)


def test_shelves_tell_what_waits_for_whom(scene: Scene) -> None:
    old = make_locked(scene.session, scene.village, scene.users[0], held_on=today() - timedelta(days=20)).resolutions[0]
    new = resolution_of(scene)

    counts = count_resolutions(scene.session, today())

    assert (counts.to_do, counts.overdue, counts.to_check) == (2, 1, 0)
    assert list_resolutions(scene.session, Shelf.OVERDUE, today()) == [old]
    assert list_resolutions(scene.session, Shelf.TO_DO, today()) == [old, new]
    chasing.answer(scene.session, old.id, scene.users[1], "已修好", seen=0)
    assert count_resolutions(scene.session, today(), scene.village).to_check == 1
    assert count_resolutions(scene.session, today(), scene.tree.villages[1]).not_closed == 0


def test_a_draft_resolves_nothing_yet(scene: Scene) -> None:
    one = resolution_of(scene)
    one.state = ResolutionState.DRAFT
    scene.session.flush()

    with pytest.raises(LookupError):
        chasing.answer(scene.session, one.id, scene.users[1], "已修好", seen=0)
    assert count_resolutions(scene.session, today()).to_do == 0
