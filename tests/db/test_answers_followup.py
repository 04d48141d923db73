"""What follows from answers: recordings, clues, change requests, scripts, the ledger of refusals."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.domain.enums import (
    ChangeRequestState,
    ClueKind,
    ClueSource,
    ClueState,
    Urgency,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.transitions import InvalidTransition
from app.models import Recording, WorkTask
from app.services import carriers, changes, clues, opt_outs, recordings, scripts
from app.services.dialogues_context import surname_of
from telephony.errors import CarrierError, Verdict
from telephony.ivr import library
from telephony.ivr.parse import ScriptError
from tests.payloads.carrier import sid
from tests.payloads.world import Scene, make_attempt, make_scene

AUDIO = bytes(range(256)) * 40


@pytest.fixture
def scene(session) -> Scene:
    return make_scene(session)


class Shelf:
    """A carrier that has (or has not) a recording; counts how often it is asked."""

    def __init__(self, answer):
        self.name = "simulator"
        self.answer = answer
        self.asked = 0

    def fetch_recording(self, recording_id):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def shelf():
    before = carriers.get("simulator")

    def put(answer) -> Shelf:
        shelf = Shelf(answer)
        carriers.register(shelf)
        return shelf

    yield put
    carriers.register(before)


def fetch(session) -> int:
    @contextmanager
    def unit():
        yield session
        session.commit()

    return recordings.fetch_due_recordings(unit)


def spoken(session, scene) -> Recording:
    recording = recordings.note(session, make_attempt(session, scene.contact), sid("RE"), 9)
    session.commit()
    return recording


def test_audio_lies_encrypted_and_comes_back_as_it_was(session, scene, shelf, clock):
    recording = spoken(session, scene)
    shelf((AUDIO, "audio/wav"))
    clock.advance(60)
    assert fetch(session) == 1
    assert AUDIO[:64] not in recording.audio
    assert recordings.audio_of(recording) == AUDIO


def test_audio_is_fetched_once(session, scene, shelf, clock):
    spoken(session, scene)
    carrier = shelf((AUDIO, "audio/wav"))
    clock.advance(60)
    fetch(session)
    clock.advance(86_400)
    assert (fetch(session), carrier.asked) == (0, 1)


def test_audio_that_is_not_there_yet_is_asked_for_again_at_growing_intervals(session, scene, shelf, clock):
    recording = spoken(session, scene)
    shelf(None)
    waits = []
    for _ in range(4):
        clock.move_to(max(clock.now(), recording.next_fetch_at))
        fetch(session)
        waits.append(recording.next_fetch_at - clock.now())
    assert waits == sorted(set(waits))


@pytest.mark.parametrize("answer", [None, CarrierError("http-503", Verdict.RETRYABLE)])
def test_a_recording_that_never_comes_is_given_up_and_the_task_says_so(session, scene, shelf, clock, answer):
    recording = spoken(session, scene)
    carrier = shelf(answer)
    for _ in range(recordings.GIVE_UP_AFTER + 3):
        clock.advance(7 * 3600)  # longer than the longest wait between two fetches
        fetch(session)
    assert (carrier.asked, recording.next_fetch_at) == (recordings.GIVE_UP_AFTER, None)
    [task] = session.scalars(select(WorkTask))
    assert task.reason_detail["audio_unavailable"] is True


def test_a_recording_of_another_call_is_not_taken_over(session, scene):
    recording = spoken(session, scene)
    other = make_attempt(session, scene.contact, channel="sms", purpose="fallback")
    assert recordings.note(session, other, recording.carrier_id, 9) is None


def test_a_clue_without_a_visit_is_raised_once_while_it_is_open(session, scene):
    first = clues.raise_clue(session, scene.household, ClueKind.HOUSING, ClueSource.WORKER)
    assert clues.raise_clue(session, scene.household, ClueKind.HOUSING, ClueSource.WORKER).id == first.id


def test_a_settled_clue_ends_its_task_with_the_last_one(session, scene):
    one = clues.raise_clue(session, scene.household, ClueKind.HOUSING, ClueSource.WORKER)
    two = clues.raise_clue(session, scene.household, ClueKind.SCHOOLING, ClueSource.WORKER)
    [task] = session.scalars(select(WorkTask))
    for clue, state in ((one, WorkTaskState.OPEN), (two, WorkTaskState.DONE)):
        clues.move(session, clue.id, ClueState.VERIFYING, user_id=None)
        clues.move(session, clue.id, ClueState.UNFOUNDED, user_id=None, result="上门看过，没有问题")
        assert task.state is state


def test_a_clue_ends_only_with_a_result_and_only_once(session, scene):
    clue = clues.raise_clue(session, scene.household, ClueKind.MAJOR_ILLNESS, ClueSource.WORKER)
    assert clue.urgency is Urgency.EMERGENCY
    clues.move(session, clue.id, ClueState.VERIFYING, user_id=None)
    with pytest.raises(ValueError, match="result"):
        clues.move(session, clue.id, ClueState.CONFIRMED, user_id=None)
    clues.move(session, clue.id, ClueState.CONFIRMED, user_id=None, result="属实")
    with pytest.raises(InvalidTransition):
        clues.move(session, clue.id, ClueState.UNFOUNDED, user_id=None, result="不属实")


def test_an_accepted_return_ends_the_absence(session, scene):
    request = changes.propose(session, scene.household, changes.ABSENCE, changes.RETURNED, source="auto_call")
    changes.decide(session, request.id, accept=True, user_id=None)
    assert scene.household.absences[0].ended_on.isoformat() == "2026-11-23"
    assert request.state is ChangeRequestState.ACCEPTED
    [task] = session.scalars(select(WorkTask))
    assert (task.kind, task.state) == (WorkTaskKind.CHANGE_REQUEST_CHECK, WorkTaskState.DONE)


def test_a_rejected_return_leaves_the_register_alone(session, scene):
    request = changes.propose(session, scene.household, changes.ABSENCE, changes.RETURNED, source="auto_call")
    changes.decide(session, request.id, accept=False, user_id=None)
    assert scene.household.absences[0].ended_on is None


def test_an_opt_out_is_entered_once_and_can_be_taken_back(session, scene):
    e164_hash = scene.household.phones[0].e164_hash
    assert opt_outs.record(session, e164_hash, tail="0001", source="worker")
    assert not opt_outs.record(session, e164_hash, tail="0001", source="call")
    assert opt_outs.revoke(session, e164_hash)
    assert not opt_outs.is_opted_out(session, e164_hash)
    assert opt_outs.record(session, e164_hash, tail="0001", source="sms")


def test_a_published_script_is_the_next_version_and_the_old_one_stays(session, scene):
    source = library.packaged_text("checkin").replace("谢谢您。有困难", "谢谢。有困难")
    row = scripts.publish(session, "checkin", source)
    assert (row.version, scripts.get_current(session, "checkin").version) == (2, 2)
    assert scripts.get_version(session, "checkin", 1) == library.packaged("checkin")


def test_a_script_that_cannot_end_is_not_published(session, scene):
    broken = library.packaged_text("checkin").replace('"end:done"', "nowhere")
    with pytest.raises(ScriptError):
        scripts.publish(session, "checkin", broken)
    assert scripts.get_current(session, "checkin").version == 1


@pytest.mark.parametrize(
    ("name", "surname"),
    [("赵试一", "赵"), ("欧阳试", "欧阳"), ("司马", "司"), ("阿依·买买提", "阿依"), ("Ann Lee", "Ann"), ("", "")],
)
def test_surnames(name, surname):
    assert surname_of(name) == surname
