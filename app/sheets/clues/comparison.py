"""比对名单 out to the department that compares, its answers in again (D0-41)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from app.domain.policy.rules import Code
from app.services.clues.comparison import NOTHING, Candidate
from app.sheets.cells import CellError, narrow, plain_text
from app.sheets.clues.reading import read_list
from app.sheets.columns import Column, Kind
from app.sheets.problems import Problem
from app.sheets.writer import OutColumn, write_table

CODE = Column("code", "户编号", Kind.TEXT, ("户编码", "农户编号"), is_required=True, width=20)
_FIXED = (OutColumn("户编号", 20), OutColumn("案件编号", 16), OutColumn("姓名", 10), OutColumn("身份证号", 22))
_MOST = 200
_NONE = frozenset({NOTHING, "没有", "未发现", "none"})
Line = tuple[int, str, dict[str, str]]  # row number, household code, item code → finding


def write_candidates(candidates: Sequence[Candidate], items: Sequence[Code]) -> bytes:
    """One line a person, with an empty column for each item. ID numbers stand in full: without them nothing can be
    compared; the caller records the export."""
    columns = [*_FIXED, *(OutColumn(item.label, 14) for item in items)]
    buffer = io.BytesIO()
    blank = [""] * len(items)
    write_table(buffer, "信息比对名单", columns, (
        [one.household.code, one.case.number or "", one.member.name, one.member.id_number or "", *blank]
        for one in candidates))  # fmt: skip
    return buffer.getvalue()


def read_results(data: bytes, items: Sequence[Code]) -> tuple[list[Line], list[tuple[int, Problem]]]:
    """The findings of each household, those of its people put together; 无 means asked and nothing found, an empty cell
    not asked. Raises SheetError for the whole file."""
    columns = (CODE, *(Column(item.code, item.label) for item in items))
    found: dict[str, Line] = {}
    bad: list[tuple[int, Problem]] = []
    for row in read_list(data, columns):
        code, problems, values = "", [Problem(column.heading, row.bad[column.key]) for column in columns
                                      if column.key in row.bad], {}  # fmt: skip
        for column in columns:
            try:
                text = narrow(row.cells.get(column.key)) if column is CODE else plain_text(
                    row.cells.get(column.key), _MOST)  # fmt: skip
            except CellError as error:
                problems.append(Problem(column.heading, error.code, error.params))
                continue
            if column is CODE:
                code = text
            elif text:
                values[column.key] = NOTHING if text.lower() in _NONE else text
        if not code:
            problems.append(Problem(CODE.heading, "required"))
        if problems:
            bad.extend((row.number, problem) for problem in problems)
            continue
        _merge(found.setdefault(code, (row.number, code, {}))[2], values)
    return list(found.values()), bad


def _merge(known: dict[str, str], values: dict[str, str]) -> None:
    for item, text in values.items():
        before = known.get(item, NOTHING)
        if before == NOTHING:
            known[item] = text
        elif text not in (NOTHING, before):
            known[item] = f"{before}；{text}"[:_MOST]
