"""The two-township county with inspections in its rules, households to draw from, and a cast to act."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.bootstrap import create_core
from app.domain.enums import HouseholdCategory, RoleName
from app.extensions import clock as clock_slot
from app.extensions import db
from app.queries.scope import acting_as, system_access
from app.services import users
from telephony.clock import ManualClock
from tests.conftest import MONDAY_MORNING, make_settings
from tests.databases import PostgresDatabase
from tests.factories.supervision import RULES
from tests.factories.worker_files import make_profile
from tests.factories.world import Tree, make_household, make_tree

PASSWORD = "zhongguo2026"
KINDS = (HouseholdCategory.GENERAL, HouseholdCategory.OUT_OF_POVERTY, HouseholdCategory.UNSTABLE)


@dataclass
class Scene:
    session: Session
    tree: Tree
    users: dict[str, int]

    @contextmanager
    def as_(self, name: str) -> Iterator[None]:
        """Act as cadre (first village), second (another cadre there), town, town_b or county."""
        with acting_as(self.users[name]):
            yield


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene, built once on each database for all tests of this folder."""
    folder = tmp_path_factory.mktemp("supervision")
    with _database(request, folder) as url:
        core = create_core(make_settings(url, folder), clock_source=ManualClock(MONDAY_MORNING))
        with core.app_context(), system_access():
            yield _build(db.session)
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def scene(built: Scene, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The built scene; what a test does to it is rolled back."""
    clock_slot.source = clock
    monkeypatch.setattr(built.session, "commit", built.session.flush)  # make_attempt commits what it has made
    yield built
    built.session.rollback()


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        path = folder / "supervision.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "postgres_template"))
    database = PostgresDatabase(server, template, "supervision")
    yield database.url
    database.close()


def _build(session: Any) -> Scene:
    """Nine households in the first village, three in each of the others."""
    tree = make_tree(session)
    make_profile(session, rules=RULES)
    for place, group in enumerate(tree.groups):
        for number in range(6 if place == 0 else 3 if place % 2 == 0 else 0):
            make_household(session, group, name=f"赵试{place}{number}", category=KINDS[number % 3])
    for number in range(3):
        make_household(session, tree.groups[1], name=f"钱试{number}")
    cast = {
        "cadre": (RoleName.VILLAGE_CADRE, tree.villages[0]), "second": (RoleName.VILLAGE_CADRE, tree.villages[0]),
        "town": (RoleName.TOWNSHIP_STAFF, tree.towns[0]), "town_b": (RoleName.TOWNSHIP_STAFF, tree.towns[1]),
        "county": (RoleName.COUNTY_ADMIN, tree.county),
    }  # fmt: skip
    made = {name: users.add_user(session, name, f"试{name}", role, node.code, PASSWORD)[0].id
            for name, (role, node) in cast.items()}  # fmt: skip
    session.commit()
    return Scene(session, tree, made)
