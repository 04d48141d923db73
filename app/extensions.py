"""The third-party instances the rooms share. Nothing here knows a view, a service or a model."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
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
    """WAL with synchronous=FULL: a dial intent lost at power failure would be a second call (STACK B0).

    The log is written back into the database by `write_log_back`, beside the writers and not by one of them while it
    holds the turn: on a slow disk all others waited up to half a second. Where nobody does, a writer does at 32 MB.
    """
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON",
                   "temp_store=MEMORY", "cache_size=-16000", "wal_autocheckpoint=8000"):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def write_log_back(engine: Engine) -> None:
    """Write what SQLite's log holds into the database, as far as no reader still needs it; keeps nobody waiting. For
    whoever wakes up all the time anyway (the beat). Nothing on PostgreSQL. Raises sqlite3.OperationalError."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()  # without the BEGIN of below: no transaction may be open
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    finally:
        connection.close()


@event.listens_for(Engine, "begin")
def _sqlite_begin(connection: Connection) -> None:
    """Take SQLite's write lock at once, except in pages that only read.

    A deferred transaction that turns writer after another one committed fails at once, whatever the busy time-out.
    """
    if connection.dialect.name == "sqlite":
        wanted = "FULL" if _waits_for_its_disk() else "NORMAL"
        if connection.info.get("synchronous", "FULL") not in (wanted, "OFF"):  # OFF: of tests, which never wait
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        reads = _reading.get() or (has_request_context() and request.method in ("GET", "HEAD", "OPTIONS"))
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _waits_for_its_disk() -> bool:
    """Does a commit of the transaction that begins now wait for the disk itself? Within a turn the turn's end does."""
    if _passing.get():
        return False
    turn = _turn_held.get()
    if turn is None:
        return True
    turn.owes_disk = True
    return False


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


@dataclass(slots=True)
class _Turn:
    """`owes_disk`: a transaction of it means something only once it lies on the disk."""

    owes_disk: bool = False


_turn_held: ContextVar[_Turn | None] = ContextVar("turn_held", default=None)


@contextmanager
def writers_turn(session: Any) -> Iterator[None]:
    """Hold the turn to write, among all processes, while a transaction of `session` lasts. Never hold it round HTTP.

    Leaving it waits until what was committed lies on the disk, with the turn already passed on: the others write on
    while this one waits, and a disk that hesitates keeps one of them waiting instead of all. What they read of it by
    then is in the log before anything of theirs, so it is on the disk before they act on it.
    """
    bind = session.get_bind()
    if bind.dialect.name != "sqlite" or _turn_held.get() is not None:
        yield
        return
    turn = _Turn()
    database = bind.engine.url.database
    try:
        with _one_writer, _among_processes(database), _holding(turn):
            yield
    finally:
        if turn.owes_disk:
            wait_for_disk(database)


@contextmanager
def _holding(turn: _Turn) -> Iterator[None]:
    token = _turn_held.set(turn)
    try:
        yield
    finally:
        _turn_held.reset(token)


@contextmanager
def _among_processes(database: str | None) -> Iterator[None]:
    file = _turn_file(database)
    if file is None:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def wait_for_disk(database: str | None) -> None:
    """Until SQLite's log lies on the disk as far as it is written now. Raises OSError when the disk fails. No log: its
    last reader has written it back, and waited for that."""
    try:
        log = os.open(f"{database}-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(log)
    finally:
        os.close(log)


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
