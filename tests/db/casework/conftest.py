"""A household, three accounts, and a case whose notice met an objection."""

from __future__ import annotations

from typing import Any

import pytest

from app import models as m
from tests.factories.casework import make_user
from tests.factories.world import make_household, make_tree


@pytest.fixture
def household(session: Any) -> m.Household:
    return make_household(session, make_tree(session).groups[0])


@pytest.fixture
def users(session: Any) -> list[int]:
    return [make_user(session, f"case{n}") for n in range(3)]
