import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tree import (
    ROOT,
    CodeError,
    Level,
    ancestors_of,
    depth_of,
    group_code,
    ids_of,
    is_within,
    level_of,
    make_path,
    normal_name,
    parent_code,
    parse_code,
    same_name,
)


@pytest.mark.parametrize("raw", ["341523109200", 341523109200, " 341523109200 ", "３４１５２３１０９２００"])
def test_a_code_is_read(raw: str | int) -> None:
    assert parse_code(raw) == "341523109200"


@pytest.mark.parametrize("raw", ["", "341", "34152310920", "34152310920X", "034152310920", "3415 23109", "三四"])
def test_text_that_is_no_code(raw: str) -> None:
    with pytest.raises(CodeError):
        parse_code(raw)


def test_codes_lead_up_to_the_province() -> None:
    code, chain = "341523109200003", []
    while code is not None:
        chain.append(code)
        code = parent_code(code)
    assert chain == ["341523109200003", "341523109200", "341523109", "341523", "3415", "34"]


def test_levels() -> None:
    assert [level_of(code) for code in ("34", "341523109", "341523109200003")] == [
        Level.PROVINCE,
        Level.TOWNSHIP,
        Level.GROUP,
    ]


def test_a_group_extends_its_village() -> None:
    assert group_code("341523109200", 3) == "341523109200003"


@pytest.mark.parametrize(("village", "number"), [("341523109", 1), ("341523109200", 0), ("341523109200", 1000)])
def test_groups_that_cannot_be(village: str, number: int) -> None:
    with pytest.raises(CodeError):
        group_code(village, number)


def test_paths() -> None:
    path = make_path(make_path(make_path(ROOT, 1), 23), 456)
    assert path == "/1/23/456/"
    assert (ids_of(path), ancestors_of(path), depth_of(path)) == ((1, 23, 456), (1, 23), 3)


def test_the_root_has_no_ancestors() -> None:
    assert (ancestors_of(ROOT), ancestors_of("/1/"), depth_of(ROOT)) == ((), (), 0)


@pytest.mark.parametrize("path", ["", "1/2/", "/1/2", "/1//2/", "/a/", "/01/", "/1/%/"])
def test_text_that_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        ids_of(path)


def test_an_id_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        make_path(ROOT, 0)


def test_ids_with_the_same_beginning_are_kept_apart() -> None:
    assert is_within("/1/2/5/", "/1/2/")
    assert is_within("/1/2/", "/1/2/")
    assert not is_within("/1/23/", "/1/2/")


@given(st.lists(st.integers(1, 10**9), max_size=6))
def test_a_path_gives_its_ids_again(ids: list[int]) -> None:
    path = ROOT
    for unit_id in ids:
        path = make_path(path, unit_id)
    assert ids_of(path) == tuple(ids)


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("大院村村委会", "大院村"),
        ("大院村民委员会", "大院村"),
        ("大院村村民委员会", "大院村"),
        ("大院村委会", "大院村"),
        ("大院村", "大院村"),
        ("宏义居委会", "宏义社区"),
        ("宏义社区居民委员会", "宏义社区"),
        ("宏义社区", "宏义社区"),
        (" 宏义 社区 ", "宏义社区"),
        ("街道居委会", "街道社区"),
        ("义和街道", "义和街道"),
        ("居委会", "居委会"),
        ("", ""),
    ],
)
def test_names_in_one_spelling(name: str, normal: str) -> None:
    assert normal_name(name) == normal


def test_a_village_and_a_community_of_one_name_stay_apart() -> None:
    assert not same_name("龙山村", "龙山社区")
    assert same_name("龙山村委会", "龙山村")
