"""The prepared county with the shipped profiles, loaded once into the template and copied with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from telephony.clock import ManualClock
from tests.factories.cast import World, open_web


@pytest.fixture(scope="session")
def with_rules(prepared: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Path:
    from app.extensions import db
    from app.queries.scope import system_access
    from app.services.policy import loading

    path = tmp_path_factory.mktemp("rules") / "county.db"
    shutil.copy(prepared[0], path)
    app = open_web(f"sqlite:///{path}", path.parent)
    with app.app_context():
        with system_access():
            loading.load_shipped(db.session)
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture
def web_app(with_rules: Path, tmp_path: Path, clock: ManualClock) -> Iterator[Flask]:
    path = tmp_path / "county.db"
    shutil.copy(with_rules, path)
    app = open_web(f"sqlite:///{path}", tmp_path, clock)
    yield app
    from app.extensions import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()
