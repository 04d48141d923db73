"""The outbox's door: what it takes, what it refuses and in which words."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, ChangeRequest, Clue, GridNode, Visit, WorkTask
from app.queries.scope import system_access
from app.views import pages_worklist
from tests.factories.cast import Browser, World
from tests.factories.world import area_of, make_household

As = Callable[[str], Browser]
REACHED = {"kind": "visit", "outcome": "reached", "channel": "phone", "respondent": "head",
           "answers": {"income": "same_or_more", "work": "working"}, "age_s": 0}  # fmt: skip


@pytest.fixture
def worker(client_as: As) -> Browser:
    return client_as("worker1")


def send(browser: Browser, world: World, name: str = "worker1", **changes: Any) -> Any:
    body = {
        **REACHED,
        "user": world.users[name],
        "client_id": str(uuid4()),
        "household": world.a["household"],
        **changes,
    }
    headers = {"X-CSRFToken": browser.get("/work/session").get_json()["token"], "Accept": "application/json"}
    return browser.client.post("/work/log", json=body, headers=headers)


def stored(app: Flask, query: Any) -> Any:
    with app.app_context(), system_access():
        return db.session.scalar(query)


def test_a_visit_is_answered_with_exactly_204(web_app: Flask, worker: Browser, world: World) -> None:
    answer = send(worker, world, note="都好")
    assert (answer.status_code, answer.data) == (204, b"")
    query = select(Visit).where(Visit.household_id == world.a["household"]).order_by(Visit.id.desc())
    visit = stored(web_app, query)
    assert (visit.channel.value, visit.respondent, visit.note, visit.closes_duty) == ("phone", "head", "都好", True)


def test_the_same_entry_twice_is_one_visit(web_app: Flask, worker: Browser, world: World) -> None:
    key = str(uuid4())
    assert [send(worker, world, client_id=key).status_code for _ in range(2)] == [204, 204]
    assert stored(web_app, select(func.count(Visit.id)).where(Visit.client_id == key)) == 1


def test_a_visit_logged_offline_is_dated_by_its_age(web_app: Flask, worker: Browser, world: World, clock: Any) -> None:
    key = str(uuid4())
    send(worker, world, client_id=key, age_s=7200)
    visit = stored(web_app, select(Visit).where(Visit.client_id == key))
    assert (clock.now() - visit.happened_at).total_seconds() == 7200


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1"}, {"client_id": None}, {"household": "1"}, {"household": True}, {"household": -1},
        {"kind": "raise"}, {"age_s": -5}, {"age_s": "x"}, {"age_s": None}, {"note": "长" * 501}, {"note": ["x"]},
        {"answers": []}, {"answers": {"income": 3}}, {"answers": {"income": "rich"}}, {"answers": {"nonsense": "x"}},
        {"answers": {}}, {"outcome": "sleeping"}, {"outcome": None}, {"channel": "pigeon"}, {"respondent": ""},
        {"respondent": "wrong_person"}, {"note": "a\x00b"}, {"task": "7"},
    ],
)  # fmt: skip
def test_malformed_entries_are_refused_in_words(worker: Browser, world: World, changes: dict[str, Any]) -> None:
    answer = send(worker, world, **changes)
    assert answer.status_code == 422
    assert answer.get_json()["message"].strip()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"text"', b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(worker: Browser, body: bytes) -> None:
    headers = {"X-CSRFToken": worker.get("/work/session").get_json()["token"], "Content-Type": "application/json"}
    assert worker.client.post("/work/log", data=body, headers=headers).status_code == 422


def test_a_megabyte_is_too_large(worker: Browser) -> None:
    headers = {"X-CSRFToken": worker.get("/work/session").get_json()["token"], "Content-Type": "application/json"}
    assert worker.client.post("/work/log", data=b"[" * 1_000_000, headers=headers).status_code == 413


def test_without_the_token_nothing_is_stored(web_app: Flask, worker: Browser, world: World) -> None:
    key = str(uuid4())
    body = {**REACHED, "user": world.users["worker1"], "client_id": key, "household": world.a["household"]}
    assert worker.client.post("/work/log", json=body).status_code == 400
    assert stored(web_app, select(Visit.id).where(Visit.client_id == key)) is None


def test_another_users_entry_is_refused(web_app: Flask, worker: Browser, world: World) -> None:
    assert send(worker, world, name="worker2").status_code == 409


def test_a_neighbours_household_is_refused(web_app: Flask, client_as: As, world: World) -> None:
    assert send(client_as("worker2"), world, name="worker2").status_code == 404


def test_an_expired_login_gets_401_and_no_redirect(web_app: Flask) -> None:
    stranger = Browser(web_app, None)
    assert stranger.get("/work/session").status_code == 401


@pytest.mark.parametrize("name", ["auditor", "town_a"])
def test_who_may_not_log_sees_no_number_to_dial(client_as: As, world: World, name: str) -> None:
    browser = client_as(name)
    assert "tel:" not in browser.get("/work/").get_data(as_text=True)
    assert browser.get("/work/session").status_code == 403


def test_a_clue_settled_by_somebody_else_is_a_conflict_with_a_name(client_as: As, world: World) -> None:
    entry = {"kind": "clue", "clue": world.a["clue"], "state": "unfounded", "result": "没有"}
    assert send(client_as("worker1"), world, **entry).status_code == 204
    answer = send(client_as("cadre"), world, name="cadre", **entry)
    assert answer.status_code == 409
    assert "试worker1" in answer.get_json()["message"]


def test_a_clue_settled_twice_by_the_same_worker_is_done(web_app: Flask, worker: Browser, world: World) -> None:
    entry = {"kind": "clue", "clue": world.a["clue"], "state": "confirmed", "result": "属实"}
    assert [send(worker, world, **entry).status_code for _ in range(2)] == [204, 204]
    assert stored(web_app, select(Clue.state).where(Clue.id == world.a["clue"])) == "confirmed"


def test_a_clue_under_watch_leaves_the_list_and_stays_open(web_app: Flask, worker: Browser, world: World) -> None:
    with web_app.app_context(), system_access():
        task = WorkTask(kind="clue_followup", household_id=world.a["household"], **_area(world))
        db.session.add(task)
        db.session.commit()
        task_id = task.id
    entry = {"kind": "clue", "clue": world.a["clue"], "state": "watch", "result": "下月再看"}
    assert [send(worker, world, **entry).status_code for _ in range(2)] == [204, 204]
    clue = stored(web_app, select(Clue).where(Clue.id == world.a["clue"]))
    assert (clue.state.value, clue.result, clue.settled_at) == ("watch", "下月再看", None)
    assert stored(web_app, select(WorkTask.state).where(WorkTask.id == task_id)) == "done"


def test_a_watched_clue_can_be_settled_later(web_app: Flask, worker: Browser, world: World) -> None:
    entry = {"kind": "clue", "clue": world.a["clue"]}
    assert send(worker, world, **entry, state="watch", result="下月再看").status_code == 204
    assert send(worker, world, **entry, state="unfounded", result="没有困难").status_code == 204
    assert stored(web_app, select(Clue.state).where(Clue.id == world.a["clue"])) == "unfounded"


def test_what_is_wrong_and_what_to_do_read_as_one_text(worker: Browser, world: World) -> None:
    worker.get("/lang/zh_Hans")
    message = send(worker, world, outcome="sleeping").get_json()["message"]
    assert message == "没有选择联系结果。请选择这次联系的结果。"
    worker.get("/lang/en")
    english = send(worker, world, outcome="sleeping").get_json()["message"]
    assert english == "The result is missing. Choose what came of the contact."


def test_a_long_list_is_read_page_by_page(
    web_app: Flask, client_as: As, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_app.app_context(), system_access():
        group = db.session.get(GridNode, world.nodes["990001101201001"])
        for number in range(5):
            household = make_household(db.session, group, name=f"户{number}", code=f"P-{number}")
            db.session.add(WorkTask(kind="missed_contact", household_id=household.id, **area_of(group)))
        db.session.commit()
    monkeypatch.setattr(pages_worklist, "MOST_CARDS", 2)
    browser, address, seen = client_as("town_a"), "/work/", []
    while address:
        page = browser.get(address).get_data(as_text=True)
        seen += [int(number) for number in re.findall(r'data-card="(\d+)"', page)]
        further = re.search(r'href="(/work/\?after=[^"]+)"', page)
        address = unescape(further[1]) if further else ""
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize("after", ["x", "1", "0~0", "999999999999999999999999", "a" * 500])
def test_a_page_that_no_list_has_given_is_refused(client_as: As, after: str) -> None:
    assert client_as("town_a").get(f"/work/?after={after}").status_code == 400


def test_a_clue_needs_words(worker: Browser, world: World) -> None:
    assert send(worker, world, kind="clue", clue=world.a["clue"], state="unfounded", result=" ").status_code == 422


def test_a_checked_change_is_decided(web_app: Flask, worker: Browser, world: World) -> None:
    with web_app.app_context(), system_access():
        task = WorkTask(kind="change_request_check", household_id=world.a["household"], **_area(world))
        db.session.add(task)
        db.session.commit()
        task_id = task.id
    assert send(worker, world, kind="task", task=task_id, result="accepted").status_code == 204
    assert (
        stored(web_app, select(ChangeRequest.state).where(ChangeRequest.id == world.a["change_request"])) == "accepted"
    )
    assert stored(web_app, select(WorkTask.state).where(WorkTask.id == task_id)) == "done"


def test_a_missed_contact_is_not_finished_by_a_mere_click(worker: Browser, world: World) -> None:
    assert send(worker, world, kind="task", task=world.a["work_task"], result="listened").status_code == 422


def test_dialling_leaves_a_line_in_the_trail(web_app: Flask, worker: Browser, world: World) -> None:
    headers = {"X-CSRFToken": worker.get("/work/session").get_json()["token"]}
    assert worker.client.post("/work/dialled", json={"phone": world.a["phone"]}, headers=headers).status_code == 204
    assert worker.client.post("/work/dialled", json={"phone": world.b["phone"]}, headers=headers).status_code == 404
    entries = stored(web_app, select(func.count(AuditEntry.id)).where(AuditEntry.action == "dialled"))
    assert entries == 1


def test_the_service_worker_is_served_at_the_root(web_app: Flask) -> None:
    answer = web_app.test_client().get("/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"


def _area(world: World) -> dict[str, Any]:
    from app.models import Household
    from tests.factories.world import area_of

    household = db.session.get(Household, world.a["household"])
    assert household is not None
    return area_of(household.node)
