"""QR codes (ISO/IEC 18004): byte mode, error correction M, versions 1 to 10. Enough for an address of 210 characters.

Written out here because no library for it is among the pinned packages; the tests read the codes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

Matrix = list[list[bool]]
# Error correction M, by version: codewords in all, error-correction codewords a block, blocks.
_SIZES = ((26, 10, 1), (44, 16, 1), (70, 26, 1), (100, 18, 2), (134, 24, 2), (172, 16, 4), (196, 18, 4), (242, 22, 4),
          (292, 22, 5), (346, 26, 5))  # fmt: skip
_ALIGN = ((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50))
_FORMAT_M = 0b00


def encode(text: str) -> Matrix:
    """Modules row by row, True is dark, without the quiet zone of four. Raises ValueError for more than 213 bytes."""
    data = text.encode()
    version = next((v for v in range(1, 11) if len(data) <= _capacity(v)), None)
    if version is None:
        raise ValueError("the text is too long for a QR code of version 10")
    codewords = _interleaved(_data_codewords(data, version), version)
    best: tuple[int, Matrix] | None = None
    for mask in range(8):
        matrix, fixed = _frame(version)
        _place(matrix, fixed, codewords, mask)
        _write_format(matrix, mask)
        score = _penalty(matrix)
        if best is None or score < best[0]:
            best = score, matrix
    assert best is not None
    return best[1]


def svg_path(matrix: Matrix) -> str:
    """The dark modules as one SVG path in module units, one run of a row a rectangle."""
    parts = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = next((n for n in range(x, len(row)) if not row[n]), len(row)) - x
            if run:
                parts.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run + 1
    return "".join(parts)


def _data_size(version: int) -> int:
    total, correction, blocks = _SIZES[version - 1]
    return total - correction * blocks


def _capacity(version: int) -> int:
    return _data_size(version) - (2 if version < 10 else 3)


# ---------------------------------------------------------------- codewords


def _data_codewords(data: bytes, version: int) -> list[int]:
    length_bits = 8 if version < 10 else 16
    bits = f"{0b0100:04b}{len(data):0{length_bits}b}" + "".join(f"{byte:08b}" for byte in data)
    room = _data_size(version) * 8
    bits += "0" * min(4, room - len(bits))
    bits += "0" * (-len(bits) % 8)
    words = [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]
    pads = (0xEC, 0x11)
    return words + [pads[n % 2] for n in range(_data_size(version) - len(words))]


def _interleaved(words: list[int], version: int) -> list[int]:
    _, correction, blocks = _SIZES[version - 1]
    short, longer = divmod(len(words), blocks)
    parts, start = [], 0
    for number in range(blocks):
        size = short + (number >= blocks - longer)
        parts.append(words[start : start + size])
        start += size
    checks = [reed_solomon(part, correction) for part in parts]
    mixed = [part[i] for i in range(short + 1) for part in parts if i < len(part)]
    return mixed + [check[i] for i in range(correction) for check in checks]


def multiply(a: int, b: int) -> int:
    """In GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1."""
    result = 0
    for bit in range(7, -1, -1):
        result = (result << 1) ^ (0x11D if result & 0x80 else 0)
        result ^= a if b >> bit & 1 else 0
    return result


def reed_solomon(words: list[int], count: int) -> list[int]:
    """The `count` error-correction codewords of a block."""
    divisor, root = [0] * (count - 1) + [1], 1
    for _ in range(count):
        divisor = [multiply(c, root) ^ (divisor[i + 1] if i + 1 < count else 0) for i, c in enumerate(divisor)]
        root = multiply(root, 2)
    rest = [0] * count
    for word in words:
        factor = word ^ rest[0]
        rest = [r ^ multiply(d, factor) for r, d in zip([*rest[1:], 0], divisor, strict=True)]
    return rest


# ---------------------------------------------------------------- modules


def _frame(version: int) -> tuple[Matrix, Matrix]:
    """Finder, timing, alignment and version patterns; and which modules they occupy."""
    size = 17 + 4 * version
    matrix = [[False] * size for _ in range(size)]
    fixed = [[False] * size for _ in range(size)]

    def put(x: int, y: int, dark: bool) -> None:
        if 0 <= x < size and 0 <= y < size:
            matrix[y][x], fixed[y][x] = dark, True

    for n in range(size):
        put(6, n, n % 2 == 0)
        put(n, 6, n % 2 == 0)
    for centre in ((3, 3), (size - 4, 3), (3, size - 4)):
        _square(put, centre, 4, light=(2, 4))
    for x, y in product(_ALIGN[version - 1], repeat=2):
        if (x, y) not in ((6, 6), (6, size - 7), (size - 7, 6)):
            _square(put, (x, y), 2, light=(1,))
    for x, y in [*_format_places(size, 0), *_format_places(size, 1)]:
        put(x, y, False)
    put(8, size - 8, True)
    if version >= 7:
        for bit, (x, y) in zip(_version_bits(version), _version_places(size), strict=True):
            put(x, y, bit)
            put(y, x, bit)
    return matrix, fixed


def _square(put: Callable[[int, int, bool], None], centre: tuple[int, int], reach: int, light: tuple[int, ...]) -> None:
    """Rings round a centre: light at the distances `light`, dark at the others."""
    for dx, dy in product(range(-reach, reach + 1), repeat=2):
        put(centre[0] + dx, centre[1] + dy, max(abs(dx), abs(dy)) not in light)


def _version_bits(version: int) -> list[bool]:
    rest = version
    for _ in range(12):
        rest = (rest << 1) ^ (0x1F25 if rest >> 11 & 1 else 0)
    bits = version << 12 | rest
    return [bool(bits >> n & 1) for n in range(18)]


def _version_places(size: int) -> list[tuple[int, int]]:
    return [(size - 11 + n % 3, n // 3) for n in range(18)]


def _format_places(size: int, copy: int) -> list[tuple[int, int]]:
    """Where bits 0 to 14 of the format stand, (x, y)."""
    if copy == 0:
        return [*((8, n) for n in (0, 1, 2, 3, 4, 5, 7, 8)), (7, 8), *((n, 8) for n in (5, 4, 3, 2, 1, 0))]
    return [*((size - 1 - n, 8) for n in range(8)), *((8, size - 15 + n) for n in range(8, 15))]


def _write_format(matrix: Matrix, mask: int) -> None:
    data = _FORMAT_M << 3 | mask
    rest = data
    for _ in range(10):
        rest = (rest << 1) ^ (0x537 if rest >> 9 & 1 else 0)
    bits = (data << 10 | rest) ^ 0x5412
    for copy in (0, 1):
        for n, (x, y) in enumerate(_format_places(len(matrix), copy)):
            matrix[y][x] = bool(bits >> n & 1)


def zigzag(size: int) -> Iterator[tuple[int, int]]:
    """All modules (x, y) in the order in which data bits are placed, two columns at a time from the right."""
    for right in range(size - 1, 0, -2):
        column = right if right > 6 else right - 1
        upward = (column + 1) & 2 == 0
        for step in range(size):
            y = size - 1 - step if upward else step
            yield column, y
            yield column - 1, y


def is_masked(mask: int, x: int, y: int) -> bool:
    return (
        (x + y) % 2, y % 2, x % 3, (x + y) % 3, (x // 3 + y // 2) % 2, x * y % 2 + x * y % 3,
        (x * y % 2 + x * y % 3) % 2, ((x + y) % 2 + x * y % 3) % 2,
    )[mask] == 0  # fmt: skip


def _place(matrix: Matrix, fixed: Matrix, codewords: list[int], mask: int) -> None:
    bits = (bool(word >> n & 1) for word in codewords for n in range(7, -1, -1))
    for x, y in zigzag(len(matrix)):
        if not fixed[y][x]:
            matrix[y][x] = next(bits, False) ^ is_masked(mask, x, y)


def _penalty(matrix: Matrix) -> int:
    """How hard the code would be to read: runs, blocks, false finders, imbalance."""
    size, score = len(matrix), 0
    lines = [*matrix, *map(list, zip(*matrix, strict=True))]
    finder = (True, False, True, True, True, False, True)
    for line in lines:
        run = 1
        for n in range(1, size + 1):
            if n < size and line[n] == line[n - 1]:
                run += 1
            else:
                score += run - 2 if run >= 5 else 0
                run = 1
        padded = [False] * 4 + line + [False] * 4
        for n in range(4, size - 2):
            if tuple(padded[n : n + 7]) == finder:
                score += 40 * (not any(padded[n - 4 : n])) + 40 * (not any(padded[n + 7 : n + 11]))
    for y in range(size - 1):
        for x in range(size - 1):
            score += 3 * (matrix[y][x] == matrix[y][x + 1] == matrix[y + 1][x] == matrix[y + 1][x + 1])
    dark = sum(map(sum, matrix))
    return score + 10 * (abs(dark * 20 - size * size * 10) // (size * size))
