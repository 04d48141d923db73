"""The review of a case: photos, who was there, and who records it where a village has a single account (D0-37)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import User

from app import models as m
from app.domain.quarters import CHINA
from app.extensions import db
from app.queries.scope import system_access
from telephony.clock import ManualClock
from tests.factories.cast import Browser, World
from tests.web.casework.conftest import Scene
from tests.web.casework.test_case_page import As, Brought, case_now, decide, text_of

JPEG = b"\xff\xd8\xff\xe1\x00\x08Exif\x00\x00\xff\xda\x00\x02picture\xff\xd9"


def test_a_village_with_one_account_is_stood_in_for_by_the_township(
    client_as: As, web_app: Flask, world: World, scene: Scene, clock: ManualClock
) -> None:
    """The rule stands that nobody decides on what they submitted, and the case does not stick."""
    cadre, town, county = client_as("cadre"), client_as("town_a"), client_as("county")
    decide(cadre, scene, 1, decision="pass")
    assert decide(town, scene, 2, decision="pass", reason="急办").status_code == 403  # the village has a second one
    with web_app.app_context(), system_access():
        db.session.get(User, world.users["officer"]).active = False
        db.session.commit()
    assert "村级没有其他可以决定此步骤的账号" in text_of(cadre, f"/case/{scene.case}")
    for browser, status in ((cadre, 403), (county, 403), (client_as("town_b"), 404), (town, 400)):  # town: no reason
        assert decide(browser, scene, 2, decision="pass").status_code == status
    assert decide(town, scene, 2, decision="pass", reason="该村只有一个账号").status_code == 302

    day = clock.now().astimezone(CHINA).date().isoformat()
    hung = cadre.post(f"/case/{scene.case}/notice", {"number": 3, "from_on": day, "place": "村公示栏"})
    assert hung.status_code == 302
    clock.advance(timedelta(days=5).total_seconds())
    town = client_as("town_a")
    vote = {"held_on": day, "present": 2, "in_favour": 2, "against": 0, "abstained": 0, "minutes": "同意",
            "decision": "pass", "reason": "代录村民评议结果"}  # fmt: skip
    nameless = decide(town, scene, 4, **vote)
    assert (nameless.status_code, "请写明到场人员姓名" in nameless.get_data(as_text=True)) == (400, True)
    assert decide(town, scene, 4, names="王评一、李评二", **vote).status_code == 302
    assert case_now(web_app, scene)[0] == "township_check"
    assert decide(town, scene, 5, decision="pass").status_code == 403  # what the township brought, a colleague checks
    assert "代村级记录" in text_of(cadre, f"/case/{scene.case}")


def test_the_review_keeps_photos_and_who_was_there(
    client_as: As, web_app: Flask, scene: Scene, brought: Brought, clock: ManualClock
) -> None:
    cadre = client_as("cadre")
    assert send_photo(cadre, scene, JPEG).status_code == 403  # no meeting yet
    brought("review")

    assert [send_photo(cadre, scene, content).status_code for content in (JPEG, b"no photo")] == [302, 302]
    assert send_photo(client_as("town_a"), scene, JPEG).status_code == 403
    with web_app.app_context(), system_access():
        [photo] = db.session.query(m.CasePhoto).filter_by(case_id=scene.case).all()
        key, step = photo.id, photo.step
    shown = cadre.get(f"/case/photo/{key}")
    assert (step, shown.mimetype, b"Exif" in shown.data) == ("review", "image/jpeg", False)
    assert client_as("town_b").get(f"/case/photo/{key}").status_code == 404
    with web_app.app_context(), system_access():
        assert db.session.query(m.AuditEntry).filter_by(entity="case_photo", action="viewed").count() == 1

    day = clock.now().date().isoformat()
    number = case_now(web_app, scene)[2]
    cadre.post(f"/case/{scene.case}/notice", {"number": number, "from_on": day, "place": "村公示栏"})
    clock.advance(timedelta(days=5).total_seconds())
    cadre = client_as("cadre")
    vote = {"held_on": day, "present": 2, "in_favour": 2, "against": 0, "abstained": 0, "minutes": "同意"}
    many = decide(cadre, scene, number + 1, decision="pass", names="王评一，李评二\n赵评三", **vote)
    assert (many.status_code, "列出 3 个姓名，而到场只有 2 人" in many.get_data(as_text=True)) == (400, True)
    assert decide(cadre, scene, number + 1, decision="pass", names="王评一，李评二", **vote).status_code == 302
    paper = text_of(cadre, f"/case/{scene.case}/papers/step/{number + 2}")
    assert f"/case/photo/{key}" in paper
    assert "王评一、李评二" in paper


def send_photo(browser: Browser, scene: Scene, content: bytes) -> Any:
    data = {"csrf_token": browser.token(), "photo": (io.BytesIO(content), "x.jpg")}
    return browser.client.post(f"/case/{scene.case}/photos", data=data, content_type="multipart/form-data")
