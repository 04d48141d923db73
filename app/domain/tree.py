"""The tree of units: statistical codes, paths of ids, and names that differ only in their suffix.

Levels by code length (NBS): 2 province, 4 prefecture, 6 county, 9 township, 12 village; 15 is the group, three digits
of our own below the village (DOMAIN 6: no open data has it). Names repeat inside one county: match by code and parent.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum


class CodeError(ValueError):
    """Text that is no unit code."""


class Level(IntEnum):
    """Value = length of the code."""

    PROVINCE = 2
    PREFECTURE = 4
    COUNTY = 6
    TOWNSHIP = 9
    VILLAGE = 12
    GROUP = 15


_ORDER = tuple(Level)


def parse_code(text: str | int) -> str:
    """The code as 2, 4, 6, 9, 12 or 15 ASCII digits. Raises CodeError saying what is wrong."""
    code = unicodedata.normalize("NFKC", str(text)).strip()
    if not (code.isascii() and code.isdigit()):
        raise CodeError("a unit code has digits only")
    if len(code) not in set(Level):
        raise CodeError(f"a unit code has 2, 4, 6, 9, 12 or 15 digits, not {len(code)}")
    if code.startswith("0"):
        raise CodeError("no province has a code that begins with 0")
    return code


def level_of(code: str) -> Level:
    return Level(len(parse_code(code)))


def parent_code(code: str) -> str | None:
    """Code one level up, None for a province."""
    index = _ORDER.index(level_of(code))
    return code[: _ORDER[index - 1]] if index else None


def group_code(village_code: str, number: int) -> str:
    """Code of group `number` (1-999) of a village. Raises CodeError."""
    if level_of(village_code) is not Level.VILLAGE:
        raise CodeError("a group lies below a village code of 12 digits")
    if not 1 <= number <= 999:
        raise CodeError(f"group number {number} is outside 1-999")
    return f"{village_code}{number:03d}"


# ---------------------------------------------------------------- paths of ids: '/1/23/456/'

ROOT = "/"
_PATH = re.compile(r"/(?:[1-9]\d*/)*")


def make_path(parent_path: str, unit_id: int) -> str:
    """Path of a child: make_path('/1/23/', 456) = '/1/23/456/'; the top's parent path is ROOT."""
    ids_of(parent_path)
    if unit_id < 1:
        raise ValueError(f"unit id {unit_id} is not positive")
    return f"{parent_path}{unit_id}/"


def ids_of(path: str) -> tuple[int, ...]:
    """Ids from the top to the unit itself. Raises ValueError for what is no path."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not a path of ids such as /1/23/456/")
    return tuple(int(part) for part in path.split("/") if part)


def ancestors_of(path: str) -> tuple[int, ...]:
    """Ids above the unit, top first, without the unit itself."""
    return ids_of(path)[:-1]


def depth_of(path: str) -> int:
    """0 for the root path, 1 for the top unit."""
    return len(ids_of(path))


def is_within(path: str, ancestor_path: str) -> bool:
    """True for the unit itself and everything below it. The closing slash keeps /1/2/ apart from /1/23/."""
    return path.startswith(ancestor_path)


# ---------------------------------------------------------------- names

_VILLAGE_SUFFIX = re.compile(r"(?:村民委员会|村委会|村委)$")
_COMMUNITY_SUFFIX = re.compile(r"(?:社区)?(?:居民委员会|居委会|居委)$|社区$")


def normal_name(name: str) -> str:
    """One spelling for the same unit: 大院村村委会 → 大院村, 宏义居委会 and 宏义社区居民委员会 → 宏义社区.

    For comparing names under one parent only.
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    stem = _COMMUNITY_SUFFIX.sub("", text)
    if stem != text and stem:
        return f"{stem}社区"
    stem = _VILLAGE_SUFFIX.sub("", text)
    if stem != text and stem:
        return stem if stem.endswith("村") else f"{stem}村"
    return text


def same_name(left: str, right: str) -> bool:
    return normal_name(left) == normal_name(right)
