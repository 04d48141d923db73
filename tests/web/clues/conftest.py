"""The prepared county with the shipped rules, so that the code lists are those of the product."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import World
from tests.factories.web import SharedWeb


@pytest.fixture(scope="session")
def with_rules(shared_web: SharedWeb, prepared: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Path:
    from app.extensions import db
    from app.queries.scope import system_access
    from app.services.policy import loading

    folder = tmp_path_factory.mktemp("rules")
    with shared_web.over(prepared[0], folder, ManualClock(MONDAY_MORNING)) as app, app.app_context():
        with system_access():
            loading.load_shipped(db.session)
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
        return shared_web.keep(folder / "county.db")


@pytest.fixture
def web_app(shared_web: SharedWeb, with_rules: Path, tmp_path: Path, clock: ManualClock) -> Iterator[Flask]:
    with shared_web.over(with_rules, tmp_path, clock) as app:
        yield app
