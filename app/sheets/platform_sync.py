"""The file for the provincial platform: exactly the rows of one export, in the platform's columns (D0-12).

The layout is data (`app/data/platform_layout.yaml`). Values are those of the moment the file is written; identity
numbers are masked unless the caller was given leave. A file of one kind is streamed, however long.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import func, select

from app.domain.enums import Duty, UnitKind
from app.domain.grid_care.words import SyncChange, SyncEntity
from app.domain.id_numbers import mask_id
from app.domain.phones import local_display
from app.domain.quarters import CHINA
from app.models import Assignment, GridNode, GridWorker, Household, Member, MonitoringRecord, SyncBatch, SyncItem
from app.queries.scope import vouched
from app.sheets.columns import CATEGORY_WORDS, YES_NO_WORDS
from app.sheets.writer import OutColumn, Target, write_table

PAGE = 2000
_CHANGES = {SyncChange.CREATED: "新增", SyncChange.UPDATED: "变更", SyncChange.MOVED: "调整", SyncChange.ENDED: "终止"}
_KINDS = {
    UnitKind.GROUP: "村民小组", UnitKind.NATURAL_VILLAGE: "自然村", UnitKind.MERGED: "合并", UnitKind.SPLIT: "拆分",
    UnitKind.ADMIN: "行政单元", UnitKind.NEIGHBOURS: "邻组",
}  # fmt: skip
_DUTIES = {
    Duty.GRID_WORKER: "网格员", Duty.GRID_LEAD: "网格长", Duty.VILLAGE_CADRE: "村干部",
    Duty.VILLAGE_OFFICER: "包村干部", Duty.TOWNSHIP_STAFF: "乡镇工作人员", Duty.COUNTY_ADMIN: "县级管理员",
    Duty.AUDITOR: "审计", Duty.UNIT_HEAD: "网格责任人", Duty.GROUP_SUPERVISOR: "包组干部", Duty.NEIGHBOUR_LEAD: "邻长",
}  # fmt: skip
_LINKS = ("id", "parent_id", "worker_id", "household_id")
_MODELS: Mapping[SyncEntity, type[Any]] = {
    SyncEntity.UNIT: GridNode, SyncEntity.WORKER: GridWorker, SyncEntity.ASSIGNMENT: Assignment,
    SyncEntity.HOUSEHOLD: Household, SyncEntity.MEMBER: Member,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    sheet: str
    columns: tuple[tuple[OutColumn, str], ...]  # (heading and width, key of the row)


@cache
def layouts() -> Mapping[SyncEntity, Layout]:
    """The shipped layout. Raises KeyError for a file that misses a kind."""
    data = yaml.safe_load(resources.files("app.data").joinpath("platform_layout.yaml").read_text(encoding="utf-8"))
    return {entity: Layout(data[entity.value]["sheet"],
                           tuple((OutColumn(c["heading"], c["width"]), c["from"])
                                 for c in data[entity.value]["columns"])) for entity in SyncEntity}  # fmt: skip


def kinds_of(session: Any, batch: SyncBatch) -> dict[SyncEntity, int]:
    """Kinds in the export and how many rows of each."""
    table = SyncItem.__table__
    query = select(table.c.entity, func.count()).where(table.c.batch_id == batch.id).group_by(table.c.entity)
    return dict(session.execute(vouched(query)).all())


def write_kind(session: Any, target: Target, batch: SyncBatch, entity: SyncEntity, *, masked: bool = True) -> int:
    """One sheet of one kind. Number of rows. The batch came through the scope; its rows need no second look."""
    layout = layouts()[entity]
    cells = ([row.get(key, "") for _, key in layout.columns] for row in _rows(session, batch, entity, masked))
    return write_table(target, layout.sheet, [column for column, _ in layout.columns], cells)


def write_batch(session: Any, batch: SyncBatch, *, masked: bool = True) -> tuple[bytes, str]:
    """(content, extension): one workbook, or a ZIP of one workbook a kind, as the platform takes one kind a file."""
    kinds = sorted(kinds_of(session, batch))
    if len(kinds) == 1:
        buffer = io.BytesIO()
        write_kind(session, buffer, batch, kinds[0], masked=masked)
        return buffer.getvalue(), "xlsx"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for entity in kinds:
            buffer = io.BytesIO()
            write_kind(session, buffer, batch, entity, masked=masked)
            archive.writestr(f"{layouts()[entity].sheet}.xlsx", buffer.getvalue())
    return packed.getvalue(), "zip"


def _rows(session: Any, batch: SyncBatch, entity: SyncEntity, masked: bool) -> Iterator[dict[str, Any]]:
    item, after = SyncItem.__table__, 0
    while True:
        page = select(item.c.id, item.c.entity_id, item.c.change, item.c.last_at, item.c.node_id)
        page = page.where(item.c.batch_id == batch.id, item.c.entity == entity, item.c.id > after)
        items = session.execute(vouched(page.order_by(item.c.id).limit(PAGE))).all()
        if not items:
            return
        after = items[-1].id
        values = _values(session, entity, [one.entity_id for one in items], masked)
        codes = _codes(session, {one.node_id for one in items})
        for one in items:
            if one.entity_id in values:
                yield {"node_code": codes.get(one.node_id, ""), **values[one.entity_id], "change": _CHANGES[one.change],
                       "changed_on": one.last_at.astimezone(CHINA).date()}  # fmt: skip


def _values(session: Any, entity: SyncEntity, ids: list[int], masked: bool) -> dict[int, dict[str, Any]]:
    table = _MODELS[entity].__table__
    wanted = {*_LINKS, *(key for _, key in layouts()[entity].columns)}  # no more: each encrypted field costs
    query = select(*(column for column in table.c if column.name in wanted)).where(table.c.id.in_(ids))
    found = {row["id"]: dict(row) for row in session.execute(vouched(query)).mappings()}
    _SHAPES[entity](session, found, masked)
    return found


def _codes(session: Any, ids: set[int | None]) -> dict[int, str]:
    node = GridNode.__table__
    wanted = [key for key in ids if key is not None]
    return dict(session.execute(vouched(select(node.c.id, node.c.code).where(node.c.id.in_(wanted)))).all())


def _yes_no(value: Any) -> str:
    return YES_NO_WORDS[0 if value else 1]


def _shape_units(session: Any, found: dict[int, dict[str, Any]], masked: bool) -> None:
    parents = _codes(session, {row["parent_id"] for row in found.values()})
    for row in found.values():
        row["parent_code"] = parents.get(row["parent_id"], "")
        row["unit_kind"], row["is_active"] = _KINDS[row["unit_kind"]], _yes_no(row["is_active"])


def _shape_workers(session: Any, found: dict[int, dict[str, Any]], masked: bool) -> None:
    for row in found.values():
        row["is_active"] = _yes_no(row["is_active"])
        row["phone"] = local_display(row["phone"]) if row["phone"] else ""


def _shape_assignments(session: Any, found: dict[int, dict[str, Any]], masked: bool) -> None:
    worker = GridWorker.__table__
    ids = {row["worker_id"] for row in found.values()}
    names = dict(session.execute(vouched(select(worker.c.id, worker.c.name).where(worker.c.id.in_(ids)))).all())
    for row in found.values():
        row["worker"], row["duty"] = names.get(row["worker_id"], ""), _DUTIES[row["duty"]]


def _shape_households(session: Any, found: dict[int, dict[str, Any]], masked: bool) -> None:
    """With the latest monitoring record: since when it is monitored, and when its risk was eliminated (D4-04)."""
    record = MonitoringRecord.__table__
    query = select(record.c.household_id, record.c.identified_on, record.c.eliminated_on)
    query = query.where(record.c.household_id.in_(list(found))).order_by(record.c.id)
    latest = {row.household_id: row for row in session.execute(vouched(query))}
    for key, row in found.items():
        row["category"] = CATEGORY_WORDS[row["category"]]
        known = latest.get(key)
        row["identified_on"], row["eliminated_on"] = (known[1], known[2]) if known else (None, None)


def _shape_members(session: Any, found: dict[int, dict[str, Any]], masked: bool) -> None:
    household = Household.__table__
    ids = {row["household_id"] for row in found.values()}
    codes = dict(
        session.execute(vouched(select(household.c.id, household.c.code).where(household.c.id.in_(ids)))).all()
    )
    for row in found.values():
        row["household_code"] = codes.get(row["household_id"], "")
        number = row["id_number"] or ""
        row["id_number"] = mask_id(number) if masked and number else number


_SHAPES = {
    SyncEntity.UNIT: _shape_units, SyncEntity.WORKER: _shape_workers, SyncEntity.ASSIGNMENT: _shape_assignments,
    SyncEntity.HOUSEHOLD: _shape_households, SyncEntity.MEMBER: _shape_members,
}  # fmt: skip
