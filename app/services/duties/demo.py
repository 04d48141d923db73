"""Visits of the demo county's last year, so that duties, coverage and the page of the day show believable figures."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.domain.duties.windows import period_of
from app.domain.duties.words import SweepKind
from app.domain.enums import Duty, HouseholdCategory, VisitChannel
from app.domain.policy.kinds import Every, Target
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.quarters import CHINA, Quarter
from app.models import Absence, Assignment, GridNode, Household, Sweep, Visit
from app.models.types import AREA_COLUMNS
from app.services.duties import last_contacts

REGISTERED = timedelta(days=420)  # before today: the register is older than any duty
# Shares of households contacted in each of the last periods, newest first. Some are always late.
MONTHLY = (0.62, 0.9, 0.95)
QUARTERLY = (0.7, 0.93, 0.95)
ABSENT = (0.0, 0.8, 0.85)  # this quarter's contacts of those who are away are the campaign's
_HOME = (VisitChannel.IN_PERSON, VisitChannel.IN_PERSON, VisitChannel.IN_PERSON, VisitChannel.PHONE)
_AWAY = (VisitChannel.PHONE, VisitChannel.WECHAT)
_MONTHLY_KINDS = MONITORED_CATEGORIES | {HouseholdCategory.OUT_OF_POVERTY}


def load(session: Session, rng: random.Random, now: datetime) -> None:
    """Under system access, after the demo's households. Bulk inserts; the caller commits."""
    on, table = now.astimezone(CHINA).date(), Household.__table__
    session.execute(update(table).where(table.c.is_demo.is_(True)).values(created_at=now - REGISTERED))
    away = set(session.execute(select(Absence.__table__.c.household_id)).scalars())
    duty = Assignment.__table__.c
    workers: dict[int, int] = dict(session.execute(select(duty.node_id, duty.worker_id).where(
        Assignment.__table__.c.duty == Duty.GRID_WORKER)).all())  # fmt: skip
    query = select(table.c.id, table.c.category, *(table.c[name] for name in AREA_COLUMNS))
    rows: list[dict[str, Any]] = []
    for home in session.execute(query.where(table.c.is_demo.is_(True)).order_by(table.c.id)).mappings():
        rows += _visits(rng, dict(home), home["id"] in away, workers.get(home["node_id"]), on, now)
    for start in range(0, len(rows), 5000):
        session.execute(insert(Visit.__table__), rows[start : start + 5000])
    last_contacts.rebuild(session)
    _sweeps(session, on)


def _visits(
    rng: random.Random, home: dict[str, Any], away: bool, worker_id: int | None, on: date, now: datetime
) -> list[dict[str, Any]]:
    every, shares = (Every.QUARTER, ABSENT) if away else (
        (Every.MONTH, MONTHLY) if HouseholdCategory(home["category"]) in _MONTHLY_KINDS else (Every.QUARTER, QUARTERLY)
    )  # fmt: skip
    found, day = [], on
    for share in shares:
        period = period_of(every, day)
        last = min(period.due_on, on - timedelta(days=1))
        if rng.random() < share and last >= period.first_on:
            at = datetime.combine(period.first_on, now.astimezone(CHINA).time(), CHINA) + timedelta(
                days=rng.randint(0, (last - period.first_on).days), minutes=rng.randint(-90, 90)
            )
            if every is Every.QUARTER and away and Quarter.at(at) == Quarter.of(on):
                continue
            channel = rng.choice(_AWAY if away else _HOME)
            found.append({
                "household_id": home["id"], "channel": channel, "happened_at": at, "respondent": "head",
                "worker_id": worker_id, "findings": [], "closes_duty": True, "is_demo": True, "created_at": at,
                **{name: home[name] for name in AREA_COLUMNS},
            })  # fmt: skip
        day = period.first_on - timedelta(days=1)
    return found


def _sweeps(session: Session, on: date) -> None:
    """The quarter's round of all households of the county, and the monitored ones of this month."""
    table = GridNode.__table__
    home = select(Household.__table__.c.l1_id).where(Household.__table__.c.is_demo.is_(True)).limit(1)
    county = session.execute(select(table).where(table.c.id == home.scalar_subquery())).mappings().first()
    if county is None:
        return
    area = {"node_id": county["id"], **{f"l{depth}_id": county[f"l{depth}_id"] for depth in range(1, 6)}}
    quarter, month = period_of(Every.QUARTER, on), period_of(Every.MONTH, on)
    for name, kind, period, target in (
        (f"{Quarter.of(on).label}集中排查", SweepKind.QUARTER, quarter, Target.EVERYONE),
        (f"{on.year}年{on.month}月监测对象走访", SweepKind.MONTH, month, Target.MONITORED),
    ):
        session.add(Sweep(name=name, kind=kind, from_on=period.first_on, to_on=period.due_on, target=target.value,
                          is_demo=True, **area))  # fmt: skip
    session.flush()
