"""UX check 25: in a county without a single record every screen says why it is empty and what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.queries.scope import system_access
from app.security.roles import sync_roles
from app.services import users
from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import PASSWORD, Browser
from tests.factories.web import SharedWeb
from tests.factories.world import make_tree

ROLES = ("grid_worker", "village_cadre", "township_staff", "county_admin", "auditor")
MAIN = re.compile(r"<main.*?</main>", re.S)
EMPTY = re.compile(r'class="empty".*?class="empty-title">[^<]+</p>\s*<p class="muted">[^<]+', re.S)
ROWS = re.compile(r"class=\"kpi |<tbody>\s*<tr|<dl|<article|<form method=\"post\"|<li", re.S)


@pytest.fixture(scope="module")
def empty_county(shared_web: SharedWeb, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Units and one account of each role, nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    with shared_web.over(sqlite_template, folder, ManualClock(MONDAY_MORNING)) as app, app.app_context():
        sync_roles(app)
        with system_access():
            tree = make_tree(db.session)
            places = (tree.groups[0], tree.villages[0], tree.towns[0], tree.county, tree.county)
            for role, node in zip(ROLES, places, strict=True):
                users.add_user(db.session, role, "试", role, node.code, PASSWORD)
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
        return shared_web.keep(folder / "empty.db")


@pytest.fixture
def empty_app(shared_web: SharedWeb, empty_county: Path, tmp_path: Path, clock: ManualClock) -> Iterator[Flask]:
    with shared_web.over(empty_county, tmp_path, clock) as app:
        yield app


@pytest.mark.parametrize("role", ROLES)
def test_every_screen_of_an_empty_county_says_why_and_what_next(empty_app: Flask, role: str) -> None:
    browser = Browser(empty_app, role)
    home = browser.get("/", follow_redirects=True).get_data(as_text=True)
    menu = re.findall(r'href="(/[^"]*)"', home[home.index('class="menu"') : home.index("</aside>")])
    silent = []
    for address in menu:
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        main = MAIN.search(answer.get_data(as_text=True))
        assert main is not None, address
        if not EMPTY.search(main[0]) and not ROWS.search(main[0]):
            silent.append(address)

    assert len(menu) > 5
    assert silent == []
