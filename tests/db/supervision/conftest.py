"""The two-township county with inspections in its rules, households to draw from, and a cast to act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.enums import HouseholdCategory, RoleName
from app.queries.scope import acting_as
from app.services import users
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


@pytest.fixture
def scene(session: Any) -> Scene:
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
