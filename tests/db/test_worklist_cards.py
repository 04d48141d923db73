"""The list as the worker reads it: one card a household, most urgent first, only the own area."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.domain.enums import Duty, HouseholdCategory, Urgency, WorkTaskKind, WorkTaskState
from app.domain.transitions import InvalidTransition
from app.models import WorkTask
from app.queries.access import Access, using
from app.queries.worklist import count_by_kind, count_households, find_card, list_cards
from app.services import worklist
from tests.factories.world import make_household, make_tree, make_worker

TODAY = date(2026, 11, 23)
K = WorkTaskKind


@pytest.fixture
def tree(session):
    return make_tree(session)


def open_for(session, tree, kind=K.MISSED_CONTACT, group=0, **values):
    household = make_household(session, tree.groups[group], category=values.pop("category", HouseholdCategory.GENERAL))
    return worklist.open_task(session, household, kind, "missed", **values)


def test_two_tasks_of_one_household_share_a_card(session, tree):
    task = open_for(session, tree)
    worklist.open_task(session, task.household, K.CALL_BACK, "call_back")
    page = list_cards(session, TODAY)
    assert [[one.kind for one in card.tasks] for card in page.cards] == [[K.CALL_BACK, K.MISSED_CONTACT]]
    assert page.total == 1


def test_closing_one_leaves_the_other(session, tree):
    task = open_for(session, tree)
    worklist.open_task(session, task.household, K.CALL_BACK, "call_back")
    worklist.close_task(session, task.id, result="reached")
    [card] = list_cards(session, TODAY).cards
    assert [one.kind for one in card.tasks] == [K.CALL_BACK]


def test_most_urgent_first(session, tree):
    later = open_for(session, tree, due_on=TODAY + timedelta(days=30))
    overdue = open_for(session, tree, due_on=TODAY - timedelta(days=2))
    emergency = open_for(session, tree, K.CLUE_FOLLOWUP, urgency=Urgency.EMERGENCY)
    monitored = open_for(session, tree, due_on=TODAY + timedelta(days=30), category=HouseholdCategory.MARGINAL)
    wanted = [task.household_id for task in (emergency, overdue, monitored, later)]
    assert [card.household_id for card in list_cards(session, TODAY).cards] == wanted


def test_a_card_tells_place_reason_days_and_a_masked_number(session, tree):
    task = open_for(session, tree, due_on=TODAY - timedelta(days=3))
    [card] = list_cards(session, TODAY).cards
    number = task.household.phones[0].e164
    assert (card.village, card.group, card.days_left) == ("测试11村", "第1组", -3)
    assert [(one.code, one.count) for one in card.tasks[0].reasons] == [("overdue", 3), ("missed", None)]
    assert card.phones[0].tel == f"tel:{number}"
    assert number[-8:-4] not in card.phones[0].shown


def test_pages_hold_every_household_once(session, tree):
    made = {open_for(session, tree).household_id for _ in range(7)}
    seen, after = [], None
    while True:
        page = list_cards(session, TODAY, limit=3, after=after)
        seen += [card.household_id for card in page.cards]
        after = page.next_after
        if after is None:
            break
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("after", ["", "x", "1", "1-", "-1", "1-x", "١-١"])
def test_a_position_that_is_none_is_refused(session, tree, after):
    with pytest.raises(ValueError, match="position"):
        list_cards(session, TODAY, after=after)


def test_by_kind(session, tree):
    open_for(session, tree)
    open_for(session, tree, K.CALL_BACK)
    assert [card.tasks[0].kind for card in list_cards(session, TODAY, kind=K.CALL_BACK).cards] == [K.CALL_BACK]
    assert count_by_kind(session)[K.CALL_BACK] == 1
    assert count_by_kind(session)[K.LISTEN_MESSAGE] == 0


def test_a_worker_sees_the_own_group_and_reads_the_villages_name(session, tree, clock):
    own = open_for(session, tree, group=0)
    foreign = open_for(session, tree, group=1)
    make_worker(session, tree.groups[0], Duty.GRID_WORKER)
    session.flush()
    ids = (own.household_id, foreign.household_id)
    session.expunge_all()
    with using(Access(user_id=7, grants=((4, tree.groups[0].id),))):
        [card] = list_cards(session, TODAY).cards
        assert (card.household_id, card.village) == (ids[0], "测试11村")
        assert find_card(session, ids[1], clock.now()) is None
        assert count_households(session) == 1


def test_asking_twice_opens_one_task(session, tree):
    task = open_for(session, tree)
    again = worklist.open_task(session, task.household, K.MISSED_CONTACT, "missed")
    assert again.id == task.id


def test_an_emergency_sharpens_the_open_task(session, tree):
    task = open_for(session, tree, K.CLUE_FOLLOWUP)
    before = task.rank
    worklist.open_task(session, task.household, K.CLUE_FOLLOWUP, "clue", urgency=Urgency.EMERGENCY)
    assert (task.rank < before, task.due_on) == (True, TODAY)


def test_a_closed_task_is_not_closed_again(session, tree):
    task = open_for(session, tree)
    worklist.close_task(session, task.id, result="reached")
    with pytest.raises(InvalidTransition):
        worklist.close_task(session, task.id, result="reached", state=WorkTaskState.DROPPED)


def test_days_that_pass_move_a_task_up(session, tree, clock):
    task = open_for(session, tree, due_on=TODAY + timedelta(days=1))
    before = task.rank
    clock.advance(3 * 86_400)
    assert worklist.refresh_ranks(session) == 1
    assert session.scalars(select(WorkTask.rank).where(WorkTask.id == task.id)).one() < before
