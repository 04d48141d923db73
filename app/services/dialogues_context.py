"""What a call may say of a household before anyone proved who they are: place, worker, surname. Nothing private."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.enums import Duty, UnitKind
from app.domain.quarters import CHINA, Quarter
from app.models import Assignment, GridNode, GridWorker, Household
from telephony.ivr.state import Context

# 复姓 of the census that are common enough to meet; any other name's surname is its first character.
_COMPOUND_NAMES = (
    "欧阳 上官 皇甫 令狐 诸葛 司徒 司马 申屠 夏侯 公孙 尉迟 长孙 宇文 慕容 端木 东方 独孤 南宫 轩辕 闻人 百里 呼延 "
    "澹台 濮阳 淳于 单于 太史 公冶 宗政 鲜于 闾丘 钟离 西门 东郭 南门"
)
_COMPOUND = frozenset(_COMPOUND_NAMES.split())
_NAME_DOTS = "·•・."
_DUTIES = (Duty.GRID_WORKER, Duty.GRID_LEAD, Duty.VILLAGE_CADRE, Duty.VILLAGE_OFFICER)
_NO_WORKER = "村里的干部"  # spoken where a grid has nobody assigned today: true everywhere
_NO_TITLE = "网格员"


@dataclass(frozen=True, slots=True)
class Setting:
    """`context` for the engine; `worker_number` the E.164 to connect to on key 0, None when there is none."""

    context: Context
    worker_number: str | None
    worker_id: int | None


def surname_of(name: str) -> str:
    """王建国 → 王, 欧阳建国 → 欧阳, 阿依古丽·买买提 → 阿依古丽 (the part people are called by)."""
    for dot in _NAME_DOTS:
        if dot in name:
            return name.split(dot, 1)[0].strip()
    if name[:2] in _COMPOUND and len(name) > 2:
        return name[:2]
    return name[:1] if name and not name.isascii() else name.split(" ", 1)[0]


def find_worker(session: Session, household: Household, on: date) -> GridWorker | None:
    """Who answers for the household on a civil date: the grid worker of its own unit before anyone further up."""
    nodes = [node_id for node_id in _chain(household) if node_id is not None]
    query = (
        select(GridWorker, Assignment.duty, GridNode.depth)
        .join(Assignment, Assignment.worker_id == GridWorker.id)
        .join(GridNode, GridNode.id == Assignment.node_id)
        .where(Assignment.node_id.in_(nodes), Assignment.duty.in_(_DUTIES), Assignment.from_on <= on)
        .where(or_(Assignment.to_on.is_(None), Assignment.to_on >= on), GridWorker.is_active)
    )
    found = session.execute(query).all()
    if not found:
        return None
    nearest = min(found, key=lambda row: (-row.depth, _DUTIES.index(row.duty), row[0].id))
    worker: GridWorker = nearest[0]
    return worker


def setting_of(session: Session, household: Household, at: datetime, period: str = "") -> Setting:
    """Everything a dialogue with this household needs to know. `period`: the time it asks about, as it is said
    (default: the quarter of `at`)."""
    county, town, village = _places(session, household)
    worker = find_worker(session, household, at.astimezone(CHINA).date())
    number = worker.phone if worker is not None else None
    context = Context(
        language=household.language,
        org=county + town,
        village=village,
        worker=worker.name if worker else _NO_WORKER,
        worker_title=(worker.title if worker else "") or _NO_TITLE,
        household=surname_of(household.head_name),
        quarter=period or Quarter.at(at).short_label,
        worker_dial=number is not None,
    )
    return Setting(context, number, worker.id if worker else None)


def worker_number(session: Session, household: Household, at: datetime) -> str | None:
    """E.164 of whoever answers for the household today."""
    worker = find_worker(session, household, at.astimezone(CHINA).date())
    return worker.phone if worker is not None else None


def _chain(household: Household) -> tuple[int | None, ...]:
    return (household.l1_id, household.l2_id, household.l3_id, household.l4_id, household.l5_id)


def _places(session: Session, household: Household) -> tuple[str, str, str]:
    """Names of county, township and village. A household's own unit may be a group, which nobody outside knows by its
    number: the village is then the unit above it."""
    query = select(GridNode.id, GridNode.name, GridNode.unit_kind, GridNode.parent_id)
    rows = session.execute(query.where(GridNode.id.in_([n for n in _chain(household) if n is not None]))).all()
    nodes = {row.id: row for row in rows}
    own = nodes[household.node_id]
    village = own if own.unit_kind is UnitKind.ADMIN or own.parent_id is None else nodes[own.parent_id]
    names = [nodes[n].name if n in nodes else "" for n in (household.l1_id, household.l2_id)]
    return names[0], names[1], village.name
