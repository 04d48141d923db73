"""SQLite's one writer: whose turn it is, what its end waits for, and who writes the log back."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import extensions
from app.extensions import passing, write_log_back, writers_turn
from tasks import schedule

REALLY_WAIT = extensions.wait_for_disk  # before the fixture of all tests takes it away


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each wait for the disk: was the turn free meanwhile?"""
    found: list[bool] = []

    def note(database: str | None) -> None:
        with open(f"{database}-turn", "rb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found.append(True)

    monkeypatch.setattr(extensions, "wait_for_disk", note)
    return found


@pytest.fixture
def database(tmp_path: Path) -> Any:
    engine = create_engine(f"sqlite:///{tmp_path}/turns.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE word (said TEXT)"))
    yield engine
    engine.dispose()


def say(session: Session, words: str = "x") -> None:
    session.execute(text("INSERT INTO word VALUES (:words)"), {"words": words})
    session.commit()


def test_the_turn_is_passed_on_before_its_end_waits_for_the_disk(database: Any, waits: list[bool]) -> None:
    with Session(database) as session, writers_turn(session):
        say(session)
        assert waits == []
    assert waits == [True]


def test_what_may_be_lost_with_the_line_waits_for_nothing(database: Any, waits: list[bool]) -> None:
    with Session(database) as session, writers_turn(session), passing():
        say(session)
    assert waits == []


def test_a_turn_within_a_turn_waits_once_and_is_given_back_once(database: Any, waits: list[bool]) -> None:
    with Session(database) as session, writers_turn(session):
        with writers_turn(session):
            say(session)
        with open(f"{database.url.database}-turn", "rb") as turn, pytest.raises(BlockingIOError):
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert waits == []
    assert waits == [True]


def test_a_turn_that_fails_is_given_back(database: Any, waits: list[bool]) -> None:
    def fail() -> None:
        with Session(database) as session, writers_turn(session):
            say(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert waits == [True]


def test_threads_take_turns(database: Any) -> None:
    inside: list[int] = []
    widest: list[int] = []

    def write() -> None:
        with Session(database) as session, writers_turn(session):
            inside.append(1)
            widest.append(len(inside))
            say(session)
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(database) as session:
        assert session.scalar(text("SELECT count(*) FROM word")) == 8
    assert max(widest) == 1


def test_a_commit_outside_a_turn_waits_by_itself(database: Any) -> None:
    assert extensions._waits_for_its_disk()


def test_the_wait_is_for_the_log_of_that_database(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda file: asked.append(os.readlink(f"/proc/self/fd/{file}")))
    with Session(database) as session:
        say(session)
        REALLY_WAIT(database.url.database)
    assert asked == [f"{database.url.database}-wal"]
    REALLY_WAIT("no/such/database")  # its log was written back when it was closed
    assert len(asked) == 1


def test_a_disk_that_fails_is_told(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, "the disk")

    monkeypatch.setattr(os, "fdatasync", fail)
    with Session(database) as session:
        say(session)
        with pytest.raises(OSError, match="the disk"):
            REALLY_WAIT(database.url.database)


def test_the_log_is_written_back_when_asked_for_and_not_by_a_writer(database: Any) -> None:
    file = Path(database.url.database)
    with Session(database) as session:
        for _ in range(6):
            say(session, "x" * 1_000_000)  # SQLite itself would write back after four of them
        assert file.stat().st_size < 100_000
        write_log_back(database)
        assert file.stat().st_size > 6_000_000


def test_a_log_that_cannot_be_written_back_ends_no_beat(
    app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()

    def fail(engine: Any) -> None:
        stop.set()
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(schedule, "write_log_back", fail)
    monkeypatch.setattr(schedule, "sender", lambda app: None)
    monkeypatch.setattr(schedule, "beat_once", lambda send: [])
    schedule.run_beat(app, stop)
    assert "OperationalError" in caplog.text
    assert "full" not in caplog.text


def test_the_beat_writes_the_log_back_now_and_then(app: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    done: list[str] = []

    def beat_once(send: Any) -> None:
        done.append("beat")
        if done.count("beat") == schedule.WAKES_PER_WRITE_BACK + 1:
            stop.set()

    monkeypatch.setattr(schedule, "WAKE_S", 0)
    monkeypatch.setattr(schedule, "sender", lambda app: None)
    monkeypatch.setattr(schedule, "beat_once", beat_once)
    monkeypatch.setattr(schedule, "write_log_back", lambda engine: done.append("back"))
    schedule.run_beat(app, stop)
    assert [number for number, what in enumerate(done) if what == "back"] == [1, schedule.WAKES_PER_WRITE_BACK + 2]
