"""Cells as people type them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from app.sheets import cells
from app.sheets.cells import CellError


@pytest.mark.parametrize("value", [
    date(2026, 3, 1), datetime(2026, 3, 1, 8, 30),  # noqa: DTZ001  as the reader library gives it
    "2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "２０２６年３月１日", " 2026-3-1 ",
    "20260301", 20260301.0, 46082, 46082.0, "46082", "2026年3月", "2026-03-01 00:00:00",
])  # fmt: skip
def test_date_in_every_spelling(value):
    assert cells.civil_date(value) == date(2026, 3, 1)


@pytest.mark.parametrize("value", ["昨天", "2026-13-01", "2026年2月30日", "3月1日", True, "2026", 3.5])
def test_no_date(value):
    with pytest.raises(CellError, match="bad_date"):
        cells.civil_date(value)


@pytest.mark.parametrize(("value", "span"), [
    ("18:00-20:00", (time(18), time(20))), ("18：00～20：00", (time(18), time(20))),
    ("18点到20点", (time(18), time(20))),
    ("上午", (time(8, 30), time(11, 30))), ("9:30至11:00", (time(9, 30), time(11))), (None, None), ("", None),
])  # fmt: skip
def test_hours(value, span):
    assert cells.hours(value) == span


@pytest.mark.parametrize("value", ["20:00-18:00", "25:00-26:00", "晚些时候", "8"])
def test_no_hours(value):
    with pytest.raises(CellError, match="bad_hours"):
        cells.hours(value)


@pytest.mark.parametrize(("value", "text"), [
    (13812345678.0, "13812345678"), (341523109200001.0, "341523109200001"), ("  王\u3000小\u200b明 ", "王 小明"),
    (True, "是"), (None, ""), (12.5, "12.5"),
])  # fmt: skip
def test_text_keeps_every_digit(value, text):
    assert cells.text(value) == text


def test_number_excel_could_not_hold_is_refused():
    with pytest.raises(CellError, match="digits_lost"):
        cells.text(3.4152310920090001e16)


@pytest.mark.parametrize("value", ["=cmd|'/c calc'!A1", "+1", "-2", "@SUM(A1)", "＝1+1"])
def test_formula_in_free_text_is_refused(value):
    with pytest.raises(CellError, match="formula_sign"):
        cells.plain_text(value, 100)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\t=1"])
def test_formula_is_neutralised_on_the_way_out(value):
    assert cells.neutral(value) == f"'{value}"


@pytest.mark.parametrize("value", [5, None, "张三", date(2026, 1, 1)])
def test_harmless_values_go_out_unchanged(value):
    assert cells.neutral(value) is value


@pytest.mark.parametrize(("value", "answer"), [
    ("是", True), ("否", False), ("√", True), (None, None), (" ", None), (1, True),
])  # fmt: skip
def test_yes_no(value, answer):
    assert cells.yes_no(value) is answer
