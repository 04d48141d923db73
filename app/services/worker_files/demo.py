"""Files for the demo county's workers: ages on both sides of the limit, training, evaluations and a payroll."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.domain.enums import Duty
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.policy.kinds import SubsidyScope
from app.domain.quarters import Quarter
from app.domain.worker_files.periods import parse_period
from app.domain.worker_files.words import Dimension, ExceptionState, PayMode, PayPeriod, ProposalKind, TrainingState
from app.extensions import clock
from app.models import (
    AgeException,
    Assignment,
    Evaluation,
    EvaluationScheme,
    GridNode,
    GridWorker,
    Handbook,
    HandbookReceipt,
    Household,
    Participation,
    SubsidyLine,
    SubsidyRun,
    SubsidyScheme,
    TrainingAttendance,
    TrainingSession,
    WorkerCheck,
    WorkerFile,
    WorkerIdentity,
    WorkerProposal,
    WorkerReward,
)
from app.models.types import cipher
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services import demo_grid
from app.services.worker_files import evaluations, subsidies

_IDENTITIES = ("group_leader", "party_member", "villager", "village_cadre", "squire_teacher")
_WEIGHTS = (40, 30, 15, 10, 5)
_HANDBOOK = """一、网格员做什么
1. 常态化走访联系本网格农户；长期外出户每季至少联系一次。
2. 发现收入骤减、支出骤增、住房饮水教育医疗问题，及时报告村里。
3. 帮助农户自主申报，配合入户核查，配合落实帮扶措施。

二、走访看什么
收入和支出有没有大的变化；家里有没有人生病、失业、辍学；房子安不安全；喝水有没有保障；有什么困难和诉求。

三、怎么报
在手机上打开“我的任务”，点这一户，如实选填。遇突发重大情况，先打电话，后补记录。"""
_DUTIES = "走访联系本网格农户\n及时报告问题困难和信息变化\n帮助自主申报\n配合落实措施"
Rows = list[dict[str, Any]]


def load(session: Any, rng: random.Random) -> None:
    """After the grid is staffed and the policy is in. Under system access; the caller commits."""
    on = today()
    workers = _workers(session)
    if not workers:
        return
    _persons(session, workers, rng, on)
    county: GridNode = session.get_one(GridNode, session.get_one(GridNode, workers[0]["town"]).l1_id)
    _teach(session, workers, county, rng, on)
    _judge_and_pay(session, workers[0]["town"], county, on)
    _decide_later(session, workers, rng, on)


def _workers(session: Any) -> Rows:
    """The demo's grid workers in office: id, unit and township; those of its first township first."""
    duty, worker, node = Assignment.__table__, GridWorker.__table__, GridNode.__table__
    query = (
        select(worker.c.id, worker.c.name, duty.c.id, node.c.id, node.c.l2_id)
        .join_from(duty, worker, worker.c.id == duty.c.worker_id)
        .join(node, node.c.id == duty.c.node_id)
        .where(worker.c.is_demo.is_(True), duty.c.duty == Duty.GRID_WORKER, duty.c.to_on.is_(None))
        .order_by(node.c.code, worker.c.id)
    )
    names = ("id", "name", "assignment", "node", "town")
    rows = [dict(zip(names, row, strict=True)) for row in session.execute(query)]
    first = session.scalar(select(node.c.id).where(node.c.code == demo_grid.TOWNSHIPS[0]))
    return sorted(rows, key=lambda row: row["town"] != first)  # the township the demo's log-ins belong to


def _birthday(rng: random.Random, position: int, on: date) -> date:
    """Mostly in the middle of life; every eighth near or above the limit, so that each list has somebody."""
    edge = {3: -23692, 11: -23830, 19: -23900, 27: -24300, 35: -25000, 43: -26300}.get(position % 48)
    if edge is not None:
        return on + timedelta(days=edge + rng.randint(-3, 3))
    return on - timedelta(days=rng.randint(34 * 366, 62 * 365))


def _persons(session: Any, workers: Rows, rng: random.Random, on: date) -> None:
    files: Rows = []
    identities: Rows = []
    checks: Rows = []
    serials: dict[date, int] = {}
    for position, worker in enumerate(workers):
        born = worker["born_on"] = _birthday(rng, position, on)
        serials[born] = serials.get(born, 399) + 1
        number = make_demo_id(born, Sex.MALE if position % 3 else Sex.FEMALE, serials[born] % 500)
        worker["sex"] = "m" if position % 3 else "f"
        account = f"62220{rng.randrange(10**11):011d}"
        files.append({"worker_id": worker["id"], "id_number": number, "id_hash": cipher.blind(number),
                      "bank_name": "农村商业银行", "bank_account": account, "account_tail": account[-4:],
                      "post": "网格员", "duties": _DUTIES, "updated_at": clock.now(), "is_demo": True})  # fmt: skip
        code = rng.choices(_IDENTITIES, weights=_WEIGHTS)[0]
        identities.append({"worker_id": worker["id"], "code": code, "note": "", "is_demo": True,
                           "from_on": on - timedelta(days=rng.randint(400, 3000)), "to_on": None})  # fmt: skip
        checked_on = on - timedelta(days=rng.choice((40, 90, 200, 300, 380)))
        for condition in rules_for(worker["town"], on).worker.checks if position % 12 else ():
            checks.append({"worker_id": worker["id"], "condition": condition, "is_met": True, "note": "",
                           "checked_on": checked_on, "is_demo": True})  # fmt: skip
    _bulk(session, WorkerFile, files)
    _bulk(session, WorkerIdentity, identities)
    _bulk(session, WorkerCheck, checks)
    session.execute(update(GridWorker), [{"id": w["id"], "born_on": w["born_on"], "sex": w["sex"]} for w in workers])


def _teach(session: Any, workers: Rows, county: GridNode, rng: random.Random, on: date) -> None:
    kinds = rules_for(county.id, on).training.kinds or ("培训班",)
    held_on = on - timedelta(days=min(60, (on - date(on.year, 1, 1)).days))
    held = TrainingSession(node_id=county.id, year=held_on.year, kind=kinds[0], title="防返贫监测业务培训",
                           planned_on=held_on, held_on=held_on, hours=6, state=TrainingState.HELD,
                           is_demo=True)  # fmt: skip
    coming = TrainingSession(node_id=county.id, year=on.year, kind=kinds[-1], title="年底排查要点", is_demo=True,
                             planned_on=on + timedelta(days=14), state=TrainingState.PLANNED)  # fmt: skip
    book = Handbook(node_id=county.id, title="网格化监测手册", version=f"{on.year}-1", body=_HANDBOOK, is_demo=True,
                    issued_on=on - timedelta(days=120))  # fmt: skip
    session.add_all([held, coming, book])
    session.flush()
    came = [worker for worker in workers if rng.random() < 0.93]
    _bulk(session, TrainingAttendance, [{"session_id": held.id, "worker_id": worker["id"], "is_demo": True,
                                         "recorded_at": clock.now()} for worker in came])  # fmt: skip
    has = [worker for worker in workers if rng.random() < 0.95]
    _bulk(session, HandbookReceipt, [{"handbook_id": book.id, "worker_id": worker["id"], "is_demo": True,
                                      "handed_on": book.issued_on + timedelta(days=5),
                                      "received_at": clock.now() if rng.random() < 0.8 else None}
                                     for worker in has])  # fmt: skip


def _judge_and_pay(session: Any, town_id: int, county: GridNode, on: date) -> None:
    """Last quarter's evaluations of one township, some of them final, and last month's payroll."""
    town: GridNode = session.get_one(GridNode, town_id)
    source = "县级补贴和考核办法（演示）"
    session.add_all([
        EvaluationScheme(node_id=county.id, name="网格员考核办法", valid_from=date(on.year - 1, 1, 1), manual_weight=0,
                         weights={Dimension.CONTACTS: 40, Dimension.REPORTS: 25, Dimension.APPLICATIONS: 15,
                                  Dimension.MEASURES: 20}, objection_days=5, adjust_below=60, source=source,
                         bands=[["90", "优秀", "1.20"], ["75", "良好", "1.00"], ["60", "合格", "0.80"]], is_demo=True),
        SubsidyScheme(node_id=county.id, name="网格员误工补贴", mode=PayMode.BASE_PERFORMANCE, period=PayPeriod.MONTH,
                      uniform_for=SubsidyScope.COUNTY,
                      base_fen=15_000, performance_fen=5_000, valid_from=date(on.year - 1, 1, 1), source=source,
                      shares={"county": 7000, "town": 2000, "village": 1000}, is_demo=True),
    ])  # fmt: skip
    session.flush()
    quarter = Quarter.of(on).previous()
    evaluations.draw_up(session, town, parse_period(str(quarter)))
    drawn = session.scalars(select(Evaluation).where(Evaluation.is_demo.is_(True)).order_by(Evaluation.id)).all()
    for position, row in enumerate(drawn):
        if position % 6:
            evaluations.publish(session, row.id)
        if position % 6 > 1:
            row.objections_until = on - timedelta(days=1)
            evaluations.finish(session, row.id)
    scheme = session.scalars(select(SubsidyScheme).where(SubsidyScheme.is_demo.is_(True))).first()
    last_month = on.replace(day=1) - timedelta(days=1)
    run = subsidies.draw_up(session, scheme, town, f"{last_month:%Y-%m}", on)
    subsidies.approve(session, run.id)
    session.execute(update(SubsidyRun).where(SubsidyRun.id == run.id).values(is_demo=True))
    session.execute(update(SubsidyLine).where(SubsidyLine.run_id == run.id).values(is_demo=True))


def _decide_later(session: Any, workers: Rows, rng: random.Random, on: date) -> None:
    """A few things that wait for somebody: exceptions, a proposal, a check to take part in."""
    older = [worker for worker in workers if (on - worker["born_on"]).days > 24_200]
    for position, worker in enumerate(older[:6]):
        granted = position % 2 == 0
        session.add(AgeException(
            worker_id=worker["id"], node_id=worker["node"], reason="山组住户分散，暂无合适人选",
            from_on=on - timedelta(days=200), expires_on=on + timedelta(days=20 + 40 * position), is_demo=True,
            state=ExceptionState.GRANTED if granted else ExceptionState.REQUESTED,
            decided_at=clock.now() if granted else None))  # fmt: skip
    leaving = [worker for worker in workers if worker["town"] == workers[0]["town"]][-1]
    born = on - timedelta(days=rng.randint(12_000, 20_000))
    number = make_demo_id(born, Sex.MALE, 498)
    session.add(WorkerProposal(
        kind=ProposalKind.REPLACE, node_id=leaving["node"], name="陈示接", id_number=number, born_on=born, sex="m",
        id_hash=cipher.blind(number), identities=["party_member"], reason="原网格员外出务工", from_on=on,
        checks=dict.fromkeys(rules_for(leaving["town"], on).worker.checks, True), replaces_id=leaving["assignment"],
        post="网格员", duties="走访联系本网格农户", is_demo=True))  # fmt: skip
    session.add(WorkerReward(worker_id=workers[0]["id"], kind="praise", given_on=on - timedelta(days=30),
                             text="及时发现并上报一户因灾困难", is_demo=True))  # fmt: skip
    homes = select(Household).where(Household.node_id == workers[0]["node"])
    home = session.scalars(homes.order_by(Household.id)).first()
    if home is not None:
        session.add(Participation(household_id=home.id, worker_id=workers[0]["id"], kind="measure", is_demo=True,
                                  what="陪同发放鸡苗并回访", named_on=on - timedelta(days=5)))  # fmt: skip
    session.flush()


def _bulk(session: Any, model: type[Any], rows: Rows) -> None:
    if rows:
        session.execute(insert(model.__table__), rows)
