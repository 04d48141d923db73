"""A village writes its record on the page, it saves itself, it is locked, and stands (D4-14…D4-16)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app import models as m
from app.domain.meetings.words import MeetingState
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser
from tests.web.meetings.conftest import Scene

As = Callable[[str], Browser]
JPEG = b"\xff\xd8\xff\xe1\x00\x08Exif\x00\x00\xff\xda\x00\x02picture\xff\xd9"


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def begin(browser: Browser, scene: Scene, day: str = "2026-11-23") -> int:
    answer = browser.post(f"/meetings/new?node={scene.village}&kind=committee", {"held_on": day})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    found = re.search(r"/meeting/(\d+)/edit", answer.headers["Location"])
    assert found is not None
    return int(found[1])


def record(scene: Scene, revision: int = 0, **changes: str) -> dict[str, str]:
    return {
        "revision": str(revision), "held_on": "2026-11-23", "place": "村部", "chair": "赵试", "recorder": "钱试",
        "minutes": "研判三户。\r\n一户需修屋。", "people-0-name": "赵试", "people-0-post": "党支部书记",
        "people-0-present": "1", "people-1-name": "孙试", "people-1-post": "组长", "topics-0-title": "研判",
        "resolved-0-text": "组织修屋", "resolved-0-node": str(scene.village), "resolved-0-responsible": "李试",
        "resolved-0-due_on": "2026-12-10", **changes,
    }  # fmt: skip


def test_a_record_goes_from_the_rule_to_the_lock(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    page = text_of(cadre, "/meetings/")
    assert "村两委会" in page
    assert f"/meetings/new?node={scene.village}&amp;kind=committee" in page
    key = begin(cadre, scene)

    saved = cadre.post(f"/meeting/{key}/save", record(scene, then="preview"))
    preview = text_of(cadre, saved.headers["Location"])
    locked = cadre.post(f"/meeting/{key}/lock", {"revision": "1"})

    assert "一户需修屋" in preview
    assert locked.status_code == 302
    state, number, minutes = scene.row(m.Meeting, key, "state", "number", "minutes")
    assert (state, number, minutes) == (MeetingState.LOCKED, 2, "研判三户。\n一户需修屋。")
    assert "组织修屋" in text_of(cadre, f"/meeting/{key}")
    with scene.app.app_context(), system_access():
        assert db.session.query(m.AuditEntry).filter_by(entity="meeting", action="locked", entity_id=key).count() == 1


def test_the_script_is_told_the_new_revision(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    key = begin(cadre, scene)
    script = {"headers": {"X-Autosave": "1"}}

    first = cadre.post(f"/meeting/{key}/save", record(scene), **script)
    old = cadre.post(f"/meeting/{key}/save", record(scene, place="别处"), **script)

    assert (first.status_code, first.json["revision"]) == (200, 1)
    assert (old.status_code, old.json["field"]) == (409, "")
    assert scene.row(m.Meeting, key, "place") == ("村部",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": "2026-02-30"}, "held_on"), ({"held_on": "2026-12-24"}, "held_on"),
        ({"resolved-0-due_on": "morgen"}, "resolved"), ({"resolved-0-node": "1"}, "resolved"),
        ({"resolved-0-department": "99999"}, "resolved"), ({"topics-0-about": "case:99999"}, "topics"),
        ({"topics-0-about": "__class__:1"}, "topics"), ({"topics-0-code": "没有这户"}, "topics"),
        ({"recorder": "长" * 41}, "recorder"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_names_its_field_and_keeps_what_was_typed(
    client_as: As, scene: Scene, changes: dict[str, str], field: str
) -> None:
    cadre = client_as("cadre")
    key = begin(cadre, scene)

    told = cadre.post(f"/meeting/{key}/save", record(scene, **changes), headers={"X-Autosave": "1"})
    page = cadre.post(f"/meeting/{key}/save", record(scene, **changes))

    assert (told.status_code, told.json["field"]) == (422, field)
    assert page.status_code == 400
    assert "一户需修屋" in page.get_data(as_text=True)
    assert scene.row(m.Meeting, key, "revision") == (0,)


def test_a_household_of_another_village_is_not_named(client_as: As, scene: Scene, world: Any) -> None:
    cadre = client_as("cadre")
    key = begin(cadre, scene)
    foreign = f"household:{world.b['household']}"

    answer = cadre.post(f"/meeting/{key}/save", record(scene, **{"topics-0-about": foreign}))

    assert answer.status_code == 400
    assert scene.row(m.Meeting, key, "revision") == (0,)


def test_the_agenda_names_a_household_of_the_unit(client_as: As, scene: Scene, world: Any) -> None:
    cadre = client_as("cadre")
    key = begin(cadre, scene)

    cadre.post(f"/meeting/{key}/save", record(scene, **{"topics-0-code": "H-a"}))

    page = text_of(cadre, f"/meeting/{key}")
    assert f"/household/{world.a['household']}" in page


@pytest.mark.parametrize("name", ["worker1", "lead", "town_a", "county", "auditor"])
def test_another_level_reads_or_not_but_never_writes(client_as: As, scene: Scene, name: str) -> None:
    browser = client_as(name)
    assert f"/meeting/{scene.meeting}/edit" not in browser.get(f"/meeting/{scene.meeting}").get_data(as_text=True)

    for path in ("save", "lock", "discard", "addendum", "files"):
        answer = browser.post(f"/meeting/{scene.meeting}/{path}", record(scene))
        assert answer.status_code in (302, 403, 404), path
    assert scene.row(m.Meeting, scene.meeting, "revision", "place") == (2, "村部")
    assert scene.count(m.MeetingAddendum) == 0


@pytest.mark.parametrize("name", ["worker1", "town_b", "outsider"])
@pytest.mark.parametrize("path", ["", "/print"])
def test_outside_the_area_there_is_no_such_record(client_as: As, scene: Scene, name: str, path: str) -> None:
    assert client_as(name).get(f"/meeting/{scene.meeting}{path}").status_code == 404


def test_a_second_lock_and_an_old_draft_change_nothing(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    before = scene.row(m.Meeting, scene.meeting, "seal", "number")

    answers = [cadre.post(f"/meeting/{scene.meeting}/{path}", record(scene, 2)) for path in ("lock", "save")]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert scene.row(m.Meeting, scene.meeting, "seal", "number") == before


def test_an_addendum_stands_below_the_record(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    path = f"/meeting/{scene.meeting}/addendum"

    done = cadre.post(path, {"text": "到会应为九人", "after": "0"})
    again = cadre.post(path, {"text": "到会应为九人", "after": "0"})
    empty = cadre.post(path, {"text": " ", "after": "1"})

    assert [done.status_code, again.status_code, empty.status_code] == [302, 400, 400]
    assert text_of(cadre, f"/meeting/{scene.meeting}").count("到会应为九人") == 1


def test_a_changed_record_is_told(client_as: As, scene: Scene) -> None:
    with scene.app.app_context(), system_access():
        db.session.execute(update(m.Meeting).where(m.Meeting.id == scene.meeting).values(place="镇政府"))
        db.session.commit()

    assert "封存码核对不符" in text_of(client_as("cadre"), f"/meeting/{scene.meeting}")
    assert "封存码核对不符" in text_of(client_as("town_a"), f"/meeting/book/{scene.village}/2026")


def test_the_book_has_contents_and_pages(client_as: As, scene: Scene) -> None:
    page = text_of(client_as("town_a"), f"/meeting/book/{scene.village}/2026")

    assert "#record-1" in page
    assert re.findall(r'<p class="book-page">(\d+)</p>', page) == ["1", "2"]
    assert client_as("cadre").get(f"/meeting/book/{scene.village}/1999").status_code == 404


def test_photos_lose_their_place_and_looking_leaves_a_line(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    token = cadre.token()

    def send(content: bytes) -> Any:
        data = {"csrf_token": token, "photo": (io.BytesIO(content), "x.jpg")}
        return cadre.client.post(f"/meeting/{scene.meeting}/files", data=data, content_type="multipart/form-data")

    assert send(JPEG).status_code == 302
    assert send(b"not a photo").status_code == 302
    assert scene.count(m.MeetingFile) == 1
    with scene.app.app_context(), system_access():
        key = db.session.query(m.MeetingFile).one().id
    shown = cadre.get(f"/meeting/file/{key}")
    assert b"Exif" not in shown.data
    assert shown.mimetype == "image/jpeg"
    assert client_as("town_b").get(f"/meeting/file/{key}").status_code == 404
    with scene.app.app_context(), system_access():
        assert db.session.query(m.AuditEntry).filter_by(entity="meeting_file", action="viewed").count() == 1


@pytest.mark.parametrize("path", ["/meetings/new?node=1&kind=nonsense", "/meetings/new", "/meetings/?node=x"])
def test_addresses_that_name_nothing(client_as: As, scene: Scene, path: str) -> None:
    assert client_as("cadre").get(path).status_code == 404


@pytest.mark.parametrize("day", ["", "2026-13-01", "2026-11-24", "2020-01-01"])
def test_a_day_that_cannot_be(client_as: As, scene: Scene, day: str) -> None:
    answer = client_as("cadre").post(f"/meetings/new?node={scene.village}&kind=committee", {"held_on": day})

    assert answer.status_code == 400
    assert scene.count(m.Meeting) == 1
