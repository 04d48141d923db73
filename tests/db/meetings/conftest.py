"""A county with rules, a village of it, and two accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app import models as m
from tests.factories.casework import make_user
from tests.factories.meetings import put_rules_in_force
from tests.factories.world import Tree, make_tree


@dataclass
class Scene:
    session: Any
    tree: Tree
    users: list[int]

    @property
    def village(self) -> m.GridNode:
        return self.tree.villages[0]

    @property
    def town(self) -> m.GridNode:
        return self.tree.towns[0]


@pytest.fixture
def scene(session: Any) -> Scene:
    tree = make_tree(session)
    put_rules_in_force(session)
    return Scene(session, tree, [make_user(session, f"meet{n}") for n in range(3)])
