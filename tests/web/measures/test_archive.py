"""The village archive takes in records of home visits (D4-26); phrases of the rules with their duties (D4-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from unittest import mock

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import VisitChannel
from app.domain.policy import Rules
from app.domain.policy.kinds import Every, LevelKind, Target
from app.domain.policy.rules import ContactRule, Inspection, Meeting, Wording
from app.extensions import db
from app.queries.scope import system_access
from app.views.measures import lists
from tests.factories.cast import Browser
from tests.web.measures.conftest import Scene, read, text_of

As = Callable[[str], Browser]


def receipts(app: Flask) -> int:
    """Of the household of the scene; the prepared county has two of its own."""
    with app.app_context(), system_access():
        db.session.remove()
        return db.session.query(m.VisitReceipt).filter(m.VisitReceipt.household.has(head_name="周案一")).count()


@pytest.fixture
def visit(web_app: Flask, scene: Scene) -> int:
    with web_app.app_context(), system_access():
        row = m.Visit(household_id=scene.household, channel=VisitChannel.IN_PERSON, closes_duty=True,
                      happened_at=datetime(2026, 11, 10, 2, tzinfo=UTC))  # fmt: skip
        db.session.add(row)
        db.session.commit()
        key = int(row.id)
        db.session.remove()
    return key


def test_a_record_is_taken_in_once_with_its_day(client_as: As, web_app: Flask, visit: int) -> None:
    cadre = client_as("cadre")
    assert "周案一" in text_of(cadre, "/visit-archive/?month=2026-11")
    assert "周案一" not in text_of(cadre, "/visit-archive/?month=2026-10")

    cadre.post("/visit-archive/", {"visit": [visit], "on": "2026-11-20", "month": "2026-11"})
    cadre.post("/visit-archive/", {"visit": [visit], "on": "2026-11-22", "month": "2026-11"})

    assert read(web_app, m.VisitReceipt, visit_id=visit).received_on == date(2026, 11, 20)
    assert "周案一" in text_of(cadre, "/visit-archive/?month=2026-11&received=1")
    assert "周案一" in text_of(cadre, f"/papers/visit/{visit}")


@pytest.mark.parametrize("day", ["2026-11-09", "2026-12-01", "", "昨天"])
def test_a_day_that_cannot_be_is_refused(client_as: As, web_app: Flask, visit: int, day: str) -> None:
    client_as("cadre").post("/visit-archive/", {"visit": [visit], "on": day})

    assert receipts(web_app) == 0


@pytest.mark.parametrize(("name", "status"), [("worker1", (302, 403)), ("auditor", (302, 403)), ("town_b", (404,))])
def test_others_take_nothing_in(client_as: As, web_app: Flask, visit: int, name: str, status: tuple[int, ...]) -> None:
    answer = client_as(name).post("/visit-archive/", {"visit": [visit], "on": "2026-11-20"})

    assert answer.status_code in status
    assert receipts(web_app) == 0


def test_a_phrase_of_the_rules_lists_its_duties(client_as: As, scene: Scene) -> None:
    rules = Rules(
        wording=(Wording(code="ones", text="五个一", rules=("sweep", "study", "special", "gone")),),
        contact_rules=(ContactRule(code="sweep", target=Target.EVERYONE, every=Every.YEAR, title="年度遍访"),),
        meetings=(Meeting(code="study", title="研判会", level=LevelKind.VILLAGE, every=Every.MONTH),),
        inspections=(Inspection(code="special", title="专项督查", every=Every.HALF_YEAR),),
    )

    with mock.patch.object(lists, "rules_for", return_value=rules):
        page = text_of(client_as("county"), "/cross-off/")

    assert all(words in page for words in ("五个一", "年度遍访", "研判会", "专项督查", "/duties/"))
