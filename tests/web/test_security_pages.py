"""Reveals, headers, CSRF, accounts: what the frame around every page guarantees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db, limiter
from app.models import Assignment, AuditEntry, GridWorker, Phone
from app.queries.scope import system_access
from telephony.clock import ManualClock
from tests.factories.cast import PASSWORD, Browser, World, open_web

As = Callable[[str], Browser]


def entries(app: Flask, action: str) -> list[tuple[int | None, str, str]]:
    with app.app_context(), system_access():
        rows = db.session.query(AuditEntry).filter_by(action=action)
        return [(row.user_id, row.entity, row.reason) for row in rows]


def test_reveal_shows_the_number_once_and_says_so_in_the_trail(client_as: As, world: World, web_app: Flask) -> None:
    answer = client_as("worker1").post(f"/reveal/phone/{world.a['phone']}", {"reason": "call"})
    assert re.fullmatch(r"100 \d{4} \d{4}", answer.get_data(as_text=True))
    assert entries(web_app, "reveal") == [(world.users["worker1"], "phone", "call")]


def test_reveal_without_a_reason_shows_nothing(client_as: As, world: World, web_app: Flask) -> None:
    assert client_as("worker1").post(f"/reveal/phone/{world.a['phone']}").status_code == 400
    assert entries(web_app, "reveal") == []


def test_auditor_may_not_reveal(client_as: As, world: World) -> None:
    assert client_as("auditor").post(f"/reveal/phone/{world.a['phone']}", {"reason": "call"}).status_code == 403


def test_no_page_of_a_register_shows_a_full_number(client_as: As, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        number = db.session.get(Phone, world.a["phone"]).e164
    browser = client_as("county")
    for path in ("/phones/list/", f"/phones/show/{world.a['phone']}", f"/phones/edit/{world.a['phone']}",
                 f"/members/show/{world.a['member']}", f"/members/edit/{world.a['member']}"):  # fmt: skip
        page = browser.get(path).get_data(as_text=True)
        assert number[3:] not in page
        assert "110101199003070011" not in page


def test_changes_are_in_the_trail_without_personal_values(client_as: As, world: World, web_app: Flask) -> None:
    form = {"head_name": "新名", "category": "marginal", "language": "cmn-CN", "address": "新址"}
    client_as("town_a").post(f"/households/edit/{world.a['household']}", form)
    with web_app.app_context(), system_access():
        entry = db.session.query(AuditEntry).filter_by(action="update", entity="household").one()
        assert entry.user_id == world.users["town_a"]
        assert entry.changes["head_name"] == ["•••", "•••"]
        assert "新" not in str(entry.changes)


def test_audit_page_reads_in_words(client_as: As, world: World) -> None:
    form = {"head_name": "新名", "category": "marginal", "language": "cmn-CN"}
    client_as("town_a").post(f"/households/edit/{world.a['household']}", form)
    page = client_as("county").get("/audit/list/").get_data(as_text=True)
    assert "试town_a" in page


@pytest.mark.parametrize("path", ["/login/", "/households/list/", "/nowhere"])
def test_every_page_carries_the_headers(client_as: As, path: str) -> None:
    answer = client_as("county").get(path, follow_redirects=True)
    policy = answer.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_script_of_a_page_carries_its_nonce(client_as: As) -> None:
    answer = client_as("county").get("/households/list/")
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert nonce is not None
    scripts = re.findall(r"<script\b([^>]*)>", answer.get_data(as_text=True))
    running = [attributes for attributes in scripts if "application/json" not in attributes]
    assert running
    assert all(f'nonce="{nonce[1]}"' in attributes for attributes in running)
    assert " onclick=" not in answer.get_data(as_text=True)


def test_https_is_kept_once_seen(tmp_path: Path, prepared: tuple[Path, World], clock: ManualClock) -> None:
    app = open_web(f"sqlite:///{prepared[0]}", tmp_path, clock, PUBLIC_BASE_URL="https://grid.example")
    answer = app.test_client().get("/login/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in answer.headers["Set-Cookie"]


def test_every_post_without_a_token_is_refused(client_as: As, web_app: Flask) -> None:
    browser = client_as("admin")
    checked = 0
    for rule in web_app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith(("/carrier/", "/api/v1/security/login")):
            continue  # carriers sign their requests; the token endpoint takes JSON and no cookie
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        assert browser.client.post(path, data={"x": "1"}).status_code in (400, 404), rule.rule
        checked += 1
    assert checked > 20


def test_tenth_login_a_minute_is_the_last(web_app: Flask) -> None:
    limiter.enabled = True
    try:
        limiter.reset()
        browser = Browser(web_app, None)
        codes = [browser.login("nobody", "wrong-password1").status_code for _attempt in range(11)]
        assert codes[-1] == 429
    finally:
        limiter.reset()
        limiter.enabled = False


def test_new_account_must_choose_its_password(client_as: As, web_app: Flask, world: World) -> None:
    county = client_as("county")
    form = {"name": "李新", "username": " li xin ", "role": "village_cadre", "unit": str(world.nodes["990001101201"])}
    page = county.post("/accounts/new", form, token_from="/accounts/new").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Za-z0-9]{12})<', page)
    assert secret is not None
    assert " can_" not in county.get("/accounts/new").get_data(as_text=True)
    newcomer = Browser(web_app, "lixin", secret[1])
    assert newcomer.get("/").headers["Location"] == "/account/password"


def test_township_staff_cannot_open_the_accounts(client_as: As) -> None:
    assert client_as("town_a").get("/accounts/").status_code == 403


def test_county_admin_cannot_touch_another_countys_account(client_as: As, world: World) -> None:
    county = client_as("county")
    assert county.get(f"/accounts/{world.users['outsider']}").status_code == 404
    assert county.post(f"/accounts/{world.users['outsider']}/reset").status_code == 404


def test_county_admin_cannot_make_a_system_administrator(client_as: As, world: World, web_app: Flask) -> None:
    form = {"name": "李", "username": "root2", "role": "Admin", "unit": str(world.nodes["990001"])}
    client_as("county").post("/accounts/new", form, token_from="/accounts/new")
    assert Browser(web_app, None).login("root2", PASSWORD).headers["Location"].startswith("/login/")


def test_ended_assignment_takes_the_area_away_the_next_day(
    client_as: As, world: World, web_app: Flask, clock: ManualClock
) -> None:
    with web_app.app_context(), system_access():
        worker = db.session.query(GridWorker).filter_by(user_id=world.users["worker1"]).one()
        assignment = db.session.query(Assignment).filter_by(worker_id=worker.id).one()
        assignment.to_on = clock.now().date()
        db.session.commit()
    assert "孙a" in client_as("worker1").get("/households/list/").get_data(as_text=True)
    clock.advance(24 * 3600)
    assert "孙a" not in client_as("worker1").get("/households/list/").get_data(as_text=True)


def test_language_chosen_stays_for_the_next_login(client_as: As) -> None:
    browser = client_as("cadre")
    browser.get("/lang/en")
    browser.post("/logout/", {})
    browser.login("cadre", PASSWORD)
    assert 'lang="en"' in browser.get("/account/").get_data(as_text=True)


def test_language_chosen_at_the_log_in_page_becomes_the_accounts(web_app: Flask) -> None:
    first = Browser(web_app, None)
    first.get("/lang/en")
    first.login("cadre", PASSWORD)
    assert 'lang="en"' in first.get("/account/").get_data(as_text=True)
    later = Browser(web_app, "cadre")
    assert 'lang="en"' in later.get("/account/").get_data(as_text=True)


def test_the_log_in_page_s_default_language_is_nobodys_choice(client_as: As, web_app: Flask) -> None:
    client_as("cadre").get("/lang/en")
    later = Browser(web_app, "cadre")  # its log-in page spoke Chinese, by default
    assert 'lang="en"' in later.get("/account/").get_data(as_text=True)


TOKEN = "a-long-secret-of-the-scraper-0123456789"
OUTSIDE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}x", 403),
        ("Bearer ", 403),
        ("", 403),
        (f"Basic {TOKEN}", 403),
        (TOKEN, 403),
    ],
)
def test_metrics_open_to_the_bearer_of_the_token(web_app: Flask, tmp_path: Path, header: str, status: int) -> None:
    settings = web_app.extensions["shouwang.settings"]
    web_app.extensions["shouwang.settings"] = replace(settings, metrics_token=TOKEN)
    headers = {"Authorization": header} if header else {}
    answer = web_app.test_client().get("/metrics", environ_base=OUTSIDE, headers=headers)
    assert answer.status_code == status
    assert (b"shouwang_contacts" in answer.data) is (status == 200)


def test_without_a_token_set_no_bearer_gets_in(web_app: Flask) -> None:
    answer = web_app.test_client().get("/metrics", environ_base=OUTSIDE, headers={"Authorization": "Bearer "})
    assert answer.status_code == 403


def test_metrics_are_for_this_machine_only(web_app: Flask) -> None:
    client = web_app.test_client()
    assert b"shouwang_contacts" in client.get("/metrics").data
    assert b"shouwang_carrier_callback_seconds" in client.get("/metrics").data
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_health_needs_nobody(web_app: Flask) -> None:
    client = web_app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json == {"ready": True}


def test_rehearsal_banner_is_on_every_page(client_as: As) -> None:
    assert "mode-banner" in client_as("county").get("/households/list/").get_data(as_text=True)
