"""Fixtures all rooms share: real databases, one clock that stands still until moved, no way out to the internet."""

from __future__ import annotations

import base64
import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from pytest_socket import socket_allow_hosts
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url

import config
from telephony.clock import ManualClock
from tests import servers
from tests.databases import PostgresDatabase

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Asia/Shanghai, a working day of 2026Q4
FIELD_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


# Files that take minutes begin first, so that no core is left waiting for another at the end.
LONG_FILES = ("tests/scenarios/", "tests/browser/")


# A property that holds on a busy machine holds: no example is timed.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG_FILES))


def pytest_collection_finish() -> None:
    """The collector need not walk a million objects that live as long as the process, a dozen times in each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(autouse=True, scope="session")
def no_waiting_for_the_disk() -> None:
    """SQLite in this process leaves it to the system when its bytes reach the disk; the tests that kill -9 start
    processes of their own, with the product's setting."""
    from app import extensions  # its listener sets the product's; ours comes after it

    @event.listens_for(Engine, "connect")
    def hurry(connection: Any, record: Any) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute("PRAGMA synchronous=OFF")
            record.info["synchronous"] = "OFF"

    extensions.wait_for_disk = lambda database: None


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[str]:
    """A cast of eleven would hash passwords for a second before every test. Yields the product's own method."""
    from app.security import passwords

    method = passwords.METHOD
    passwords.METHOD = "scrypt:1024:8:1"
    yield method
    passwords.METHOD = method


@pytest.fixture(autouse=True)
def only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file, copied for every test."""
    from app.services import schema

    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()  # the last connection checkpoints the log into the file
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated, empty database, the template of every test's own."""
    from app.services import schema

    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template_empty"))
    admin.dispose()
    url = make_url(postgres_server).set(database="template_empty")
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    return "template_empty"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, postgres_template: str) -> Iterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_server, postgres_template)
    yield database
    database.close()


@pytest.fixture
def postgres_url(postgres_database: PostgresDatabase) -> Iterator[str]:
    """A migrated, empty database, for this test alone."""
    yield postgres_database.url
    postgres_database.restore()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a database runs on both."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty database for all tests of a module, for those that look at one costly state and change
    nothing. On PostgreSQL it is the one database: no test of such a module may ask for `database_url` as well."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("module") / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    yield database.url
    database.restore()


@pytest.fixture(scope="module")
def module_session(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """`session` over that database, on MONDAY_MORNING."""
    settings = make_settings(module_database_url, tmp_path_factory.mktemp("home"))
    with _core(settings, ManualClock(MONDAY_MORNING)):
        from app.extensions import db

        yield db.session


def make_settings(database_url: str, home: Path, **changes: str) -> config.Settings:
    """Complete test settings; `changes` are environment names."""
    environ = {
        "SHOUWANG_HOME": str(home),
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": "memory://",
        "REDIS_URL": "memory://",
        "SECRET_KEY": "test-" * 8,
        "FIELD_KEY": FIELD_KEY,
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "CARRIER": "simulator",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "test-token",
        "TWILIO_FROM": "+8610000000000",
        "TWILIO_API_BASE": "http://127.0.0.1:9",
        **changes,
    }
    return config.load(environ)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    return make_settings(database_url, tmp_path)


@pytest.fixture
def app(settings: config.Settings, clock: ManualClock) -> Iterator[Flask]:
    """The core application (no pages) over an empty, migrated database; its context is pushed, all rows visible."""
    with _core(settings, clock) as application:
        yield application


@contextmanager
def _core(settings: config.Settings, clock: ManualClock) -> Iterator[Flask]:
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access

    application = create_core(settings, clock_source=clock)
    with application.app_context(), system_access():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask):  # type: ignore[no-untyped-def]
    from app.extensions import db

    return db.session
