"""A visit's page, its files from the outbox, and the form that puts it right."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Visit, VisitCorrection, VisitFile
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.unit.duties.test_media import jpeg
from tests.web.test_worklist_page import send

As = Callable[[str], Browser]


@pytest.fixture
def worker(client_as: As) -> Browser:
    return client_as("worker1")


def logged(app: Flask, browser: Browser, world: World) -> Any:
    """A visit of worker1 just logged: (id, client id)."""
    key = str(uuid4())
    assert send(browser, world, client_id=key, note="好着呢").status_code == 204
    return one(app, select(Visit.id).where(Visit.client_id == key)), key


def one(app: Flask, query: Any) -> Any:
    with app.app_context(), system_access():
        return db.session.scalar(query)


def send_file(browser: Browser, world: World, visit: str, name: str = "worker1", **changes: Any) -> Any:
    body = {"kind": "file", "user": world.users[name], "client_id": str(uuid4()), "visit": visit,
            "data": base64.b64encode(jpeg()).decode(), "age_s": 0, **changes}  # fmt: skip
    headers = {"X-CSRFToken": browser.get("/work/session").get_json()["token"], "Accept": "application/json"}
    return browser.client.post("/visit/file", json=body, headers=headers)


def test_a_photo_of_the_outbox_is_shown_on_the_visits_page(web_app: Flask, worker: Browser, world: World) -> None:
    visit_id, key = logged(web_app, worker, world)
    file_key = str(uuid4())
    assert [send_file(worker, world, key, client_id=file_key).status_code for _ in range(2)] == [204, 204]
    file_id = one(web_app, select(VisitFile.id).where(VisitFile.visit_id == visit_id))

    assert f"/visit/file/{file_id}" in worker.get(f"/visit/{visit_id}").get_data(as_text=True)
    answer = worker.get(f"/visit/file/{file_id}")
    assert (answer.mimetype, answer.data) == ("image/jpeg", jpeg())
    assert one(web_app, select(AuditEntry.id).where(AuditEntry.action == "viewed")) is not None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"data": "!!"}, 422), ({"data": base64.b64encode(b"MZ not a photo").decode()}, 422), ({"data": ""}, 422),
        ({"client_id": 7}, 422), ({"client_id": "x" * 40}, 422), ({"user": 999}, 409),
        ({"data": "A" * 10 * 1024**2}, 422),
    ],
)  # fmt: skip
def test_unusable_files_are_refused_in_words(
    web_app: Flask, worker: Browser, world: World, changes: dict[str, Any], status: int
) -> None:
    _, key = logged(web_app, worker, world)
    answer = send_file(worker, world, key, **changes)
    assert answer.status_code == status
    assert answer.get_json()["message"].strip()


def test_a_file_without_its_visit_waits_for_it(worker: Browser, world: World) -> None:
    assert send_file(worker, world, str(uuid4())).status_code == 404


def test_a_neighbour_sees_neither_the_visit_nor_its_file(
    web_app: Flask, worker: Browser, client_as: As, world: World
) -> None:
    visit_id, key = logged(web_app, worker, world)
    send_file(worker, world, key)
    file_id = one(web_app, select(VisitFile.id).where(VisitFile.visit_id == visit_id))
    neighbour = client_as("worker2")
    paths = (f"/visit/{visit_id}", f"/visit/{visit_id}/correct", f"/visit/file/{file_id}")
    assert [neighbour.get(path).status_code for path in paths] == [404, 404, 404]
    assert send_file(neighbour, world, key, "worker2").status_code == 404


def correction(**changes: str) -> dict[str, str]:
    return {"channel": "in_person", "on": "2026-11-23", "identity": "head", "income": "much_less", "reason": "记错了",
            "note": "好着呢", **changes}  # fmt: skip


def test_a_correction_shows_who_when_why_and_what_stood_before(web_app: Flask, worker: Browser, world: World) -> None:
    visit_id, _ = logged(web_app, worker, world)
    answer = worker.post(f"/visit/{visit_id}/correct", correction())
    page = worker.get(answer.headers["Location"]).get_data(as_text=True)
    assert "记错了" in page
    assert "试worker1" in page
    assert one(web_app, select(Visit.channel).where(Visit.id == visit_id)) == "in_person"


@pytest.mark.parametrize("changes", [{"reason": " "}, {"on": "2026-12-24"}, {"on": "gestern"}, {"channel": "pigeon"}])
def test_a_bad_correction_changes_nothing_and_keeps_what_was_typed(
    web_app: Flask, worker: Browser, world: World, changes: dict[str, str]
) -> None:
    visit_id, _ = logged(web_app, worker, world)
    answer = worker.post(f"/visit/{visit_id}/correct", correction(note="改过的话", **changes))
    assert (answer.status_code, "改过的话" in answer.get_data(as_text=True)) == (200, True)
    assert one(web_app, select(VisitCorrection.id).where(VisitCorrection.visit_id == visit_id)) is None


def test_a_withdrawn_record_says_so_and_offers_no_correction(web_app: Flask, worker: Browser, world: World) -> None:
    visit_id, _ = logged(web_app, worker, world)
    worker.post(f"/visit/{visit_id}/correct", {"withdraw": "1", "reason": "记到别家了"})
    assert one(web_app, select(Visit.closes_duty).where(Visit.id == visit_id)) is False
    assert f"/visit/{visit_id}/correct" not in worker.get(f"/visit/{visit_id}").get_data(as_text=True)


@pytest.mark.parametrize("name", ["town_a", "auditor"])
def test_who_may_not_correct_sees_no_button_and_gets_403(
    web_app: Flask, worker: Browser, client_as: As, world: World, name: str
) -> None:
    visit_id, _ = logged(web_app, worker, world)
    browser = client_as(name)
    assert f"/visit/{visit_id}/correct" not in browser.get(f"/visit/{visit_id}").get_data(as_text=True)
    assert browser.post(f"/visit/{visit_id}/correct", correction()).status_code == 403


@pytest.mark.parametrize("on", ["2026-11-24", "2026-11-20", "2025-01-01", "23.11."])
def test_a_visit_on_an_impossible_day_is_refused(worker: Browser, world: World, on: str) -> None:
    """Tomorrow, before the household was registered, long ago, and no date at all."""
    answer = send(worker, world, on=on)
    assert (answer.status_code, bool(answer.get_json()["message"])) == (422, True)
