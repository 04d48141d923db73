"""The third-party instances the rooms share. Nothing here knows a view, a service or a model."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.types import TypeDecorator

from telephony.clock import Clock, SystemClock

# One metadata for our tables and FAB's security tables: with a separate db.Model, Alembic would drop FAB's (STACK A1).
db = SQLA(model_class=Model)
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


class _ClockSlot:
    """The process's clock; bootstrap puts the right one in, tests put a ManualClock in."""

    def __init__(self) -> None:
        self.source: Clock = SystemClock()

    def now(self) -> datetime:
        return self.source.now()

    def sleep(self, seconds: float) -> None:
        self.source.sleep(seconds)


clock = _ClockSlot()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. PostgreSQL keeps timestamptz; SQLite keeps naive UTC, made aware again on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@event.listens_for(Engine, "connect")
def _sqlite_pragmas(connection: Any, record: Any) -> None:
    """WAL with synchronous=FULL: a dial intent lost at power failure would be a second call (STACK B0)."""
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON",
                   "temp_store=MEMORY", "cache_size=-16000"):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _sqlite_begin(connection: Connection) -> None:
    """Take SQLite's write lock at once, except in pages that only read.

    A deferred transaction that turns writer after another one committed fails at once, whatever the busy time-out.
    """
    if connection.dialect.name == "sqlite":
        wanted = "NORMAL" if _passing.get() else "FULL"
        if connection.info.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        reads = _reading.get() or (has_request_context() and request.method in ("GET", "HEAD", "OPTIONS"))
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


_passing: ContextVar[bool] = ContextVar("passing", default=False)
_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """A transaction begun inside only reads, as a page's does: on SQLite it keeps no writer waiting, however long it
    lasts. For workers that write long files."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def passing() -> Iterator[None]:
    """SQLite need not wait for its disk at the commits inside: the next one outside waits for these as well.

    They survive the death of every process; a power failure may take those of the last moment. Only for what means
    nothing without a later commit, such as a key pressed in a call that the same failure cuts off.
    """
    token = _passing.set(True)
    try:
        yield
    finally:
        _passing.reset(token)


# SQLite has one writer. Those who wait wait here, in order and awake at once, instead of inside SQLite, which lets them
# sleep for up to a tenth of a second at a time and overtake one another (STACK B2c): threads of one process at the
# lock, processes at a file beside the database, which the system unlocks by itself when one of them dies. PostgreSQL
# needs no such thing.
_one_writer = threading.RLock()
_turn: tuple[int, str, int] | None = None  # process id (a fork must not share its parent's), database, open file
_depth = 0


@contextmanager
def writers_turn(session: Any) -> Iterator[None]:
    """Hold the turn to write, among all processes, while a transaction of `session` lasts. Never hold it round HTTP."""
    bind = session.get_bind()
    if bind.dialect.name != "sqlite":
        yield
        return
    global _depth
    with _one_writer:
        file = _turn_file(bind.engine.url.database) if _depth == 0 else None
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
            if file is not None:
                fcntl.flock(file, fcntl.LOCK_UN)


def _turn_file(database: str | None) -> int | None:
    """The open file whose lock is the turn; None for a database in memory, which one process has to itself."""
    global _turn
    if not database or database == ":memory:":
        return None
    if _turn is None or _turn[:2] != (os.getpid(), database):
        if _turn is not None:
            os.close(_turn[2])
        _turn = (os.getpid(), database, os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return _turn[2]
