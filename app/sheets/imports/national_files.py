"""The workbooks a national import hands out: the rows to be corrected, and what the villages are asked."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.domain.labels import label_of
from app.domain.roundtrip.words import Conflict, Decision, RowKind
from app.models import NationalRow
from app.queries.roundtrip.lists import Line, RowFilter, list_rows
from app.queries.scope import scoped
from app.sheets.columns import REASON_HEADING
from app.sheets.imports.files import reason_of
from app.sheets.imports.national_columns import NATIONAL_COLUMNS, national_column
from app.sheets.problems import translated
from app.sheets.writer import OutColumn, write_table

SHEET = "国办导出"
_BLOCK = 500


def error_file(session: Any, batch_id: int) -> bytes:
    """Exactly the faulty rows and those of other areas, in the export's columns, with what to correct in each."""
    table = NationalRow.__table__
    query = select(table.c["values"], table.c.problems).where(
        table.c.batch_id == batch_id, table.c.kind.in_([RowKind.BAD, RowKind.FOREIGN]))  # fmt: skip
    rows = session.execute(scoped(query.order_by(table.c.id), NationalRow))
    columns = [*(OutColumn(column.heading, column.width) for column in NATIONAL_COLUMNS), OutColumn(REASON_HEADING, 60)]
    buffer = io.BytesIO()
    write_table(buffer, SHEET, columns, (_error_row(json.loads(values), problems) for values, problems in rows))
    return buffer.getvalue()


def _error_row(kept: dict[str, Any], problems: list[dict[str, Any]]) -> list[str]:
    raw = kept.get("raw") or {key: str(value) for key, value in kept["v"].items()}
    return [*(raw.get(column.key, "") for column in NATIONAL_COLUMNS), "\n".join(map(reason_of, problems))]


def village_list(session: Any, batch_id: int) -> bytes:
    """One row a difference of every row that is to be asked; numbers masked, the last columns left to be filled in."""
    columns = [OutColumn("村组", 26), OutColumn("户编号", 20), OutColumn("姓名", 10), OutColumn("需核实项目", 18),
               OutColumn("系统登记", 22), OutColumn("国办导出", 22), OutColumn("核实结果", 22), OutColumn("核实人", 10),
               OutColumn("核实日期", 12)]  # fmt: skip
    buffer = io.BytesIO()
    write_table(buffer, "问村核实", columns, _questions(session, batch_id))
    return buffer.getvalue()


def _questions(session: Any, batch_id: int) -> Iterator[list[str]]:
    for kind in (RowKind.CONFLICT, RowKind.CHANGED, RowKind.NEW, RowKind.MISSING):
        page = 1
        while lines := list_rows(session, batch_id, RowFilter(kind, Decision.ASK), page, _BLOCK):
            page += 1
            for line in lines:
                yield from _asked(line, kind)


def _asked(line: Line, kind: RowKind) -> Iterator[list[str]]:
    who = [line.place, line.household_code, line.name]
    for key, ours, theirs in line.changes:
        yield [*who, national_column(key).heading, ours, theirs, "", "", ""]
    for conflict in line.conflicts:
        yield [*who, translated(label_of(Conflict(conflict))), "", "", "", "", ""]
    if not line.changes and not line.conflicts:
        yield [*who, translated(label_of(kind)), "", "", "", "", ""]
