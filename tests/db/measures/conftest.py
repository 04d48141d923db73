"""A monitored household, four accounts, and rules that say what a plan holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app import models as m
from tests.factories.casework import make_user
from tests.factories.measures import monitor, rules_saying
from tests.factories.world import Tree, make_household, make_tree


@pytest.fixture
def tree(session: Any) -> Tree:
    return make_tree(session)


@pytest.fixture
def household(session: Any, tree: Tree) -> m.Household:
    household = make_household(session, tree.groups[0])
    monitor(session, household)
    return household


@pytest.fixture
def users(session: Any) -> list[int]:
    return [make_user(session, f"plan{n}") for n in range(3)]


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    with rules_saying():
        yield
