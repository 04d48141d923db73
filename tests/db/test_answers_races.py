"""Two at once: the same callback delivered twice in parallel, and a worker's log crossing a call's end."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlalchemy import func, select

from app.domain.enums import ContactState
from app.extensions import db
from app.models import Answer, Attempt, CarrierCallback, Visit
from app.queries.scope import system_access
from app.services.worklist_log import log_outcome
from app.webhooks import register
from tests.factories.world import demo_number
from tests.payloads.carrier import CallDriver, call_in, post
from tests.payloads.world import make_attempt, make_scene


@pytest.fixture
def client(app):
    register(app)
    return app.test_client()


def together(app, *jobs):
    """Run the jobs at the same moment, each with a session of its own; raise what any of them raised."""
    ready, failures = threading.Barrier(len(jobs)), []

    def run(job):
        with app.app_context(), system_access():
            ready.wait(10)
            try:
                job()
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def count(session, model) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_the_last_callback_delivered_six_times_at_once_is_one_visit(app, client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1", "1", "1")
    session.commit()
    params = {**call.params, "CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "60"}
    path = f"voice/status/{call.token}"
    statuses: list[int] = []
    together(app, *[lambda: statuses.append(post(app.test_client(), path, params).status_code)] * 6)
    assert statuses == [204] * 6
    assert count(session, Visit) == 1
    assert session.scalar(select(func.count()).where(CarrierCallback.kind == "call_status")) == 1


def test_one_key_delivered_six_times_at_once_is_one_answer(app, client, session):
    scene = make_scene(session)
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1")
    session.commit()
    path, params = call.action, {**call.params, "CallStatus": "in-progress", "Digits": "1"}
    words: list[str] = []
    together(app, *[lambda: words.append(post(app.test_client(), path, params).get_data(as_text=True))] * 6)
    assert len(set(words)) == 1
    call.twiml = words[0]
    call.end()
    assert count(session, Answer) == 2


def test_two_of_a_household_call_in_at_once_and_both_are_asked(app, client, session):
    scene = make_scene(session, numbers=(demo_number(501), demo_number(502)))
    calls = [call_in(app.test_client(), phone.e164) for phone in scene.household.phones]
    together(app, *[partial(call.press, "1") for call in calls])
    assert all("<Gather" in call.twiml for call in calls)
    numbers = select(Attempt.number).where(Attempt.contact_id == scene.contact.id)
    assert sorted(session.scalars(numbers)) == [1, 2]


def test_a_workers_log_and_the_end_of_the_call_do_not_lose_each_other(app, client, session):
    scene = make_scene(session)
    household_id = scene.household.id
    call = CallDriver(client, make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1", "1", "1")
    session.commit()

    def log() -> None:
        log_outcome(db.session, household_id, worker=None, channel="phone", outcome="reached",
                    answers={"work": "working"}, respondent="head", client_id="phone-1")  # fmt: skip
        db.session.commit()

    def end() -> None:
        params = {**call.params, "CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "60"}
        assert post(app.test_client(), f"voice/status/{call.token}", params).status_code == 204

    together(app, log, end)
    assert count(session, Visit) == 2
    session.refresh(scene.contact)
    assert scene.contact.state is ContactState.REACHED
