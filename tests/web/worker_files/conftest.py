"""The prepared county with rules, a worker to look at, and a cast that leads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import models as m
from app.extensions import db
from app.queries.scope import system_access
from app.services.worker_files.people import file_for
from tests.factories.cast import World
from tests.factories.worker_files import make_person, make_profile


@dataclass(frozen=True)
class Office:
    """Ids: the worker with a log-in (worker1), a plain one of the same group, one in township B; the group's unit."""

    own: int
    plain: int
    foreign: int
    group: int
    town: int
    assignment: int


@pytest.fixture
def office(web_app: Flask, world: World) -> Office:
    with web_app.app_context(), system_access():
        session: Any = db.session
        make_profile(session)
        group = session.get(m.GridNode, world.nodes["990001101201001"])
        far = session.get(m.GridNode, world.nodes["990001102201001"])
        own = session.scalar(select(m.GridWorker.id).where(m.GridWorker.user_id == world.users["worker1"]))
        plain = make_person(session, group, date(1961, 1, 10), name="周试平")
        file = file_for(session, plain)
        file.bank_name, file.bank_account, file.account_tail = "信用社", "6222000011112222", "2222"
        foreign = make_person(session, far, name="吴试远")
        session.commit()
        return Office(own, plain.id, foreign.id, group.id, world.nodes["990001101"], plain.assignments[0].id)
