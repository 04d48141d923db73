"""The demo's clock jumps to the next thing due, and never past a call under way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.domain.quarters import Quarter
from app.extensions import clock as slot
from app.extensions import db
from app.models import Contact
from app.services import campaigns, planning
from tasks.skipping import EARLY, skip_idle_hours
from telephony.clock import FileClock, ManualClock
from tests.factories.world import make_household, make_tree


@pytest.fixture
def file_clock(app: Flask, clock: ManualClock, tmp_path: Path) -> FileClock:
    shared = FileClock(tmp_path / "clock.json")
    shared.set(virtual=clock.now(), rate=0.001)
    slot.source = shared
    return shared


@pytest.fixture
def contact_id(app: Flask) -> int:
    tree = make_tree(db.session)
    make_household(db.session, tree.groups[0])
    campaign = campaigns.create_campaign(db.session, Quarter.parse("2026Q4"), tree.county)
    planning.plan(db.session, campaign)
    campaigns.launch(db.session, campaign)
    contact = db.session.query(Contact).one()
    identity = contact.id
    db.session.commit()
    return identity


def put_off(contact_id: int, shared: FileClock, wait: timedelta) -> None:
    db.session.get_one(Contact, contact_id).next_attempt_at = shared.now() + wait
    db.session.commit()


def test_the_clock_arrives_just_before_what_is_due(file_clock: FileClock, contact_id: int) -> None:
    before = file_clock.now()
    put_off(contact_id, file_clock, timedelta(hours=9))

    assert skip_idle_hours()
    assert file_clock.now() - before == pytest.approx(timedelta(hours=9) - EARLY, abs=timedelta(seconds=5))


def test_a_short_wait_is_lived_through(file_clock: FileClock, contact_id: int) -> None:
    put_off(contact_id, file_clock, timedelta(minutes=5))

    assert not skip_idle_hours()


def test_a_clock_that_stands_still_stays(file_clock: FileClock, contact_id: int) -> None:
    put_off(contact_id, file_clock, timedelta(hours=9))
    file_clock.set(rate=0.0)

    assert not skip_idle_hours()


def test_a_manual_clock_is_never_moved(app: Flask) -> None:
    assert not skip_idle_hours()
