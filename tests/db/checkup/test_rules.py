"""The 33 rules, each with a household that trips it and one that does not."""

from __future__ import annotations

import pytest

from app.domain.checkup import RULES
from tests.db.checkup.cases import CASES
from tests.db.checkup.conftest import Looked

CODES = [rule.code for rule in RULES]


def test_every_rule_has_its_case() -> None:
    assert CODES == [f"{number:02d}" for number in range(1, 34)] == sorted(CASES)


@pytest.mark.parametrize("code", CODES)
def test_what_is_wrong_is_found(looked: Looked, code: str) -> None:
    assert code in looked.found.get(looked.tripping[code], set())


@pytest.mark.parametrize("code", CODES)
def test_what_is_right_is_left_alone(looked: Looked, code: str) -> None:
    assert code not in looked.found.get(looked.right[code], set())
