"""The real application on a free port, a fixed cast that can sign in, and a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from telephony.clock import ManualClock
from tests.browser.serving import Serving
from tests.factories.cast import PASSWORD, World, build_template
from tests.servers import find_program

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1366, "height": 768}}
PLAIN_HOST = "shouwang.test"  # resolved to this machine by the browser, but no secure context: plain http in earnest


@dataclass
class Live:
    """A running application over a copy of the prepared county; tests.factories.cast says who and what is in it."""

    app: Flask
    url: str
    world: World
    clock: ManualClock

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A session that sees every row; committed at the end."""
        from app.extensions import db
        from app.queries.scope import system_access

        with self.app.app_context(), system_access():
            yield db.session
            db.session.commit()
            db.session.remove()

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        return self.url.replace("127.0.0.1", host) + path

    def wait_for(self, page: Page, expression: str, seconds: float = 15) -> None:
        """Until the JavaScript expression is true. Playwright's own wait needs eval, which the pages forbid."""
        deadline = time.monotonic() + seconds
        while not page.evaluate(expression):
            assert time.monotonic() < deadline, f"not within {seconds} s: {expression}"
            page.wait_for_timeout(50)

    def login(self, page: Page, name: str, host: str = "127.0.0.1") -> None:
        """Sign in as a member of the cast; leaves the page wherever the product sends that person."""
        page.goto(self.address("/login/", host))
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/login" not in page.url, page.locator(".notice").all_inner_texts()

    def logout(self, page: Page) -> None:
        """Sign out by the button of the user's menu."""
        page.click(".topbar .dropdown-toggle")
        with page.expect_navigation():
            page.click('form[action$="/logout/"] button')


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    path = tmp_path_factory.mktemp("county") / "county.db"
    return path, build_template(sqlite_template, path)


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    running = Serving(tmp_path_factory.mktemp("serving"))
    yield running
    running.stop()


@pytest.fixture
def live(serving: Serving, prepared: tuple[Path, World], tmp_path: Path, clock: ManualClock) -> Iterator[Live]:
    """A county of its own for this test, served on loopback until the test ends."""
    with serving.over(prepared[0], tmp_path, clock) as app:
        yield Live(app, serving.url, prepared[1], clock)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_program("chromium", "/usr/bin", "/snap/bin", package="chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"]  # fmt: skip
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        running.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """A further browser of its own (cookies, storage): `new_context(PHONE)`. Closed after the test."""
    opened: list[BrowserContext] = []

    def make(form: dict[str, Any] = PHONE, **options: Any) -> BrowserContext:
        context = browser.new_context(**{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **form, **options})
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def phone(new_context: NewContext) -> Page:
    """A page on a phone of 390 × 844."""
    return new_context(PHONE).new_page()


@pytest.fixture
def desk(new_context: NewContext) -> Page:
    """A page on a screen of 1366 × 768."""
    return new_context(DESK).new_page()
