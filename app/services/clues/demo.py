"""Demo rows: departments with somebody to ring, clues in every state, one batch of department warnings."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain.clues.words import RowAnswer
from app.domain.enums import ClueKind, ClueSource, ClueState
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.models import Clue, ClueReporter, Department, GridNode, Household
from app.services.clues import batches, demo_departments
from app.services.clues.raising import move, raise_clue

S, K = ClueState, ClueKind
_CLUES = 36
_REPORTED = ((K.MAJOR_ILLNESS, "家中老人住院，自付费用较高", ClueSource.HOTLINE, "hotline"),
             (K.EMPLOYMENT_LOST, "在外务工的厂停工，暂时没有收入", ClueSource.WORKER, "visit"),
             (K.SCHOOLING, "孩子近期多次缺课，家里想让他外出打工", ClueSource.REPORTER, "school"),
             (K.ACCIDENT_DISASTER, "务工时受伤，正在住院", ClueSource.REPORTER, "enterprise"),
             (K.HOUSING, "连日下雨，正屋漏水", ClueSource.WORKER, "visit"),
             (K.LARGE_EXPENSE, "门诊慢性病用药支出增加", ClueSource.REPORTER, "village_doctor"),
             (K.DRINKING_WATER, "水压不足，断水三天", ClueSource.INSPECTION, "inspection"))  # fmt: skip
# How far each has come; None: still in the inbox.
_WAYS: tuple[tuple[ClueState, ...], ...] = ((), (S.ASSIGNED,), (S.VERIFYING,), (S.VERIFYING, S.RESOLVED_ON_SITE),
                                    (S.VERIFYING, S.UNFOUNDED), (S.VERIFYING, S.WATCH), (S.TRANSFERRED,),
                                    (S.DUPLICATE,), ())  # fmt: skip
_RESULTS = {S.RESOLVED_ON_SITE: "已现场解决", S.UNFOUNDED: "经入户核实，情况不属实", S.WATCH: "收入暂时稳定，持续关注",
            S.TRANSFERRED: "已转相关部门办理", S.DUPLICATE: "与此前上报的线索重复"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    person: str
    village: str
    id_number: str = ""
    kind: str = "大额医疗费用"
    amount: Decimal | None = None
    words: str = ""


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the households and the rules are in; the caller commits."""
    offices = demo_departments.load(session, now.astimezone(CHINA).date())
    homes = _some(session)
    if not homes or not offices:
        return
    reporters = _reporters(session, homes[0], offices[2])
    for serial, home in enumerate(homes):
        _clue(session, home, serial, rng, now, reporters)
    _batch(session, homes, offices[1], now)
    session.flush()


def _some(session: Any) -> list[Household]:
    """Half from the first village, half from all over the demo; the first two stay as they are, for trying out."""
    ids = list(session.scalars(select(Household.id).where(Household.is_demo.is_(True)).order_by(Household.id)))
    near = ids[2 : 2 + _CLUES * 2 : 4]
    far = ids[2 + _CLUES * 2 :: max(1, (len(ids) - _CLUES * 2) // (_CLUES // 2) or 1)][: _CLUES // 2]
    return list(session.scalars(select(Household).where(Household.id.in_([*near, *far])).order_by(Household.id)))


def _reporters(session: Any, home: Household, office_id: int) -> dict[str, ClueReporter]:
    made = {}
    for code, name in (("enterprise", "演示食品厂"), ("school", "演示中心校"), ("village_doctor", "演示村医")):
        town = session.get(GridNode, home.l2_id)
        row = ClueReporter(name=name, source_code=code, node_id=town.id, node=town, is_demo=True,
                           department_id=office_id if code == "school" else None)  # fmt: skip
        session.add(row)
        made[code] = row
    session.flush()
    return made


def _clue(session: Any, home: Household, serial: int, rng: random.Random, now: datetime,
          reporters: dict[str, ClueReporter]) -> None:  # fmt: skip
    kind, words, source, code = _REPORTED[serial % len(_REPORTED)]
    at = now - timedelta(days=rng.randint(0, 9), hours=rng.randint(1, 9))
    level = LevelKind.TOWNSHIP if source is ClueSource.REPORTER else LevelKind.VILLAGE
    clue = raise_clue(session, home, kind, source, detail=words, source_code=code, level=level,
                      observed_at=at - timedelta(hours=rng.randint(1, 40)))  # fmt: skip
    if code in reporters:
        clue.reporter_id = reporters[code].id
    way = _WAYS[serial % len(_WAYS)]
    for state in way:
        move(session, clue.id, state, user_id=None, result=_RESULTS.get(state, ""), at=at + timedelta(hours=20))
    _date_back(session, clue, now - at)


def _date_back(session: Any, clue: Clue, by: timedelta) -> None:
    """The demo's clues were not all raised this minute; some are late by now."""
    clue.raised_at -= by
    if clue.due_at is not None:
        clue.due_at -= by


def _village(session: Any, home: Household) -> str:
    """As a department writes it, with the township's name before it."""
    return "".join(session.get(GridNode, key).name for key in (home.l2_id, home.l3_id))


def _batch(session: Any, homes: list[Household], office_id: int, now: datetime) -> None:
    """One list of the medical insurance, dispatched, half of it answered."""
    county = session.get(GridNode, homes[0].l1_id)
    lines = [
        _Line(2 + serial, home.head_name, _village(session, home), amount=Decimal(16 + serial) * 1000)
        for serial, home in enumerate(homes[::2])
    ]
    lines.append(_Line(2 + len(lines), "演示未登记", "演示外村", amount=Decimal(15_000)))
    day = now.astimezone(CHINA).date() - timedelta(days=2)
    batch = batches.take_in(session, county, session.get(Department, office_id), lines, title="演示：大额医疗费用预警",
                            pushed_on=day, file_name="演示名单.xlsx", user_id=None).batch  # fmt: skip
    if batch is None:
        return
    batch.is_demo = True
    for row in batch.rows:
        row.is_demo = True
    batches.dispatch(session, batch.id)
    replies = (RowAnswer.NO_RISK, RowAnswer.KNOWN, RowAnswer.CLUE)
    for serial, row in enumerate([row for row in batch.rows if row.is_sent and row.household_id is not None][:6]):
        batches.answer(session, row.id, replies[serial % 3], words="已入户核实", user_id=None, kind=K.LARGE_EXPENSE)
