"""A county in which every rule is tripped once, on both databases, looked at once for all tests of a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.models import CheckupFinding
from app.services.checkup import runs
from tasks.units import unit
from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING, make_settings
from tests.db.checkup.cases import CASES, Maker
from tests.factories.world import Tree, make_tree


@dataclass
class Looked:
    """`tripping` and `right`: rule → household id; `found`: household id → rules open."""

    tripping: dict[str, int]
    right: dict[str, int]
    found: dict[int, set[str]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def looked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    folder = tmp_path_factory.mktemp("checkup")
    with _database(request, folder) as url, _county(url, folder) as (session, tree):
        tripping, right = {}, {}
        for serial, (code, case) in enumerate(CASES.items(), start=1):
            for kept, trips, offset in ((tripping, True, 0), (right, False, 1)):
                maker = Maker(session, tree.groups[serial % len(tree.groups)], 2 * serial + offset)
                case(maker, trips)
                kept[code] = maker.household.id
        session.commit()
        look(session, tree)
        found: dict[int, set[str]] = {}
        for finding in session.query(CheckupFinding).filter(CheckupFinding.closed_at.is_(None)):
            found.setdefault(finding.household_id, set()).add(finding.rule)
        yield Looked(tripping, right, found)


def look(session: Any, tree: Tree) -> None:
    """The whole county, as the night does it."""
    run = runs.begin(session, tree.county)
    run_id = run.id
    session.commit()
    runs.carry_out(unit, run_id)
    session.expire_all()


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        path = folder / "checkup.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "postgres_template"))
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE checkup TEMPLATE {template}"))
    yield make_url(server).set(database="checkup").render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE checkup WITH (FORCE)"))
    admin.dispose()


@contextmanager
def _county(url: str, folder: Path) -> Iterator[tuple[Any, Tree]]:
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access
    from app.services.policy import loading

    application = create_core(make_settings(url, folder), clock_source=ManualClock(MONDAY_MORNING))
    with application.app_context(), system_access():
        loading.load_shipped(db.session)
        tree = make_tree(db.session)
        db.session.commit()
        yield db.session, tree
        db.session.remove()
        db.engine.dispose()
