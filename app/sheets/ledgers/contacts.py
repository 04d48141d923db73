"""长期外出户季度联系台账: who was away in the quarter, who reached them, when, how, and what came of it (D0-25).

A contact is a visit over any channel (an answered call is one, I5) or an automatic call or text that nobody answered.
The figures of the totals row are counted from the very rows above it, so they reconcile by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from sqlalchemy import select

from app.domain.date_words import civil_words, moment_words
from app.domain.enums import ClueKind, Disposition, VisitChannel
from app.domain.phones import mask_phone
from app.domain.quarters import Quarter
from app.extensions import clock
from app.models import GridNode
from app.queries.scope import scoped
from app.sheets.columns import CATEGORY_WORDS
from app.sheets.ledgers.contact_facts import Entry, iterate_entries, list_units
from app.sheets.ledgers.printed import Frame, write_printed
from app.sheets.writer import OutColumn

TITLE = "长期外出户季度联系台账"
COLUMNS = (
    OutColumn("乡镇", 11), OutColumn("村", 12), OutColumn("组", 8), OutColumn("户编号", 19), OutColumn("户主", 9),
    OutColumn("户类型", 13), OutColumn("外出地点", 20), OutColumn("联系方式", 14), OutColumn("联系次数", 7, True),
    OutColumn("最后联系时间", 16), OutColumn("联系渠道", 10), OutColumn("结果", 11), OutColumn("问题线索", 18),
    OutColumn("经办网格员", 10), OutColumn("备注", 16),
)  # fmt: skip
CHANNELS = {
    VisitChannel.IN_PERSON: "入户", VisitChannel.PHONE: "电话", VisitChannel.WECHAT: "微信", VisitChannel.SMS: "短信",
    VisitChannel.AUTO_CALL: "自动外呼", VisitChannel.MEETING: "村内见面", VisitChannel.RELAY: "他人转告",
    VisitChannel.IMPORT: "导入",
}  # fmt: skip
RESULTS = {
    Disposition.REACHED: "已联系", Disposition.ANSWERED: "接通未完成", Disposition.SILENT: "接通无应答",
    Disposition.REFUSED: "拒绝", Disposition.WRONG_PERSON: "非本户", Disposition.UNREACHABLE: "未接通",
    Disposition.OPTED_OUT: "不愿接听", Disposition.NOT_DUE: "无需联系", Disposition.PENDING: "未联系",
}  # fmt: skip
CLUES = {
    ClueKind.INCOME_DROP: "收入骤减", ClueKind.EMPLOYMENT_LOST: "务工不稳", ClueKind.MAJOR_ILLNESS: "大病",
    ClueKind.ACCIDENT_DISASTER: "意外或灾害", ClueKind.LARGE_EXPENSE: "刚性支出", ClueKind.SCHOOLING: "上学",
    ClueKind.HOUSING: "住房", ClueKind.DRINKING_WATER: "饮水", ClueKind.UNREACHABLE_AWAY: "外出无法联系",
    ClueKind.RETURNED_HOME: "外出返回", ClueKind.OTHER: "其他",
}  # fmt: skip


def contact_ledger(session: Any, quarter: Quarter, node_code: str = "") -> bytes:
    """The ledger of the current access, or of the unit `node_code` inside it, as an XLSX ready to print on A4.

    Lists every household with an absence that overlaps the quarter, by code of the unit and of the household. Raises
    LookupError for an unknown unit. Holds one block of households at a time; 33,000 rows take a few seconds.
    """
    node = _node(session, node_code)
    stand = moment_words(clock.now(), chinese=True)
    frame = Frame(
        sheet_name=f"{quarter}台账", title=f"{node.name if node else ''}{TITLE}（{quarter.label}）",
        remark=f"数据截至 {stand}　联系次数含未接通的自动外呼和短信", columns=COLUMNS,
    )  # fmt: skip
    entries = iterate_entries(session, quarter, list_units(session, quarter, node))
    buffer = BytesIO()
    write_printed(buffer, frame, map(_cells, entries), _Totals())
    return buffer.getvalue()


def count_ledger_rows(session: Any, quarter: Quarter, node_code: str = "") -> int:
    """How many households `contact_ledger` would list. Raises LookupError for an unknown unit."""
    return sum(unit.households for unit in list_units(session, quarter, _node(session, node_code)))


def _node(session: Any, code: str) -> Any:
    if not code:
        return None
    table = GridNode.__table__
    query = select(table.c.id, table.c.depth, table.c.name).where(table.c.code == code)
    found = session.execute(scoped(query, GridNode)).first()
    if found is None:
        raise LookupError(f"the grid has no unit {code} in your area")
    return found


def _cells(entry: Entry) -> list[Any]:
    household, last = entry.row, entry.last
    town, village, group = (["", "", "", *entry.units])[-3:]
    at = moment_words(last[0], chinese=True) if last else ""
    notes = ["只走访" if household.visit_only else "", "无可用电话" if not entry.number else "",
             f"{civil_words(entry.ended_on, chinese=True)}返回" if entry.ended_on else ""]  # fmt: skip
    return [
        town, village, group, household.code, household.head_name, CATEGORY_WORDS[household.category], entry.place,
        mask_phone(entry.number) if entry.number else "", entry.count, at, CHANNELS[last[1]] if last else "",
        RESULTS[entry.result], "、".join(CLUES[kind] for kind in entry.clues), entry.worker,
        "；".join(filter(None, notes)),
    ]  # fmt: skip


class _Totals:
    """Counted from the cells as they are written, whatever they were made of."""

    def __init__(self) -> None:
        self._rows = self._contacts = self._reached = self._clues = 0

    def add(self, row: Sequence[Any]) -> None:
        self._rows += 1
        self._contacts += row[8]
        self._reached += row[11] == RESULTS[Disposition.REACHED]
        self._clues += len(row[12].split("、")) if row[12] else 0

    def cells(self) -> list[Any]:
        reached = f"已联系 {self._reached} 户，其余 {self._rows - self._reached} 户"
        return ["合计", "", "", f"{self._rows} 户", "", "", "", "", self._contacts, "", "", reached,
                f"{self._clues} 条", "", ""]  # fmt: skip
