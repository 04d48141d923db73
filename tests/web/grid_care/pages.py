"""What the tests of these pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.factories.cast import Browser

G1, G2, VILLAGE, TOWN, FAR = "990001101201001", "990001101201002", "990001101201", "990001101", "990001102201001"
As = Callable[[str], Browser]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def details(**changes: str) -> dict[str, str]:
    return {"unit_kind": "group", "boundary": "东至大塘", "organisation": "村两委", "point": "31.46, 116.93",
            "covered": "大塘\n小庄*", "aliases": "老塘组", **changes}  # fmt: skip
