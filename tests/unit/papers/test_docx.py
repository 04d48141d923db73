"""A sheet as DOCX: opened again, cell by cell."""

from __future__ import annotations

import io
import re

import docx
from docx.oxml.ns import qn
from docx.shared import Mm

from app.domain.papers import Facts, Grid, Sheet, Signs, Words
from app.domain.papers.registry import BY_CODE, FORMS
from app.domain.papers.sheet import rows_of
from app.sheets.papers.docx import to_docx

LONG = "这一项写得很长，超过二十四个字，所以要单独占一行才放得下。"
SHEET = Sheet(
    "走访记录",
    (
        Facts((("户主", "周案一"), ("户编号", "T000001"), ("住址", LONG), ("备注", ""))),
        Grid(("姓名", "关系"), (("周案一", "本人"), ("周案二", "")), spare=2),
        Words("第一行\n第二行", "说明"),
        Signs(("户主签字", "走访人签字")),
    ),
    number="2026-0001",
    seal="某村（盖章）\n2026年11月23日",
)


def opened(sheet: Sheet) -> docx.document.Document:
    return docx.Document(io.BytesIO(to_docx(sheet)))


def test_each_value_stands_in_its_cell() -> None:
    facts, grid, signs = opened(SHEET).tables

    assert [[cell.text for cell in row.cells] for row in facts.rows] == [
        ["户主", "周案一", "户编号", "T000001"], ["住址", LONG, LONG, LONG], ["备注", "—", "—", "—"]]  # fmt: skip
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [
        ["姓名", "关系"], ["周案一", "本人"], ["周案二", "—"], ["", ""], ["", ""]]  # fmt: skip
    assert [cell.text for cell in signs.rows[0].cells] == ["户主签字：", "走访人签字："]


def test_title_number_words_and_seal_stand_in_order() -> None:
    lines = [one.text for one in opened(SHEET).paragraphs if one.text]

    assert lines == ["走访记录", "2026-0001", "说明", "第一行", "第二行", "某村（盖章）", "2026年11月23日"]


def test_it_is_a4_with_the_fonts_of_offices() -> None:
    document = opened(SHEET)

    page = document.sections[0]
    assert (round(page.page_width / Mm(1)), round(page.page_height / Mm(1))) == (210, 297)
    fonts = {run.element.rPr.rFonts.get(qn("w:eastAsia")) for one in document.paragraphs for run in one.runs}
    cells = {run.element.rPr.rFonts.get(qn("w:eastAsia")) for row in document.tables[0].rows for cell in row.cells
             for one in cell.paragraphs for run in one.runs}  # fmt: skip
    assert fonts == {"黑体", "宋体", "仿宋"}
    assert cells == {"宋体"}


def test_its_pages_are_numbered() -> None:
    foot = opened(SHEET).sections[0].footer
    assert re.findall(r'w:instr="(\w+)"', foot._element.xml) == ["PAGE", "NUMPAGES"]


def test_a_head_stands_again_on_each_page() -> None:
    head = opened(SHEET).tables[1].rows[0]

    assert head._tr.trPr.find(qn("w:tblHeader")) is not None


def test_signs_no_file_can_hold_are_left_out() -> None:
    facts = opened(Sheet("标\x00题", (Facts((("甲\x0b", "乙\ud800"),)),))).tables[0]

    assert [cell.text for cell in facts.rows[0].cells][:2] == ["甲", "乙"]


def test_short_pairs_share_a_row_and_long_ones_do_not() -> None:
    rows = rows_of(Facts((("a", "1"), ("b", LONG), ("c", "2"), ("d", "3"))))

    assert [[label for label, _value in row] for row in rows] == [["a"], ["b"], ["c", "d"]]


def test_all_25_forms_are_there_once() -> None:
    assert {form.number for form in FORMS} == set(range(1, 26))
    assert len(BY_CODE) == len(FORMS)
