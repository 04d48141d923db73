"""Every page, message and sheet speaks one language: Chinese without English words, English without Chinese ones.

UX check 15. What scripts write after the page has come is read in tests/browser/test_languages.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.domain.quarters import Quarter
from app.extensions import db, limiter
from app.models import CarrierRoute, GridNode
from app.queries.scope import system_access
from app.services import pacing
from tests.factories.cast import MEMBERS, PASSWORD, Browser, World
from tests.factories.missed import furnish
from tests.factories.outcomes import make_households, make_quarter
from tests.factories.rosters import roster, row
from tests.web.language.reading import HAN, LATIN, Scan, data_of

CHINESE = frozenset({"English", "Excel", "WPS", "XLSX", "xlsx", "PDF", "Word", "DOCX", "docx", "MB", "https", "zxm",
                     "Twilio"})  # fmt: skip
# Codes the county itself gives: names to sign in with, English titles of levels, ids of a dialogue.
CHINESE_AT = {
    "/account": frozenset({*MEMBERS, "town"}), "/levels/": frozenset({"county", "township", "village", "group"}),
    "/campaign": frozenset({"checkin"}), "/answers/": frozenset({"health", "fine"}),
    "/policy/": frozenset({"shouwang", "policy", "load", "YAML", "AH", "SC"}),  # a command to type, a code to choose
    "/early-warnings/": frozenset({"warning", "kinds"}),  # a list's name in a profile
    "/application": frozenset({"ap", "plic", "ation"}),  # a code in groups of four
    "/meeting/": frozenset({"ME", "ETIN", "AD"}),  # a seal in groups of four
    "/retention/": frozenset({"shouwang", "retention", "keep", "dry", "run"}),  # a command to type, a code to look for
}  # fmt: skip
ENGLISH = frozenset({"守望", "简体中文"})
TYPED = "没有困难"  # by the tests below
LANGUAGES = ("zh_Hans", "en")
READERS = [
    *((name, "zh_Hans") for name in ("county", "town_a", "worker1", "auditor")),
    ("county", "en"),
    ("worker1", "en"),
]
# Forms that an office prescribes in Chinese, whatever language their reader has chosen.
CHINESE_FORMS = ("/imports/", "/reach/ledger", "/ledgers/", "/warnings/", "/comparison/")
FORMS = ("/households/add", "/accounts/new", "/account/password", "/campaigns/new", "/workers/add", "/phones/add",
         "/absences/add", "/assignments/add")  # fmt: skip

As = Callable[[str], Browser]


@dataclass
class Words:
    """Makes a Scan for one reader in one language."""

    app: Flask
    data: list[str]

    def of(self, language: str, name: str | None = None) -> Scan:
        browser = Browser(self.app, name)
        browser.get(f"/lang/{language}")
        if language == "en":
            return Scan(browser, HAN, ENGLISH, self.data)
        own_name = LATIN.findall(name or "")  # stands at the top of every page
        return Scan(browser, LATIN, CHINESE.union(own_name), self.data, CHINESE_AT)


@pytest.fixture
def words(web_app: Flask, world: World, clock: Any) -> Words:
    """The cast's county with a quarter half done, work on worker1's list, and a line."""
    with web_app.app_context(), system_access():
        furnish(db.session, world.nodes, clock)
        town = db.session.query(GridNode).filter_by(code="990001101").one()
        groups = db.session.query(GridNode).filter_by(depth=4, l2_id=town.id).order_by(GridNode.code).all()
        make_households(db.session, groups)
        make_quarter(db.session, town, groups, Quarter(2026, 4), rings=False)
        pacing.ensure_budgets(db.session)
        db.session.add(CarrierRoute(channel="voice", prefix="+", carrier="simulator"))
        db.session.commit()
        data = [*data_of(db.session), TYPED]
        db.session.remove()
    return Words(web_app, data)


def assert_clean(scan: Scan) -> None:
    assert not scan.found, "\n".join(f"{path}: {text}" for text, path in scan.found.items())


@pytest.mark.parametrize(("name", "language"), READERS)
def test_every_kind_of_page_and_sheet(words: Words, name: str, language: str) -> None:
    scan = words.of(language, name)
    scan.crawl(["/", "/account/", "/search/?q=郑", "/search/?q=00000", "/household/999999", "/no/such/page"])
    sheets = [path for path in scan.sheets if language != "en" or not path.startswith(CHINESE_FORMS)]
    cells = {path: scan.read_sheet(path) for path in sheets}

    assert len(scan.seen) > 10
    assert all(cells.values()), cells
    assert_clean(scan)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_form_says_of_mistakes(words: Words, language: str) -> None:
    scan = words.of(language, "county")
    for path in FORMS:
        for data in ({}, {"code": "x" * 500, "from_on": "?", "since_on": "?", "e164": "12", "id_number": "1"}):
            answer = scan.browser.post(path, data, token_from=path)
            scan.read(answer.get_data(as_text=True), path)
    assert_clean(scan)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_roster_full_of_mistakes_is_told(words: Words, language: str) -> None:
    scan = words.of(language, "county")
    rows = (row(1), row(2, phone1="1381234567", away_since="?", head_name=""), row(3, absent="否"),
            row(4, node_code="980001"), row(5, phone1="O381234567l"))  # fmt: skip
    form = {"file": (BytesIO(roster(*rows)), "名册.xlsx")}
    answer = scan.browser.post("/imports/", form, content_type="multipart/form-data", follow_redirects=True)
    with words.app.app_context(), system_access():
        scan.data = data_of(db.session)  # the file's name and rows are the county's too
    page = scan.read(answer.get_data(as_text=True), "/imports/1")

    assert len(page.texts) > 50
    assert_clean(scan)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_refused_log_in_says(words: Words, language: str) -> None:
    scan = words.of(language)
    scan.open("/login/")
    scan.browser.login("nobody", "wrong")
    scan.open("/login/")
    assert_clean(scan)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_when_something_was_done(words: Words, language: str, world: World) -> None:
    """The flashes of everyday decisions, good and late."""
    scan, ids = words.of(language, "county"), world.a
    for _ in range(2):  # the second comes too late
        for path, data in (
            (f"/decide/clue/{ids['clue']}", {"state": "unfounded", "result": TYPED}),
            (f"/decide/task/{ids['work_task']}", {"result": "done", "reason": TYPED}),
            (f"/decide/unit/{world.nodes['990001101']}/close", {"reason": TYPED}),
            ("/account/password", {"old": "x", "new": "x", "again": "y"}),
        ):
            answer = scan.browser.post(path, data, token_from=path, follow_redirects=True)
            scan.read(answer.get_data(as_text=True), path)
    assert_clean(scan)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(words: Words, language: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """403, 404, 405, 413, a stale form, 429 and 500, as a page and as the message that scripts show."""
    scan = words.of(language, "worker1")
    client, statuses = scan.browser.client, {}

    def meet(status: int, send: Callable[..., Any], path: str, **options: Any) -> None:
        for accept in ("text/html", "application/json"):
            answer = send(path, headers={**options.pop("headers", {}), "Accept": accept}, **options)
            statuses[status, accept] = answer.status_code
            if answer.is_json:
                scan.judge([answer.get_json()["message"]], path)
            else:
                scan.read(answer.get_data(as_text=True), path)

    meet(403, client.get, "/accounts/new")
    meet(404, client.get, f"/household/{world.b['household']}")
    meet(405, client.get, "/work/log")
    meet(400, client.post, "/account/password", data={"old": "x"})
    token = scan.browser.token()
    monkeypatch.setitem(words.app.config, "MAX_CONTENT_LENGTH", 1000)
    meet(413, client.post, "/account/password", data={"old": "x" * 2000, "csrf_token": token})
    monkeypatch.undo()
    monkeypatch.setattr("app.views.pages_worklist.list_joined", _fail)
    monkeypatch.setattr("app.views.pages_worklist.list_cards", _fail)
    meet(500, client.get, "/work/")
    limiter.enabled = True
    stranger = words.of(language)
    for _ in range(12):
        page = stranger.browser.login("nobody", PASSWORD + "x")
    statuses[429, "text/html"] = page.status_code
    scan.read(page.get_data(as_text=True), "/login/")

    assert {key: status for key, status in statuses.items() if status != key[0]} == {}
    assert_clean(scan)


def _fail(*_given: Any, **_named: Any) -> None:
    raise RuntimeError("a bug, in English, that nobody may see")
