"""Codes of new units and what a code says about its unit's level."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.policy.kinds import LevelKind

_BY_LENGTH = {
    2: LevelKind.PROVINCE, 4: LevelKind.CITY, 6: LevelKind.COUNTY, 9: LevelKind.TOWNSHIP, 12: LevelKind.VILLAGE,
    15: LevelKind.GROUP, 18: LevelKind.NEIGHBOURS,
}  # fmt: skip
LONGEST = 18
_SERIAL = 3


def level_of_code(code: str) -> LevelKind | None:
    """The level a statistical code belongs to; None for a code of another kind."""
    return _BY_LENGTH.get(len(code)) if code.isascii() and code.isdigit() else None


def next_code(parent: str, taken: Collection[str]) -> str:
    """The lowest free code of three digits below `parent`, after the highest one used: a code given up is never given
    to another unit. Raises ValueError when there is none or the code would be too long."""
    if len(parent) + _SERIAL > LONGEST:
        raise ValueError("no code below this one")
    ends = [code[len(parent) :] for code in taken if code.startswith(parent) and len(code) == len(parent) + _SERIAL]
    used = [int(end) for end in ends if end.isdigit()]
    serial = max(used, default=0) + 1
    if serial >= 10**_SERIAL:
        raise ValueError("the numbers below this code are used up")
    return f"{parent}{serial:0{_SERIAL}d}"
