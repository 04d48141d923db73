"""The real application on a free port, a fixed cast that can sign in, and a real Chromium."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from app.domain.enums import RoleName
from telephony.clock import ManualClock
from tests.conftest import make_settings
from tests.factories.world import Tree, make_tree
from tests.servers import find_program, free_port

PASSWORD = "shouwang-test-1"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1366, "height": 768}}
PLAIN_HOST = "shouwang.test"  # resolved to this machine by the browser, but no secure context: plain http in earnest


@dataclass
class Live:
    """A running application. `cast`: name → (role, code of the unit served); everybody's password is PASSWORD."""

    app: Flask
    url: str
    tree: Tree
    clock: ManualClock
    cast: dict[str, tuple[str, str]] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A session that sees every row; committed at the end."""
        from app.extensions import db
        from app.queries.scope import system_access

        with self.app.app_context(), system_access():
            yield db.session
            db.session.commit()
            db.session.remove()

    def login(self, page: Page, name: str, host: str = "") -> None:
        """Sign in as a member of the cast; leaves the page wherever the product sends that person."""
        base = self.url.replace("127.0.0.1", host) if host else self.url
        page.goto(f"{base}/login/")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/login" not in page.url, page.locator(".notice").all_inner_texts()


CAST = {
    "worker_a": (RoleName.GRID_WORKER, lambda tree: tree.groups[0]),
    "worker_b": (RoleName.GRID_WORKER, lambda tree: tree.groups[1]),
    "cadre": (RoleName.VILLAGE_CADRE, lambda tree: tree.villages[0]),
    "staff_a": (RoleName.TOWNSHIP_STAFF, lambda tree: tree.towns[0]),
    "staff_b": (RoleName.TOWNSHIP_STAFF, lambda tree: tree.towns[1]),
    "county": (RoleName.COUNTY_ADMIN, lambda tree: tree.county),
    "auditor": (RoleName.AUDITOR, lambda tree: tree.county),
    "outsider": (RoleName.GRID_WORKER, lambda tree: tree.groups[7]),
}  # fmt: skip


@pytest.fixture
def live(sqlite_url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Live]:
    """A fresh, migrated database with the tree and the cast, served on loopback until the test ends."""
    from app.bootstrap import create_app
    from app.extensions import limiter
    from app.security.roles import sync_roles

    port = free_port()
    settings = make_settings(sqlite_url, tmp_path, PUBLIC_BASE_URL=f"http://127.0.0.1:{port}")
    app = create_app(settings, clock_source=clock)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = Live(app, f"http://127.0.0.1:{port}", Tree(county=None), clock)  # type: ignore[arg-type]
    with running.database() as session:
        limiter.reset()
        sync_roles(app)
        running.tree = make_tree(session)
        _hire(running, session)
        session.commit()
        for node in (running.tree.county, *running.tree.towns, *running.tree.villages, *running.tree.groups):
            session.refresh(node)  # loaded in full, so that tests may read them after the session is gone
        session.expunge_all()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield running
    server.shutdown()
    thread.join(10)
    with app.app_context():
        from app.extensions import db

        db.engine.dispose()


def _hire(running: Live, session: Any) -> None:
    from app.services.users import add_user

    for name, (role, place) in CAST.items():
        node = place(running.tree)
        user, _secret = add_user(session, name, f"{name}甲", role, node.code, PASSWORD)
        running.cast[name] = (role.value, node.code)
        running.users[name] = user.id


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
