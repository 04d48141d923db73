"""Demo rows: departments of the county and stations of the demo's townships, as the rules in force name them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.domain.policy.rules import Code
from app.models import Department, GridNode, Household
from app.models.types import AREA_COLUMNS
from app.queries.policy.chains import chain_on, heads, place_of
from app.queries.policy.resolved import rules_of_chain
from app.queries.scope import vouched

# What a department's lists and measures are, by the policy's code; the names themselves are the policy's labels.
_WORK: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "rural_revitalisation": ("牵头监测帮扶，汇总部门预警", "省平台下发的预警名单", ("industry", "public_post")),
    "medical_insurance": ("筛查自付费用较高的参保人员", "大额医疗费用报销名单，每月一次", ("health",)),
    "education": ("控辍保学、教育资助", "疑似失学辍学名单，每学期一次", ("schooling", "other_education")),
    "housing": ("危房鉴定和改造", "疑似危房名单，每季度一次", ("housing",)),
    "water": ("农村供水保障", "供水异常户名单，发现即报", ("water",)),
    "health": ("重大疾病筛查、家庭医生签约", "重大疾病确诊名单，每月一次", ("health",)),
    "agriculture": ("产业发展和灾害损失核实", "产业受灾名单，发生即报", ("industry",)),
    "civil_affairs": ("低保、特困和临时救助", "新增及退出低保名单，每月一次", ("comprehensive",)),
    "emergency": ("灾情统计和救助", "因灾受损名单，发生即报", ("living_conditions",)),
    "disabled": ("残疾认定和补贴", "新增持证残疾人名单，每月一次", ("comprehensive",)),
    "police": ("户籍和交通事故信息", "重大交通事故名单，发生即报", ()),
    "petitions": ("信访事项转办", "涉及困难群众的信访件，收到即转", ()),
    "labour": ("就业帮扶、医疗保险报销", "失业登记和大额报销名单，每月一次", ("employment",)),
}
Row = dict[str, Any]


def load(session: Any, day: date) -> list[int]:
    """Under system access, after the households are in; the caller commits. Returns the county's department ids."""
    node = GridNode.__table__
    home = Household.__table__
    towns = select(home.c.l2_id).where(home.c.is_demo.is_(True), home.c.l2_id.is_not(None)).distinct()
    found = session.execute(vouched(select(node).where(node.c.id.in_(towns)).order_by(node.c.id))).mappings().all()
    if not found:
        return []
    county = session.execute(vouched(select(node).where(node.c.id == found[0]["l1_id"]))).mappings().one()
    rows = [_row(county, f"{county['name']}{code.label}部门", code, day, serial)
            for serial, code in enumerate(_kinds(session, county["id"], day))]  # fmt: skip
    ids = _insert(session, rows)
    above = {row["kind_code"]: key for row, key in zip(rows, ids, strict=True)}
    stations: list[Row] = []
    for town in found:
        for code in _kinds(session, town["id"], day):
            station = _row(town, f"{town['name']}{code.label}站所", code, day, 100 + len(stations))
            stations.append(station | {"parent_id": above.get(code.code)})
    _insert(session, stations)
    return ids


def _kinds(session: Any, node_id: int, day: date) -> tuple[Code, ...]:
    rules = rules_of_chain(session, chain_on(heads(session), place_of(session, node_id), day)).rules
    return rules.codes.get("departments", ())


def _row(place: Any, name: str, code: Code, day: date, serial: int) -> Row:
    duties, data, measures = _WORK.get(code.code, ("", "", ()))
    number = f"+86100{70_000_000 + serial:08d}"
    return {
        "name": name[:80], "kind_code": code.code, "parent_id": None, "duties": duties, "data_supplied": data,
        "measure_classes": list(measures), "contact_name": "演示联络员", "contact_post": "业务负责人",
        "contact_phone": number, "contact_tail": number[-4:], "from_on": day - timedelta(days=400), "is_demo": True,
        "node_id": place["id"], **{level: place[level] for level in AREA_COLUMNS[1:]},
    }  # fmt: skip


def _insert(session: Any, rows: list[Row]) -> list[int]:
    if not rows:
        return []
    table = Department.__table__
    statement = vouched(insert(table).returning(table.c.id, sort_by_parameter_order=True))
    return list(session.execute(statement, rows).scalars())
