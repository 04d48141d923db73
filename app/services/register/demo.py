"""Demo rows of the fuller record: monitored households with their history, a few applications and appeals.

Everybody is made up: numbers begin with +86100, identity numbers belong to no place.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.domain.enums import HouseholdCategory
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.quarters import CHINA
from app.domain.register.applications import Filing
from app.domain.register.words import AppealKind, ApplicationState, ChangeSource, HelperPost, Occasion
from app.models import (
    Appeal,
    FocusTag,
    GridNode,
    Helper,
    Household,
    HouseholdCategoryChange,
    LivingConditions,
    Measure,
    Member,
    MonitoringRecord,
)
from app.models.types import AREA_COLUMNS
from app.queries.scope import vouched
from app.services.register import applications

C = HouseholdCategory
_MONITORED = (C.UNSTABLE, C.MARGINAL, C.SUDDEN_HARDSHIP, C.EARLY_WARNING)
_BEFORE = {C.UNSTABLE: C.OUT_OF_POVERTY, C.EARLY_WARNING: C.OUT_OF_POVERTY}
_RISKS = ("01", "03", "04", "06", "07", "09")
_MEASURES = ("industry", "employment", "health", "comprehensive", "public_post")
_HARDSHIPS = ("家中老人住院，自付费用较高", "孩子上学，今年务工收入减少", "房屋漏雨，担心住房安全",
              "务工时受伤，暂时不能干活")  # fmt: skip
_APPEALS = ("希望把组里的路灯修好", "想学一门手艺，问有没有培训", "自来水夏天水压小")
_ROWS = 1000
Row = dict[str, Any]


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the households are in; the caller commits."""
    day = now.astimezone(CHINA).date()
    table = Household.__table__
    columns = [table.c.id, table.c.category, *(table.c[name] for name in AREA_COLUMNS)]
    query = select(*columns).where(table.c.is_demo.is_(True), table.c.category.in_(_MONITORED)).order_by(table.c.id)
    homes = session.execute(vouched(query)).mappings().all()
    rows: dict[type[Any], list[Row]] = defaultdict(list)
    for home in homes:
        own = {"household_id": home["id"], "is_demo": True, **{name: home[name] for name in AREA_COLUMNS}}
        _household_rows(rows, own, home["category"], rng, day)
    _people(session, [home["id"] for home in homes], rows, rng, day)
    for model, made in rows.items():
        for start in range(0, len(made), _ROWS):
            session.execute(vouched(insert(model.__table__)), made[start : start + _ROWS])
    _applications(session, rng)
    _appeals(session, homes, rng, day)


def _household_rows(rows: dict[type[Any], list[Row]], own: Row, category: C, rng: random.Random, day: date) -> None:
    since = day - timedelta(days=rng.randint(40, 900))
    rows[HouseholdCategoryChange].append(own | {
        "from_category": _BEFORE.get(category, C.GENERAL), "to_category": category, "changed_on": since,
        "reason": "经入户核查、民主评议", "source": ChangeSource.STAFF,
    })  # fmt: skip
    rows[MonitoringRecord].append(own | {
        "kind": category, "identified_on": since, "risks": rng.sample(_RISKS, rng.randint(1, 2)),
        "income": str(rng.randint(4200, 8900)), "housing_at_risk": rng.random() < 0.06, "schooling_at_risk": False,
        "water_at_risk": False, "insurance_at_risk": rng.random() < 0.03, "contact_name": "演示联系人",
    })  # fmt: skip
    rows[LivingConditions].append(own | {
        "as_of_on": since, "occasion": Occasion.IDENTIFIED, "farmland_mu": Decimal(rng.randint(0, 80)) / 10,
        "forest_mu": Decimal(rng.randint(0, 60)) / 10, "house_grade": rng.choice("AABBC"), "road_kind": "concrete",
        "fuel": rng.choice(("firewood", "gas", "electricity")), "has_safe_water": True, "has_power": True,
        "house_m2": Decimal(rng.randint(60, 180)),
    })  # fmt: skip
    rows[Helper].append(
        own | {"name": "演示帮扶人", "unit": "演示单位", "post": HelperPost.RESPONSIBLE, "from_on": since}
    )
    for code in rng.sample(_MEASURES, rng.randint(0, 2)):
        rows[Measure].append(own | {
            "class_code": code, "started_on": min(day, since + timedelta(days=rng.randint(5, 60))),
            "amount": Decimal(rng.randint(0, 30) * 100),
        })  # fmt: skip


def _people(session: Any, ids: list[int], rows: dict[type[Any], list[Row]], rng: random.Random, day: date) -> None:
    """The fuller record of the members of these households, and a focus tag for the ill and the disabled."""
    table = Member.__table__
    columns = [table.c.id, table.c.household_id, table.c.born_on, *(table.c[name] for name in AREA_COLUMNS)]
    known: list[Row] = []
    for start in range(0, len(ids), _ROWS):
        query = select(*columns).where(table.c.household_id.in_(ids[start : start + _ROWS])).order_by(table.c.id)
        for one in session.execute(vouched(query)).mappings():
            health = rng.choices(("healthy", "chronic", "serious", "disabled"), (70, 18, 6, 6))[0]
            known.append({"key_": one["id"], **_person(one["born_on"], health, rng, day)})
            tag = {"serious": "serious_illness", "disabled": "severe_disability"}.get(health)
            if tag:
                rows[FocusTag].append({
                    "household_id": one["household_id"], "member_id": one["id"], "code": tag, "is_demo": True,
                    "from_on": day - timedelta(days=rng.randint(10, 700)), **{n: one[n] for n in AREA_COLUMNS},
                })  # fmt: skip
    if known:
        names = [name for name in known[0] if name != "key_"]
        statement = update(table).where(table.c.id == bindparam("key_"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        sent = [{"key_": row["key_"], **{f"new_{name}": row[name] for name in names}} for row in known]
        session.execute(vouched(statement.values(values)), sent)


def _person(born_on: date | None, health: str, rng: random.Random, day: date) -> Row:
    age = (day - born_on).days // 365 if born_on else 40
    working, pupil = 18 <= age <= 60, 6 <= age < 15
    away = working and health == "healthy" and rng.random() < 0.4
    return {
        "ethnicity": "汉族", "education": rng.choice(("50", "60", "70")) if age > 15 else "", "health_code": health,
        "schooling": ("primary" if age < 12 else "junior") if pupil else "none",
        "is_disabled": health == "disabled", "disability_level": rng.randint(1, 4) if health == "disabled" else None,
        "labour_skill": "ordinary" if working and health == "healthy" else "weak" if working else "none",
        "work_place": rng.choice(("合肥市包河区", "苏州市昆山市", "宁波市鄞州区")) if away else "",
        "work_months": rng.randint(4, 11) if away else None, "medical_insurance": "resident",
        "pension": "resident" if age >= 16 else "", "has_minimum_allowance": rng.random() < 0.2,
    }  # fmt: skip


def _applications(session: Any, rng: random.Random) -> None:
    """Filed through the service, so that deadlines, matches, clues and tasks are those of real ones."""
    query = select(Member).where(Member.is_demo.is_(True), Member.relation == "head", Member.id_number.is_not(None))
    heads = session.scalars(query.order_by(Member.id).limit(400)).all()
    for serial, head in enumerate(rng.sample(heads, min(8, len(heads)))):
        village = session.get(GridNode, head.l3_id)
        if village is None:
            continue
        filing = Filing(head.name, f"+86100{88_000_000 + serial:08d}", head.id_number, rng.choice(_HARDSHIPS),
                        rng.choice(_RISKS))  # fmt: skip
        made = applications.file(session, village, filing)
        made.is_demo = True
        for entry in made.entries:
            entry.is_demo = True
        if serial % 3 == 1:
            applications.decide(session, made.id, ApplicationState.ACCEPTED, words="", user_id=None)
    number = make_demo_id(date(1970, 1, 1), Sex.MALE, 499)
    unknown = Filing("演示申请人", "+8610088000099", number, rng.choice(_HARDSHIPS), "01")
    if heads and (village := session.get(GridNode, heads[0].l3_id)) is not None:
        made = applications.file(session, village, unknown)
        made.is_demo = True
        for entry in made.entries:
            entry.is_demo = True
    session.flush()


def _appeals(session: Any, homes: Any, rng: random.Random, day: date) -> None:
    rows = [
        {"household_id": home["id"], "is_demo": True, **{name: home[name] for name in AREA_COLUMNS}, "words": words,
         "kind": rng.choice((AppealKind.APPEAL, AppealKind.SUGGESTION)),
         "received_on": day - timedelta(days=rng.randint(0, 40))}
        for home, words in zip(rng.sample(list(homes), min(len(_APPEALS), len(homes))), _APPEALS, strict=False)
    ]  # fmt: skip
    if rows:
        session.execute(vouched(insert(Appeal.__table__)), rows)
