"""The workbooks an import hands out: the empty template, and the file of the rows that could not be read."""

from __future__ import annotations

import io
import json
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from app.models import GridNode, ImportRow
from app.queries.scope import scoped, vouched
from app.sheets.columns import HOUSEHOLD_COLUMNS, REASON_HEADING, Column, Kind
from app.sheets.problems import explain
from app.sheets.reader import MAX_ROWS
from app.sheets.writer import OutColumn, new_book, to_bytes, write_headings, write_table

SHEET = "农户名册"
RULES = (
    "一行一户。表头不要改名、不要合并；列的顺序可以变，不用的列可以删（户编号、户主姓名除外）。",
    "户编号相同即为同一户：再次导入时只改有变化的格，空格不改动原有内容。",
    "村组编码见“村组编码”表；不填编码时按乡镇、村、组的名称认定，重名的村必须写明乡镇。",
    "电话、身份证号所在列已设为文本，请勿改为数字，否则 Excel 会丢失末几位。",
    "一格只填一个电话号码；座机写区号，如 0564-8661234；境外号码写 + 和国家代码。",
    "日期写 2026-03-01、2026/3/1 或 2026年3月1日均可。",
    "外出人填“全家”，或填外出人的姓名。是否长期外出填“否”，表示已经返乡。",
    "一个文件最多 100000 行，不超过 30 MB。",
)


def template(session: Any) -> bytes:
    """The empty roster with notes, lists to choose from and the codes of the units within the current access."""
    book, sheet = new_book(SHEET)
    write_headings(sheet, 1, _out(HOUSEHOLD_COLUMNS))
    for position, column in enumerate(HOUSEHOLD_COLUMNS, start=1):
        _prepare(sheet, position, column)
    sheet.freeze_panes = "C2"
    sheet.row_dimensions[1].height = 30
    _add_rules(book.create_sheet("填写说明"))
    _add_units(session, book.create_sheet("村组编码"))
    return to_bytes(book)


def _out(columns: tuple[Column, ...]) -> list[OutColumn]:
    return [OutColumn(column.heading, column.width) for column in columns]


def _prepare(sheet: Worksheet, position: int, column: Column) -> None:
    letter = get_column_letter(position)
    if column.kind is Kind.TEXT:
        sheet.column_dimensions[letter].number_format = "@"
    elif column.kind is Kind.DATE:
        sheet.column_dimensions[letter].number_format = "yyyy-mm-dd"
    if column.note:
        comment = Comment(column.note, "守望")
        comment.width, comment.height = 260, 80
        sheet.cell(1, position).comment = comment
    if column.is_required:
        sheet.cell(1, position).font = Font(bold=True, color="C00000")
    if column.choices:
        words = ",".join(column.choices)
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
        rule.error = f"请从列表中选择：{'、'.join(column.choices)}"
        rule.errorTitle = column.heading
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")


def _add_rules(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 90
    for number, rule in enumerate(RULES, start=1):
        sheet.append([f"{number}.", rule])
    sheet.append([])
    for column in HOUSEHOLD_COLUMNS:
        words = f"（{'、'.join(column.choices)}）" if column.choices else ""
        sheet.append([column.heading, f"{column.note}{words}"])
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _add_units(session: Any, sheet: Worksheet) -> None:
    """Lowest units only: households live there."""
    table = GridNode.__table__
    names = dict(session.execute(vouched(select(table.c.id, table.c.name))).all())
    above = set(session.execute(vouched(select(table.c.parent_id).distinct())).scalars())
    levels = [table.c[f"l{n}_id"] for n in range(1, 6)]
    units = select(table.c.id, table.c.code, *levels).where(table.c.is_active.is_(True)).order_by(table.c.code)
    sheet.append(["村组编码", "名称"])
    for node_id, code, *chain in session.execute(scoped(units, GridNode)).all():
        if node_id not in above:
            sheet.append([code, " ".join(names[key] for key in chain if key)])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 60
    sheet.freeze_panes = "A2"


def error_file(session: Any, batch_id: int) -> bytes:
    """Exactly the bad rows, in the template's columns, with what to correct in each. Ready to be uploaded again."""
    table = ImportRow.__table__
    query = select(table.c["values"], table.c.errors).where(table.c.batch_id == batch_id, table.c.verdict == "bad")
    rows = session.execute(scoped(query.order_by(table.c.row_number), ImportRow))
    buffer = io.BytesIO()
    write_table(buffer, SHEET, [*_out(HOUSEHOLD_COLUMNS), OutColumn(REASON_HEADING, 60)],
                (_error_row(json.loads(values)["raw"], errors) for values, errors in rows))  # fmt: skip
    return buffer.getvalue()


def _error_row(raw: dict[str, str], errors: list[dict[str, Any]]) -> list[str]:
    return [*(raw.get(column.key, "") for column in HOUSEHOLD_COLUMNS), "\n".join(map(reason_of, errors))]


def reason_of(problem: dict[str, Any]) -> str:
    """户主姓名：单元格为空。请填写。"""
    message, remedy = explain(problem)
    return f"{problem['column']}：{message}{remedy}"
