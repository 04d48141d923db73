"""部门预警名单 in, 部门预警核查汇总 out (D0-43, D2-17; DOMAIN 3.5, form 18)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.domain.clues.words import RowAnswer, RowMatch
from app.domain.date_words import moment_words
from app.domain.id_numbers import IdError, parse_id_number
from app.domain.masking import mask_id
from app.models import WarningBatch, WarningRow
from app.queries.household_file_places import names_of
from app.queries.scope import today
from app.sheets.cells import Cell, CellError, narrow, plain_text
from app.sheets.clues.reading import ListRow, read_list
from app.sheets.columns import Column, Kind
from app.sheets.problems import Problem
from app.sheets.writer import OutColumn, write_table

COLUMNS: tuple[Column, ...] = (
    Column("person", "姓名", also=("户主姓名", "患者姓名", "学生姓名", "参保人姓名"), is_required=True),
    Column("id_number", "身份证号", Kind.TEXT, ("证件号码", "身份证号码", "公民身份号码"), width=22),
    Column("village", "村", also=("行政村", "村(社区)", "所在村", "家庭住址"), is_required=True),
    Column("kind", "预警类型", also=("类型", "病种", "预警内容", "风险类型"), is_required=True),
    Column("amount", "金额", also=("自付金额", "报销金额", "金额(元)", "自付费用"), note="元，可不填"),
    Column("words", "说明", also=("备注", "情况说明", "预警说明"), width=30),
)
_MOST = {"person": 40, "village": 80, "kind": 80, "words": 400}
_HIGHEST = Decimal("9999999.99")
ANSWERS = {RowAnswer.NOT_FOUND: "查无此人", RowAnswer.KNOWN: "已掌握", RowAnswer.NO_RISK: "已核实，无风险",
           RowAnswer.CLUE: "已核实，转线索"}  # fmt: skip
MATCHES = {RowMatch.ID_NUMBER: "身份证号", RowMatch.NAME: "姓名和村", RowMatch.BY_HAND: "人工",
           RowMatch.VILLAGE: "仅匹配到村", RowMatch.NONE: "未匹配"}  # fmt: skip
SUMMARY = (
    OutColumn("行号", 6, True), OutColumn("姓名", 10), OutColumn("身份证号", 22), OutColumn("村", 14),
    OutColumn("预警类型", 16), OutColumn("金额(元)", 11, True), OutColumn("匹配方式", 12), OutColumn("乡镇", 12),
    OutColumn("核查村", 12), OutColumn("下发时间", 18), OutColumn("核查结果", 16), OutColumn("核查说明", 30),
    OutColumn("反馈时间", 18), OutColumn("用时(小时)", 10, True), OutColumn("线索编号", 10),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WarningLine:
    number: int
    person: str
    id_number: str
    village: str
    kind: str
    amount: Decimal | None
    words: str


def read_warnings(data: bytes) -> tuple[list[WarningLine], list[tuple[int, Problem]]]:
    """(rows without a fault, (row number, what is wrong) of the others). Raises SheetError for the whole file."""
    good: list[WarningLine] = []
    bad: list[tuple[int, Problem]] = []
    for row in read_list(data, COLUMNS):
        problems: list[Problem] = []
        values = {column.key: _value(row, column, problems) for column in COLUMNS}
        if problems:
            bad.extend((row.number, problem) for problem in problems)
        else:
            amount = Decimal(values["amount"]) if values["amount"] else None
            good.append(WarningLine(row.number, values["person"], values["id_number"], values["village"],
                                    values["kind"], amount, values["words"]))  # fmt: skip
    return good, bad


def _value(row: ListRow, column: Column, problems: list[Problem]) -> str:
    if column.key in row.bad:
        problems.append(Problem(column.heading, row.bad[column.key]))
        return ""
    cell = row.cells.get(column.key)
    try:
        found = _read(column, cell)
    except CellError as error:
        problems.append(Problem(column.heading, error.code, error.params))
        return ""
    except IdError as error:
        problems.append(Problem(column.heading, f"id.{error.code}"))
        return ""
    if column.is_required and not found:
        problems.append(Problem(column.heading, "required"))
    return found


def _read(column: Column, cell: Cell) -> str:
    if column.key == "amount":
        return _amount(narrow(cell))
    if column.key == "id_number":
        words = narrow(cell)
        if "*" in words:
            raise CellError("masked_number")
        return parse_id_number(words, today()).number if words else ""
    return plain_text(cell, _MOST[column.key])


def _amount(words: str) -> str:
    words = words.replace(",", "").removesuffix("元")
    if not words:
        return ""
    try:
        value = Decimal(words)
    except InvalidOperation:
        raise CellError("bad_amount") from None
    if not value.is_finite() or not 0 <= value <= _HIGHEST:
        raise CellError("bad_amount")
    return str(value.quantize(Decimal("0.01")))


def template() -> bytes:
    """An empty list with the headings."""
    buffer = io.BytesIO()
    write_table(buffer, "部门预警", [OutColumn(column.heading, column.width) for column in COLUMNS], [])
    return buffer.getvalue()


def summary(batch: WarningBatch, rows: Sequence[WarningRow]) -> bytes:
    """One line a person with what the village answered and how long it took from the push. ID numbers are masked: the
    department knows its own list by its row numbers."""
    places = names_of({key for row in rows for key in (row.l2_id, row.l3_id) if key is not None})
    buffer = io.BytesIO()
    write_table(buffer, "部门预警核查汇总", SUMMARY, (_line(batch, row, places) for row in rows))
    return buffer.getvalue()


def _line(batch: WarningBatch, row: WarningRow, places: dict[int, str]) -> list[object]:
    sent, answered = batch.dispatched_at, row.answered_at
    took = round((answered - sent).total_seconds() / 3600, 1) if sent and answered else ""
    return [
        row.line, row.person, mask_id(row.id_number) if row.id_number else "", row.village, row.kind,
        float(row.amount) if row.amount is not None else "", MATCHES[row.match], places.get(row.l2_id or 0, ""),
        places.get(row.l3_id or 0, ""), moment_words(sent, chinese=True) if sent and row.is_sent else "",
        ANSWERS[row.answer] if row.answer else "", row.answer_words or "",
        moment_words(answered, chinese=True) if answered else "", took, row.clue_id or "",
    ]  # fmt: skip
