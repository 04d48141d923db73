"""A QR code reads back: placed, masked and corrected as ISO/IEC 18004 says."""

from __future__ import annotations

import pytest

from app.domain.register import qr


def test_error_correction_of_the_standards_own_example():
    """Annex I: 01234567 as version 1-M."""
    data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11]
    assert qr.reed_solomon(data, 10) == [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]


def format_of(matrix, copy):
    bits = sum(matrix[y][x] << n for n, (x, y) in enumerate(qr._format_places(len(matrix), copy)))
    return bits ^ 0x5412


def read(matrix):
    """What a scanner does, without correcting: format, unmask, collect, separate the blocks, read the bytes."""
    size = len(matrix)
    version = (size - 17) // 4
    assert format_of(matrix, 0) == format_of(matrix, 1)
    level, mask = format_of(matrix, 0) >> 13, format_of(matrix, 0) >> 10 & 7
    assert level == 0  # M
    _, fixed = qr._frame(version)
    bits = [matrix[y][x] ^ qr.is_masked(mask, x, y) for x, y in qr.zigzag(size) if not fixed[y][x]]
    words = [sum(bit << (7 - n) for n, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits) - 7, 8)]
    total, correction, blocks = qr._SIZES[version - 1]
    held = total - correction * blocks
    short, longer = divmod(held, blocks)
    parts = [[] for _ in range(blocks)]
    stream = iter(words)
    for i in range(short + 1):
        for number, part in enumerate(parts):
            if i < short or number >= blocks - longer:
                part.append(next(stream))
    for _ in range(correction):
        for part in parts:
            part.append(next(stream))
    for part in parts:
        assert syndromes(part, correction) == [0] * correction
    data = [word for part in parts for word in part[:-correction]]
    stream_bits = "".join(f"{word:08b}" for word in data)
    assert stream_bits[:4] == "0100"
    width = 8 if version < 10 else 16
    length = int(stream_bits[4 : 4 + width], 2)
    start = 4 + width
    return bytes(int(stream_bits[start + 8 * i : start + 8 * i + 8], 2) for i in range(length)).decode()


def syndromes(block, count):
    found, root = [], 1
    for _ in range(count):
        value = 0
        for word in block:
            value = qr.multiply(value, root) ^ word
        found.append(value)
        root = qr.multiply(root, 2)
    return found


@pytest.mark.parametrize("length", [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213])
def test_each_version_reads_back(length):
    text = ("https://fupin.example.gov.cn/q/" + "aB3-" * 60)[:length]
    assert read(qr.encode(text)) == text


def test_chinese_reads_back():
    assert read(qr.encode("守望")) == "守望"


def test_too_long_is_an_error():
    with pytest.raises(ValueError, match="too long"):
        qr.encode("x" * 214)


def test_the_corners_carry_finders():
    matrix = qr.encode("x")
    assert [row[:7] for row in matrix[:7]] == [row[-7:] for row in matrix[:7]] == [row[:7] for row in matrix[-7:]]
    assert matrix[0][:8] == [True] * 7 + [False]


def test_the_drawing_has_a_rectangle_for_every_run():
    assert qr.svg_path([[True, True, False], [False, False, True]]) == "M0 0h2v1h-2zM2 1h1v1h-1z"
