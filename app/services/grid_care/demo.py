"""A few rows of everything the grid's upkeep keeps, in the demo's own township. No name of a real person."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.domain.enums import Duty, UnitKind
from app.domain.grid_care import wording
from app.domain.grid_care.words import (
    Gap,
    LeadingPost,
    NeedAnswer,
    PublicityKind,
    PublicityState,
    SyncChange,
    SyncEntity,
    SyncState,
)
from app.domain.quarters import CHINA
from app.models import (
    Assignment,
    CoveredPlace,
    GridNode,
    GridSupervision,
    GridSupervisionUnit,
    GridTask,
    GridWorker,
    HeardNeed,
    Household,
    LeadingMember,
    NetworkCode,
    PublicityRecord,
    SubArea,
    SubAreaLead,
    SubAreaUnit,
    SyncItem,
)
from app.models.types import AREA_COLUMNS
from app.services.demo_grid import TOWNSHIPS

_HAMLETS = ("大塘", "小庄", "东岗", "西湾", "老屋", "新桥", "上冲", "下畈")
_NETWORKS = ("party", "politics_law")
_VILLAGES = 4  # that get rows; enough to look at every page
_POSTS = ((LeadingPost.LEADER, "演示甲", "镇长"), (LeadingPost.DEPUTY, "演示乙", "副镇长"),
          (LeadingPost.OFFICE_DIRECTOR, "演示丙", "乡村振兴办公室主任"), (LeadingPost.MEMBER, "演示丁", "卫生院院长"),
          (LeadingPost.MEMBER, "演示戊", "中心学校校长"))  # fmt: skip


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the demo's households and workers. The caller commits."""
    today = now.astimezone(CHINA).date()
    node = GridNode.__table__
    used = select(Household.__table__.c.node_id).where(Household.__table__.c.is_demo.is_(True)).distinct()
    query = select(node).where(node.c.id.in_(used)).order_by(node.c.code)
    groups = [dict(row) for row in session.execute(query).mappings()]
    groups.sort(key=lambda row: not row["code"].startswith(TOWNSHIPS[0]))  # where the demo's own people log in
    by_village: dict[int, list[dict[str, Any]]] = {}
    for group in groups:
        by_village.setdefault(group["parent_id"], []).append(group)
    for position, (village_id, units) in enumerate(list(by_village.items())[:_VILLAGES]):
        village = dict(session.execute(select(node).where(node.c.id == village_id)).mappings().one())
        _describe(session, rng, units)
        cadres = _cadres(session, village_id)
        if cadres:
            _group(session, village, units, cadres, today)
        _publish(session, units, today, now, shown=position % 2 == 0)
        _explain(session, village, today, now)
        _supervise(session, village, units, today, now)
        _queue(session, units, now - timedelta(days=2 + 4 * position))
    if groups:
        _lead_and_urge(session, groups[0], today, now)


def _area(row: dict[str, Any]) -> dict[str, Any]:
    return {"node_id": row["id"], **{name: row[name] for name in AREA_COLUMNS[1:]}}


def _describe(session: Any, rng: random.Random, units: list[dict[str, Any]]) -> None:
    for number, unit in enumerate(units, start=1):
        names = rng.sample(_HAMLETS, 2)
        session.execute(insert(CoveredPlace.__table__), [
            {**_area(unit), "name": name, "kind": UnitKind.NATURAL_VILLAGE, "is_part": False, "is_demo": True}
            for name in names])  # fmt: skip
        session.execute(insert(NetworkCode.__table__), [
            {**_area(unit), "network": network, "foreign_code": f"{network[:2].upper()}{unit['code'][-6:]}{unit['id']}",
             "is_demo": True} for network in _NETWORKS[: 1 + number % 2]])  # fmt: skip


def _cadres(session: Any, village_id: int) -> list[int]:
    duty = Assignment.__table__
    query = select(duty.c.worker_id).where(duty.c.node_id == village_id, duty.c.duty == Duty.VILLAGE_CADRE,
                                           duty.c.to_on.is_(None))  # fmt: skip
    return list(session.execute(query).scalars())


def _group(session: Any, village: dict[str, Any], units: list[dict[str, Any]], cadres: list[int], today: date) -> None:
    """One sub-area over the first half; its person supervises the rest group by group."""
    since, half = date(today.year, 1, 1), max(1, len(units) // 2)
    area = {**_area(village), "from_on": since, "is_demo": True}
    key = session.execute(insert(SubArea.__table__).values(**area, name="东片").returning(SubArea.id)).scalar_one()
    session.execute(insert(SubAreaLead.__table__).values(**area, sub_area_id=key, worker_id=cadres[0]))
    session.execute(insert(SubAreaUnit.__table__), [
        {**_area(unit), "sub_area_id": key, "from_on": since, "is_demo": True} for unit in units[:half]])  # fmt: skip
    if units[half:]:
        session.execute(insert(Assignment.__table__), [
            {"worker_id": cadres[0], "node_id": unit["id"], "duty": Duty.GROUP_SUPERVISOR, "from_on": since,
             "is_demo": True} for unit in units[half:]])  # fmt: skip


def _publish(session: Any, units: list[dict[str, Any]], today: date, now: datetime, *, shown: bool) -> None:
    unit, since = units[0], today - timedelta(days=20)
    name = session.execute(
        select(GridWorker.__table__.c.name)
        .join(Assignment.__table__, Assignment.__table__.c.worker_id == GridWorker.__table__.c.id)
        .where(Assignment.__table__.c.node_id == unit["id"], Assignment.__table__.c.duty == Duty.GRID_WORKER)
        .order_by(Assignment.__table__.c.id.desc())
    ).scalars().first()  # fmt: skip
    what = wording.worker_begins("网格员", name or "（待定）", unit["name"], since)
    row = {**_area(unit), "kind": PublicityKind.WORKER_CHANGE, "what": what, "created_at": now - timedelta(days=20),
           "is_demo": True, "state": PublicityState.DUE, "channels": []}  # fmt: skip
    if shown:
        row |= {"state": PublicityState.SHOWN, "channels": ["board", "broadcast"], "from_on": since,
                "place": "村部公示栏", "published_at": now - timedelta(days=19)}  # fmt: skip
    session.execute(insert(PublicityRecord.__table__).values(**row))


def _explain(session: Any, village: dict[str, Any], today: date, now: datetime) -> None:
    """政策宣传 in the village, and a need that was settled there (D3-23)."""
    held, area = today - timedelta(days=12), {**_area(village), "is_demo": True}
    row = {**area, "kind": PublicityKind.POLICY, "state": PublicityState.SHOWN, "channels": ["card", "meeting"],
           "what": "监测对象怎么申请、医保报销和临时救助怎么办理", "from_on": held, "to_on": held, "reached": 42,
           "place": "村文化广场", "created_at": now - timedelta(days=12),
           "published_at": now - timedelta(days=12)}  # fmt: skip
    table = PublicityRecord.__table__
    key = session.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
    session.execute(insert(HeardNeed.__table__).values(
        **area, publicity_id=key, words="询问慢病门诊怎么办，当场代为申请。", answer=NeedAnswer.SETTLED,
        heard_at=now - timedelta(days=12)))  # fmt: skip


def _supervise(session: Any, village: dict[str, Any], units: list[dict[str, Any]], today: date, now: datetime) -> None:
    held = today - timedelta(days=35)
    values = {**_area(village), "held_on": held, "by_name": "村两委", "advice": "核对外出户电话。",
              "found": "走访记录基本齐全，个别组电话未核对。", "follow_up_on": held + timedelta(days=30),
              "created_at": now, "is_demo": True}  # fmt: skip
    key = session.execute(insert(GridSupervision.__table__).values(**values).returning(GridSupervision.id)).scalar_one()
    session.execute(insert(GridSupervisionUnit.__table__), [
        {**_area(unit), "supervision_id": key, "is_demo": True} for unit in units[:-1] or units])  # fmt: skip


def _queue(session: Any, units: list[dict[str, Any]], at: datetime) -> None:
    waits = select(SyncItem.__table__.c.entity_id).where(
        SyncItem.__table__.c.entity == SyncEntity.UNIT, SyncItem.__table__.c.state == SyncState.WAITING)  # fmt: skip
    known = set(session.execute(waits).scalars())
    rows = [{**_area(unit), "entity": SyncEntity.UNIT, "entity_id": unit["id"], "state": SyncState.WAITING,
             "change": SyncChange.UPDATED, "changes": [SyncChange.UPDATED.value], "first_at": at, "last_at": at,
             "is_demo": True} for unit in units if unit["id"] not in known]  # fmt: skip
    if rows:
        session.execute(insert(SyncItem.__table__), rows)


def _lead_and_urge(session: Any, group: dict[str, Any], today: date, now: datetime) -> None:
    node = GridNode.__table__
    town = dict(session.execute(select(node).where(node.c.id == group["l2_id"])).mappings().one())
    village = dict(session.execute(select(node).where(node.c.id == group["l3_id"])).mappings().one())
    session.execute(insert(LeadingMember.__table__), [
        {**_area(town), "post": post, "name": name, "title": title, "from_on": date(today.year, 1, 1),
         "position": place, "is_demo": True} for place, (post, name, title) in enumerate(_POSTS, start=1)])  # fmt: skip
    session.execute(insert(GridTask.__table__).values(
        **_area(village), gap=Gap.NO_HEAD, text="明确网格责任人并公示。",
        due_on=today + timedelta(days=10), state="open", created_at=now, is_demo=True, result=""))  # fmt: skip
