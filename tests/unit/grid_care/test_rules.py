"""Codes of new units, photos without place and time, points on earth, what is read out."""

from __future__ import annotations

import struct
import zlib

import pytest

from app.domain.grid_care import wording
from app.domain.grid_care.codes import level_of_code, next_code
from app.domain.grid_care.photos import MOST_BYTES, PhotoError, clean
from app.domain.grid_care.wording import Board, Server
from app.domain.policy.kinds import LevelKind
from app.services.grid_care.details import DetailError, parse_covered, parse_names, parse_point


def test_a_code_once_given_is_not_given_again() -> None:
    assert next_code("990001101201", []) == "990001101201001"
    assert next_code("990001101201", ["990001101201001", "990001101201007", "990001101202009"]) == "990001101201008"


@pytest.mark.parametrize(("parent", "taken"), [("9" * 18, []), ("990001101201", ["990001101201999"])])
def test_there_may_be_no_code_left(parent: str, taken: list[str]) -> None:
    with pytest.raises(ValueError, match="code"):
        next_code(parent, taken)


@pytest.mark.parametrize(("code", "level"), [("990001", LevelKind.COUNTY), ("990001101201001", LevelKind.GROUP),
                                             ("990001101201001001", LevelKind.NEIGHBOURS), ("X1", None)])  # fmt: skip
def test_a_code_tells_its_level(code: str, level: LevelKind | None) -> None:
    assert level_of_code(code) is level


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_picture_loses_what_the_camera_wrote() -> None:
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"head") + chunk(b"eXIf", b"GPS") + chunk(b"IEND", b"")
    kept, kind = clean(png)
    assert (kind, b"GPS" in kept, kept.endswith(chunk(b"IEND", b""))) == ("image/png", False, True)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe1\x00\x40short", b"\x89PNG\r\n\x1a\n\x00",
                                  b"\xff\xd8\xff" + b"x" * MOST_BYTES])  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoError):
        clean(data)


@pytest.mark.parametrize(("text", "point"), [("31.46, 116.93", (31.46, 116.93)), ("31.46，116.93", (31.46, 116.93)),
                                             ("", None), (" -1 2 ", (-1.0, 2.0))])  # fmt: skip
def test_a_point_is_read(text: str, point: tuple[float, float] | None) -> None:
    assert parse_point(text) == point


@pytest.mark.parametrize("text", ["1", "1 2 3", "a, b", "91, 0", "0, 181", "nan, 1", "inf, 1"])
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(DetailError):
        parse_point(text)


def test_names_are_read_line_by_line_each_once() -> None:
    assert parse_names(" 大塘 \n\n大塘\n小庄") == ["大塘", "小庄"]
    assert [(name, part) for name, _kind, part in parse_covered("大塘*\n小庄（部分）\n东岗", None)] == [  # type: ignore[arg-type]
        ("大塘", True), ("小庄", True), ("东岗", False)]  # fmt: skip
    with pytest.raises(DetailError, match="64"):
        parse_names("长" * 65)


def test_a_number_is_read_out_only_when_it_was_released() -> None:
    board = Board("测试镇 测试村", "第1组", "网格员", (Server("钱试网", "网格员"), Server("孙试", "", "100 1234 5678")))
    script = wording.broadcast(board, ["自2026年11月2日起，第1组的网格员为钱试网。"])
    assert "网格员是钱试网、孙试" in script
    assert "幺零零幺，二三四五，六七八" in script
    assert script.count("联系电话") == 1
