"""Log-in, sessions that end, guessing that stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.models import AuditEntry
from app.queries.scope import system_access
from app.services import users
from telephony.clock import ManualClock
from tests.factories.cast import PASSWORD, Browser, World

As = Callable[[str], Browser]


def test_spaces_in_the_username_are_ignored(web_app: Flask) -> None:
    browser = Browser(web_app, None)
    assert browser.login(" cou nty ", PASSWORD).status_code == 302
    assert browser.get("/households/list/").status_code == 200


def test_wrong_password_and_unknown_name_get_the_same_answer(web_app: Flask) -> None:
    answers = []
    for name in ("county", "nobody"):
        browser = Browser(web_app, None)
        browser.login(name, "wrong-password1")
        page = browser.get("/login/").get_data(as_text=True)
        answers.append(page[page.index("<main") :].split("csrf")[0])
    assert answers[0] == answers[1]


def test_replayed_cookie_is_void_after_logout(web_app: Flask, client_as: As) -> None:
    browser = client_as("town_a")
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    browser.post("/logout/", {})
    thief = web_app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/households/list/").status_code == 302


def test_password_reset_ends_the_session_and_wants_a_new_password(web_app: Flask, client_as: As, world: World) -> None:
    browser = client_as("worker1")
    with web_app.app_context(), system_access():
        secret = users.reset_password(db.session, world.users["worker1"])
        db.session.commit()
    assert browser.get("/households/list/").headers["Location"].startswith("/login/")
    again = Browser(web_app, "worker1", secret)
    assert again.get("/households/list/").headers["Location"] == "/account/password"


def test_first_password_must_be_replaced_by_a_good_one(web_app: Flask, world: World) -> None:
    with web_app.app_context(), system_access():
        secret = users.reset_password(db.session, world.users["worker1"])
        db.session.commit()
    browser = Browser(web_app, "worker1", secret)
    form = {"old": secret, "new": "short1", "again": "short1"}
    assert browser.post("/account/password", form, token_from="/account/password").status_code == 200
    good = {"old": secret, "new": "new-pass-2026", "again": "new-pass-2026"}
    assert browser.post("/account/password", good, token_from="/account/password").status_code == 302
    assert browser.get("/households/list/").status_code == 200


def test_own_password_change_ends_other_sessions(web_app: Flask, client_as: As) -> None:
    phone, desk = client_as("cadre"), client_as("cadre")
    form = {"old": PASSWORD, "new": "another-2026", "again": "another-2026"}
    desk.post("/account/password", form, token_from="/account/password")
    assert desk.get("/households/list/").status_code == 200
    assert phone.get("/households/list/").status_code == 302


def test_five_wrong_passwords_lock_a_quarter_of_an_hour(web_app: Flask, clock: ManualClock) -> None:
    browser = Browser(web_app, None)
    for _attempt in range(5):
        browser.login("town_a", "wrong-password1")
    assert browser.login("town_a", PASSWORD).headers["Location"].startswith("/login/")
    assert "15" in browser.get("/login/").get_data(as_text=True)
    clock.advance(timedelta(minutes=16).total_seconds())
    assert browser.login("town_a", PASSWORD).headers["Location"] == "/"


def test_unknown_names_lock_alike(web_app: Flask) -> None:
    browser = Browser(web_app, None)
    for _attempt in range(5):
        browser.login("nobody", "wrong-password1")
    assert "15" in browser.get("/login/").get_data(as_text=True)


def test_failures_are_in_the_trail_without_the_name(web_app: Flask) -> None:
    Browser(web_app, None).login("town_a", "wrong-password1")
    with web_app.app_context(), system_access():
        entry = db.session.query(AuditEntry).filter_by(action="login_failed").one()
        assert "town_a" not in f"{entry.reason}{entry.changes}"


def test_deactivated_account_is_out_at_once(web_app: Flask, client_as: As, world: World) -> None:
    browser = client_as("worker2")
    with web_app.app_context(), system_access():
        users.set_active(db.session, world.users["worker2"], False)
        db.session.commit()
    assert browser.get("/households/list/").status_code == 302


def test_api_token_reads_within_its_area_and_dies_with_the_session(web_app: Flask, world: World) -> None:
    client = web_app.test_client()
    answer = client.post("/api/v1/security/login", json={"username": "town_a", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    rows = client.get("/api/v1/households/", headers=headers).json["result"]
    assert [row["id"] for row in rows] == [world.a["household"]]
    with web_app.app_context(), system_access():
        users.reset_password(db.session, world.users["town_a"])
        db.session.commit()
    assert client.get("/api/v1/households/", headers=headers).status_code == 401


def test_token_beside_another_users_cookie_is_refused(web_app: Flask, client_as: As) -> None:
    answer = web_app.test_client().post("/api/v1/security/login", json={"username": "town_a", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    rows = client_as("town_b").get("/api/v1/households/", headers=headers)
    assert [row["code"] for row in rows.json["result"]] == ["H-b"]  # the cookie counts, the token is not mixed in


def test_api_login_locks_like_the_page(web_app: Flask) -> None:
    client = web_app.test_client()
    for _attempt in range(5):
        client.post("/api/v1/security/login", json={"username": "town_a", "password": "wrong-password1"})
    answer = client.post("/api/v1/security/login", json={"username": "town_a", "password": PASSWORD})
    assert answer.status_code == 401
