"""What a grid worker logs: one visit, whatever the network does, and the household's calls stop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.clues.words import ClueAct
from app.domain.enums import (
    AttemptState,
    ClueKind,
    ClueSource,
    ClueState,
    ContactState,
    PhoneState,
    VisitChannel,
    WorkTaskKind,
    WorkTaskState,
)
from app.models import ChangeRequest, Clue, ClueEntry, OptOut, Visit
from app.services import clues, duty_ends, worklist
from app.services.worklist_log import OutcomeError, log_outcome
from tests.db.clues.test_batches import counted_statements
from tests.payloads.world import Scene, make_attempt, make_scene

ALL_WELL = {"status": "away", "income": "same_or_more", "work": "working", "trouble": "none",
            "essentials": "all_right", "wish": "nothing"}  # fmt: skip


@pytest.fixture
def scene(session) -> Scene:
    return make_scene(session)


def log(session, scene, **changes):
    given = {"worker": scene.worker, "channel": "phone", "outcome": "reached", "answers": ALL_WELL,
             "respondent": "head", "client_id": "phone-1", **changes}  # fmt: skip
    return log_outcome(session, scene.household.id, **given)


def missed(session, scene):
    return worklist.open_task(session, scene.household, WorkTaskKind.MISSED_CONTACT, "missed", scene.contact)


def test_a_visit_closes_the_contact_and_its_task(session, scene):
    task = missed(session, scene)
    visit = log(session, scene, channel="in_person")
    assert (visit.channel, visit.closes_duty, visit.worker_id) == (VisitChannel.IN_PERSON, True, scene.worker.id)
    assert (scene.contact.state, scene.contact.closed_channel) == (ContactState.REACHED, "in_person")
    assert (task.state, task.visit_id) == (WorkTaskState.DONE, visit.id)


def test_what_the_carrier_still_holds_is_withdrawn(session, scene, clock):
    attempt = make_attempt(session, scene.contact, state=AttemptState.DISPATCHED)
    log(session, scene)
    session.refresh(attempt)
    assert attempt.next_check_at == clock.now()


def test_other_tasks_of_the_household_stay_open(session, scene):
    missed(session, scene)
    other = worklist.open_task(session, scene.household, WorkTaskKind.CHANGE_REQUEST_CHECK, "change")
    log(session, scene)
    assert other.state is WorkTaskState.OPEN


def test_the_task_it_was_logged_from_is_settled_too(session, scene):
    task = worklist.open_task(session, scene.household, WorkTaskKind.CALL_BACK, "call_back")
    log(session, scene, task_id=task.id)
    assert task.state is WorkTaskState.DONE


def test_sent_twice_it_is_one_visit(session, scene):
    first = log(session, scene)
    assert log(session, scene).id == first.id
    assert len(session.scalars(select(Visit)).all()) == 1


def test_a_risk_the_worker_heard_is_a_clue(session, scene):
    log(session, scene, answers={**ALL_WELL, "trouble": "accident"})
    [clue] = session.scalars(select(Clue))
    assert (clue.kind, clue.source) == (ClueKind.ACCIDENT_DISASTER, ClueSource.WORKER)


def test_one_answered_question_is_enough(session, scene):
    visit = log(session, scene, answers={"work": "working"})
    assert [finding["question"] for finding in visit.findings] == ["work"]


def test_word_passed_on_by_a_neighbour_is_kept_but_closes_nothing(session, scene):
    task = missed(session, scene)
    assert log(session, scene, channel="relay").closes_duty is False
    assert scene.contact.state is ContactState.CALLING
    assert task.state is WorkTaskState.OPEN


def test_nobody_answered_is_noted_on_the_task_once(session, scene):
    task = missed(session, scene)
    for _ in range(2):
        assert log(session, scene, outcome="no_answer", answers={}, respondent="") is None
    assert [one["outcome"] for one in task.reason_detail["tries"]] == ["no_answer"]
    assert session.scalars(select(Visit)).all() == []


def test_a_wrong_number_is_marked_for_this_household(session, scene):
    missed(session, scene)
    log(session, scene, outcome="wrong_person", phone_id=scene.household.phones[0].id)
    assert scene.household.phones[0].state is PhoneState.WRONG_PERSON


def test_a_wrong_number_reported_from_the_file_is_marked_too(session, scene):
    """The household's page does not know which number was dialled (no task, no number named)."""
    log(session, scene, outcome="wrong_person", answers={}, respondent="")
    assert scene.household.phones[0].state is PhoneState.WRONG_PERSON


def test_moved_away_is_a_change_request(session, scene):
    log(session, scene, outcome="moved", note="搬去县城了")
    [change] = session.scalars(select(ChangeRequest))
    assert (change.field, change.new_value) == ("moved", "搬去县城了")


def test_no_more_calls_said_to_the_worker(session, scene):
    log(session, scene, outcome="opted_out")
    assert len(session.scalars(select(OptOut)).all()) == 1
    assert scene.contact.state is ContactState.EXCLUDED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "auto_call"}, "channel"),
        ({"outcome": "maybe"}, "outcome"),
        ({"respondent": ""}, "respondent"),
        ({"respondent": "wrong_person"}, "respondent"),
        ({"answers": {}}, "answers"),
        ({"answers": {"work": "flying"}}, "work"),
        ({"answers": {**ALL_WELL, "shoe_size": "42"}}, "shoe_size"),
        ({"note": "长" * 1001}, "note"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 37}, "client_id"),
    ],
)
def test_a_bad_form_names_field_and_remedy_and_stores_nothing(session, scene, changes, field):
    with pytest.raises(OutcomeError) as caught:
        log(session, scene, **changes)
    message, remedy = caught.value.problems[field]
    assert message
    assert remedy
    assert session.scalars(select(Visit)).all() == []


@pytest.mark.parametrize("days", [1, -93])
def test_a_time_that_cannot_be_is_refused(session, scene, clock, days):
    with pytest.raises(OutcomeError) as caught:
        log(session, scene, at=clock.now() + timedelta(days=days))
    assert "at" in caught.value.problems


def test_an_unknown_household_is_not_found(session, scene):
    with pytest.raises(LookupError):
        log_outcome(session, 999_999, worker=None, channel="phone", outcome="no_answer", client_id="x")


def out_of_reach(session, scene, *states):
    clue = clues.raise_clue(session, scene.household, ClueKind.UNREACHABLE_AWAY, ClueSource.UNREACHABLE)
    for state in states:
        clues.move(session, clue.id, state, user_id=None)
    session.commit()
    return clue


def told(session):
    return [(line.act, line.reason) for line in session.scalars(select(ClueEntry).order_by(ClueEntry.id))]


@pytest.mark.parametrize("states", [(), (ClueState.ASSIGNED,)])
def test_a_contact_settles_the_clue_of_being_out_of_reach(session, scene, clock, states):
    clue = out_of_reach(session, scene, *states)
    other = clues.raise_clue(session, scene.household, ClueKind.HOUSING, ClueSource.WORKER)
    for _ in range(2):
        log(session, scene)
    assert (clue.state, clue.result, clue.settled_at) == (
        ClueState.RESOLVED_ON_SITE, f"reached phone {clock.now():%Y-%m-%d}", clock.now())  # fmt: skip
    assert other.state is ClueState.PENDING
    assert worklist.find_open(session, scene.household.id, WorkTaskKind.CLUE_FOLLOWUP) is not None
    assert [act for act, _ in told(session)] == [ClueAct.MOVED] * (len(states) + 1)


@pytest.mark.parametrize("states", [(ClueState.VERIFYING,), (ClueState.TRANSFERRED,)])
def test_a_clue_that_somebody_has_in_hand_stays_theirs_and_says_once_that_they_were_reached(
    session, scene, clock, states
):
    clue = out_of_reach(session, scene, *states)
    log(session, scene)
    log(session, scene, client_id="phone-2", channel="wechat")
    assert clue.state is states[-1]
    assert told(session)[1:] == [(ClueAct.REACHED, f"reached phone {clock.now():%Y-%m-%d}")]


@pytest.mark.parametrize(("changes", "days"), [({"channel": "relay"}, 0), ({}, 60)])
def test_what_a_neighbour_says_or_belongs_to_a_quarter_before_proves_nothing(session, scene, clock, changes, days):
    clue = out_of_reach(session, scene)
    scene.household.created_at = clock.now() - timedelta(days=300)
    clue.raised_at += timedelta(days=days)  # in the quarter after
    session.commit()
    log(session, scene, **changes)
    assert (clue.state, told(session)) == (ClueState.PENDING, [])


def test_households_within_reach_pay_one_statement_for_it(session, scene):
    visit = log(session, scene)
    with counted_statements(session) as said:
        duty_ends.close_duty(session, visit)
    assert [statement.split()[0] for statement in said] == ["SELECT"]
