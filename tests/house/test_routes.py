"""Default deny, proven on every route (HOUSE rule 11): who gets in is what the roles state, and nobody else does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.domain.enums import RoleName
from app.extensions import db
from app.security.roles import SYSTEM_ADMIN, TABLE, stated_grants
from tests.factories.cast import CAST, Browser

# Routes that answer without a log-in, each with its reason. Everything else must not.
OPEN = {
    "static": "style sheets and scripts",
    "appbuilder.static": "FAB's own style sheets",
    "LoginView.login": "where one logs in",
    "LoginView.logout": "leads to the log-in",
    "LocaleView.index": "language of the log-in page",
    "ApiLogin.login": "POST only: where scripts log in",
    "UtilView.back": "a redirect to the last page, which asks again",
    "HomeView.index": "sends the anonymous to the log-in",
    "healthz": "supervisors",
    "readyz": "supervisors",
    "metrics": "this machine only",
    "service_worker": "a script like those under static",
    "PublicApplication.index": "anybody may apply: names of units, nothing of any person (D0-32)",
    "PublicApplication.area": "the form of a village; what is sent is stored, never shown",
    "PublicApplication.done": "repeats the receipt number in its own address",
    "PublicApplication.status": "asks for the receipt and the tail of the phone number, and is limited",
    "PublicReport.form": "one reporter's link, limited; shows its name and what was typed (D2-19)",
    "PublicReport.done": "repeats the receipt number in its own address",
    "DoorCode.scan": "a printed code leads to the form of a village, whatever it is",
}
SIGNED_IN = {"AccountView.userinfo", "AccountView.password", "MenuApi.get_menu_data"}  # one's own account
_FIRST = {role: name for name, (role, _) in reversed(CAST.items())}
ONE_OF_EACH_ROLE = [name for role, name in _FIRST.items() if role != SYSTEM_ADMIN]
SAMPLE = {"word": "phone", "name": "reveal", "locale": "en", "act": "pause"}


def routes(app: Flask, method: str) -> list[Rule]:
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return sorted((rule for rule in rules if not rule.rule.startswith("/carrier/")), key=str)


def path_of(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", lambda match: SAMPLE.get(match[1], "1"), rule.rule)


def required(app: Flask, rule: Rule) -> tuple[str, str] | None:
    """(permission, view) the endpoint asks for; None for endpoints that are not FAB views'."""
    view_name, _, method = rule.endpoint.partition(".")
    view = next((v for v in app.extensions["appbuilder"].baseviews if v.endpoint == view_name), None)
    function = getattr(view, method, None)
    if view is None or not hasattr(function, "_permission_name"):
        return None
    return f"can_{view.get_method_permission(method)}", view.class_permission_name


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_anonymous_get_nothing(web_app: Flask, method: str) -> None:
    client = web_app.test_client()
    web_app.config["WTF_CSRF_ENABLED"] = False
    for rule in routes(web_app, method):
        if rule.endpoint in OPEN:
            continue
        answer = client.open(path_of(rule), method=method)
        to_login = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
        assert to_login or answer.status_code in (401, 403, 404), f"{method} {rule.rule}: {answer.status_code}"


def test_every_route_says_who_may_enter(web_app: Flask) -> None:
    known = {*OPEN, *SIGNED_IN}
    unsaid = [
        rule.rule
        for rule in routes(web_app, "GET") + routes(web_app, "POST")
        if rule.endpoint not in known and not rule.endpoint.endswith((".action", ".action_post"))  # checked inside
        if required(web_app, rule) is None
    ]
    assert unsaid == []


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_each_role_enters_exactly_where_it_is_stated(web_app: Flask, name: str) -> None:
    """403 exactly where the role lacks the permission; the row may then be absent (404), the form incomplete (302)."""
    with web_app.app_context():
        stated = stated_grants(web_app)[CAST[name][0]]
        db.session.remove()
    browser = Browser(web_app, name)
    for rule in routes(web_app, "GET"):
        wanted = required(web_app, rule)
        if rule.endpoint in OPEN or wanted is None:
            continue
        status = browser.get(path_of(rule)).status_code
        assert (status == 403) == (wanted not in stated), f"{name} GET {rule.rule}: {status}"
        assert status < 500, f"{name} GET {rule.rule}: {status}"


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_each_role_posts_only_where_it_is_stated(web_app: Flask, name: str) -> None:
    web_app.config["WTF_CSRF_ENABLED"] = False
    with web_app.app_context():
        stated = stated_grants(web_app)[CAST[name][0]]
        db.session.remove()
    browser = Browser(web_app, name)
    for rule in routes(web_app, "POST"):
        wanted = required(web_app, rule)
        if rule.endpoint in OPEN or wanted is None or wanted in stated:
            continue
        assert browser.client.post(path_of(rule)).status_code == 403, f"{name} POST {rule.rule}"


def test_an_account_without_an_assignment_sees_no_rows(web_app: Flask) -> None:
    from app.queries.scope import system_access
    from app.services import users

    with web_app.app_context(), system_access():
        user, _ = users.add_user(db.session, "loner", "独", "township_staff", "990001101", "zhongguo2026")
        db.session.flush()
        from app.models import Assignment, GridWorker

        worker = db.session.query(GridWorker).filter_by(user_id=user.id).one()
        db.session.query(Assignment).filter_by(worker_id=worker.id).delete()
        db.session.commit()
    browser = Browser(web_app, "loner")
    for rule in routes(web_app, "GET"):
        if rule.endpoint.endswith(".list") and rule.endpoint != "GridWorkerView.list":
            page = browser.get(rule.rule).get_data(as_text=True)
            shown = re.findall(rf'href="{rule.rule.removesuffix("list/")}show/', page)
            assert not shown or rule.endpoint in ("GridLevelView.list",), rule.rule


def test_the_table_names_views_that_exist(web_app: Flask) -> None:
    known = {view.class_permission_name for view in web_app.extensions["appbuilder"].baseviews}
    assert set(TABLE) <= known


def test_every_role_is_given_something_and_nobody_but_the_administrator_everything(web_app: Flask) -> None:
    with web_app.app_context():
        stated: dict[str, Any] = stated_grants(web_app)
    assert all(stated[role.value] for role in RoleName)
    assert all(stated[role.value] < stated[SYSTEM_ADMIN] for role in RoleName)
    assert stated["Public"] == set()


def test_fabs_own_screens_are_absent(web_app: Flask) -> None:
    rules = {rule.rule for rule in web_app.url_map.iter_rules()}
    assert not any(rule.startswith(("/roles", "/users", "/groups", "/permissions", "/userstats")) for rule in rules)
