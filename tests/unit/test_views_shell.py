"""The page frame and the error pages: words for people, nothing technical, nothing heavy."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from app.queries.access import ScopeError
from app.views.icons import carry_icons
from tests.unit import crud_probe as probe


@pytest.fixture(scope="module")
def frame_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = probe.make_app(tmp_path_factory.mktemp("frame"))

    @app.get("/raise/<kind>")
    def raise_(kind: str) -> str:
        if kind == "scope":
            raise ScopeError("household 17 is not yours")
        if kind == "bug":
            raise RuntimeError("password=hunter2")
        abort(int(kind))

    return app


@pytest.fixture
def visitor(frame_app: Flask) -> FlaskClient:
    return frame_app.test_client()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [("400", 400, "cannot be understood"), ("403", 403, "may not do this"), ("404", 404, "does not exist"),
     ("413", 413, "too large"), ("429", 429, "Too many requests"), ("bug", 500, "Something went wrong"),
     ("scope", 404, "does not exist")],
)  # fmt: skip
def test_every_error_has_its_page(visitor: FlaskClient, kind: str, status: int, words: str) -> None:
    answer = visitor.get(f"/raise/{kind}")
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(("kind", "secret"), [("bug", "hunter2"), ("scope", "household 17")])
def test_an_error_page_tells_nothing_technical(visitor: FlaskClient, kind: str, secret: str) -> None:
    assert secret not in visitor.get(f"/raise/{kind}").text


def test_a_script_gets_json(visitor: FlaskClient) -> None:
    answer = visitor.get("/raise/403", headers={"Accept": "application/json"})
    assert answer.get_json() == {"message": "You may not do this"}


def test_a_stale_form_is_explained(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(visitor.application.config, "WTF_CSRF_ENABLED", True)
    answer = visitor.post("/familyview/action_post")
    assert (answer.status_code, "This form has expired" in answer.text) == (400, True)


def test_the_page_names_its_language(visitor: FlaskClient) -> None:
    visitor.get("/lang/zh_Hans")
    assert '<html lang="zh-Hans"' in visitor.get("/login/").text


def test_the_language_switch_returns_to_the_page_it_was_used_on(visitor: FlaskClient) -> None:
    answer = visitor.get("/lang/zh_Hans", headers={"Referer": "http://localhost/somewhere?x=1"})
    assert answer.headers["Location"] == "http://localhost/somewhere?x=1"


def test_the_language_switch_never_leaves_the_house(visitor: FlaskClient) -> None:
    answer = visitor.get("/lang/zh_Hans", headers={"Referer": "http://evil.example/"})
    assert "evil" not in answer.headers["Location"]


def test_large_text_is_remembered_by_a_cookie_alone(visitor: FlaskClient) -> None:
    visitor.set_cookie("large_text", "1")
    assert 'class="large-text"' in visitor.get("/login/").text


def test_pages_are_compressed_for_those_who_can_read_it(visitor: FlaskClient) -> None:
    answer = visitor.get("/login/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"<main" in gzip.decompress(answer.data)


def test_pages_stay_plain_for_those_who_cannot(visitor: FlaskClient) -> None:
    assert "Content-Encoding" not in visitor.get("/login/").headers


def test_assets_carry_their_version_and_may_be_kept(visitor: FlaskClient) -> None:
    address = visitor.get("/login/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address
    assert "immutable" in visitor.get(address).headers["Cache-Control"]


def test_the_page_loads_nothing_from_elsewhere(visitor: FlaskClient) -> None:
    page = visitor.get("/login/").text
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_a_page_carries_the_icons_it_shows(visitor: FlaskClient) -> None:
    page = visitor.get("/login/").text
    shown = set(re.findall(r'href="#icon-([a-z0-9-]+)"', page))
    assert shown == set(re.findall(r'<symbol id="icon-([a-z0-9-]+)"', page)) != set()
    assert "icons.svg" not in page


def test_a_fragment_names_the_sheet_instead(visitor: FlaskClient) -> None:
    page = visitor.get("/login/", headers={"X-Requested-With": "fetch"}).text
    assert "icons.svg?v=" in page
    assert "<symbol" not in page


def test_an_icon_that_does_not_exist_spoils_no_page() -> None:
    page = '<body><use href="/static/vendor/icons.svg?v=1#eye"/><use href="/static/vendor/icons.svg?v=1#nay"/></body>'
    carried = carry_icons(page, {"eye": '<symbol id="icon-eye"/>'})
    assert 'href="#icon-eye"' in carried
    assert "icons.svg?v=1#nay" in carried
    assert carried.count("<symbol") == 1
