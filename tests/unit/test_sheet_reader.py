"""Opening what people upload: each wrong workbook has its own clear error."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from app.sheets import container, reader
from app.sheets.problems import SHEET_PROBLEMS, SheetError
from app.sheets.reader import open_roster
from tests.factories.rosters import roster, row, save, workbook


def _code(data: bytes) -> str:
    with pytest.raises(SheetError) as caught:
        list(open_roster(data).rows())
    assert caught.value.code in SHEET_PROBLEMS
    return caught.value.code


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty_file"),
    ("户编号,户主姓名\n1,张三".encode(), "not_xlsx"),
    (_zip("word/document.xml"), "not_xlsx"),
    (b"PK\x03\x04" + b"\0" * 50, "damaged"),
    (_zip("xl/workbook.xml"), "damaged"),
    (OLE, "old_xls"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
])  # fmt: skip
def test_what_is_no_workbook_is_named(data, code):
    assert _code(data) == code


def test_workbook_cut_off_in_the_middle_is_damaged():
    data = roster(row())
    assert _code(data[: len(data) // 2]) == "damaged"


def test_file_beyond_the_limit_is_refused_before_parsing(monkeypatch):
    monkeypatch.setattr(container, "MAX_FILE_MB", 0)
    assert _code(roster(row())) == "too_large"


def test_workbook_that_unpacks_to_gigabytes_is_refused_before_parsing(monkeypatch):
    monkeypatch.setattr(container, "MAX_UNPACKED_MB", 0)
    assert _code(roster(row())) == "bomb"


@pytest.mark.parametrize(("rows", "code"), [
    ([["姓名"], ["张三"]], "no_headings"),
    ([["户编号", "联系电话1", "村组编码"], ["1", "2", "3"]], "missing_headings"),
    ([["户编号", "户主姓名", "户编号", "联系电话1"], ["1", "2", "3", "4"]], "duplicate_headings"),
    ([["户编号", "户主姓名", "联系电话1"]], "no_rows"),
    ([["户编号", "户主姓名", "联系电话1"], ["", " ", None]], "no_rows"),
])  # fmt: skip
def test_sheet_that_is_no_roster_is_named(rows, code):
    assert _code(workbook(rows)) == code


def test_merged_heading_is_refused_and_located():
    book = Workbook()
    book.active.append(["户编号", "户主姓名", "联系电话1", None])
    book.active.append(["1", "张三", "2", None])
    book.active.merge_cells("C1:D1")
    with pytest.raises(SheetError, match="C1:D1"):
        open_roster(save(book))


def test_merged_title_above_the_headings_is_passed_over():
    book = Workbook()
    book.active.append(["某镇农户名册"])
    book.active.merge_cells("A1:C1")
    book.active.append(["户编号", "户主姓名*", "联系电话 1(必填)"])
    book.active.append(["1", "张三", "10000000001"])
    (only,) = open_roster(save(book)).rows()
    assert (only.number, only.cells["phone1"]) == (3, "10000000001")


def test_table_that_starts_further_right_keeps_its_columns():
    data = workbook([[None, None, "户编号", "户主姓名", "组"], [None, None, "1", "张三", "一组"]])
    (only,) = open_roster(data).rows()
    assert only.cells == {"code": "1", "head_name": "张三", "group": "一组"}


def test_empty_rows_are_skipped_and_numbers_are_those_of_excel():
    data = workbook([["户编号", "户主姓名", "组"], [], ["1", "张三", ""], [None, "  ", ""], ["2", "李四", ""]])
    assert [found.number for found in open_roster(data).rows()] == [3, 5]


def test_unknown_and_hidden_columns_are_reported_not_dropped_silently():
    book = Workbook()
    book.active.append(["户编号", "户主姓名", "联系电话1", "喜好"])
    book.active.append(["1", "张三", "10000000001", "茶"])
    book.active.column_dimensions["C"].hidden = True
    sheet = open_roster(save(book))
    assert (sheet.hidden, sheet.unknown) == (("联系电话1",), ("喜好",))
    assert next(sheet.rows()).cells["phone1"] == "10000000001"


def test_formula_without_a_stored_result_is_located():
    data = workbook([["户编号", "户主姓名", "联系电话1"], ["1", "张三", "=A2"]])
    assert next(open_roster(data).rows()).bad == {"phone1": "formula_without_value"}


def test_formula_with_a_stored_result_gives_the_result():
    data = workbook([["户编号", "户主姓名", "联系电话1"], ["1", "张三", "=A2"]])
    (found,) = open_roster(_patched(data, b"<v />", b"<v>10000000001</v>", b"<v></v>")).rows()
    assert (found.bad, found.cells["phone1"]) == ({}, 10000000001.0)


def test_cell_showing_an_error_is_located():
    data = workbook([["户编号", "户主姓名", "联系电话1"], ["1", "#N/A", "2"]])
    assert next(open_roster(data).rows()).bad == {"head_name": "cell_error"}


def test_hidden_sheets_are_not_read():
    book = Workbook()
    book.active.append(["户编号", "户主姓名", "联系电话1"])
    book.active.append(["old", "张三", "1"])
    book.active.sheet_state = "hidden"
    book.create_sheet("新").append(["户编号", "户主姓名", "联系电话1"])
    book["新"].append(["new", "张三", "1"])
    assert [found.cells["code"] for found in open_roster(save(book)).rows()] == ["new"]


def test_sheet_is_bounded(monkeypatch):
    monkeypatch.setattr(reader, "MAX_ROWS", 2)
    assert _code(roster(row(1), row(2), row(3))) == "too_many_rows"


def _patched(data: bytes, old: bytes, new: bytes, other: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                assert old in content or other in content
                content = content.replace(old, new).replace(other, new)
            target.writestr(name, content)
    return buffer.getvalue()
