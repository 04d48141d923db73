"""A window that closes over a large backlog: put off at once, everybody to the right hour of their own zone."""

from __future__ import annotations

import time as wall
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, text

from app.domain.enums import ContactState
from app.models import Contact, Household, Phone
from app.services import claiming
from tasks.units import unit
from tests.factories.campaigning import Stage, make_stage
from tests.factories.world import make_household

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # Tuesday 12:00 in China: the morning window has just closed
AFTERNOON = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
BACKLOG = 20_000


def claim_once(clock: Any) -> claiming.Round:
    with unit() as session:
        return claiming.claim_round(session, clock.now())


def multiply(stage: Stage, times: int) -> None:
    """The one household of the stage, many times over, by SQL."""
    series = "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
    keys = {"household": ("id, code", "n.i, 'M' || n.i"),
            "phone": ("id, household_id, e164_hash", "n.i, n.i, 'h' || n.i"),
            "contact": ("id, household_id, next_phone_id", "n.i, n.i, n.i")}  # fmt: skip
    for model in (Household, Phone, Contact):
        table = model.__tablename__
        own, made = keys[table]
        others = [column.name for column in model.__table__.columns if column.name not in own.split(", ")]
        copied = ", ".join(f"t.{name}" for name in others)
        statement = (
            f"INSERT INTO {table} ({own}, {', '.join(others)}) {series} SELECT {made}, {copied} FROM {table} t, n"
        )
        stage.session.connection().execute(text(statement), {"last": 999 + times})
    stage.done()


def test_a_window_that_closes_over_twenty_thousand_costs_less_than_two_seconds(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    multiply(stage, BACKLOG)
    clock.move_to(NOON)
    started = wall.process_time()
    claim_once(clock)
    assert wall.process_time() - started < 2
    due = select(func.count()).where(Contact.next_attempt_at == AFTERNOON, Contact.state == ContactState.WAITING)
    assert session.scalar(due) == BACKLOG + 1


def test_what_was_put_off_at_once_is_counted(session: Any, clock: Any) -> None:
    make_stage(session, households=40)
    clock.move_to(NOON)
    assert claim_once(clock).put_off == 40


def test_another_zone_whose_window_is_open_is_called(session: Any, clock: Any) -> None:
    def families(own: Any, tree: Any) -> None:
        for _ in range(3):
            make_household(own, tree.groups[0])
        make_household(own, tree.groups[0], numbers=("+33123456789",))

    make_stage(session, households=families)
    zones = set(session.scalars(select(Phone.zone)))
    session.commit()
    assert zones == {"Asia/Shanghai", "Europe/Paris"}
    clock.move_to(NOON + timedelta(hours=9))  # 21:00 in China, 14:00 in Paris
    assert len(claim_once(clock).claimed) == 1


def test_other_preferred_hours_are_judged_by_themselves(session: Any, clock: Any) -> None:
    def families(own: Any, tree: Any) -> None:
        for _ in range(3):
            make_household(own, tree.groups[0])
        make_household(own, tree.groups[0], preferred_from=time(19), preferred_to=time(20))

    make_stage(session, households=families)
    clock.move_to(NOON)
    claim_once(clock)
    evening = select(Contact.next_attempt_at).join(Household).where(Household.preferred_from.is_not(None))
    assert session.scalar(evening) == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def test_the_zone_follows_the_number(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    phone = stage.session.query(Phone).one()
    phone.e164 = "+33123456789"
    assert phone.zone == "Europe/Paris"
