"""长期外出户季度联系台账: who was away in the quarter, who reached them, when, how, and what came of it (D0-25).

A contact is a visit over any channel (an answered call is one, I5) or an automatic call or text that nobody answered.
The figures of the totals row are counted from the very rows above it, so they reconcile by construction.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl.styles import Alignment, Font
from sqlalchemy import and_, or_, select

from app.domain.enums import AttemptOutcome, ClueKind, Disposition, Duty, PhoneState, VisitChannel
from app.domain.phones import mask_phone
from app.domain.quarters import CHINA, Quarter
from app.extensions import clock
from app.models import (
    Absence,
    Assignment,
    Attempt,
    Clue,
    Contact,
    GridNode,
    GridWorker,
    Household,
    Phone,
    Visit,
)
from app.queries.scope import scoped, today, vouched
from app.sheets.columns import CATEGORY_WORDS
from app.sheets.writer import OutColumn, new_book, set_up_print, to_bytes, write_cells, write_headings

TITLE = "长期外出户季度联系台账"
PAGE = 500
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
Row = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """What is known of one household in the quarter, before it becomes cells."""

    visits: list[Row] = field(default_factory=list)  # oldest first
    attempts: list[Row] = field(default_factory=list)  # ended without a visit
    clues: list[ClueKind] = field(default_factory=list)
    disposition: Disposition | None = None
    number: str = ""

    @property
    def count(self) -> int:
        return len(self.visits) + len(self.attempts)

    @property
    def result(self) -> Disposition:
        """A visit that closes the duty outweighs what the telephone says: the worker may have gone there since."""
        if any(visit["closes_duty"] for visit in self.visits):
            return Disposition.REACHED
        return self.disposition or Disposition.PENDING

    @property
    def last(self) -> tuple[datetime, str] | None:
        events = [(visit["happened_at"], CHANNELS[visit["channel"]]) for visit in self.visits]
        events += [(call["ended_at"], "短信" if call["channel"] == "sms" else "自动外呼") for call in self.attempts]
        return max(events) if events else None


def contact_ledger(session: Any, quarter: Quarter, node_code: str = "") -> bytes:
    """The ledger of the current access, or of the unit `node_code` inside it, as an XLSX ready to print on A4.

    Lists every household with an absence that overlaps the quarter. Raises LookupError for an unknown unit.
    """
    node = _node(session, node_code)
    nodes = _units(session)
    rows = [row for page in _pages(session, quarter, node) for row in _page_rows(session, quarter, page, nodes)]
    rows.sort(key=lambda row: row[0])
    return _book(quarter, node["name"] if node else "", [cells for _, cells in rows])


def _node(session: Any, code: str) -> Row | None:
    if not code:
        return None
    table = GridNode.__table__
    found = session.execute(scoped(select(table).where(table.c.code == code), GridNode)).mappings().first()
    if found is None:
        raise LookupError(f"the grid has no unit {code} in your area")
    return dict(found)


def _units(session: Any) -> dict[int, Row]:
    return {row["id"]: dict(row) for row in session.execute(vouched(select(GridNode.__table__))).mappings()}


def _pages(session: Any, quarter: Quarter, node: Row | None) -> list[list[Row]]:
    household, absence = Household.__table__, Absence.__table__
    overlaps = and_(absence.c.since_on <= quarter.last_on,
                    or_(absence.c.ended_on.is_(None), absence.c.ended_on >= quarter.first_on))  # fmt: skip
    query = (
        select(household, absence.c.place, absence.c.ended_on)
        .join_from(household, absence, absence.c.household_id == household.c.id)
        .where(overlaps, or_(household.c.gone_on.is_(None), household.c.gone_on >= quarter.first_on))
        .order_by(household.c.id, absence.c.since_on)
    )
    if node is not None:
        query = query.where(household.c[f"l{node['depth']}_id"] == node["id"])
    # Two absences in one quarter are one household: the later one tells where they are.
    found = {row["id"]: dict(row) for row in session.execute(scoped(query, Household)).mappings()}
    rows = list(found.values())
    return [rows[start : start + PAGE] for start in range(0, len(rows), PAGE)]


def _page_rows(
    session: Any, quarter: Quarter, page: list[Row], nodes: dict[int, Row]
) -> list[tuple[tuple[str, str], list[Any]]]:
    """(sort key, cells): by unit code, then household code."""
    entries = _entries(session, quarter, [row["id"] for row in page])
    workers = _workers(session, {row["node_id"] for row in page}, quarter)
    names = _worker_names(session, {v["worker_id"] for e in entries.values() for v in e.visits if v["worker_id"]})
    rows = []
    for household in page:
        entry = entries[household["id"]]
        by = [names[visit["worker_id"]] for visit in entry.visits if visit["worker_id"] in names]
        worker = by[-1] if by else workers.get(household["node_id"], "")
        key = (nodes[household["node_id"]]["code"], household["code"])
        rows.append((key, _cells(household, entry, worker, nodes)))
    return rows


def _cells(household: Row, entry: Entry, worker: str, nodes: dict[int, Row]) -> list[Any]:
    chain = [nodes[key]["name"] for n in range(1, 6) if (key := household[f"l{n}_id"]) in nodes]
    town, village, group = (["", "", "", *chain])[-3:]
    last = entry.last
    at = last[0].astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if last else ""
    notes = ["只走访" if household["visit_only"] else "", "无可用电话" if not entry.number else "",
             f"{household['ended_on']:%Y-%m-%d}返回" if household["ended_on"] else ""]  # fmt: skip
    return [
        town, village, group, household["code"], household["head_name"], CATEGORY_WORDS[household["category"]],
        household["place"], mask_phone(entry.number) if entry.number else "", entry.count, at, last[1] if last else "",
        RESULTS[entry.result], "、".join(CLUES[kind] for kind in entry.clues), worker, "；".join(filter(None, notes)),
    ]  # fmt: skip


def _entries(session: Any, quarter: Quarter, ids: list[int]) -> dict[int, Entry]:
    """Of households that came through the scope: what hangs on them needs no second look."""
    start, end = quarter.bounds_at()
    entries: dict[int, Entry] = defaultdict(Entry)
    visit, attempt, clue, contact, phone = (m.__table__ for m in (Visit, Attempt, Clue, Contact, Phone))

    def rows(table: Any, order: Any, *conditions: Any) -> Any:
        query = select(table).where(table.c.household_id.in_(ids), *conditions).order_by(*order)
        return session.execute(vouched(query)).mappings()

    for row in rows(visit, (visit.c.happened_at, visit.c.id), visit.c.happened_at >= start, visit.c.happened_at < end):
        entries[row["household_id"]].visits.append(dict(row))
    # A withdrawn call and a notice nobody has to answer are no contacts.
    tried = (attempt.c.ended_at >= start, attempt.c.ended_at < end, attempt.c.outcome != AttemptOutcome.CANCELLED,
             attempt.c.purpose != "notice")  # fmt: skip
    for row in rows(attempt, (attempt.c.ended_at, attempt.c.id), *tried):
        entry = entries[row["household_id"]]
        if all(known["attempt_id"] != row["id"] for known in entry.visits):
            entry.attempts.append(dict(row))
    for row in rows(clue, (clue.c.id,), clue.c.raised_at >= start, clue.c.raised_at < end):
        if row["kind"] not in entries[row["household_id"]].clues:
            entries[row["household_id"]].clues.append(row["kind"])
    for row in rows(contact, (contact.c.id,), contact.c.quarter == str(quarter)):
        entries[row["household_id"]].disposition = row["disposition"]
    usable = phone.c.state.in_((PhoneState.ACTIVE, PhoneState.SUSPENDED, PhoneState.POWERED_OFF))
    for row in rows(phone, (phone.c.priority.desc(), phone.c.id.desc()), usable):
        entries[row["household_id"]].number = row["e164"]  # the first in dialling order comes last
    return entries


def _workers(session: Any, node_ids: set[int], quarter: Quarter) -> dict[int, str]:
    """Unit → its grid worker on the last day of the quarter, or today while it runs."""
    on = min(quarter.last_on, max(today(), quarter.first_on))
    duty, worker = Assignment.__table__, GridWorker.__table__
    query = (
        select(duty.c.node_id, worker.c.name)
        .join_from(duty, worker, worker.c.id == duty.c.worker_id)
        .where(duty.c.node_id.in_(node_ids), duty.c.duty == Duty.GRID_WORKER, duty.c.from_on <= on)
        .where(or_(duty.c.to_on.is_(None), duty.c.to_on >= on))
        .order_by(duty.c.from_on.desc(), duty.c.id.desc())
    )
    return dict(session.execute(vouched(query)).all())


def _worker_names(session: Any, ids: set[int]) -> dict[int, str]:
    worker = GridWorker.__table__
    return dict(session.execute(vouched(select(worker.c.id, worker.c.name).where(worker.c.id.in_(ids)))).all())


def _book(quarter: Quarter, area: str, rows: list[list[Any]]) -> bytes:
    book, sheet = new_book(f"{quarter}台账")
    last = len(COLUMNS)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    sheet.cell(1, 1, f"{area}{TITLE}（{quarter.label}）").font = Font(bold=True, size=16)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 30
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=last)
    stand = clock.now().astimezone(CHINA)
    remark = sheet.cell(2, 1, f"数据截至 {stand:%Y-%m-%d %H:%M}　联系次数含未接通的自动外呼和短信")
    remark.alignment = Alignment(horizontal="right")
    write_headings(sheet, 3, COLUMNS)
    for number, cells in enumerate(rows, start=4):
        write_cells(sheet, number, COLUMNS, cells)
    write_cells(sheet, 4 + len(rows), COLUMNS, _totals(rows), bold=True)
    set_up_print(sheet, 3, last)
    return to_bytes(book)


def _totals(rows: list[list[Any]]) -> list[Any]:
    reached = sum(row[11] == RESULTS[Disposition.REACHED] for row in rows)
    clues = sum(len(row[12].split("、")) for row in rows if row[12])
    return ["合计", "", "", f"{len(rows)} 户", "", "", "", "", sum(row[8] for row in rows), "", "",
            f"已联系 {reached} 户，其余 {len(rows) - reached} 户", f"{clues} 条", "", ""]  # fmt: skip
