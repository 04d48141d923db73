"""kill -9 in the middle of an import, in a real process: whole chunks or nothing, honest status, a way on (UX 10)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.bootstrap import create_core
from app.domain.enums import ImportState
from app.embedded.processes import shouwang
from app.extensions import db
from app.models import Household, ImportBatch, ImportRow, Member, NationalBatch
from app.queries.scope import system_access
from app.services.rosters import CHUNK
from app.sheets.imports import batches
from tests.conftest import FIELD_KEY, make_settings
from tests.factories.national import export, id_of, person
from tests.factories.rosters import roster, row
from tests.factories.world import make_tree

ROWS = 2000


@pytest.fixture
def installation(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Its database holds a county; commands of the same installation run beside it as processes."""
    app = create_core(make_settings(sqlite_url, tmp_path))
    with app.app_context(), system_access():
        make_tree(db.session)
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def _start(app: Flask, *words: str) -> subprocess.Popen[bytes]:
    settings = app.extensions["shouwang.settings"]
    environ = {
        "PATH": os.environ["PATH"], "SHOUWANG_HOME": str(settings.home), "DATABASE_URL": settings.database_url,
        "CELERY_BROKER_URL": "memory://", "REDIS_URL": "memory://", "SECRET_KEY": "test-" * 8,
        "FIELD_KEY": FIELD_KEY, "PUBLIC_BASE_URL": "http://127.0.0.1:8000", "PYTHONPATH": os.getcwd(),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "test-token", "TWILIO_FROM": "+8610000000000",
        "TWILIO_API_BASE": "http://127.0.0.1:9",
    }  # fmt: skip
    command = [*shouwang("import"), *words]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _kill_when(process: subprocess.Popen[bytes], path: str, question: str, seconds: float = 120.0) -> None:
    """SIGKILL as soon as the question about the database is answered with yes."""
    deadline = time.monotonic() + seconds
    with sqlite3.connect(path, timeout=5) as watch:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"ended by itself: {process.communicate()[0].decode()[-2000:]}")
            if watch.execute(question).fetchone()[0]:
                process.send_signal(signal.SIGKILL)
                process.wait()
                return
            time.sleep(0.005)
    process.kill()
    raise TimeoutError(question)


def _path(app: Flask) -> str:
    return str(app.extensions["shouwang.settings"].database_url).removeprefix("sqlite:///")


def _count(model: type[Household | Member]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_roster_killed_while_it_is_written_goes_on_where_it_stopped(installation: Flask, tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(roster(*(row(n) for n in range(1, ROWS + 1))))
    _kill_when(_start(installation, "households", str(file)), _path(installation),
               "SELECT count(*) FROM import_batch WHERE state = 'applying' AND rows_done > 0")  # fmt: skip
    batch = db.session.scalars(select(ImportBatch)).one()
    written = _count(Household)
    applied = select(func.count()).select_from(ImportRow).where(ImportRow.applied_at.is_not(None))
    assert batch.state is ImportState.APPLYING
    assert 0 < written < ROWS
    assert (written % CHUNK, _count(Member)) == (0, written)
    assert batch.rows_done == written == db.session.scalar(applied)
    batch = batches.apply(db.session, batch.id, db.session.commit)
    assert (batch.state, batch.rows_new, _count(Household), _count(Member)) == (ImportState.APPLIED, ROWS, ROWS, ROWS)


def test_roster_killed_while_it_is_checked_can_be_taken_up_or_discarded(installation: Flask, tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(roster(*(row(n) for n in range(1, ROWS + 1))))
    _kill_when(_start(installation, "households", str(file)), _path(installation), "SELECT count(*) FROM import_row")
    batch = db.session.scalars(select(ImportBatch)).one()
    assert (batch.state, _count(Household)) == (ImportState.UPLOADED, 0)
    batch = batches.preview(db.session, batch.id, db.session.commit)
    assert (batch.state, batch.rows_new) == (ImportState.PREVIEWED, ROWS)
    batches.cancel(db.session, batch.id)
    db.session.commit()
    assert (batch.state, db.session.query(ImportRow).count()) == (ImportState.CANCELLED, 0)


def test_national_export_killed_while_it_is_written_goes_on_with_the_same_command(
    installation: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "national.xlsx"
    people = [person(n % 400) | {"code": f"N{n:05d}", "person_code": f"P{n:05d}01", "name": "孙试户",
                                 "id_number": id_of(n % 400, date(1960, 1, 1) + timedelta(days=n // 400))}
              for n in range(1, ROWS + 1)]  # fmt: skip
    file.write_bytes(export(*people))
    _kill_when(_start(installation, "national", str(file)), _path(installation),
               "SELECT count(*) FROM national_batch WHERE state = 'applying' AND done > 0")  # fmt: skip
    batch = db.session.scalars(select(NationalBatch)).one()
    written = _count(Household)
    assert 0 < written < ROWS
    assert (batch.state, batch.done, _count(Member)) == (ImportState.APPLYING, written, written)
    db.session.rollback()  # the process wants SQLite's only write lock
    again = _start(installation, "national", str(file))
    said = again.communicate()[0].decode()
    assert again.returncode == 0, said
    assert _count(Household) == _count(Member) == ROWS
    assert db.session.query(NationalBatch).count() == 1
