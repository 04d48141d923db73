"""The web application over a copy of the prepared county, and a signed-in browser for each of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.queries.scope import system_access
from app.services.policy import loading
from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import Browser, World, build_template
from tests.factories.web import SharedWeb


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    path = tmp_path_factory.mktemp("county") / "county.db"
    return path, build_template(sqlite_template, path)


@pytest.fixture
def world(prepared: tuple[Path, World]) -> World:
    return prepared[1]


@pytest.fixture(scope="session")
def shared_web(tmp_path_factory: pytest.TempPathFactory) -> SharedWeb:
    return SharedWeb(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="session")
def with_rules(shared_web: SharedWeb, prepared: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared county with the shipped profiles, loaded once for every folder whose pages need code lists."""
    folder = tmp_path_factory.mktemp("rules")
    with shared_web.over(prepared[0], folder, ManualClock(MONDAY_MORNING)) as app, app.app_context():
        with system_access():
            loading.load_shipped(db.session)
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
        return shared_web.keep(folder / "county.db")


@pytest.fixture
def web_app(shared_web: SharedWeb, prepared: tuple[Path, World], tmp_path: Path, clock: ManualClock) -> Iterator[Flask]:
    with shared_web.over(prepared[0], tmp_path, clock) as app:
        yield app


@pytest.fixture
def client_as(web_app: Flask) -> Callable[[str], Browser]:
    """client_as("town_a") → a signed-in Browser."""
    return lambda name: Browser(web_app, name)
