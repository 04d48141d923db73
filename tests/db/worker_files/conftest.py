"""The two-township county with rules, one township officer who proposes and a county one who decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.enums import RoleName
from app.queries.scope import acting_as
from app.services import users
from tests.factories.worker_files import make_profile
from tests.factories.world import Tree, make_tree

PASSWORD = "zhongguo2026"


@dataclass
class Scene:
    session: Session
    tree: Tree
    users: dict[str, int]

    @contextmanager
    def as_(self, name: str) -> Iterator[None]:
        """Act as cadre (first village), town, town_b or county."""
        with acting_as(self.users[name]):
            yield


@pytest.fixture
def scene(session: Any) -> Scene:
    tree = make_tree(session)
    make_profile(session)
    cast = {
        "worker": (RoleName.GRID_WORKER, tree.groups[0]), "cadre": (RoleName.VILLAGE_CADRE, tree.villages[0]),
        "town": (RoleName.TOWNSHIP_STAFF, tree.towns[0]), "town_b": (RoleName.TOWNSHIP_STAFF, tree.towns[1]),
        "county": (RoleName.COUNTY_ADMIN, tree.county),
    }  # fmt: skip
    made = {name: users.add_user(session, name, f"试{name}", role, node.code, PASSWORD)[0].id
            for name, (role, node) in cast.items()}  # fmt: skip
    session.commit()
    return Scene(session, tree, made)
