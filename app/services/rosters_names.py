"""How names are indexed for search."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

_FIRST, _MOST = 0x4E00, 20
# As surnames these are read otherwise than as words.
_SURNAMES = dict(zip("单解仇曾区朴查翟缪乐盖覃种冼召", "sxqzopzzmygqcxs", strict=True))


def pinyin_initials(name: str) -> str:
    """Lower-case initials: 王秀英 → wxy. At most 20 characters; what is no Chinese character is left out."""
    table = _table()
    found = "".join(table[at] for sign in name if 0 <= (at := ord(sign) - _FIRST) < len(table)).replace(".", "")
    if found and name[0] in _SURNAMES:
        found = _SURNAMES[name[0]] + found[1:]
    return found[:_MOST]


@lru_cache(maxsize=1)
def _table() -> str:
    """One letter for each character from U+4E00 on, a point where none is known. pypinyin's readings, of which the
    initials are 21 KB: the package itself takes a second to load and 57 MB."""
    text = resources.files("app").joinpath("data/pinyin_initials.txt").read_text("ascii")
    return text.replace("\n", "")
