"""Initials of names, from a table a thousandth the size of the dictionary it was made from."""

from __future__ import annotations

import pytest
from pypinyin import Style, lazy_pinyin

from app.services.rosters_names import _table, pinyin_initials


@pytest.mark.parametrize(("name", "initials"), [
    ("王秀英", "wxy"), ("孙试户", "ssh"), ("Anna 李", "l"), ("", ""), ("·", ""), ("一" * 30, "y" * 20),
    ("单雄信", "sxx"), ("曾国", "zg"), ("李单", "ld"),
])  # fmt: skip
def test_initials_of_a_name(name, initials):
    assert pinyin_initials(name) == initials


def test_the_table_is_what_the_dictionary_says():
    read = (lazy_pinyin(chr(0x4E00 + at), style=Style.FIRST_LETTER, errors="ignore") for at in range(0x5200))
    letters = "".join((found or ["."])[0][:1].lower() for found in read)
    assert len(_table()) == 0x5200
    assert [a for a, b in zip(letters, _table(), strict=True) if a != b and "a" <= a <= "z"] == []
