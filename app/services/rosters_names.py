"""How names are indexed for search."""

from __future__ import annotations


def pinyin_initials(name: str) -> str:
    """Lower-case initials: 王秀英 → wxy. At most 20 characters; what is no Chinese character is left out."""
    from pypinyin import Style, lazy_pinyin  # 57 MB of dictionaries: only for processes that take in names

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore")).lower()[:20]
