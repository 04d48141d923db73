"""Body rows go into the file as text of our own making: a spreadsheet library must read back what was put in."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import load_workbook

from app.sheets.ledgers import printed
from app.sheets.ledgers.printed import Frame, write_printed
from app.sheets.writer import OutColumn

TEXTS = ("", "户甲", " 前后 ", "a b", "A<b>&c", "=1+1", "+86", "-3", "@x", "\x01=2", "\u200b", "第1组\n第2组",
         "****5678", "\ud800=5", "\ufffe", "甲、乙（丙）", "'", "\t7", '"', "𠮷")  # fmt: skip
NUMBERS = (0, 1, -7, 2.5, 10**12)


class Count:
    def __init__(self) -> None:
        self.rows = 0

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1

    def cells(self) -> list[Any]:
        return ["合计", self.rows, ""]


def read_back(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    target = io.BytesIO()
    columns = (OutColumn("甲"), OutColumn("数", 8, True), OutColumn("乙"))
    assert write_printed(target, Frame("表", "题", "注", columns), rows, Count()) == len(rows)
    found = list(load_workbook(target)["表"].iter_rows(min_row=4, values_only=True))
    assert found.pop() == ("合计", len(rows), None)
    return found


def expected(value: Any) -> Any:
    """Control signs and halves of characters are dropped, what would be a formula gets an apostrophe."""
    if not isinstance(value, str):
        return value
    kept = "".join(sign for sign in value if sign in "\t\n" or (sign >= " " and sign not in "\ud800\ufffe"))
    return f"'{kept}" if kept.startswith(("=", "+", "-", "@", "\t")) else kept or None


@pytest.mark.parametrize("kept", [2048, 3])
def test_what_is_written_is_read_back(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a cell is remembered or made again, and however often the memory is emptied."""
    monkeypatch.setattr(printed, "KEPT", kept)
    rng = random.Random(5)
    rows = [(rng.choice(TEXTS), rng.choice(NUMBERS), rng.choice((*TEXTS, *NUMBERS))) for _ in range(600)]
    assert read_back(rows) == [tuple(expected(value) for value in row) for row in rows]


@pytest.mark.parametrize("value", [None, True, b"x", [1]])
def test_a_value_that_is_neither_text_nor_number_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        read_back([("甲", 5, value)])


def test_a_row_of_another_width_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 values for 3 columns"):
        read_back([("甲", 5)])
