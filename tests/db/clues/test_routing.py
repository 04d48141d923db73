"""A clue through the grid: inboxes, time limits, persons, ends, and who has to be told; with bad input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.clues.words import ClueAct, NoticeMeans, NoticeTarget
from app.domain.enums import ClueKind, ClueSource, ClueState, Duty
from app.domain.policy.kinds import LevelKind
from app.domain.transitions import InvalidTransition
from app.models import ClueEntry, ClueNotice, Department
from app.services import clues
from app.services.casework.actors import Actor
from app.services.clues import notices
from app.services.clues.problems import ClueError, NotYoursError
from tests.conftest import MONDAY_MORNING
from tests.factories.casework import make_user
from tests.factories.world import area_of, make_household, make_tree, make_worker

S = ClueState


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def household(session, tree):
    return make_household(session, tree.groups[0])


@pytest.fixture
def users(session):
    return {level: Actor(make_user(session, f"clue-{level.value}"), frozenset({level})) for level in LevelKind}


@pytest.fixture
def village(users):
    return users[LevelKind.VILLAGE]


@pytest.fixture
def town(users):
    return users[LevelKind.TOWNSHIP]


def raised(session, household, kind=ClueKind.INCOME_DROP, source=ClueSource.WORKER, **more):
    return clues.raise_clue(session, household, kind, source, **more)


def acts(session, clue):
    return list(session.scalars(select(ClueEntry.act).where(ClueEntry.clue_id == clue.id).order_by(ClueEntry.id)))


def owed(session, clue):
    query = select(ClueNotice).where(ClueNotice.clue_id == clue.id, ClueNotice.told_at.is_(None))
    return {notice.target for notice in session.scalars(query)}


def test_a_new_clue_lies_with_the_village_for_two_working_days(session, household):
    clue = raised(session, household)
    assert clue.held_depth == 3
    assert clue.due_at == datetime(2026, 11, 25, 16, 0, tzinfo=UTC)  # the end of Wednesday in China


def test_an_emergency_is_looked_into_within_24_hours(session, household):
    clue = raised(session, household, ClueKind.MAJOR_ILLNESS)
    assert clue.due_at == MONDAY_MORNING + timedelta(hours=24)


def test_the_village_hands_on_to_the_township_and_gets_it_back_with_a_date(session, household, village, town):
    clue = raised(session, household)
    clues.hand(session, clue.id, village, up=True, reason="村里解决不了")
    assert (clue.held_depth, clue.state) == (2, S.PENDING)
    assert not clues.may_act(session, clue, village)
    clues.hand(session, clue.id, town, up=False, reason="请村里入户核实")
    assert clue.held_depth == 3
    assert acts(session, clue) == [ClueAct.HANDED_ON, ClueAct.HANDED_BACK]
    told = session.scalars(select(ClueNotice).where(ClueNotice.target == NoticeTarget.VILLAGE)).one()
    assert (told.told_at, told.means) == (MONDAY_MORNING, NoticeMeans.SYSTEM)


def test_the_village_decides_nothing_that_lies_with_the_township(session, household, village):
    clue = raised(session, household)
    clues.hand(session, clue.id, village, up=True, reason="上报")
    with pytest.raises(NotYoursError):
        clues.settle(session, clue.id, village, S.UNFOUNDED, result="不属实")


def test_above_the_county_there_is_nobody(session, household, users):
    clue = raised(session, household, level=LevelKind.COUNTY)
    with pytest.raises(ClueError, match="no level"):
        clues.hand(session, clue.id, users[LevelKind.COUNTY], up=True, reason="上报")


def test_a_person_of_the_household_s_units_is_appointed(session, tree, household, village):
    user = make_user(session, "group-worker")
    make_worker(session, tree.groups[0], Duty.GRID_WORKER, user_id=user)
    clue = raised(session, household)
    clues.appoint(session, clue.id, village, person_id=user)
    assert (clue.state, clue.assignee_id) == (S.ASSIGNED, user)
    assert clues.may_act(session, clue, Actor(user, frozenset({LevelKind.GROUP})))


def test_a_person_from_elsewhere_is_not(session, tree, household, village):
    user = make_user(session, "far-worker")
    make_worker(session, tree.groups[7], Duty.GRID_WORKER, user_id=user)
    with pytest.raises(ClueError) as refused:
        clues.appoint(session, raised(session, household).id, village, person_id=user)
    assert refused.value.field == "person"


def test_a_second_click_decides_nothing(session, household, village):
    clue = raised(session, household)
    clues.settle(session, clue.id, village, S.VERIFYING, result="", seen=0)
    with pytest.raises(ClueError, match="meanwhile"):
        clues.settle(session, clue.id, village, S.UNFOUNDED, result="不属实", seen=0)
    assert clue.state is S.VERIFYING


@pytest.mark.parametrize("state", [S.RESOLVED_ON_SITE, S.UNFOUNDED, S.WATCH])
def test_an_outcome_needs_what_was_found(session, household, village, state):
    clue = raised(session, household)
    with pytest.raises(ClueError) as refused:
        clues.settle(session, clue.id, village, state, result="  ")
    assert refused.value.field == "reason"
    assert clues.settle(session, clue.id, village, state, result="已核实").state is state


def test_a_true_clue_leads_to_a_case(session, household, village):
    with pytest.raises(ClueError, match="open the case"):
        clues.settle(session, raised(session, household).id, village, S.CONFIRMED, result="属实")


def test_a_transfer_names_the_department_which_has_to_be_told(session, tree, household, village):
    clue = raised(session, household)
    with pytest.raises(ClueError) as refused:
        clues.settle(session, clue.id, village, S.TRANSFERRED, result="转办")
    assert refused.value.field == "department"
    office = Department(name="县住建部门", kind_code="housing", from_on=MONDAY_MORNING.date(), **area_of(tree.county))
    session.add(office)
    session.flush()
    clues.settle(session, clue.id, village, S.TRANSFERRED, result="转办", department_id=office.id)
    assert owed(session, clue) == {NoticeTarget.DEPARTMENT}
    clues.settle(session, clue.id, village, S.PENDING, result="部门退回")
    assert clue.state is S.PENDING


def test_a_duplicate_names_the_other_clue_of_the_household(session, tree, household, village):
    first, second = raised(session, household), raised(session, household, ClueKind.HOUSING)
    far = raised(session, make_household(session, tree.groups[1]))
    with pytest.raises(ClueError) as refused:
        clues.settle(session, second.id, village, S.DUPLICATE, result="重复", duplicate_of_id=far.id)
    assert refused.value.field == "duplicate"
    clues.settle(session, second.id, village, S.DUPLICATE, result="重复", duplicate_of_id=first.id)
    assert second.duplicate_of_id == first.id


def test_who_called_the_hotline_is_told_once(session, household, village):
    clue = raised(session, household, source=ClueSource.HOTLINE)
    clues.settle(session, clue.id, village, S.RESOLVED_ON_SITE, result="已解决")
    [notice] = session.scalars(select(ClueNotice).where(ClueNotice.clue_id == clue.id))
    with pytest.raises(ClueError, match="what was told"):
        notices.tell(session, notice.id, means=NoticeMeans.PHONE, words=" ", user_id=village.user_id)
    notices.tell(session, notice.id, means=NoticeMeans.PHONE, words="已电话告知处理结果", user_id=village.user_id)
    with pytest.raises(ClueError, match="already"):
        notices.tell(session, notice.id, means=NoticeMeans.PHONE, words="再次", user_id=village.user_id)
    assert (notice.told_at, acts(session, clue)[-1]) == (MONDAY_MORNING, ClueAct.TOLD)


def test_a_late_step_is_marked(session, household, village, clock):
    clue = raised(session, household)
    clock.advance(timedelta(days=4).total_seconds())
    clues.settle(session, clue.id, village, S.VERIFYING, result="")
    assert session.scalars(select(ClueEntry.in_time).where(ClueEntry.clue_id == clue.id)).one() is False


def test_no_end_is_undone(session, household, village):
    clue = raised(session, household)
    clues.settle(session, clue.id, village, S.UNFOUNDED, result="不属实")
    with pytest.raises(ClueError, match="settled"):
        clues.hand(session, clue.id, village, up=True, reason="上报")
    with pytest.raises(InvalidTransition):
        clues.move(session, clue.id, S.VERIFYING, user_id=None)


def test_a_tree_without_groups_is_read_by_its_own_levels():
    from app.domain.clues.routing import inbox_depth, passable
    from app.queries.policy.chains import kinds_from

    street = kinds_from("990001001", 2)  # street, village: no group grid (D4)
    assert inbox_depth(street) == 2
    assert passable(street, 1, up=True) is None
    assert passable(street, 2, up=False) is None


def test_the_shipped_rules_name_the_sources():
    text = (Path(__file__).parents[3] / "app/data/policy/00-cn-default.yaml").read_text("utf-8")
    assert all(f"code: {code}" in text for code in ("enterprise", "village_doctor", "school", "health_centre"))
