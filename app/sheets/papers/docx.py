"""A sheet as a DOCX of A4, with the fonts offices use: 黑体 for titles, 宋体 in tables, 仿宋 for text."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from app.domain.papers.sheet import EMPTY, Facts, Grid, Sheet, Signs, Words, rows_of

TITLE_FONT, TABLE_FONT, TEXT_FONT = "黑体", "宋体", "仿宋"
LATIN_FONT = "Times New Roman"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PAGE, _MARGIN = (Mm(210), Mm(297)), Mm(20)
# XML has no place for these; a record may have kept them from an import.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_docx(sheet: Sheet) -> bytes:
    document: Any = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = _PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    _font(document.styles["Normal"], TEXT_FONT, 12)
    document.core_properties.title = _clean(sheet.title)
    document.core_properties.author = ""
    _page_numbers(section)
    _line(document, sheet.title, TITLE_FONT, 18, ALIGN.CENTER)
    if sheet.number:
        _line(document, sheet.number, TABLE_FONT, 10.5, ALIGN.RIGHT)
    for block in sheet.blocks:
        _DRAW[type(block)](document, block)
    for line in sheet.seal.split("\n") if sheet.seal else ():
        _line(document, line, TEXT_FONT, 12, ALIGN.RIGHT)
    if sheet.note:
        _line(document, sheet.note, TABLE_FONT, 9, ALIGN.LEFT)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page_numbers(section: Any) -> None:
    """“1 / 3” at the foot, reckoned by whoever opens the document: a form of several sheets is kept together by it."""
    section.footer_distance = Mm(10)
    foot = section.footer.paragraphs[0]
    foot.alignment = ALIGN.CENTER
    for field in ("PAGE", "NUMPAGES"):
        if field == "NUMPAGES":
            _run(foot, " / ", TABLE_FONT, 9, False)
        foot._p.append(foot._p.makeelement(qn("w:fldSimple"), {qn("w:instr"): field}))


def _facts(document: Any, facts: Facts) -> None:
    _heading(document, facts.title)
    rows = rows_of(facts)
    table = _table(document, len(rows), 4)
    for cells, pairs in zip(table.rows, rows, strict=True):
        _cell(cells.cells[0], pairs[0][0], bold=True)
        if len(pairs) == 1:
            _cell(cells.cells[1].merge(cells.cells[3]), pairs[0][1])
        else:
            _cell(cells.cells[1], pairs[0][1])
            _cell(cells.cells[2], pairs[1][0], bold=True)
            _cell(cells.cells[3], pairs[1][1])
    document.add_paragraph()


def _grid(document: Any, grid: Grid) -> None:
    _heading(document, grid.title)
    table = _table(document, 1 + len(grid.rows) + grid.spare, len(grid.heads))
    for cell, head in zip(table.rows[0].cells, grid.heads, strict=True):
        _cell(cell, head, bold=True)
    _repeat(table.rows[0])
    for row, values in zip(table.rows[1:], grid.rows, strict=False):
        for cell, value in zip(row.cells, values, strict=True):
            _cell(cell, value or EMPTY)
    document.add_paragraph()


def _words(document: Any, words: Words) -> None:
    _heading(document, words.title)
    for line in words.text.split("\n"):
        _line(document, line, TEXT_FONT, 12, ALIGN.LEFT)


def _signs(document: Any, signs: Signs) -> None:
    document.add_paragraph()
    table = document.add_table(rows=1, cols=len(signs.labels))
    for cell, label in zip(table.rows[0].cells, signs.labels, strict=True):
        _cell(cell, f"{label}：")
    document.add_paragraph()


_DRAW: dict[type[Any], Any] = {Facts: _facts, Grid: _grid, Words: _words, Signs: _signs}


def _heading(document: Any, text: str) -> None:
    if text:
        _line(document, text, TITLE_FONT, 12, ALIGN.LEFT)


def _table(document: Any, rows: int, columns: int) -> Any:
    table = document.add_table(rows=rows, cols=columns)
    table.style = "Table Grid"
    for row in table.rows:  # a row is never torn apart between two pages
        _mark(row, "w:cantSplit")
    return table


def _repeat(row: Any) -> None:
    """The head stands again on each page."""
    _mark(row, "w:tblHeader")


def _mark(row: Any, name: str) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn(name), {}))


def _cell(cell: Any, text: str, *, bold: bool = False) -> None:
    first, *rest = _clean(text).split("\n")
    paragraph = cell.paragraphs[0]
    _run(paragraph, first, TABLE_FONT, 10.5, bold)
    for line in rest:
        _run(cell.add_paragraph(), line, TABLE_FONT, 10.5, bold)


def _line(document: Any, text: str, font: str, points: float, align: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    _run(paragraph, _clean(text), font, points, bold=False)


def _run(paragraph: Any, text: str, font: str, points: float, bold: bool) -> None:
    run = paragraph.add_run(text)
    run.bold = bold
    _font(run, font, points)


def _font(styled: Any, font: str, points: float) -> None:
    """Word takes the Latin font from one attribute and the Chinese one from another."""
    styled.font.name, styled.font.size = LATIN_FONT, Pt(points)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
