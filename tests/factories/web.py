"""The web application, built once in a process and laid over a copy of a prepared database for every test.

Building it and compiling its templates takes as long as ten tests, and an application is never given back whole: a
process that builds one for each test grows by gigabytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from app.extensions import clock as clock_slot
from app.extensions import db, limiter
from app.models.types import cipher
from app.services import carriers
from tests.conftest import make_settings
from tests.factories.cast import open_web


class SharedWeb:
    """`folder` holds the one database file. `changes`: environment names, as for make_settings."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self._path = folder / "county.db"
        self._changes = changes
        self._url = f"sqlite:///{self._path}"
        self.app: Flask = open_web(self._url, folder, **changes)
        self._config = dict(self.app.config)

    def keep(self, target: Path) -> Path:
        """A copy of the database as it is now, a template for further tests. Nobody may be connected."""
        shutil.copy(self._path, target)
        return target

    @contextmanager
    def over(self, template: Path, home: Path, clock: Any) -> Iterator[Flask]:
        """The application over a copy of `template`, with `home` for its files; all that it remembers is reset."""
        for leftover in self._path.parent.glob("county.db*"):
            leftover.unlink()
        shutil.copy(template, self._path)
        settings = make_settings(self._url, home, **self._changes)
        self.app.extensions["shouwang.settings"] = settings
        cipher.configure(settings.field_key)  # another test may have held another key
        carriers.register_from(settings)
        clock_slot.source = clock
        limiter.enabled = False
        yield self.app
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.app.config.clear()
        self.app.config.update(self._config)
