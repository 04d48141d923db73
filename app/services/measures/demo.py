"""Demo rows: plans of the demo's monitored households, their measures, and what lies with departments."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from app.domain.measures.dates import limit_day
from app.domain.measures.templates import classes_for, is_development, templates_for
from app.domain.measures.words import (
    Answer,
    DispatchState,
    Effect,
    InformWay,
    ItemKind,
    ItemState,
    LineState,
    PlanState,
)
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import PlanTemplate, Rules
from app.domain.quarters import CHINA
from app.models import (
    Department,
    HelpPlan,
    Household,
    Measure,
    MeasureDispatch,
    MonitoringRecord,
    PlanCheck,
    PlanEvidence,
    PlanItem,
    PlanLine,
)
from app.models.types import AREA_COLUMNS
from app.queries.policy.chains import chain_on, heads, place_of
from app.queries.policy.resolved import rules_of_chain
from app.queries.scope import vouched
from app.services.measures.dispatching import ANSWER_LIMIT

Row = dict[str, Any]
_STATES = ((PlanState.IN_FORCE, 70), (PlanState.CHECKING, 8), (PlanState.DRAFT, 8), (None, 14))
_WHAT = {"industry": ("养鸡五十只", "种植茶叶三亩"), "employment": ("帮扶车间就业", "推荐外出务工"),
         "finance": ("小额信贷贴息",), "public_post": ("村保洁员岗位",), "health": ("大病报销及救助",),
         "comprehensive": ("申请低保",), "other_education": ("雨露计划资助",)}  # fmt: skip
_ROWS = 1000


@dataclass(slots=True)
class _Made:
    """Rows by table; what has children carries its place in its list as `key_`, replaced by the id once inserted."""

    rows: dict[type[Any], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, model: type[Any], row: Row) -> int:
        self.rows[model].append(row)
        return len(self.rows[model]) - 1


@dataclass(frozen=True, slots=True)
class _Scene:
    rng: random.Random
    day: date
    rules: Rules
    departments: Sequence[int]


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the register's and the departments' rows are in; the caller commits."""
    day, home, record = now.astimezone(CHINA).date(), Household.__table__, MonitoringRecord.__table__
    columns = [home.c.id, home.c.category, record.c.risks, record.c.identified_on,
               *(home.c[name] for name in AREA_COLUMNS)]  # fmt: skip
    query = select(*columns).join(record, record.c.household_id == home.c.id)
    query = query.where(home.c.is_demo.is_(True), record.c.eliminated_on.is_(None)).order_by(home.c.id)
    homes = session.execute(vouched(query)).mappings().all()
    if not homes:
        return
    rules = rules_of_chain(session, chain_on(heads(session), place_of(session, homes[0]["node_id"]), day)).rules
    table = Department.__table__
    offices = select(table.c.id).where(table.c.is_demo.is_(True), table.c.l2_id.is_(None)).order_by(table.c.id)
    scene, made = _Scene(rng, day, rules, list(session.execute(vouched(offices)).scalars())), _Made()
    for one in homes:
        _plan(made, scene, one)
    _insert(session, made)


def _plan(made: _Made, scene: _Scene, home: Any) -> None:
    rng = scene.rng
    state = rng.choices([one for one, _share in _STATES], [share for _one, share in _STATES])[0]
    templates = templates_for(scene.rules, home["risks"], ())
    if state is None or not templates:
        return
    own = {"household_id": home["id"], "is_demo": True, **{name: home[name] for name in AREA_COLUMNS}}
    opened = min(scene.day, home["identified_on"] + timedelta(days=rng.randint(3, 25)))
    levels = scene.rules.plans.checked_by
    plan = made.add(HelpPlan, own | {
        "version": 1, "state": state, "changes": 3, "opened_on": opened, "goal": "一年内收入稳定在监测线以上",
        "turn": levels[0].value if state is PlanState.CHECKING and levels else "",
        "in_force_on": min(scene.day, opened + timedelta(days=6)) if state is PlanState.IN_FORCE else None,
    })  # fmt: skip
    if state is PlanState.IN_FORCE:
        _checks(made, own, plan, levels, opened)
    for number, template in enumerate(templates, start=1):
        _line(made, scene, own | {"category": home["category"]}, plan, number, template, state, opened)


def _checks(made: _Made, own: Row, plan: int, levels: Sequence[LevelKind], opened: date) -> None:
    at = datetime(opened.year, opened.month, opened.day, 10, tzinfo=CHINA)
    for step, level in enumerate(levels, start=1):
        made.add(PlanCheck, own | {"plan_of": plan, "level": level, "passed": True, "reason": "措施对应风险",
                                   "at": at + timedelta(days=2 * step)})  # fmt: skip


def _line(made: _Made, scene: _Scene, own: Row, plan: int, number: int, template: PlanTemplate, state: PlanState,
          opened: date) -> None:  # fmt: skip
    rng, category = scene.rng, own["category"]
    own = {name: value for name, value in own.items() if name != "category"}
    done = state is PlanState.IN_FORCE and rng.random() < 0.15
    reckoned = max(opened, scene.day - timedelta(days=rng.randint(5, 45)))
    source = template.source
    line = made.add(PlanLine, own | {
        "plan_of": plan, "number": number, "template_code": template.code, "title": template.title,
        "title_en": template.title_en, "what": template.how, "reckon_every": template.reckon_every,
        "basis": {"kind": source.kind.value, "document": source.document, "clause": source.clause, "note": source.note},
        "judge_relief": template.judge_relief, "reckoned_on": reckoned,
        "state": LineState.CROSSED_OFF if done else LineState.OPEN, "crossed_off_on": scene.day if done else None,
        "crossing_note": "收入稳定，资料齐全" if done else None,
    })  # fmt: skip
    for title in template.evidence:
        ticked = done or (state is PlanState.IN_FORCE and rng.random() < 0.5)
        made.add(PlanEvidence, own | {"line_of": line, "title": title, "ticked_on": scene.day if ticked else None,
                                      "note": "村档案室，该户档案" if ticked else None, "file_type": ""})  # fmt: skip
    offered = classes_for(scene.rules, category, template)[: max(1, len(template.measures))]
    for code in rng.sample([one.code for one in offered], min(len(offered), 2)):
        _item(made, scene, own, line, code, state, opened)


def _item(made: _Made, scene: _Scene, own: Row, line: int, code: str, state: PlanState, opened: date) -> None:
    rng = scene.rng
    begun = state is PlanState.IN_FORCE and rng.random() < 0.6
    sent = state is PlanState.IN_FORCE and not begun and bool(scene.departments) and rng.random() < 0.5
    what = rng.choice(_WHAT.get(code, ("按政策落实",)))
    is_project = is_development(scene.rules, code) and rng.random() < 0.2
    amount = Decimal(rng.randint(3, 30) * 100)
    item = made.add(PlanItem, own | {
        "line_of": line, "kind": ItemKind.PROJECT if is_project else ItemKind.MEASURE, "class_code": code, "what": what,
        "due_on": opened + timedelta(days=60), "amount": amount,
        "state": ItemState.BEGUN if begun else ItemState.SENT if sent else ItemState.PLANNED,
    })  # fmt: skip
    if begun:
        began = min(scene.day, opened + timedelta(days=rng.randint(8, 40)))
        told, judged = rng.random() < 0.8, (scene.day - began).days > 90 and rng.random() < 0.7
        made.add(Measure, own | {
            "item_of": item, "class_code": code, "kind": what, "started_on": began, "amount": amount,
            "informed_on": began if told else None, "informed_way": InformWay.SIGNED if told else None,
            "effect": rng.choices(tuple(Effect), (6, 3, 1))[0] if judged else None,
            "effect_on": scene.day if judged else None, "effect_note": "收入有变化" if judged else None,
        })  # fmt: skip
    if sent or (begun and scene.departments and rng.random() < 0.3):
        _dispatch(made, scene, own, item, waits=sent)


def _dispatch(made: _Made, scene: _Scene, own: Row, item: int, *, waits: bool) -> None:
    """Some of those that wait are overdue."""
    sent_on = scene.day - timedelta(days=scene.rng.randint(2, 25))
    limit = scene.rules.deadline(ANSWER_LIMIT)
    due_on = limit_day(sent_on, limit) if limit else sent_on + timedelta(days=14)
    made.add(MeasureDispatch, own | {
        "item_of": item, "department_id": scene.rng.choice(scene.departments), "sent_on": sent_on, "due_on": due_on,
        "words": "请按职责核定并落实", "state": DispatchState.WAITING if waits else DispatchState.ANSWERED,
        "answered_on": None if waits else min(scene.day, sent_on + timedelta(days=5)),
        "answer": None if waits else Answer.GRANTED, "answer_words": None if waits else "已列入本部门计划",
    })  # fmt: skip


_PARENTS: dict[type[Any], tuple[str, type[Any], str]] = {
    PlanCheck: ("plan_of", HelpPlan, "plan_id"), PlanLine: ("plan_of", HelpPlan, "plan_id"),
    PlanEvidence: ("line_of", PlanLine, "line_id"), PlanItem: ("line_of", PlanLine, "line_id"),
    Measure: ("item_of", PlanItem, "plan_item_id"), MeasureDispatch: ("item_of", PlanItem, "item_id"),
}  # fmt: skip


def _insert(session: Any, made: _Made) -> None:
    """Bulk INSERTs, parents first; positions in the lists become ids."""
    ids: dict[type[Any], list[int]] = {}
    for model in (HelpPlan, PlanLine, PlanItem, PlanCheck, PlanEvidence, Measure, MeasureDispatch):
        rows = made.rows[model]
        if model in _PARENTS:
            mark, parent, column = _PARENTS[model]
            for row in rows:
                row[column] = ids[parent][row.pop(mark)]
        ids[model] = []
        statement = insert(model.__table__).returning(model.__table__.c.id, sort_by_parameter_order=True)
        for start in range(0, len(rows), _ROWS):
            ids[model] += session.execute(vouched(statement), rows[start : start + _ROWS]).scalars()
