"""Opening what villages call the national export: what is read whatever it looks like, and what is refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from app.sheets.imports import national
from app.sheets.imports.national import open_national
from app.sheets.imports.national_rows import NationalParser
from app.sheets.problems import SheetError, explain
from tests.factories.national import HEADINGS, export, id_of, person
from tests.factories.rosters import save, workbook

TODAY = date(2026, 11, 23)


class _Grid:
    """Every village there is."""

    def place(self, names, natural):
        return None


def _rows(data):
    return list(open_national(io.BytesIO(data)).rows())


def _parse(**cells):
    (row,) = _rows(export(person(1) | cells))
    return NationalParser(_Grid(), TODAY).parse(row)


def _code(data):
    with pytest.raises(SheetError) as caught:
        _rows(data)
    return caught.value.code


def test_columns_in_any_order_with_strange_ones_between_and_titles_above():
    book = Workbook()
    book.active.append(["某县脱贫人口和监测对象导出"])
    book.active.merge_cells("A1:F1")
    book.active.append(["导出时间：2026-11-01"])
    book.active.append(["与户主关系", "备注1", "证件号码", "姓名(必填)", "户编号", "户 联系电话"])
    book.active.append(["户主", "好", id_of(1), "孙试户", "N1", 10000000001])
    file = open_national(io.BytesIO(save(book)))
    (row,) = file.rows()
    assert (row.number, row.cells["name"], row.cells["phone"]) == (4, "孙试户", 10000000001)
    assert file.ignored == ("备注1",)


def test_every_visible_sheet_with_headings_is_read():
    book = Workbook()
    for title, serial in (("甲镇", 1), ("乙镇", 2), ("说明", 0), ("旧", 3)):
        sheet = book.create_sheet(title)
        if serial:
            sheet.append([HEADINGS[key] for key in ("code", "name", "id_number", "relation")])
            sheet.append([f"N{serial}", "孙试户", id_of(serial), "户主"])
        else:
            sheet.append(["请勿改动"])
    book["旧"].sheet_state = "hidden"
    file = open_national(io.BytesIO(save(book)))
    assert [(row.sheet, row.cells["code"]) for row in file.rows()] == [("甲镇", "N1"), ("乙镇", "N2")]
    assert "说明" in file.skipped


def test_missing_column_is_named_with_the_nearest_one_found():
    data = workbook([["户编号", "姓名", "证件号码", "与户主的关系呀", "民族"], ["1", "2", "3", "4", "5"]])
    with pytest.raises(SheetError) as caught:
        _rows(data)
    message, remedy = explain(caught.value.to_json())
    assert "与户主关系（表中相近的：与户主的关系呀）" in message
    assert remedy


def test_merged_headings_are_refused_and_located():
    book = Workbook()
    book.active.append([*(HEADINGS[key] for key in ("code", "name", "id_number", "relation")), None])
    book.active.merge_cells("D1:E1")
    with pytest.raises(SheetError, match="D1:E1"):
        _rows(save(book))


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty_file"), (b"a,b", "not_xlsx"), (b"PK\x03\x04" + bytes(40), "damaged"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_xls"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
])  # fmt: skip
def test_what_is_no_workbook_is_named(data, code):
    assert _code(data) == code


def test_rows_are_limited(monkeypatch):
    monkeypatch.setattr(national, "MAX_ROWS", 2)
    assert _code(export(person(1), person(2), person(3))) == "too_many_rows"
    monkeypatch.undo()
    assert national.MAX_ROWS == 200_000


def test_formula_without_a_result_is_located():
    (row,) = _rows(export(person(1, name="=A1")))
    assert row.bad == {"name": "formula_without_value"}


@pytest.mark.parametrize(("cells", "key", "value"), [
    ({"relation": "01"}, "relation", "head"), ({"relation": "01-本人"}, "relation", "head"),
    ({"relation": "之儿媳"}, "relation", "daughter"), ({"education": "60"}, "education", "60"),
    ({"education": "文盲或半文盲"}, "education", "80"), ({"health": "长期慢性病，残疾"}, "health", "disabled_ill"),
    ({"work_months": "6个月"}, "work_months", 6), ({"income": "8,650.50元"}, "income", "8650.5"),
    ({"identified": 41639}, "identified", "2013-12-31"), ({"identified": "20131231"}, "identified", "2013-12-31"),
    ({"identified": date(2013, 12, 31)}, "identified", "2013-12-31"),
    ({"identified": "2013年12月"}, "identified", "2013-12-01"), ({"illness_insurance": 1}, "illness_insurance", True),
    ({"code": 34152310900001}, "code", "34152310900001"), ({"unsafe_house": "D级"}, "unsafe_house", "D"),
    ({"monitored": "脱贫监测户"}, "monitored", "unstable"), ({"cause": "缺劳力"}, "cause", "04"),
])  # fmt: skip
def test_words_codes_and_formats_are_understood(cells, key, value):
    found = _parse(**cells)
    assert (found.values[key], found.problems) == (value, [])


@pytest.mark.parametrize(("cells", "code"), [
    ({"id_number": 3.4152319700101e17}, "id.scientific"), ({"id_number": "3.41523E+17"}, "id.scientific"),
    ({"id_number": "34152319700101001"}, "id.length"), ({"id_number": "341523********1234"}, "masked_number"),
    ({"id_number": id_of(1, date(1890, 1, 1))}, "impossible_age"), ({"relation": "邻居"}, "unknown_choice"),
    ({"work_months": 13}, "bad_number"), ({"income": "很多"}, "bad_amount"), ({"identified": "去年"}, "bad_date"),
    ({"identified": "2027-01-01"}, "future_date"), ({"identified": "1960-01-01"}, "before_birth"),
    ({"name": ""}, "required"), ({"name": "名" * 41}, "too_long"), ({"phone": "138"}, "phone.length"),
    ({"code": "户1"}, "code_characters"), ({"code": 3.4152310900001e20}, "digits_lost"),
    ({"risk_on": "2023-01-01", "eliminated_on": "2022-01-01"}, "eliminated_before"),
])  # fmt: skip
def test_bad_cells_have_a_code_and_a_remedy(cells, code):
    found = _parse(**cells)
    codes = [problem.code for problem in found.problems]
    assert codes[0].startswith(code.partition(".")[0])
    assert all(explain(problem.to_json())[1] for problem in found.problems)


def test_numeric_id_cell_of_a_library_keeps_every_digit():
    """Excel never writes more than fifteen digits; a library that does has lost none."""
    data = export(person(1) | {"id_number": 12345.5})
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(whole, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"<v>12345.5</v>", f"<v>{id_of(3)}</v>".encode()))
    (row,) = _rows(whole.getvalue())
    assert NationalParser(_Grid(), TODAY).parse(row).values["id_number"] == id_of(3)
